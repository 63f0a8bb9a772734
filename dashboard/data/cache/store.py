"""The protocol of the cache, and the way from a URL to a store.

Values are bytes. `put` writes the value first and its version last, so a reader that sees a version finds at
least that value. Versions are milliseconds of the writer's clock, raised above their predecessor: they grow over
restarts of the feed and over a lost cache, which lets a page drop whatever is older than what it shows.
"""

from __future__ import annotations

from typing import Protocol


class CacheError(Exception):
    """The cache cannot be opened or written; the message says which and what to do."""


class Store(Protocol):
    def version(self, key: str) -> int:
        """Version of the latest value; 0 when there is none."""

    def read(self, key: str) -> bytes | None:
        """The latest value; None when there is none or it has expired."""

    def put(self, key: str, value: bytes, *, ttl_s: float | None = None) -> int:
        """Write value, then version; gives the new version. With `ttl_s` the value vanishes after that time."""

    def keys(self, prefix: str) -> list[str]:
        """Keys of living values that start with `prefix`, any order."""

    def close(self) -> None: ...


def open_store(url: str) -> Store:
    """`disk://DIRECTORY` or `redis://…`. Raises CacheError."""
    if url.startswith("disk://"):
        from dashboard.data.cache.disk import DiskStore

        return DiskStore(url.removeprefix("disk://"))
    raise CacheError("CHAINBOARD_CACHE must start with disk://")
