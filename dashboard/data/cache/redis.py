"""The cache for several machines: the same protocol on Redis.

A write is one script: fence checked, value and version set, nothing in between. Reads that fail (Redis restarting,
hung, or out of the network) read as empty; the client reconnects with the next question.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from dashboard.data.cache.store import CacheError, CacheUnreachable, Fenced

log = logging.getLogger(__name__)

T = TypeVar("T")

NAMESPACE = "chainboard:"
FENCE_KEY = NAMESPACE + "feed-fence"  # the newest feed's number: see lock.py
VERSION_SUFFIX = "#version"
VALUE_OUTLIVES_VERSION_S = 0.05  # so that an expiring version is never seen without its value
OPEN_TIMEOUT_S = 2.0
# A web thread waits in here; eight of them waiting is a board that stands still. Redis answers in under a millisecond.
TIMEOUT_S = 0.5
REST_S = 1.0  # after such a wait nobody asks for this long, and then one thread alone tries
COMPLAIN_EVERY_S = 1.0  # hundreds of viewers meet the same fault

# KEYS value, version, fence; ARGV value, version wished, value_px, version_px ("" for ever), fence ("" none)
WRITE = """
local newest = tonumber(redis.call('get', KEYS[3]) or '0') or 0
if ARGV[5] ~= '' and newest > tonumber(ARGV[5]) then return -1 end
local version = math.max(tonumber(ARGV[2]), (tonumber(redis.call('get', KEYS[2]) or '0') or 0) + 1)
local text = string.format('%.0f', version)
if ARGV[3] == '' then
  redis.call('set', KEYS[1], ARGV[1])
  redis.call('set', KEYS[2], text)
else
  redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[3])
  redis.call('set', KEYS[2], text, 'PX', ARGV[4])
end
return version
"""


def connect(url: str) -> redis.Redis:
    """A client that answers. Raises CacheUnreachable when nobody does, CacheError when trying again cannot help.

    The messages never hold the URL's password.
    """
    try:
        client = redis.Redis.from_url(
            url,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            # Once more at once, for the connection that a restart of Redis has cut; not for one that does not answer.
            retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
        )
        _ping(client)
    except (redis.RedisError, ValueError, OSError) as error:
        raise unanswered(url, error) from error
    return client


def unanswered(url: str, error: Exception) -> CacheError:
    """What to raise for a Redis that did not do what it was asked at the start."""
    # A refused password is an error of the connection too, to the client; but the next try will be refused alike.
    passing = isinstance(error, redis.ConnectionError | redis.TimeoutError | OSError)
    lasting = isinstance(error, redis.AuthenticationError)
    kind = CacheUnreachable if passing and not lasting else CacheError
    return kind(f"Redis at {place_of(url)} does not answer: {str(error).rstrip('.')}.")


def _ping(client: redis.Redis) -> None:
    deadline = time.monotonic() + OPEN_TIMEOUT_S
    while True:
        try:
            client.ping()
            return
        except redis.TimeoutError:  # a machine that has just started may be slow, and there is time at the start
            if time.monotonic() > deadline:
                raise


class Breaker:
    """Spares everybody the wait for a Redis that does not answer: after one wait, a rest; then one probe at a time."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._closed_until: float | None = None

    @property
    def resting(self) -> bool:
        """Whether a question would be refused without asking."""
        until = self._closed_until
        return until is not None and self._monotonic() < until

    def ask(self, question: Callable[[], T]) -> T:
        """The answer. Raises redis.RedisError, at once while resting."""
        if self._closed_until is not None:
            with self._lock:
                now = self._monotonic()
                if self._closed_until is not None:
                    if now < self._closed_until:
                        raise redis.ConnectionError("it did not answer a moment ago")
                    self._closed_until = now + TIMEOUT_S + REST_S  # this thread probes, the others go on resting
        try:
            answer = question()
        except redis.TimeoutError:
            self._closed_until = self._monotonic() + REST_S
            raise
        except redis.RedisError:  # refused, which costs no time: the next question may be answered
            self._closed_until = None
            raise
        self._closed_until = None
        return answer


class RedisStore:
    """A `Store` in one Redis database, under the prefix `chainboard:`. fence: see `open_store`."""

    def __init__(self, url: str, *, fence: int | None = None) -> None:
        self._place = place_of(url)
        self._client = connect(url)
        self._breaker = Breaker()
        self._fence = "" if fence is None else str(fence)
        self._write = self._client.register_script(WRITE)
        self._complained = float("-inf")
        self._away = self._odd_version_said = False

    def version(self, key: str) -> int:
        found = self._ask(lambda: self._client.get(NAMESPACE + key + VERSION_SUFFIX))
        try:
            return int(found) if found else 0
        except ValueError:  # somebody else's hand; the next `put` of the key repairs it
            if not self._odd_version_said:
                self._odd_version_said = True
                log.warning("Redis at %s: the version of %.64r is no number; it counts as absent.", self._place, key)
            return 0

    def read(self, key: str) -> bytes | None:
        found = self._ask(lambda: self._client.get(NAMESPACE + key))
        return found if isinstance(found, bytes) else None

    def put(self, key: str, value: bytes, *, ttl_s: float | None = None, version: int | None = None) -> int:
        name, wished = NAMESPACE + key, version or time.time_ns() // 1_000_000
        version_px: float | str = "" if ttl_s is None else max(1, int(ttl_s * 1000))
        value_px = "" if isinstance(version_px, str) else int(version_px + VALUE_OUTLIVES_VERSION_S * 1000)
        names = [name, name + VERSION_SUFFIX, FENCE_KEY]
        values: list[Any] = [value, wished, value_px, version_px, self._fence]
        try:
            written: int = self._breaker.ask(lambda: self._write(keys=names, args=values))
        except redis.RedisError as error:
            raise CacheError(f"Redis at {self._place} cannot be written: {error}.") from error
        if written < 0:
            raise Fenced(f"Another feed has taken over the cache at {self._place}.")
        return written

    def keys(self, prefix: str) -> list[str]:
        pattern = NAMESPACE + "".join(f"[{letter}]" if letter in "*?[" else letter for letter in prefix)
        scan = self._client.scan_iter
        found = self._ask(lambda: list(scan(match=f"{pattern}*{VERSION_SUFFIX}", count=1000))) or []
        return [name.decode().removeprefix(NAMESPACE).removesuffix(VERSION_SUFFIX) for name in found]

    def close(self) -> None:
        self._client.close()

    def _ask(self, question: Callable[[], Any]) -> Any:
        try:
            answer = self._breaker.ask(question)
        except redis.RedisError as error:
            if not self._away and time.monotonic() - self._complained >= COMPLAIN_EVERY_S:
                self._complained = time.monotonic()
                log.warning("Redis at %s cannot be read: %s", self._place, error)
            self._away = True
            return None
        if self._away:
            self._away = False
            log.info("Redis at %s can be read again.", self._place)
        return answer


def place_of(url: str) -> str:
    """Host, port and database of the URL: what may be shown."""
    try:
        parts = urlsplit(url)
        return f"{parts.hostname}:{parts.port or 6379}{parts.path}"
    except ValueError:
        return "the address in CHAINBOARD_CACHE"
