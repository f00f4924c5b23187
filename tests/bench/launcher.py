"""Runs commands for the bench from a process that stays small.

A child's peak memory counts what its parent had at the fork, so a large parent would be measured
in place of a small child. One JSON request a line in, one JSON answer a line out.
"""

import json
import os
import subprocess
import sys
import time

for line in sys.stdin:
    request = json.loads(line)
    start = time.time()
    with open(request["out"], "wb") as out, open(request["err"], "wb") as err:
        process = subprocess.Popen(request["command"], cwd=request["folder"], env=request["env"], stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
    answer = {
        "code": os.waitstatus_to_exitcode(status),
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss / 1024,
        "wall": time.time() - start,
    }
    print(json.dumps(answer), flush=True)
