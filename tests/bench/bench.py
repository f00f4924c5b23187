"""Runs the workloads and checks that plans and calls are exact. Called by `tests/bench/run`.

CPU time is user plus system of the whole process; memory is its peak; calls are counted by a proxy.
"""

import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import proxy
import workloads
from workloads import ACCOUNT, ZONE

DRSYNC, CACHE = os.path.abspath(sys.argv[1]), sys.argv[2]
ENV = {
    "PATH": os.environ["PATH"],
    "HOME": tempfile.gettempdir(),
    "AWS_ACCESS_KEY_ID": ACCOUNT,
    "AWS_SECRET_ACCESS_KEY": "made-up",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "NO_PROXY": "127.0.0.1",
}
rows, missed = [], []



# Started first, while this process is small too.
LAUNCHER = subprocess.Popen(
    [sys.executable, "-S", os.path.join(os.path.dirname(os.path.abspath(__file__)), "launcher.py")],
    stdin=subprocess.PIPE,
    stdout=subprocess.PIPE,
    text=True,
)


class Run:
    """One process with what it took."""

    def __init__(self, command, folder, **env):
        with tempfile.TemporaryDirectory() as place:
            out, err = os.path.join(place, "out"), os.path.join(place, "err")
            request = {"command": command, "folder": folder, "env": {**ENV, **env}, "out": out, "err": err}
            LAUNCHER.stdin.write(json.dumps(request) + "\n")
            LAUNCHER.stdin.flush()
            answer = json.loads(LAUNCHER.stdout.readline())
            with open(out) as out, open(err) as err:
                self.out, self.err = out.read(), err.read()
        self.code, self.cpu, self.peak, self.wall = answer["code"], answer["cpu"], answer["peak"], answer["wall"]


# By how much a bar may be missed before the run fails: a busy machine costs a few hundredths, and
# work that is done twice costs more than this. With --strict nothing.
TOLERANCE = 1.0 if "--strict" in sys.argv else 1.15


def bar(name, value, limit, unit=""):
    """Records a figure with its bar: a share of what a peer took in the same run, or bytes."""
    word = "ok  " if value <= limit else "over" if value <= limit * TOLERANCE else "MISS"
    print("%s %s: %.3f%s (bar %.3f%s)" % (word, name, value, unit, limit, unit), flush=True)
    if word == "MISS":
        missed.append(name)


