"""The disk cache when the disk, another process or another user is unkind."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import shutil
import sqlite3
import time
from pathlib import Path
from typing import Any

import diskcache
import pytest

from dashboard.data.cache import disk
from dashboard.data.cache.disk import DiskStore
from dashboard.data.cache.store import CacheError
from harness.process import eventually

SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "LOOK_AGAIN_S", 0.0)
    monkeypatch.setattr(disk, "OPEN_RETRY_S", 0.5)


def test_values_stay_inline_and_nothing_is_evicted(tmp_path: Path) -> None:
    store = DiskStore(str(tmp_path))
    store.put("frame/big", b"x" * 2_000_000)
    with diskcache.Cache(str(tmp_path)) as opened:
        assert (opened.eviction_policy, opened.cull_limit, opened.statistics) == ("none", 0, 0)
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith("cache.db")] == []
    store.close()


def test_the_directory_is_ours_alone(tmp_path: Path) -> None:
    DiskStore(str(tmp_path / "new" / "cache")).close()
    assert (tmp_path / "new" / "cache").stat().st_mode & 0o777 == 0o700


def test_a_directory_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CacheError, match=r"cannot be made: .+\.$"):
        DiskStore(str(tmp_path / "file" / "cache"))


def test_a_directory_that_is_not_writable_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(CacheError, match="is not writable; set CHAINBOARD_CACHE"):
        DiskStore(str(tmp_path))


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no user ids on this system")
def test_a_directory_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 4_242_424)
    with pytest.raises(CacheError, match="belongs to another user"):
        DiskStore(str(tmp_path))


def test_a_damaged_database_reads_as_empty_until_the_feed_replaces_it(tmp_path: Path) -> None:
    (tmp_path / "cache.db").write_bytes(b"SQLite format 3\x00" + os.urandom(4096))
    screen = DiskStore(str(tmp_path))
    assert screen.read("directory") is None
    assert screen.version("directory") == 0
    assert screen.keys("") == []
    with pytest.raises(CacheError, match="damaged"):
        screen.put("lease/x", b"")

    feed = DiskStore(str(tmp_path), owner=True)
    feed.put("directory", b"{}")
    assert screen.read("directory") == b"{}"
    assert (tmp_path / "cache.db.damaged").exists()
    for store in (screen, feed):
        store.close()


def test_damage_under_a_running_feed_is_repaired_by_its_next_write(tmp_path: Path) -> None:
    feed = DiskStore(str(tmp_path), owner=True)
    screen = DiskStore(str(tmp_path))
    feed.put("directory", b"old")
    for path in tmp_path.glob("cache.db*"):
        os.truncate(path, 0)
        path.write_bytes(os.urandom(8192))
    assert eventually(lambda: feed.put("directory", b"new") and screen.read("directory") == b"new")
    for store in (screen, feed):
        store.close()


def test_a_deleted_directory_comes_back_and_both_sides_meet_in_it(tmp_path: Path) -> None:
    feed = DiskStore(str(tmp_path / "cache"), owner=True)
    screen = DiskStore(str(tmp_path / "cache"))
    feed.put("directory", b"old")
    shutil.rmtree(tmp_path / "cache")
    assert screen.read("directory") is None
    version = feed.put("directory", b"new")
    assert screen.read("directory") == b"new"
    assert screen.version("directory") == version
    for store in (screen, feed):
        store.close()


def test_a_full_disk_is_one_sentence_what_was_written_stays_and_room_is_used_again(tmp_path: Path) -> None:
    store = DiskStore(str(tmp_path), owner=True)
    store.put("directory", b"kept")

    def most_pages(count: str = "") -> int:
        """SQLite's own way to run out of room; it is lost when the file is opened anew."""
        return int(store._cache._sql(f"PRAGMA max_page_count {count}").fetchone()[0])

    pages = most_pages("= 1")
    started = time.monotonic()
    for _ in range(3):
        with pytest.raises(CacheError, match=r"cannot be written: database or disk is full\.$"):
            store.put("frame/NIFTY|2026-12-01", b"x" * 4096 * (pages + 50))
    assert time.monotonic() - started < 1.0
    assert store.read("directory") == b"kept"
    assert most_pages() == pages, "it was not opened anew"
    most_pages("= 1000000")
    store.put("frame/NIFTY|2026-12-01", b"fits")
    assert store.read("frame/NIFTY|2026-12-01") == b"fits"
    store.close()


class Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return (os.mkdir, ("exploded",))


def test_a_pickle_planted_in_the_database_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store = DiskStore(str(tmp_path / "cache"))
    store.put("directory", b"{}")
    with sqlite3.connect(tmp_path / "cache" / "cache.db") as intruder:
        poison = sqlite3.Binary(pickle.dumps(Bomb()))
        intruder.execute("UPDATE Cache SET value = ?, mode = 4 WHERE key = 'directory'", (poison,))
        intruder.execute("INSERT INTO Cache (key, raw, value, mode) VALUES (?, 0, ?, 4)", (poison, poison))
    intruder.close()
    assert store.read("directory") is None
    assert store.keys("") == ["directory"]
    assert not (tmp_path / "exploded").exists()
    store.close()


def write_versions(directory: str, count: int) -> None:
    store = DiskStore(directory, owner=True)
    for number in range(count):
        for key in ("frame/a", "frame/b"):
            store.put(key, b"%d" % number * 2_000, ttl_s=30 if number % 2 else None)
    store.put("done", b"1")
    store.close()


def test_two_processes_one_store_no_version_without_its_value(tmp_path: Path) -> None:
    """The writer runs freely in another process; a reader that saw a version always finds at least that value."""
    writer = SPAWN.Process(target=write_versions, args=(str(tmp_path), 400))
    writer.start()
    store = DiskStore(str(tmp_path))  # races the writer for the creation of the database
    versions: dict[str, set[int]] = {"frame/a": set(), "frame/b": set()}
    newest = {"frame/a": -1, "frame/b": -1}
    looked = 0
    while store.read("done") is None and writer.is_alive():
        for key in versions:
            version = store.version(key)
            if not version:
                continue
            value = store.read(key)
            assert value is not None
            versions[key].add(version)
            told = int(value[: len(value) // 2_000])
            assert value == b"%d" % told * 2_000  # whole
            assert told >= max(newest[key], len(versions[key]) - 1)  # each version was a put of its own
            newest[key] = told
            looked += 1
    writer.join(20)
    assert writer.exitcode == 0
    assert looked > 100
    assert {store.read(key) for key in versions} == {b"399" * 2_000}
    store.close()
