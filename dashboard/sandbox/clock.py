"""The sandbox's own time: it may start at another hour, run fast, be moved, or stand still."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from dashboard.market.session import IST, ist


class Clock:
    """Simulated epoch seconds; advances with the monotonic clock times `speed`."""

    def __init__(self, start_ts: float, speed: float = 1.0, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._anchor_ts = start_ts
        self._anchor = monotonic()
        self.speed = speed

    def now(self) -> float:
        return self._anchor_ts + (self._monotonic() - self._anchor) * self.speed

    def set(self, *, now_ts: float | None = None, speed: float | None = None) -> None:
        """Move to an instant, change pace, or both; 0 stands still."""
        self._anchor_ts = self.now() if now_ts is None else now_ts
        self._anchor = self._monotonic()
        if speed is not None:
            self.speed = speed

    def today(self) -> date:
        return ist(self.now()).date()


def midnight_ts(day: date) -> float:
    return datetime.combine(day, datetime.min.time(), IST).timestamp()


def instant_of(seek: Any, now_ts: float) -> float:
    """Epoch of `HH:MM[:SS]` on the day of `now_ts`, or the epoch given; raises ValueError."""
    if isinstance(seek, int | float):
        return float(seek)
    parts = [int(part) for part in str(seek).split(":")]
    if len(parts) not in (2, 3):
        raise ValueError(f"not a time of day: {seek}")
    hour, minute, second = (*parts, 0)[:3]
    return ist(now_ts).replace(hour=hour, minute=minute, second=second, microsecond=0).timestamp()