def median(runs):
    """The run in the middle by CPU time."""
    return sorted(runs, key=lambda run: run.cpu)[len(runs) // 2]


def equal(name, value, wanted):
    """Records a figure that must be exactly this."""
    text = str(value) if value == wanted else "%.300s, not %.300s" % (value, wanted)
    print("%s %s: %s" % ("ok  " if value == wanted else "MISS", name, text), flush=True)
    if value != wanted:
        missed.append(name)


def row(what, tool, run, calls, right):
    rows.append("| %s | %s | %.2f | %.0f | %d | %s |" % (what, tool, run.cpu, run.peak, sum(calls.values()), right))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Ministack:
    def __init__(self):
        self.port = free_port()
        env = {**os.environ, "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(self.port), "LOG_LEVEL": "ERROR"}
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen([CACHE + "/ministack/bin/ministack"], env=env, stdout=self.log, stderr=self.log)
        for _ in range(200):
            try:
                urllib.request.urlopen("http://127.0.0.1:%d/_ministack/health" % self.port, timeout=1).read()
                return
            except OSError:
                time.sleep(0.1)
        sys.exit("ministack did not start")

    def client(self, service):
        import boto3

        return boto3.client(service, endpoint_url="http://127.0.0.1:%d" % self.port, region_name="us-east-1", aws_access_key_id=ACCOUNT, aws_secret_access_key="made-up")

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


def drsync(folder, *arguments):
    return Run([DRSYNC, *arguments, "--env", "bench", "--root", folder], folder)


def plan(folder, *arguments):
    run = drsync(folder, "plan", "--format", "json", "--allow", "mass-change", *arguments)
    return run, json.loads(run.out) if run.out else sys.exit("no plan: " + run.err)


def load_zone(client, live):
    zone_id = client.create_hosted_zone(Name=ZONE + ".", CallerReference="bench")["HostedZone"]["Id"].rsplit("/", 1)[1]
    for start in range(0, len(live), 500):
        changes = [
            {"Action": "CREATE", "ResourceRecordSet": {"Name": "%s.%s." % (one["name"], ZONE), "Type": one["type"], "TTL": one["ttl"],
             "ResourceRecords": [{"Value": '"%s"' % one["value"] if one["type"] == "TXT" else one["value"]}]}}
            for one in live[start : start + 500]
        ]
        client.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch={"Changes": changes})
    return zone_id


def differences(document):
    found = {}
    for change in document["changes"]:
        name, kind = change["address"].split("/")[3:5]
        key = (name[: -len(ZONE) - 1], kind)
        found[key] = "create" if change["action"] == "create" else ",".join(field["path"] for field in change["fields"])
    return found


def dns(ministack, count_proxy, folder):
    endpoint = "http://127.0.0.1:%d" % count_proxy.port
    live, desired, expected = workloads.zone(10_000)
    zone_id = load_zone(ministack.client("route53"), live)
    config = workloads.octodns(folder, desired)
    octodns = [CACHE + "/octodns/bin/octodns-sync", "--config-file", config, "--quiet"]
    # Calls are counted through the proxy; time and memory are taken straight at the endpoint.
    straight = "http://127.0.0.1:%d" % ministack.port
    count_proxy.take()
    Run(octodns, folder, AWS_ENDPOINT_URL=endpoint)
    peer_calls = count_proxy.take()
    workloads.environment(folder, workloads.dns_toml(endpoint, desired, zone_id))
    _, document = plan(folder)
    calls = count_proxy.take()
    right = differences(document) == expected
    workloads.environment(folder, workloads.dns_toml(straight, desired, zone_id))
    # In turns, so that both meet the same machine.
    pairs = [(Run(octodns, folder, AWS_ENDPOINT_URL=straight), plan(folder)[0]) for _ in range(5)]
    peer, run = (median(runs) for runs in zip(*pairs))
    row("10,000 records, 270 differ: plan", "octoDNS", peer, peer_calls, "yes" if "Creates=50, Updates=220" in peer.out + peer.err else "no")
    row("10,000 records, 270 differ: plan", "drsync", run, calls, "yes" if right else "no")
    equal("plan names exactly the 270", right, True)
    equal("of them under adopt", document["summary"]["adopt"], 220)
    equal("plan calls, zone by id", sum(calls.values()), 35)
    equal("calls that drsync reports", sum(sum(own.values()) for own in document["calls"].values()), sum(calls.values()))
    bar("CPU against octoDNS / 25", run.cpu, peer.cpu / 25, " s")
    bar("peak memory", run.peak, 40, " MB")

    workloads.environment(folder, workloads.dns_toml(endpoint, desired))
    plan(folder)
    equal("plan calls, zone by name", sum(count_proxy.take().values()), 36)
    workloads.environment(folder, workloads.dns_toml(endpoint, desired[5:10_000:1000], zone_id))
    _, document = plan(folder)
    calls = count_proxy.take()
    equal("look-ups for 10 names", sum(value for key, value in calls.items() if "rrset" in key), 10)

    workloads.environment(folder, workloads.dns_toml(endpoint, desired, zone_id))
    _, document = plan(folder)
    count_proxy.take()
    run = drsync(folder, "apply", "--allow", "mass-change", "--expect-digest", document["digest"])
    calls = count_proxy.take()
    writes = {key: value for key, value in calls.items() if key.startswith("POST /2013")}
    row("apply of the 270, to INSYNC and read back", "drsync", run, calls, "yes" if run.code == 0 else "no")
    equal("apply exits", run.code, 0)
    equal("writes", sum(writes.values()), 1)
    equal("asked for INSYNC", any("/change/" in key for key in calls), True)
    _, document = plan(folder)
    equal("second plan is empty", (document["changes"], document["held"]), ([], []))
    peer = Run(octodns, folder, AWS_ENDPOINT_URL=endpoint)
    equal("octoDNS agrees", "No changes were planned" in peer.out + peer.err, True)
    failover_pair(ministack, endpoint, folder, zone_id)


def failover_pair(ministack, endpoint, folder, zone_id):
    """A live PRIMARY/SECONDARY pair where a plain record is desired."""
    pair = [
        {"Action": "CREATE", "ResourceRecordSet": {"Name": "pair.%s." % ZONE, "Type": "A", "TTL": 60, "SetIdentifier": role, "Failover": role,
         "ResourceRecords": [{"Value": value}]}}
        for role, value in (("PRIMARY", "192.0.2.1"), ("SECONDARY", "198.51.100.1"))
    ]
    ministack.client("route53").change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch={"Changes": pair})
    plain = [{"name": "pair", "type": "A", "ttl": 60, "value": "192.0.2.1"}]
    folder = os.path.join(folder, "pair")
    workloads.environment(folder, workloads.dns_toml(endpoint, plain, zone_id))
    _, document = plan(folder)
    equal("a failover pair is seen and held", [held["code"] for held in document["held"]], ["conversion"])
    equal("and nothing is changed", document["changes"], [])


