"""Redis with something in it that no board of ours has written, and Redis that is not there."""

from __future__ import annotations

import logging

import pytest

from dashboard.data.cache.glance import GlancingStore
from dashboard.data.cache.lock import acquire_lock
from dashboard.data.cache.redis import FENCE_KEY, NAMESPACE, VERSION_SUFFIX, connect
from dashboard.data.cache.store import CacheError, CacheUnreachable, open_store

KEY = "frame/NIFTY|2026-12-01"


@pytest.mark.redis
@pytest.mark.parametrize("odd", [b"soon", b"", b"1e400x", b"\xff\xfe"])
def test_a_version_that_is_no_number_counts_as_absent_and_is_repaired_by_the_next_write(
    redis_url: str, odd: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    client = connect(redis_url)
    client.flushdb()
    store = open_store(redis_url, owner=True, fence=1_000)
    store.put(KEY, b"{}")
    client.set(NAMESPACE + KEY + VERSION_SUFFIX, odd)
    with caplog.at_level(logging.WARNING):
        assert [store.version(KEY) for _ in range(3)] == [0, 0, 0]
        assert GlancingStore(store).version(KEY) == 0
    assert len(caplog.messages) == (1 if odd else 0), "said once"
    version = store.put(KEY, b"{1}")
    assert store.version(KEY) == version > 1_700_000_000_000


@pytest.mark.redis
def test_a_fence_that_is_no_number_keeps_nobody_out(redis_url: str) -> None:
    client = connect(redis_url)
    client.flushdb()
    client.set(FENCE_KEY, b"high")
    lock = acquire_lock(redis_url)
    lock.renew()
    assert open_store(redis_url, owner=True, fence=lock.fence).put(KEY, b"{}") > 0
    lock.release()


@pytest.mark.parametrize("opened", [open_store, acquire_lock])
def test_a_redis_that_is_not_there_may_come(free_port: int, opened) -> None:
    with pytest.raises(CacheUnreachable, match=f"Redis at 127.0.0.1:{free_port}/0 does not answer"):
        opened(f"redis://127.0.0.1:{free_port}/0")


@pytest.mark.redis
def test_a_refused_password_is_not_waited_for(redis_url: str) -> None:
    client = connect(redis_url)
    client.config_set("requirepass", "correct horse")
    try:
        with pytest.raises(CacheError) as refused:
            open_store(redis_url)
        assert not isinstance(refused.value, CacheUnreachable)
    finally:
        client.execute_command("AUTH", "correct horse")
        client.config_set("requirepass", "")


def test_an_address_that_is_none_is_not_waited_for() -> None:
    with pytest.raises(CacheError) as refused:
        open_store("redis://nowhere:port/0")
    assert not isinstance(refused.value, CacheUnreachable)
