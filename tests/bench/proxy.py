"""A reverse proxy on loopback that counts requests by operation, so that no tool counts its own."""

import http.client
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


def operation(method, path, body):
    """Names an AWS request by its method, path and query; enough to tell pages from writes."""
    parts = urlsplit(path)
    if parts.path.startswith("/2013-04-01/"):
        return "%s %s" % (method, re.sub(r"/Z[A-Z0-9]+|/C[A-Z0-9]{8,}", "/ID", parts.path).rstrip("/"))
    if b"Action=" in body:
        return "sts " + re.search(rb"Action=(\w+)", body).group(1).decode()
    keys = [key.split("=")[0] for key in parts.query.split("&") if key and not key.startswith("x-id")]
    return "%s bucket?%s" % (method, "&".join(sorted(keys)))


class Proxy:
    """Counts what passes from its port to the upstream's."""

    def __init__(self, upstream):
        self.calls = {}
        self.lock = threading.Lock()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def pass_on(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                name = operation(self.command, self.path, body)
                with proxy.lock:
                    proxy.calls[name] = proxy.calls.get(name, 0) + 1
                connection = http.client.HTTPConnection("127.0.0.1", upstream, timeout=120)
                headers = {k: v for k, v in self.headers.items() if k.lower() not in ("connection", "content-length")}
                connection.request(self.command, self.path, body, headers)
                answer = connection.getresponse()
                data = answer.read()
                self.send_response(answer.status)
                for key, value in answer.getheaders():
                    if key.lower() not in ("transfer-encoding", "connection", "content-length", "date", "server"):
                        self.send_header(key, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
                connection.close()

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = pass_on

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self):
        """Returns the counts since the last call."""
        with self.lock:
            calls, self.calls = self.calls, {}
        return calls
