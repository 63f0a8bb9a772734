"""A whole board as a user starts it: `python app.py`, with its real children. For browser tests, shots, benchmarks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import psutil

REPOSITORY = Path(__file__).parents[1]
T = TypeVar("T")


def eventually(question: Callable[[], T], *, within_s: float, what: str) -> T:
    """Ask until the answer is truthy; fail with `what` when it is not within the time."""
    deadline = time.monotonic() + within_s
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s:g} s: {what} (last answer: {answer!r})")
        time.sleep(0.05)


class BoardProcess:
    """`with BoardProcess() as board:` gives a running demo; `board.url`, and its children by name."""

    def __init__(self, *arguments: str, environment: dict[str, str] | None = None, port: int = 0) -> None:
        self.arguments = arguments or ("--demo",)
        self.port = port
        self.environment = environment or {}
        self.url = ""
        self.started = 0.0
        self._log = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> BoardProcess:
        self.start()
        self.wait_until_announced()
        return self

    def start(self) -> None:
        self.started = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "app.py", *self.arguments, "--port", str(self.port)],
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **self.environment},
            stdout=self._log,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_until_announced(self) -> None:
        try:
            self.url = eventually(self._announced, within_s=60, what="the board says where it is")
        except AssertionError as error:
            self.stop()
            with self._log:
                raise AssertionError(f"{error}\n{self.output()}") from None

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        self.stop()
        self._log.close()

    def output(self) -> str:
        self._log.seek(0)
        return self._log.read()

    def _announced(self) -> str:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(f"app.py ended with {self._process.returncode}:\n{self.output()}")
        for line in self.output().splitlines():
            if line.startswith("Chainboard ("):
                return next(word for word in line.split() if word.startswith("http"))
        return ""

    def stop(self) -> list[psutil.Process]:
        """Ctrl-C; gives the descendants that outlived it (there must be none)."""
        if self._process is None:
            return []
        family = psutil.Process(self._process.pid).children(recursive=True) if self._process.poll() is None else []
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self._process.kill()
        _, alive = psutil.wait_procs(family, timeout=3)
        for process in alive:
            process.kill()
        return alive

    def supervisor(self) -> psutil.Process:
        assert self._process is not None
        return psutil.Process(self._process.pid)

    def child(self, module: str) -> psutil.Process:
        """The running child whose command names `module` (dashboard.sandbox, dashboard.data.feed, dashboard.web)."""
        assert self._process is not None
        for process in psutil.Process(self._process.pid).children():
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
