"""Values made once per version and process: the reader's half of "compute once, serve many"."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from dashboard.data.cache.store import Store

log = logging.getLogger(__name__)

Value = TypeVar("Value")


class Latest(Generic[Value]):
    """The latest value of each key, made once per version. kept: how many keys; the one made longest ago goes first.

    Safe for threads: two may make the same value at once, which costs time and nothing else.
    """

    def __init__(self, *, kept: int) -> None:
        self._kept = kept
        self._known: OrderedDict[Hashable, tuple[Hashable, Value]] = OrderedDict()
        self._lock = threading.Lock()

    def known(self, key: Hashable) -> tuple[Hashable, Value] | None:
        """Version and value remembered for the key."""
        return self._known.get(key)

    def value(self, key: Hashable, version: Hashable, make: Callable[[], Value]) -> Value:
        """The key's value in this version; `make` is called when that is not the one remembered."""
        known = self._known.get(key)
        if known is not None and known[0] == version:
            return known[1]
        value = make()
        with self._lock:
            self._known[key] = (version, value)
            self._known.move_to_end(key)
            while len(self._known) > self._kept:
                self._known.popitem(last=False)
        return value


class Memo(Generic[Value]):
    """The latest decoded value per key of a store; asks for bytes only when the version has changed.

    kept: how many keys are remembered. keep_lost: answer with the last value when the store has none any more (the
    cache was lost), instead of None. A value that cannot be decoded counts as absent.
    """

    def __init__(
        self, store: Store, decode: Callable[[bytes, int], Value], *, kept: int, keep_lost: bool = False
    ) -> None:
        self._store = store
        self._decode = decode
        self._keep_lost = keep_lost
        self._latest: Latest[Value | None] = Latest(kept=kept)

    def known_version(self, key: str) -> int:
        """Version of the value remembered; 0 when there is none."""
        known = self._latest.known(key)
        return known[0] if known is not None and isinstance(known[0], int) else 0

    def latest(self, key: str) -> Value | None:
        version = self._store.version(key)
        known = self._latest.known(key)
        if known is not None and known[0] == version:
            return known[1]
        raw = self._store.read(key) if version else None
        if raw is None:
            return known[1] if known is not None and self._keep_lost else None
        return self._latest.value(key, version, lambda: self._decoded(key, raw, version))

    def _decoded(self, key: str, raw: bytes, version: int) -> Value | None:
        try:
            return self._decode(raw, version)
        except (ValueError, KeyError, TypeError, UnicodeDecodeError) as error:
            log.warning("value of %s in the cache cannot be read: %r", key, error)
            known = self._latest.known(key)
            return known[1] if known is not None else None
