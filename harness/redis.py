"""A Redis of our own on loopback."""

from __future__ import annotations

import socket
from pathlib import Path

from harness.process import ChildProcess


class RedisProcess(ChildProcess):
    """With further arguments as in its configuration file. Ready when it listens."""

    def __init__(self, port: int, folder: Path, *arguments: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        listen = ["--port", str(port), "--bind", "127.0.0.1"] if "--tls-port" not in arguments else []
        super().__init__(
            ["redis-server", *listen, "--save", "", "--appendonly", "no", "--dir", str(folder), *arguments]
        )
        self.port = port
        self.url = f"redis://127.0.0.1:{port}/0"

    def is_ready(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
