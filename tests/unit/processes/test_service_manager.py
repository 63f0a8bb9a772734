"""What a service manager is told, over a real datagram socket."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.processes.service_manager import ServiceManager

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a UNIX socket")


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(2)
        yield manager


def test_the_first_beat_says_ready_and_later_ones_that_it_lives(
    listening: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    manager = ServiceManager(str(tmp_path / "notify"))
    manager.waiting("Redis does not answer.")
    for _ in range(25):  # ten a second
        manager.beat()
        now += 0.1
    manager.stopping()
    said = [listening.recv(4096).decode() for _ in range(5)]
    assert said == [
        "STATUS=Redis does not answer.\nEXTEND_TIMEOUT_USEC=30000000",
        "READY=1\nSTATUS=\nWATCHDOG=1",
        "WATCHDOG=1",
        "WATCHDOG=1",
        "STOPPING=1",
    ]


def test_an_abstract_name_is_understood() -> None:
    if sys.platform != "linux":
        pytest.skip("abstract names are Linux's")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0chainboard-test-notify")
        manager.settimeout(2)
        ServiceManager("@chainboard-test-notify").beat()
        assert manager.recv(4096).startswith(b"READY=1")


@pytest.mark.parametrize("address", ["", "/nowhere/at/all"])
def test_no_manager_is_no_trouble(address: str) -> None:
    manager = ServiceManager(address)
    manager.beat()
    manager.stopping()
    assert manager.is_there == bool(address)