def buckets(ministack, count_proxy, folder):
    folder = os.path.join(folder, "buckets")
    client = ministack.client("s3")
    for i in range(100):
        for name in ("bench-primary-%03d" % i, "bench-dr-%03d" % i):
            client.create_bucket(Bucket=name)
            if i < 95 or "dr" in name:
                client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        if i < 95:
            rule = {"ID": "all", "Status": "Enabled", "Priority": 1, "Filter": {"Prefix": ""}, "DeleteMarkerReplication": {"Status": "Disabled"},
                    "Destination": {"Bucket": "arn:aws:s3:::bench-dr-%03d" % i}}
            client.put_bucket_replication(Bucket="bench-primary-%03d" % i, ReplicationConfiguration={"Role": workloads.ROLE, "Rules": [rule]})
    for what, differing in (("100 buckets, nothing differs: plan", False), ("100 buckets, 20 settings differ: plan", True)):
        count = 100 if differing else 95
        text, expected = workloads.buckets("http://127.0.0.1:%d" % count_proxy.port, differing)
        workloads.environment(folder, text)
        count_proxy.take()
        run, document = plan(folder)
        calls = count_proxy.take()
        found = {change["address"] for change in document["changes"]}
        row(what, "drsync", run, calls, "yes" if found == expected else "no")
        equal(what + ", wrongly", sorted(found ^ expected), [])
        equal(what + " calls", calls, {"GET bucket?replication": count, "GET bucket?versioning": count, "sts GetCallerIdentity": 1})


def linear(folder):
    """CPU per record must not grow from 10,000 to 100,000 records."""
    costs = {}
    for count in (10_000, 100_000):
        root = os.path.join(folder, "linear-%d" % count)
        records = [workloads.record(i) for i in range(count)]
        text = workloads.dns_toml("http://127.0.0.1:1", records)
        workloads.environment(root, text)
        world = os.path.join(root, "environments", "bench", "sandbox")
        os.makedirs(world)
        with open(os.path.join(world, "world.toml"), "w") as file:
            file.write('[[account]]\nid = "%s"\n[[zone]]\naccount = "%s"\nname = "%s"\n' % (ACCOUNT, ACCOUNT, ZONE))
            for one in records:
                value = json.dumps('"%s"' % one["value"]) if one["type"] == "TXT" else json.dumps(one["value"])
                file.write('[[zone.records]]\nname = "%s"\ntype = "%s"\nttl = %d\nvalues = [%s]\n' % (one["name"], one["type"], one["ttl"], value))
        server = subprocess.Popen([DRSYNC, "sandbox", "serve", "--env", "bench", "--root", root], env=ENV, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        endpoint = server.stdout.readline().split("AWS_ENDPOINT_URL=")[1].split()[0]
        workloads.environment(root, workloads.dns_toml(endpoint, records))
        run, document = plan(root)
        server.terminate()
        server.wait(60)
        equal("%d records in sync" % count, document["summary"]["in_sync"], count)
        costs[count] = run.cpu
        rows.append("| %s records, nothing differs: plan | drsync | %.2f | %.0f | %d | yes |" % (format(count, ","), run.cpu, run.peak, sum(sum(own.values()) for own in document["calls"].values())))
    bar("CPU for ten times the records", costs[100_000] / costs[10_000], 12, " times")


def write(table):
    """Puts the table into the README, between its two markers."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    stamp = "Measured %s at %s on %d cores (%s) against ministack, median of five runs." % (time.strftime("%Y-%m-%d"), commit, os.cpu_count(), platform.machine())
    with open("README.md") as file:
        text = file.read()
    before, rest = text.split("<!-- figures -->", 1)
    after = rest.split("<!-- end of figures -->", 1)[1]
    with open("README.md", "w") as file:
        file.write(before + "<!-- figures -->\n\n" + stamp + "\n\n" + "\n".join(table) + "\n\n<!-- end of figures -->" + after)


def main():
    folder = tempfile.mkdtemp(prefix="drsync-bench-")
    ministack = Ministack()
    try:
        counting = proxy.Proxy(ministack.port)
        parts = {"dns": lambda: dns(ministack, counting, folder), "buckets": lambda: buckets(ministack, counting, folder), "linear": lambda: linear(folder)}
        for name in [name for name in parts if name in sys.argv[3:]] or parts:
            parts[name]()
    finally:
        ministack.stop()
        shutil.rmtree(folder, ignore_errors=True)
    table = ["| workload | tool | CPU s | peak MB | API calls | exactly right |", "|---|---|--:|--:|--:|---|", *rows]
    print("\n".join(table))
    if "--write" in sys.argv:
        write(table)
    if missed:
        sys.exit("missed: " + ", ".join(missed))


main()
