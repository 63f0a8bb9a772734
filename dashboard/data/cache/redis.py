"""The cache for several machines: the same protocol on Redis.

Value and version go out in one transaction. Reads that fail (Redis restarting, network gone) read as empty; the
client reconnects with the next question.
"""

from __future__ import annotations

import logging
import time
from typing import Any
from urllib.parse import urlsplit

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from dashboard.data.cache.store import CacheError

log = logging.getLogger(__name__)

NAMESPACE = "chainboard:"
VERSION_SUFFIX = "#version"
VALUE_OUTLIVES_VERSION_S = 0.05  # so that an expiring version is never seen without its value
TIMEOUT_S = 2.0


def connect(url: str) -> redis.Redis:
    """A client that answers. Raises CacheError; its message never holds the URL's password."""
    try:
        client = redis.Redis.from_url(
            url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, retry=Retry(NoBackoff(), 1)
        )
        client.ping()
    except (redis.RedisError, ValueError, OSError) as error:
        raise CacheError(f"Redis at {place_of(url)} does not answer: {error}.") from error
    return client


class RedisStore:
    """A `Store` in one Redis database, under the prefix `chainboard:`."""

    def __init__(self, url: str) -> None:
        self._place = place_of(url)
        self._client = connect(url)

    def version(self, key: str) -> int:
        found = self._ask("get", NAMESPACE + key + VERSION_SUFFIX)
        return int(found) if found else 0

    def read(self, key: str) -> bytes | None:
        found = self._ask("get", NAMESPACE + key)
        return found if isinstance(found, bytes) else None

    def put(self, key: str, value: bytes, *, ttl_s: float | None = None) -> int:
        name = NAMESPACE + key
        version_ms = None if ttl_s is None else max(1, int(ttl_s * 1000))
        value_ms = None if version_ms is None else version_ms + int(VALUE_OUTLIVES_VERSION_S * 1000)
        try:
            before: Any = self._client.get(name + VERSION_SUFFIX)
            version = max(time.time_ns() // 1_000_000, int(before or 0) + 1)
            with self._client.pipeline(transaction=True) as batch:
                batch.set(name, value, px=value_ms)
                batch.set(name + VERSION_SUFFIX, version, px=version_ms)
                batch.execute()
        except redis.RedisError as error:
            raise CacheError(f"Redis at {self._place} cannot be written: {error}.") from error
        return version

    def keys(self, prefix: str) -> list[str]:
        pattern = NAMESPACE + "".join(f"[{letter}]" if letter in "*?[" else letter for letter in prefix)
        try:
            found = list(self._client.scan_iter(match=f"{pattern}*{VERSION_SUFFIX}", count=1000))
        except redis.RedisError as error:
            log.warning("Redis at %s cannot be read: %s", self._place, error)
            return []
        return [name.decode().removeprefix(NAMESPACE).removesuffix(VERSION_SUFFIX) for name in found]

    def close(self) -> None:
        self._client.close()

    def _ask(self, command: str, *arguments: str) -> Any:
        try:
            return getattr(self._client, command)(*arguments)
        except redis.RedisError as error:
            log.warning("Redis at %s cannot be read: %s", self._place, error)
            return None


def place_of(url: str) -> str:
    """Host, port and database of the URL: what may be shown."""
    try:
        parts = urlsplit(url)
        return f"{parts.hostname}:{parts.port or 6379}{parts.path}"
    except ValueError:
        return "the address in CHAINBOARD_CACHE"
