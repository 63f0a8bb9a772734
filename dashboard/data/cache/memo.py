"""One decode per version and process: the reader's half of "compute once, serve many"."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from dashboard.data.cache.store import Store

log = logging.getLogger(__name__)

Value = TypeVar("Value")


class Memo(Generic[Value]):
    """The latest decoded value per key; asks the store for bytes only when the version has changed.

    kept: how many keys are remembered; the one decoded longest ago goes first. keep_lost: answer with the last value
    when the store has none any more (the cache was lost), instead of None. Safe for threads: two may decode the same
    version at once, which costs time and nothing else. A value that cannot be decoded counts as absent.
    """

    def __init__(
        self, store: Store, decode: Callable[[bytes, int], Value], *, kept: int, keep_lost: bool = False
    ) -> None:
        self._store = store
        self._decode = decode
        self._kept = kept
        self._keep_lost = keep_lost
        self._known: OrderedDict[str, tuple[int, Value | None]] = OrderedDict()
        self._lock = threading.Lock()

    def known_version(self, key: str) -> int:
        """Version of the value remembered; 0 when there is none."""
        known = self._known.get(key)
        return known[0] if known is not None else 0

    def latest(self, key: str) -> Value | None:
        version = self._store.version(key)
        known = self._known.get(key)
        if known is not None and known[0] == version:
            return known[1]
        raw = self._store.read(key) if version else None
        if raw is None:
            return known[1] if known is not None and self._keep_lost else None
        try:
            value: Value | None = self._decode(raw, version)
        except (ValueError, KeyError, TypeError, UnicodeDecodeError) as error:
            log.warning("value of %s in the cache cannot be read: %r", key, error)
            value = known[1] if known is not None else None
        with self._lock:
            self._known[key] = (version, value)
            self._known.move_to_end(key)
            while len(self._known) > self._kept:
                self._known.popitem(last=False)
        return value
