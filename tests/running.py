"""Processes of ours that are no board, feed or sandbox: any command, and a Redis."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.board_process import REPOSITORY, eventually


class Running:
    """A process of ours: started, stopped, frozen, killed. Its words go into a file."""

    def __init__(self, command: Sequence[str], folder: Path, environment: dict[str, str] | None = None) -> None:
        self.command, self.folder, self.environment = list(command), folder, environment or {}
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def start(self) -> Any:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("FYERS_", "CHAINBOARD_"))}
        with (self.folder / "words").open("ab") as words:
            self.process = subprocess.Popen(
                self.command, cwd=REPOSITORY, env={**clean, **self.environment}, stdout=words, stderr=words
            )
        return self

    def words(self) -> str:
        return (self.folder / "words").read_text(errors="replace")

    def send(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def outcome(self, within_s: float) -> int:
        assert self.process is not None
        return self.process.wait(within_s)

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        try:
            self.process.wait(8)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self) -> Any:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class RedisProcess(Running):
    """A Redis of our own, with further arguments as in its configuration file. Once started it listens."""

    def __init__(self, port: int, folder: Path, *arguments: str) -> None:
        listen = ["--port", str(port), "--bind", "127.0.0.1"] if "--tls-port" not in arguments else []
        command = ["redis-server", *listen, "--save", "", "--appendonly", "no", "--dir", str(folder), *arguments]
        super().__init__(command, folder)
        self.port = port
        self.url = f"redis://127.0.0.1:{port}/0"

    def start(self) -> RedisProcess:
        super().start()
        eventually(self._listens, within_s=10, what="Redis listens")
        return self

    def kill(self) -> None:
        """As the kernel would for want of memory: nothing is written, no connection is closed in order."""
        self.send(signal.SIGKILL)
        self.outcome(10)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
