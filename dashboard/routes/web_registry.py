"""Data that web processes share through the cache: their counts, used one-time values and ended sessions.

It contains no secret: of a one-time value only a digest.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from typing import Any

from dashboard.data.cache.store import CacheError, Store
from dashboard.data.contract import keys

log = logging.getLogger(__name__)

SPENT_FOR_S = 1_800.0  # longer than any one-time value is valid
REPORT_TTL_S = 30.0


class WebRegistry:
    """One process's access to this data."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._spent: set[str] = set()
        self._lock = threading.Lock()

    def first_use(self, value: str) -> bool:
        """True once for each value, over all processes; without a cache, over the threads of this one."""
        mark = hashlib.sha256(value.encode()).hexdigest()[:32]
        with self._lock:
            if mark in self._spent or self._store.version(keys.spent(mark)):
                return False
            self._spent.add(mark)
            try:
                self._store.put(keys.spent(mark), b"", ttl_s=SPENT_FOR_S)
            except CacheError as error:
                log.warning("%s", error)
            return True

    def end_session(self, mark: str, for_s: float) -> None:
        """Publish for other machines that a session has ended. mark: a digest of it."""
        try:
            self._store.put(keys.ended(mark), b"", ttl_s=for_s)
        except CacheError as error:
            log.warning("%s", error)

    def session_ended(self, mark: str) -> bool:
        """Whether a web process has ended it, as far as the cache knows."""
        return bool(self._store.version(keys.ended(mark)))

    def publish(self, process: str, report: dict[str, Any]) -> None:
        """Publish the counts of this process for half a minute. Raises CacheError."""
        self._store.put(keys.web_report(process), json.dumps(report).encode(), ttl_s=REPORT_TTL_S)

    def reports(self) -> dict[str, dict[str, Any]]:
        """Process -> its counts, of all processes that published lately."""
        found: dict[str, dict[str, Any]] = {}
        for key in self._store.keys(keys.WEB_PREFIX):
            try:
                report = json.loads(self._store.read(key) or b"null")
            except ValueError:
                continue
            if isinstance(report, dict):
                found[key.removeprefix(keys.WEB_PREFIX)] = report
        return found

    def leased(self) -> int:
        """Number of watched series."""
        return len(self._store.keys(keys.LEASE_PREFIX))
