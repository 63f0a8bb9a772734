"""FYERS' request limits: per second, minute and day over all endpoints together, with the ban that follows abuse."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from dashboard.market.session import ist


@dataclass(slots=True)
class Limits:
    per_second: int = 10
    per_minute: int = 200
    per_day: int = 100_000
    minute_breaches_allowed: int = 3


@dataclass(slots=True)
class RateLimiter:
    """Counts requests in wall time and refuses what FYERS would refuse."""

    limits: Limits = field(default_factory=Limits)
    wall: Callable[[], float] = time.time
    breaches: Counter[str] = field(default_factory=Counter)
    requests_today: int = 0
    peak_minute: int = 0
    blocked: bool = False
    _recent: deque[float] = field(default_factory=deque)
    _day: str = ""
    _last_minute_breached: int = -1

    def admit(self) -> str | None:
        """Count one request; None when it may pass, else the limit it broke: second, minute, day or blocked."""
        now = self.wall()
        day = ist(now).date().isoformat()
        if day != self._day:
            self._day, self.requests_today, self.blocked = day, 0, False
            self.breaches.clear()
        while self._recent and self._recent[0] <= now - 60.0:
            self._recent.popleft()
        broken = self._broken(now)
        if broken is not None:
            self._note(broken, now)
            return broken
        self._recent.append(now)
        self.requests_today += 1
        self.peak_minute = max(self.peak_minute, len(self._recent))
        return None

    def _broken(self, now: float) -> str | None:
        if self.blocked:
            return "blocked"
        if self.requests_today >= self.limits.per_day:
            return "day"
        if len(self._recent) >= self.limits.per_minute:
            return "minute"
        if len(self._recent) >= self.limits.per_second and self._recent[-self.limits.per_second] > now - 1.0:
            return "second"
        return None

    def _note(self, broken: str, now: float) -> None:
        if broken != "minute":
            self.breaches[broken] += 1
            return
        # However many requests a minute refuses, it is one breach.
        if int(now // 60) != self._last_minute_breached:
            self._last_minute_breached = int(now // 60)
            self.breaches["minute"] += 1
            self.blocked = self.breaches["minute"] > self.limits.minute_breaches_allowed

    def reset(self) -> None:
        """Forget the past, keep the limits."""
        self._recent.clear()
        self.breaches.clear()
        self.requests_today, self.peak_minute, self.blocked, self._last_minute_breached = 0, 0, False, -1

    def report(self) -> dict[str, object]:
        now = self.wall()
        return {
            "requests_today": self.requests_today,
            "last_minute": sum(1 for when in self._recent if when > now - 60.0),
            "peak_minute": self.peak_minute,
            "breaches": {name: self.breaches[name] for name in ("second", "minute", "day", "blocked")},
            "blocked": self.blocked,
        }
