"""The protocol of the cache, and the way from a URL to a store.

Values are bytes. `put` writes the value first and its version last, so a reader that sees a version finds at
least that value. Versions are milliseconds of the writer's clock, raised above their predecessor: they grow over
restarts of the feed and over a lost cache, which lets a page drop whatever is older than what it shows.

Reading never raises: a store that is damaged or out of reach reads as empty and recovers by itself, because the
screen then says "offline" beside the last data it has. Writing raises CacheError, and so does opening.
"""

from __future__ import annotations

from typing import Protocol


class CacheError(Exception):
    """The cache cannot be opened or written; the message says which and what to do."""


class CacheUnreachable(CacheError):
    """The cache does not answer at the moment; trying again may help."""


class CacheLocked(CacheError):
    """Another process has held the cache's lock for longer than any write takes."""


class Fenced(CacheError):
    """A newer feed writes to this cache; what this one wanted to write was not taken."""


class Store(Protocol):
    def version(self, key: str) -> int:
        """Version of the latest value; 0 when there is none."""

    def read(self, key: str) -> bytes | None:
        """The latest value; None when there is none or it has expired."""

    def put(self, key: str, value: bytes, *, ttl_s: float | None = None, version: int | None = None) -> int:
        """Write value, then version; gives the new version. With `ttl_s` the value vanishes after that time.

        version: the writer's own number for it, taken unless the key already has a higher one; None: the clock's.
        """

    def keys(self, prefix: str) -> list[str]:
        """Keys of living values that start with `prefix`, any order."""

    def close(self) -> None: ...


def open_store(url: str, *, owner: bool = False, fence: int | None = None) -> Store:
    """`disk://DIRECTORY`, `redis://…` or `rediss://…`. Raises CacheError.

    owner: the feed, which holds the writer's lock and may therefore move a damaged database aside. fence: the number
    that came with its lock; `put` then raises Fenced once a feed with a higher number has come.
    """
    if url.startswith("disk://"):
        from dashboard.data.cache.disk import DiskStore

        return DiskStore(url.removeprefix("disk://"), owner=owner, fence=fence)
    if url.startswith(("redis://", "rediss://")):
        from dashboard.data.cache.redis import RedisStore

        return RedisStore(url, fence=fence)
    raise CacheError("CHAINBOARD_CACHE must start with disk://, redis:// or rediss://.")
