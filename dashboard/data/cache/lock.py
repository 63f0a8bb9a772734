"""One writer per cache: a lock held by the feed, lost when its process dies however it dies."""

from __future__ import annotations

import os
import secrets
import sys
import time
from pathlib import Path
from typing import IO, Protocol

import redis

from dashboard.data.cache.disk import prepare_directory
from dashboard.data.cache.redis import NAMESPACE, connect, place_of
from dashboard.data.cache.store import CacheError

LOCK_FILE = "feed.lock"
LOCK_KEY = NAMESPACE + "feed-lock"
REDIS_TTL_S = 4.0  # a feed that died without a word is replaced after this long


class AlreadyLocked(CacheError):
    """Another feed holds the lock; the message says where."""


class WriterLock(Protocol):
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
    """A key with a short life that its holder renews."""

    def __init__(self, url: str) -> None:
        self._place = place_of(url)
        self._client = connect(url)
        self._name = secrets.token_hex(8)
        deadline = time.monotonic() + REDIS_TTL_S + 0.5  # the last feed may have died a moment ago
        while not self._client.set(LOCK_KEY, self._name, nx=True, px=int(REDIS_TTL_S * 1000)):
            if time.monotonic() > deadline:
                self._client.close()
                raise AlreadyLocked(
                    f"Another feed already serves the cache at {self._place}; stop it, or set CHAINBOARD_CACHE."
                )
            time.sleep(0.1)

    def renew(self) -> None:
        """Keep the lock, or take it again after Redis has lost it. An unreachable Redis is not a lost lock."""
        try:
            holder = self._client.get(LOCK_KEY)
            if holder is None or holder == self._name.encode():
                self._client.set(LOCK_KEY, self._name, px=int(REDIS_TTL_S * 1000))
                return
        except redis.RedisError:
            return
        raise AlreadyLocked(f"Another feed has taken over the cache at {self._place}.")

    def release(self) -> None:
        try:
            if self._client.get(LOCK_KEY) == self._name.encode():
                self._client.delete(LOCK_KEY)
        except redis.RedisError:
            pass  # it expires by itself
        self._client.close()


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[str]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
