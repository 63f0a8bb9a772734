"""What every store must do, asked of each: memory (the tests' fake), disk and Redis."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dashboard.data.cache.disk import DiskStore
from dashboard.data.cache.redis import connect
from dashboard.data.cache.store import CacheError, Store, open_store
from harness.process import eventually
from tests.fakes import FakeStore

Opener = Callable[[], Store]


@pytest.fixture(params=["memory", "disk", pytest.param("redis", marks=pytest.mark.redis)])
def open_another(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    """Opens a store; each call gives another handle on the same values."""
    if request.param == "memory":
        memory = FakeStore(clock=time.time)
        return lambda: memory
    if request.param == "disk":
        return lambda: open_store(f"disk://{tmp_path / 'cache'}")
    url = request.getfixturevalue("redis_url")
    connect(url).flushdb()
    return lambda: open_store(url)


@pytest.fixture
def store(open_another: Opener) -> Iterator[Store]:
    opened = open_another()
    yield opened
    opened.close()


def test_an_empty_store_knows_nothing(store: Store) -> None:
    assert store.version("frame/NIFTY|2026-12-01") == 0
    assert store.read("frame/NIFTY|2026-12-01") is None
    assert store.keys("") == []


def test_what_was_put_is_read_by_another_handle(store: Store, open_another: Opener) -> None:
    version = store.put("frame/NIFTY|2026-12-01", b"\x00{bytes}\xff")
    other = open_another()
    assert other.version("frame/NIFTY|2026-12-01") == version
    assert other.read("frame/NIFTY|2026-12-01") == b"\x00{bytes}\xff"
    other.close()


def test_versions_are_milliseconds_that_grow_with_each_put(store: Store) -> None:
    before = int(time.time() * 1000)
    versions = [store.put("directory", b"same") for _ in range(50)]
    assert versions == sorted(set(versions))
    assert before <= versions[0] < before + 60_000
    assert store.version("directory") == versions[-1]


def test_a_large_value_comes_back_whole(store: Store) -> None:
    value = bytes(range(256)) * 12_000
    store.put("directory", value)
    assert store.read("directory") == value


def test_a_value_with_a_time_to_live_vanishes(store: Store) -> None:
    store.put("lease/NIFTY|2026-12-01", b"", ttl_s=0.3)
    assert store.keys("lease/") == ["lease/NIFTY|2026-12-01"]
    assert store.read("lease/NIFTY|2026-12-01") == b""
    eventually(lambda: store.read("lease/NIFTY|2026-12-01") is None, 5, "it is gone")
    assert store.version("lease/NIFTY|2026-12-01") == 0
    assert store.keys("lease/") == []


def test_putting_again_renews_the_time_to_live(store: Store) -> None:
    store.put("lease/NIFTY|2026-12-01", b"", ttl_s=0.2)
    store.put("lease/NIFTY|2026-12-01", b"", ttl_s=60)
    time.sleep(0.4)
    assert store.keys("lease/") == ["lease/NIFTY|2026-12-01"]


def test_keys_are_those_that_start_with_the_prefix_taken_literally(store: Store) -> None:
    for key in ("lease/NIFTY|2026-12-01", "lease/BANK[X]|2026-12-01", "frame/NIFTY|2026-12-01", "directory"):
        store.put(key, b"x")
    assert sorted(store.keys("lease/")) == ["lease/BANK[X]|2026-12-01", "lease/NIFTY|2026-12-01"]
    assert store.keys("lease/BANK[") == ["lease/BANK[X]|2026-12-01"]
    assert store.keys("lease/*") == []
    assert len(store.keys("")) == 4


@pytest.mark.parametrize("url", ["", "memory://", "/tmp/cache", "http://127.0.0.1"])
def test_an_unknown_kind_of_cache_is_refused_with_the_name_of_the_setting(url: str) -> None:
    with pytest.raises(CacheError, match="CHAINBOARD_CACHE must start with disk://"):
        open_store(url)


def test_disk_is_what_a_disk_url_opens(tmp_path: Path) -> None:
    store = open_store(f"disk://{tmp_path}")
    assert isinstance(store, DiskStore)
    store.close()
