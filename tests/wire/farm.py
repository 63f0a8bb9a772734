"""A board spread over machines, on one: a Redis, a feed, web processes that share nothing else, a reverse proxy."""

from __future__ import annotations

import base64
import http.client
import json
import sys
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

from harness.process import ChildProcess

PASSWORD = "correct horse"
AUTHORISATION = "Basic " + base64.b64encode(f"desk:{PASSWORD}".encode()).decode()
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "upgrade"}


class Feed(ChildProcess):
    def __init__(self, environment: dict[str, str]) -> None:
        super().__init__([sys.executable, "-m", "dashboard.data.feed"], environment)


class Web(ChildProcess):
    """A web process; `get` asks it directly, with the password."""

    def __init__(self, port: int, folder: Path, environment: dict[str, str]) -> None:
        own = {"CHAINBOARD_DATA_DIR": str(folder / "data")}  # another machine has other files
        super().__init__([sys.executable, "-m", "dashboard.web", "--port", str(port)], {**environment, **own})
        self.port = port

    def is_ready(self) -> bool:
        return get(self.port, "/healthz")[0] != 0


def get(port: int, path: str, timeout_s: float = 10.0, **headers: str) -> tuple[int, Any]:
    """Status and decoded body; (0, reason) when nothing answers."""
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    try:
        asking.request("GET", path, headers={"Authorization": AUTHORISATION} | headers)
        answer = asking.getresponse()
        raw = answer.read()
    except OSError as error:
        return 0, str(error)
    finally:
        asking.close()
    try:
        return answer.status, json.loads(raw)
    except ValueError:
        return answer.status, raw.decode()


class ReverseProxy:
    """What the nginx lines of docs/how-to/scale-with-redis.md say: in turns, the next one when one is down.

    Our own, as nginx would have to be installed for one test, and its package starts a server on port 80.
    """

    def __init__(self, name: str, backends: Sequence[int], login: int) -> None:
        self.name, self.backends, self.login = name, list(backends), login
        self.answered: list[int] = []  # which backend answered, in order
        self._turn = 0
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                proxy.pass_on(self)

            do_POST = do_GET

            def log_message(self, *_: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> ReverseProxy:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def pass_on(self, asked: BaseHTTPRequestHandler) -> None:
        self._turn += 1
        order = self.backends[self._turn % len(self.backends) :] + self.backends[: self._turn % len(self.backends)]
        body = asked.rfile.read(int(asked.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in asked.headers.items() if name.lower() not in HOP_BY_HOP}
        headers |= {"Host": self.name, "X-Forwarded-For": asked.client_address[0], "X-Forwarded-Proto": "https"}
        for backend in [self.login] if asked.path.startswith("/login") else order:
            link = http.client.HTTPConnection("127.0.0.1", backend, timeout=10)
            try:
                link.request(asked.command, asked.path, body or None, headers)
                answer = link.getresponse()
                raw = answer.read()
            except OSError:
                continue
            finally:
                link.close()
            self.answered.append(backend)
            asked.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in HOP_BY_HOP | {"content-length", "date", "server"}:
                    asked.send_header(name, value)
            asked.send_header("Content-Length", str(len(raw)))
            asked.end_headers()
            asked.wfile.write(raw)
            return
        asked.send_error(502)
