"""How often somebody may: one token bucket per client address, for the API and against guessing passwords."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

MOST_CLIENTS = 10_000


class _Level(NamedTuple):
    tokens: float
    at_s: float


class Buckets:
    """`per_s` tokens a second for each client, after a burst of `burst`. One process's own; safe for threads."""

    def __init__(self, per_s: float, burst: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._per_s, self._burst, self._monotonic = per_s, burst, monotonic
        self._levels: dict[str, _Level] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Clients that are remembered."""
        return len(self._levels)

    def take(self, client: str) -> float:
        """Take one token. Gives 0 when there was one, else the seconds until there is."""
        now = self._monotonic()
        with self._lock:
            tokens = self._level(client, now)
            if tokens >= 1:
                self._make_room(now)
                self._levels[client] = _Level(tokens - 1, now)
                return 0.0
            return (1 - tokens) / self._per_s

    def give_back(self, client: str) -> None:
        """Undo a `take` that turned out to be free."""
        with self._lock:
            level = self._levels.get(client)
            if level is not None:
                self._levels[client] = _Level(min(self._burst, level.tokens + 1), level.at_s)

    def wait_s(self, client: str) -> float:
        """What `take` would give, without taking."""
        with self._lock:
            return max(0.0, (1 - self._level(client, self._monotonic())) / self._per_s)

    def _level(self, client: str, now: float) -> float:
        level = self._levels.get(client)
        return self._burst if level is None else min(self._burst, level.tokens + (now - level.at_s) * self._per_s)

    def _make_room(self, now: float) -> None:
        if len(self._levels) >= MOST_CLIENTS:  # full buckets say nothing
            kept = {client: level for client, level in self._levels.items() if self._level(client, now) < self._burst}
            self._levels = kept if len(kept) < MOST_CLIENTS else {}


def client_of(address: str | None) -> str:
    """Whom an address stands for: a whole /64 in IPv6, where one machine has as many addresses as it likes."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False).network_address)
    return str(found)
