"""One feed per cache, whatever happened to the last one."""

from __future__ import annotations

import multiprocessing
import shutil
import threading
import time
from pathlib import Path

import pytest

from dashboard.data.cache import lock
from dashboard.data.cache.lock import AlreadyLocked, RedisLock, acquire_lock
from dashboard.data.cache.redis import connect
from dashboard.data.cache.store import CacheError
from harness.process import eventually

SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture(params=["disk", pytest.param("redis", marks=pytest.mark.redis)])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(lock, "REDIS_TTL_S", 0.4)
    if request.param == "disk":
        return f"disk://{tmp_path / 'cache'}"
    found: str = request.getfixturevalue("redis_url")
    connect(found).flushdb()
    return found


def test_a_second_feed_is_refused_in_one_sentence_until_the_first_has_gone(url: str) -> None:
    first = acquire_lock(url)
    done = threading.Event()
    renewing = threading.Thread(target=lambda: [first.renew() for _ in iter(lambda: done.wait(0.05), True)])
    renewing.start()
    with pytest.raises(AlreadyLocked, match=r"^Another feed already serves the cache .+; stop it, or set CHAINBOARD_C"):
        acquire_lock(url)
    done.set()
    renewing.join()
    first.release()
    acquire_lock(url).release()


def test_renewing_keeps_the_lock(url: str) -> None:
    first = acquire_lock(url)
    for _ in range(6):
        time.sleep(0.1)
        first.renew()
    first.release()


def hold(url: str, ready: object) -> None:
    acquire_lock(url)
    ready.set()  # type: ignore[attr-defined]
    time.sleep(60)


def test_a_killed_feed_frees_the_lock(url: str) -> None:
    ready = SPAWN.Event()
    holder = SPAWN.Process(target=hold, args=(url, ready))
    holder.start()
    assert ready.wait(20)
    holder.kill()
    holder.join(10)
    eventually(lambda: is_free(url), 10, "the lock")  # the child held its Redis lock for the whole default time


def is_free(url: str) -> bool:
    try:
        acquire_lock(url).release()
    except AlreadyLocked:
        return False
    return True


def test_a_deleted_directory_does_not_let_a_second_feed_in(tmp_path: Path) -> None:
    first = acquire_lock(f"disk://{tmp_path / 'cache'}")
    shutil.rmtree(tmp_path / "cache")
    first.renew()
    with pytest.raises(AlreadyLocked):
        acquire_lock(f"disk://{tmp_path / 'cache'}")
    first.release()


def test_a_feed_learns_that_another_has_taken_over_a_deleted_directory(tmp_path: Path) -> None:
    first = acquire_lock(f"disk://{tmp_path / 'cache'}")
    shutil.rmtree(tmp_path / "cache")
    second = acquire_lock(f"disk://{tmp_path / 'cache'}")
    with pytest.raises(AlreadyLocked):
        first.renew()
    second.release()
    first.release()


@pytest.mark.redis
def test_a_paused_feed_learns_that_another_has_taken_over(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "REDIS_TTL_S", 0.2)
    connect(redis_url).flushdb()
    paused = RedisLock(redis_url)
    time.sleep(0.3)
    second = RedisLock(redis_url)
    with pytest.raises(AlreadyLocked, match="taken over"):
        paused.renew()
    paused.release()
    second.renew()
    second.release()


def test_an_unknown_kind_of_cache_has_no_lock() -> None:
    with pytest.raises(CacheError, match="CHAINBOARD_CACHE"):
        acquire_lock("memory://")
