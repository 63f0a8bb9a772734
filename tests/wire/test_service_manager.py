"""What systemd hears of each process that may be a unit, over a socket of its kind."""

from __future__ import annotations

import contextlib
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.board import BoardProcess
from harness.feed import FeedProcess
from harness.process import ChildProcess, eventually
from harness.sandbox import SandboxProcess

pytestmark = [pytest.mark.wire, pytest.mark.skipif(sys.platform == "win32", reason="a UNIX socket")]


class Manager:
    """Listens as systemd does; `said` is everything so far, line by line."""

    def __init__(self, listening: socket.socket, path: Path) -> None:
        self._listening, self.environment = listening, {"NOTIFY_SOCKET": str(path)}
        self._said: list[str] = []

    @property
    def said(self) -> list[str]:
        with contextlib.suppress(BlockingIOError):
            while True:
                self._said += self._listening.recv(4096).decode().splitlines()
        return self._said

    def wait_for(self, line: str, times: int = 1) -> None:
        eventually(lambda: self.said.count(line) >= times, within_s=60, what=f"{line}, {times} times")

    def is_silent(self, over_s: float) -> bool:
        before = len(self.said)
        time.sleep(over_s)
        return len(self.said) == before


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        path = tmp_path / "notify"
        listening.bind(str(path))
        listening.setblocking(False)
        yield Manager(listening, path)


def test_a_board_says_that_it_is_ready_lives_and_stops(manager: Manager, tmp_path: Path) -> None:
    own = {"CHAINBOARD_CACHE": f"disk://{tmp_path / 'cache'}", "CHAINBOARD_UNDERLYINGS": "NIFTY"}
    with BoardProcess("--demo", environment=own | manager.environment) as board:
        manager.wait_for("WATCHDOG=1", times=4)
        assert manager.said.count("READY=1") == 1  # the board's own: no child speaks for it
        assert "NOTIFY_SOCKET" not in board.child("dashboard.web").environ()
    manager.wait_for("STOPPING=1")


def test_a_feed_says_so_from_within_its_loop(manager: Manager, tmp_path: Path) -> None:
    with SandboxProcess(seed=11) as sandbox, FeedProcess(tmp_path, sandbox.environment | manager.environment) as feed:
        manager.wait_for("WATCHDOG=1", times=3)
        assert manager.said.count("READY=1") == 1
        feed.stop()
        manager.wait_for("STOPPING=1")


def test_a_web_process_says_so_only_while_it_answers(manager: Manager, tmp_path: Path, free_port: int) -> None:
    own = {"CHAINBOARD_CACHE": f"disk://{tmp_path / 'cache'}", "CHAINBOARD_DATA_DIR": str(tmp_path / "data")}
    command = [sys.executable, "-m", "dashboard.web", "--port", str(free_port)]
    with ChildProcess(command, own | manager.environment) as web:
        manager.wait_for("WATCHDOG=1", times=2)
        workers = web.descendants()
        if not workers:
            pytest.skip("a server of one process cannot hang in part")
        for worker in workers:
            worker.send_signal(signal.SIGSTOP)
        eventually(lambda: manager.is_silent(over_s=4), within_s=20, what="it says nothing more")
        for worker in workers:
            worker.send_signal(signal.SIGCONT)
        manager.wait_for("WATCHDOG=1", times=manager.said.count("WATCHDOG=1") + 1)
