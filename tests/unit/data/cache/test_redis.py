"""The Redis cache when Redis is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.data.cache.redis import connect
from dashboard.data.cache.store import CacheError, open_store
from harness.redis import RedisProcess


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
    server = RedisProcess(free_port, tmp_path / "redis").start().wait_until_ready()
    store = open_store(server.url)
    version = store.put("directory", b"{}")

    server.stop()
    assert store.read("directory") is None
    assert store.version("directory") == 0
    assert store.keys("") == []
    with pytest.raises(CacheError, match="cannot be written"):
        store.put("directory", b"{}")

    server.start().wait_until_ready()
    assert store.put("directory", b"{}") > version
    assert store.read("directory") == b"{}"
    store.close()
    server.stop()
