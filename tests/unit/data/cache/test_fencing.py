"""A feed that was overtaken while it was stopped cannot overwrite the frames of its successor."""

from __future__ import annotations

import shutil
import threading
import time
from pathlib import Path

import pytest
import redis

from dashboard.data.cache import disk, lock
from dashboard.data.cache.lock import AlreadyLocked, acquire_lock
from dashboard.data.cache.redis import REST_S, Breaker, connect
from dashboard.data.cache.store import Fenced, open_store
from tests.fakes import FakeClock


@pytest.fixture(params=["disk", pytest.param("redis", marks=pytest.mark.redis)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "disk":
        return f"disk://{tmp_path / 'cache'}"
    found: str = request.getfixturevalue("redis_url")
    connect(found).flushdb()
    return found


def test_the_older_fence_may_not_write_once_the_newer_one_has(url: str) -> None:
    older, newer = open_store(url, owner=True, fence=1_000), open_store(url, owner=True, fence=2_000)
    older.put("frame/NIFTY|2026-12-01", b"old")
    version = newer.put("frame/NIFTY|2026-12-01", b"new")
    if url.startswith("redis"):
        connect(url).set(lock.LOCK_KEYS[1], 2_000)  # as taking the lock does
    with pytest.raises(Fenced, match="Another feed has taken over the cache"):
        older.put("frame/NIFTY|2026-12-01", b"stale")
    assert newer.read("frame/NIFTY|2026-12-01") == b"new"
    assert newer.version("frame/NIFTY|2026-12-01") == version
    newer.put("frame/NIFTY|2026-12-01", b"newer")


def test_viewers_leases_know_no_fence(url: str) -> None:
    owner, viewer = open_store(url, owner=True, fence=2_000), open_store(url)
    owner.put("directory", b"{}")
    viewer.put("lease/NIFTY|2026-12-01", b"", ttl_s=30)
    assert owner.keys("lease/") == ["lease/NIFTY|2026-12-01"]


def test_the_fence_is_no_key_of_the_cache(url: str) -> None:
    store = open_store(url, owner=True, fence=2_000)
    store.put("directory", b"{}")
    assert store.keys("") == ["directory"]


@pytest.mark.redis
def test_a_feed_stopped_for_longer_than_its_lease_can_neither_write_nor_renew(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(redis_url).flushdb()
    monkeypatch.setattr(lock, "REDIS_TTL_S", 0.2)
    paused = acquire_lock(redis_url)
    its_store = open_store(redis_url, owner=True, fence=paused.fence)
    its_store.put("directory", b"old")
    successor = acquire_lock(redis_url)  # waits for the lease to run out
    assert successor.fence > paused.fence
    with pytest.raises(Fenced):
        its_store.put("directory", b"stale")
    with pytest.raises(AlreadyLocked):
        paused.renew()
    successor.release()
    with pytest.raises(AlreadyLocked):  # nor after the successor has gone: its frames are the newer ones
        paused.renew()
    with pytest.raises(Fenced):
        its_store.put("directory", b"stale")


@pytest.mark.redis
def test_a_redis_that_lost_everything_takes_the_running_feed_back(redis_url: str) -> None:
    client = connect(redis_url)
    client.flushdb()
    held = acquire_lock(redis_url)
    store = open_store(redis_url, owner=True, fence=held.fence)
    client.flushdb()
    store.put("directory", b"{}")
    held.renew()
    assert int(client.get(lock.LOCK_KEYS[1]) or 0) == held.fence
    held.release()


@pytest.mark.redis
def test_fences_grow_although_the_clock_was_set_back(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    connect(redis_url).flushdb()
    first = acquire_lock(redis_url)
    first.release()
    monkeypatch.setattr(lock, "time_ms", lambda: 1_000)
    second = acquire_lock(redis_url)
    assert second.fence == first.fence + 1
    second.release()


def test_a_disk_cache_serves_the_next_feed_although_the_clock_was_set_back(tmp_path: Path) -> None:
    store = open_store(f"disk://{tmp_path}", owner=True, fence=2_000)
    store.put("directory", b"old")
    store.close()
    later = open_store(f"disk://{tmp_path}", owner=True, fence=1_000)
    later.put("directory", b"new")
    assert later.read("directory") == b"new"
    later.close()


def test_a_feed_whose_directory_was_deleted_wakes_up_to_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock's file went with the directory, so the second feed got in although the first one lives."""
    monkeypatch.setattr(disk, "LOOK_AGAIN_S", 0.0)
    url = f"disk://{tmp_path / 'cache'}"
    paused = acquire_lock(url)
    its_store = open_store(url, owner=True, fence=paused.fence)
    its_store.put("directory", b"old")
    shutil.rmtree(tmp_path / "cache")
    monkeypatch.setattr(lock, "time_ms", lambda: paused.fence + 5_000)
    successor = acquire_lock(url)
    store = open_store(url, owner=True, fence=successor.fence)
    store.put("directory", b"new")
    with pytest.raises(Fenced):
        its_store.put("directory", b"stale")
    with pytest.raises(AlreadyLocked):
        paused.renew()
    assert store.read("directory") == b"new"
    successor.release()
    paused.release()
    store.close()
    its_store.close()


def test_a_breaker_rests_after_a_failure_and_lets_one_probe_through() -> None:
    clock = FakeClock(0.0)
    breaker = Breaker(clock)
    asked: list[float] = []

    def hangs() -> int:
        asked.append(clock())
        raise redis.TimeoutError("no answer")

    with pytest.raises(redis.TimeoutError):
        breaker.ask(hangs)
    assert breaker.resting
    with pytest.raises(redis.ConnectionError, match="a moment ago"):
        breaker.ask(hangs)
    assert len(asked) == 1
    clock.advance(seconds=REST_S)
    inside, leave = threading.Event(), threading.Event()

    def slow() -> int:
        inside.set()
        assert leave.wait(10)
        return 7

    answers: list[int] = []
    probe = threading.Thread(target=lambda: answers.append(breaker.ask(slow)))
    probe.start()
    assert inside.wait(10)
    started = time.monotonic()
    with pytest.raises(redis.ConnectionError):
        breaker.ask(hangs)  # while one waits, the others do not
    assert time.monotonic() - started < 1
    leave.set()
    probe.join()
    assert answers == [7]
    assert breaker.ask(lambda: 8) == 8
    assert not breaker.resting


def test_a_refusal_that_is_an_answer_does_not_trip_the_breaker() -> None:
    breaker = Breaker(FakeClock(0.0))

    def refused() -> int:
        raise redis.ResponseError("WRONGTYPE")

    with pytest.raises(redis.ResponseError):
        breaker.ask(refused)
    assert not breaker.resting
