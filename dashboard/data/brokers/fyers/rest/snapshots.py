"""Which symbols owe us their first snapshot. An accepted subscription is no promise: some may get lost on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable


class SnapshotDeadlines:
    """Symbols asked for and not yet heard of, each with its deadline. For one thread that asks and one that looks."""

    def __init__(self, deadline_s: float) -> None:
        self._deadline_s = deadline_s
        self._due: dict[str, float] = {}
        self._lock = threading.Lock()

    def asked(self, symbols: Iterable[str], now_s: float) -> None:
        """Note that a subscription of these was accepted. now_s: monotonic."""
        with self._lock:
            self._due.update(dict.fromkeys(symbols, now_s + self._deadline_s))

    def overdue(self, heard: Callable[[str], bool], now_s: float) -> tuple[str, ...]:
        """Those whose deadline has passed without a word. Whoever was heard of once is forgotten here."""
        with self._lock:
            self._due = {symbol: due for symbol, due in self._due.items() if not heard(symbol)}
            return tuple(symbol for symbol, due in self._due.items() if now_s >= due)
