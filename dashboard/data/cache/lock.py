"""One writer per cache: a lock held by the feed, lost when its process dies however it dies.

With the lock comes a *fence*: milliseconds of the clock when it was taken, raised above the fence before it. The store
remembers the highest one and takes nothing from a feed with a lower one, so a feed that was stopped, overtaken and
woken cannot overwrite its successor's frames before it notices.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
import time
from pathlib import Path
from typing import IO, Protocol

import redis

from dashboard.data.cache.disk import prepare_directory
from dashboard.data.cache.redis import FENCE_KEY, NAMESPACE, connect, place_of, unanswered
from dashboard.data.cache.store import CacheError

LOCK_FILE = "feed.lock"
LOCK_KEY = NAMESPACE + "feed-lock"
LOCK_KEYS = [LOCK_KEY, FENCE_KEY]
REDIS_TTL_S = 4.0  # a feed that died without releasing the lock is replaced after this long

# Each runs in one piece. KEYS holder, fence. The fence has no life of its own: it must outlive every pause.
TAKE = """
if redis.call('exists', KEYS[1]) == 1 then return 0 end
local fence = math.max(tonumber(ARGV[2]), (tonumber(redis.call('get', KEYS[2]) or '0') or 0) + 1)
redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[3])
redis.call('set', KEYS[2], string.format('%.0f', fence))
return fence
"""
KEEP = """
local holder = redis.call('get', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
if (tonumber(redis.call('get', KEYS[2]) or '0') or 0) > tonumber(ARGV[2]) then return 0 end
redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[3])
redis.call('set', KEYS[2], ARGV[2])
return 1
"""
LEAVE = """
if redis.call('get', KEYS[1]) == ARGV[1] then redis.call('del', KEYS[1]) end
"""


class AlreadyLocked(CacheError):
    """Another feed holds the lock; the message says where."""


class WriterLock(Protocol):
    @property
    def fence(self) -> int:
        """Higher than that of every feed before."""

    def renew(self) -> None:
        """Call about once a second. Raises AlreadyLocked when somebody else holds the lock now, and nothing else."""

    def release(self) -> None: ...


def acquire_lock(url: str) -> WriterLock:
    """The lock of the cache at `url`. Raises AlreadyLocked, or CacheError when the cache cannot be reached."""
    if url.startswith("disk://"):
        return FileLock(Path(url.removeprefix("disk://")))
    if url.startswith(("redis://", "rediss://")):
        return RedisLock(url)
    raise CacheError("CHAINBOARD_CACHE must start with disk://, redis:// or rediss://.")


class FileLock:
    """An operating system's lock on a file in the cache directory: gone with the process, even after SIGKILL."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / LOCK_FILE
        self._file = self._take()
        self.fence = time_ms()

    def renew(self) -> None:
        # Whoever deletes the directory deletes the lock file too, and a second feed could then lock a new one.
        try:
            if os.path.samestat(os.fstat(self._file.fileno()), self._path.stat()):
                return
        except OSError:
            pass
        try:
            held, self._file = self._file, self._take()
        except AlreadyLocked:
            raise
        except CacheError:
            return  # the directory cannot be made at the moment; frames cannot be written either
        held.close()

    def release(self) -> None:
        self._file.close()

    def _take(self) -> IO[str]:
        prepare_directory(self._path.parent)
        try:
            file = self._path.open("a+", encoding="ascii")
        except OSError as error:
            raise CacheError(f"The cache directory {self._path.parent} is not writable: {error.strerror}.") from error
        try:
            _lock(file)
        except OSError:
            file.close()
            raise AlreadyLocked(
                f"Another feed already serves the cache in {self._path.parent}; stop it, or set CHAINBOARD_CACHE."
            ) from None
        return file


class RedisLock:
    """A key with a short life that its holder renews, and the fence number that came with it.

    A feed that is stopped for longer than the key lives loses it and does not know. What it then writes is refused by
    the store, because the next feed has put up a higher number (docs/decisions/0015).
    """

    def __init__(self, url: str) -> None:
        self._place = place_of(url)
        self._client = connect(url)
        self._name = secrets.token_hex(8)
        self._life_ms = int(REDIS_TTL_S * 1000)
        take, self._keep, self._leave = (self._client.register_script(script) for script in (TAKE, KEEP, LEAVE))
        deadline = time.monotonic() + REDIS_TTL_S + 0.5  # the last feed may have died a moment ago
        try:
            while not (fence := take(keys=LOCK_KEYS, args=[self._name, time_ms(), self._life_ms])):
                if time.monotonic() > deadline:
                    raise AlreadyLocked(
                        f"Another feed already serves the cache at {self._place}; stop it, or set CHAINBOARD_CACHE."
                    )
                time.sleep(0.1)
        except redis.RedisError as error:
            raise unanswered(url, error) from error
        except AlreadyLocked:
            self._client.close()
            raise
        self.fence = int(fence)

    def renew(self) -> None:
        """Keep the lock, or take it again after Redis has lost it. An unreachable Redis is not a lost lock."""
        try:
            kept = self._keep(keys=LOCK_KEYS, args=[self._name, self.fence, self._life_ms])
        except redis.RedisError:
            return
        if not kept:
            raise AlreadyLocked(f"Another feed has taken over the cache at {self._place}.")

    def release(self) -> None:
        with contextlib.suppress(redis.RedisError):  # it expires by itself
            self._leave(keys=LOCK_KEYS, args=[self._name])
        self._client.close()


def time_ms() -> int:
    return time.time_ns() // 1_000_000


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[str]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
