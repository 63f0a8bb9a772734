"""The Redis cache when Redis is not there."""

from __future__ import annotations

import socket
import subprocess
import time
from pathlib import Path

import pytest

from dashboard.data.cache.redis import connect
from dashboard.data.cache.store import CacheError, open_store


@pytest.mark.parametrize("scheme", ["redis", "rediss"])
def test_no_redis_is_one_sentence_without_the_password(free_port: int, scheme: str) -> None:
    with pytest.raises(CacheError) as caught:
        open_store(f"{scheme}://desk:hunter2@127.0.0.1:{free_port}/0")
    assert f"Redis at 127.0.0.1:{free_port}/0 does not answer" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_url_that_makes_no_sense_is_one_sentence() -> None:
    with pytest.raises(CacheError, match="Redis at"):
        connect("redis://127.0.0.1:notaport/0")


@pytest.mark.redis
def test_a_restarted_redis_reads_as_empty_meanwhile_and_then_serves_again(free_port: int, tmp_path: Path) -> None:
    server = start_redis(free_port, tmp_path)
    store = open_store(f"redis://127.0.0.1:{free_port}/0")
    version = store.put("directory", b"{}")

    server.terminate()
    server.wait(10)
    assert store.read("directory") is None
    assert store.version("directory") == 0
    assert store.keys("") == []
    with pytest.raises(CacheError, match="cannot be written"):
        store.put("directory", b"{}")

    server = start_redis(free_port, tmp_path)
    assert store.put("directory", b"{}") > version
    assert store.read("directory") == b"{}"
    store.close()
    server.terminate()
    server.wait(10)


def start_redis(port: int, folder: Path) -> subprocess.Popen[bytes]:
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return server
        time.sleep(0.02)
    raise AssertionError("redis-server did not start")
