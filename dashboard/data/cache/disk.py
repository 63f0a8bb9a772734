"""The cache on one machine: diskcache (SQLite in WAL mode), best on tmpfs.

Settings as measured in docs/performance.md: nothing is ever evicted or culled behind our back, values stay inline
in the database, and no least-recently-used policy, which would turn each read into a write.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
from pathlib import Path
from threading import local as PerThread  # now: a web worker puts gevent's, which is per connection, into its place
from typing import Any

import diskcache
from diskcache.core import DBNAME, MODE_RAW

from dashboard.data.cache.store import CacheError, CacheLocked, Fenced

log = logging.getLogger(__name__)

VERSION_SUFFIX = "#version"
FENCE_KEY = "#fence"  # the newest feed's number: see lock.py
VALUE_OUTLIVES_VERSION_S = 0.05  # so that an expiring version is never seen without its value
OPEN_RETRY_S = 3.0
LOOK_AGAIN_S = 1.0  # how often a damaged or replaced database is looked at again
PURGE_EVERY_S = 600.0
WRITE_TIMEOUT_S = 5.0


class PlainDisk(diskcache.Disk):  # type: ignore[misc]  # diskcache is untyped
    """Bytes, text and integers only: diskcache would unpickle whatever else it finds, and run it."""

    def get(self, key: Any, raw: bool) -> Any:
        return super().get(key, raw) if raw else ""

    def fetch(self, mode: int, filename: str | None, value: Any, read: bool) -> Any:
        return super().fetch(mode, filename, value, read) if mode == MODE_RAW else None


class DiskStore:
    """A `Store` in one directory, safe for many threads and processes. owner, fence: see `open_store`."""

    def __init__(self, directory: str, *, owner: bool = False, fence: int | None = None) -> None:
        self._directory = Path(directory)
        self._owner = owner
        self._fence = fence
        self._lock = threading.Lock()
        self._inode: int | None = None
        self._looked = self._purged = time.monotonic()
        prepare_directory(self._directory)
        self._cache: diskcache.Cache | None = self._open()
        if fence is not None and self._cache is not None:
            # We hold the lock now, so a higher number is of the past: the clock has been set back since.
            self._fence = max(fence, self._cache.get(FENCE_KEY, default=0) + 1)

    def version(self, key: str) -> int:
        found = self._ask(lambda cache: cache.get(key + VERSION_SUFFIX, default=0))
        return found if isinstance(found, int) else 0

    def read(self, key: str) -> bytes | None:
        found = self._ask(lambda cache: cache.get(key))
        return found if isinstance(found, bytes) else None

    def put(self, key: str, value: bytes, *, ttl_s: float | None = None, version: int | None = None) -> int:
        for attempt in (1, 2):
            cache = self._current()
            try:
                if cache is None:
                    raise CacheError(f"The cache in {self._directory} is damaged or gone; the feed makes a new one.")
                return self._write(cache, key, value, ttl_s, version or time.time_ns() // 1_000_000)
            except (sqlite3.Error, diskcache.Timeout, OSError) as error:
                if attempt == 1 and not _no_use_reopening(error):
                    self._look_again_at_once()
                else:
                    locked = isinstance(error, diskcache.Timeout)
                    kind, reason = (CacheLocked, "it is locked") if locked else (CacheError, error)
                    raise kind(f"The cache in {self._directory} cannot be written: {reason}.") from error
        raise AssertionError("unreachable")

    def keys(self, prefix: str) -> list[str]:
        def living(cache: diskcache.Cache) -> list[str]:
            stored = [key for key in cache.iterkeys() if isinstance(key, str) and key.startswith(prefix)]
            return [key for key in stored if not key.endswith(VERSION_SUFFIX) and key + VERSION_SUFFIX in cache]

        found = self._ask(living)
        return found if isinstance(found, list) else []

    def close(self) -> None:
        with self._lock:
            if self._cache is not None:
                self._cache.close()

    def _write(self, cache: diskcache.Cache, key: str, value: bytes, ttl_s: float | None, wished: int) -> int:
        if self._owner and time.monotonic() - self._purged > PURGE_EVERY_S:
            self._purged = time.monotonic()
            cache.expire()
        with cache.transact(retry=False):
            if self._fence is not None:
                # The lock is the operating system's and outlives a paused feed. Its file does not outlive the
                # directory: who deletes that lets a second feed in, and the first one wakes up to this line.
                newest = cache.get(FENCE_KEY, default=0)
                if newest > self._fence:
                    raise Fenced(f"Another feed has taken over the cache in {self._directory}.")
                if newest < self._fence:
                    cache.set(FENCE_KEY, self._fence)
            before = cache.get(key + VERSION_SUFFIX, default=0)
            version: int = max(wished, before + 1)
            cache.set(key, value, expire=None if ttl_s is None else ttl_s + VALUE_OUTLIVES_VERSION_S)
            cache.set(key + VERSION_SUFFIX, version, expire=ttl_s)
        return version

    def _ask(self, question: Any) -> Any:
        cache = self._current()
        if cache is None:
            return None
        try:
            return question(cache)
        except (sqlite3.Error, diskcache.Timeout, OSError) as error:
            log.warning("cache in %s cannot be read: %s", self._directory, error)
            self._look_again_soon()
            return None

    def _current(self) -> diskcache.Cache | None:
        """The open database, or None while it is damaged; reopened when the file is no longer the one we hold.

        A deleted or replaced file would otherwise be read for ever: an open SQLite handle keeps the old inode.
        """
        if time.monotonic() - self._looked < LOOK_AGAIN_S:
            return self._cache
        with self._lock:
            if time.monotonic() - self._looked >= LOOK_AGAIN_S:
                self._looked = time.monotonic()
                if self._cache is None or self._inode != _inode(self._directory / DBNAME):
                    try:
                        prepare_directory(self._directory)
                        self._cache = self._open()
                    except CacheError as error:
                        log.warning("%s", error)
                        self._cache = None
            return self._cache

    def _look_again_soon(self) -> None:
        with self._lock:
            self._cache = None

    def _look_again_at_once(self) -> None:
        with self._lock:
            self._cache, self._looked = None, float("-inf")

    def _open(self) -> diskcache.Cache | None:
        deadline = time.monotonic() + OPEN_RETRY_S
        while True:
            try:
                cache = diskcache.Cache(
                    str(self._directory),
                    timeout=WRITE_TIMEOUT_S,
                    disk=PlainDisk,
                    eviction_policy="none",
                    cull_limit=0,
                    size_limit=2**40,
                    statistics=0,
                    disk_min_file_size=2**26,
                )
                # One SQLite connection for each thread, as diskcache has it, and not for each greenlet of a web worker:
                # no other greenlet runs while one asks.
                cache.close()
                cache._local = PerThread()
                self._inode = _inode(self._directory / DBNAME)
                len(cache)  # a damaged file may open and fail at the first question
                return cache
            except (sqlite3.OperationalError, diskcache.Timeout) as error:
                # Two processes that create the database at the same moment can trip each other (gt4py 1745).
                if time.monotonic() > deadline or _no_use_reopening(error):
                    raise CacheError(f"The cache in {self._directory} cannot be opened: {error}.") from error
                time.sleep(0.02)
            except sqlite3.DatabaseError as error:
                if not self._owner:
                    log.warning("cache in %s is damaged: %s", self._directory, error)
                    return None
                _move_aside(self._directory, error)


def prepare_directory(directory: Path) -> None:
    """Make the directory, ours alone. Raises CacheError when it cannot be written or belongs to someone else."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = directory.stat().st_uid
    except OSError as error:
        raise CacheError(f"The cache directory {directory} cannot be made: {error.strerror}.") from error
    if hasattr(os, "getuid") and owner != os.getuid():
        raise CacheError(f"The cache directory {directory} belongs to another user; set CHAINBOARD_CACHE to your own.")
    if not os.access(directory, os.W_OK | os.X_OK):
        raise CacheError(f"The cache directory {directory} is not writable; set CHAINBOARD_CACHE to one that is.")


def _no_use_reopening(error: Exception) -> bool:
    """A lock held too long or a full disk is no fault of the open database, and opening it again only costs time."""
    return isinstance(error, diskcache.Timeout) or "full" in str(error)


def _move_aside(directory: Path, error: Exception) -> None:
    for suffix in ("", "-wal", "-shm"):
        damaged = directory / (DBNAME + suffix)
        if damaged.exists():
            damaged.replace(damaged.with_name(damaged.name + ".damaged"))
    log.warning("The cache in %s was damaged (%s); it was moved aside and a new one started.", directory, error)


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except OSError:
        return None
