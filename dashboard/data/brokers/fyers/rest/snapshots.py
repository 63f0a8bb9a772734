"""Symbols whose first snapshot has not arrived: FYERS may accept a subscription and send nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable


class SnapshotDeadlines:
    """Subscribed symbols without data, each with its deadline. One thread subscribes, another one checks."""

    def __init__(self, deadline_s: float) -> None:
        self._deadline_s = deadline_s
        self._due: dict[str, float] = {}
        self._lock = threading.Lock()

    def asked(self, symbols: Iterable[str], now_s: float) -> None:
        """Note that a subscription of these was accepted. now_s: monotonic."""
        with self._lock:
            self._due.update(dict.fromkeys(symbols, now_s + self._deadline_s))

    def overdue(self, has_data: Callable[[str], bool], now_s: float) -> tuple[str, ...]:
        """Symbols whose deadline has passed without data. Symbols with data are dropped."""
        with self._lock:
            self._due = {symbol: due for symbol, due in self._due.items() if not has_data(symbol)}
            return tuple(symbol for symbol, due in self._due.items() if now_s >= due)
