"""A scripted web server on loopback: the HTTP of these tests is real, only its answers are made up."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest


@dataclass
class Answer:
    body: bytes = b""
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    cut_short: bool = False


@dataclass
class ScriptedWeb:
    """`web.answers["/path"] = Answer(...)`, with or without its query.

    `web.asked` lists (method, path with query, headers, body).
    """

    url: str
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)

    def json(self, path: str, value: Any, **more: Any) -> None:
        self.answers[path] = Answer(json.dumps(value).encode(), **more)

    def text(self, path: str, text: str, **more: Any) -> None:
        self.answers[path] = Answer(text.encode(), content_type="text/csv", **more)

    def page(self, path: str, status: int = 503) -> None:
        self.answers[path] = Answer(b"<html>error code: 1015</html>", status, "text/html; charset=UTF-8")


@pytest.fixture
def web() -> Iterator[ScriptedWeb]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            scripted.asked.append((self.command, self.path, dict(self.headers), self.rfile.read(length)))
            unknown = Answer(b"no", 404, "text/plain")
            answer = scripted.answers.get(self.path) or scripted.answers.get(urlsplit(self.path).path, unknown)
            time.sleep(answer.delay_s)
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body) * (2 if answer.cut_short else 1)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        do_POST = do_GET

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        scripted = ScriptedWeb(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield scripted
        server.shutdown()
        thread.join()
