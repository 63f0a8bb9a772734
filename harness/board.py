"""A whole board as a user starts it: `python app.py`, with its real children."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import psutil

from harness.process import ChildProcess


class BoardProcess(ChildProcess):
    """`with BoardProcess() as board:` gives a running demo; `board.url`, and its children by name."""

    stop_signal = signal.SIGINT  # Ctrl-C
    stops_within_s = 15.0
    ready_within_s = 60.0

    def __init__(self, *arguments: str, environment: Mapping[str, str] | None = None, port: int = 0) -> None:
        super().__init__([sys.executable, "app.py", *(arguments or ("--demo",)), "--port", str(port)], environment)
        self.url = ""

    def is_ready(self) -> bool:
        """It has said where it is."""
        for line in self.output().splitlines():
            if line.startswith("Chainboard ("):
                self.url = next(part for part in line.split() if part.startswith("http"))
        return bool(self.url)

    def supervisor(self) -> psutil.Process:
        return psutil.Process(self.pid)

    def child(self, module: str) -> psutil.Process:
        """The running child whose command names `module` (dashboard.sandbox, dashboard.data.feed, dashboard.web)."""
        for process in self.supervisor().children():
            if module in process.cmdline():
                return process
        raise LookupError(module)

    @property
    def sandbox_url(self) -> str:
        for connection in self.child("dashboard.sandbox").net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN:
                return f"http://127.0.0.1:{connection.laddr.port}"
        raise LookupError("the sandbox listens nowhere")

    def get(self, path: str, *, timeout_s: float = 10.0) -> tuple[int, Any]:
        """Status and decoded body (JSON, else text) of a page of the board; (0, reason) when nothing answers."""
        try:
            with urlopen(self.url + path, timeout=timeout_s) as response:
                return response.status, _decoded(response.read())
        except HTTPError as error:
            return error.code, _decoded(error.read())
        except (URLError, OSError) as error:
            return 0, str(error)

    def is_well(self) -> bool:
        """Whether it answers and calls itself well."""
        status, report = self.get("/healthz")
        return status == 200 and report["status"] == "ok"

    def sandbox(self, path: str, body: dict[str, Any] | None = None, method: str | None = None) -> Any:
        """Ask the sandbox's control API: GET without a body, POST with one."""
        request = Request(
            f"{self.sandbox_url}/sandbox/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
            method=method or ("GET" if body is None else "POST"),
        )
        with urlopen(request, timeout=10) as response:
            return _decoded(response.read())


def _decoded(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode()
