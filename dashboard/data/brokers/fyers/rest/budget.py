"""One budget for all REST calls: paced, counted over restarts, refusing before FYERS would.

FYERS allows 10 a second, 200 a minute, 100,000 a day over all endpoints, and blocks the account for the day after
three breaches of the minute. So the limits here are lower, and a refusal by FYERS stops all calls for a while.
"""

from __future__ import annotations

import json
import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dashboard.data.brokers.protocol import BudgetMeter
from dashboard.market.errors import RequestRefused
from dashboard.market.session import IST_OFFSET_S, ist_date
from dashboard.private_files import replace_text

log = logging.getLogger(__name__)

MINUTE_S = 60.0
SAVE_EVERY_S = 2.0
# After the 1st, 2nd, ... refusal in a row: of the account, and of a server that only shows a maintenance page.
COOL_DOWNS_S = (60.0, 120.0, 300.0, 900.0)
PAGE_COOL_DOWNS_S = (5.0, 10.0, 15.0)


@dataclass(frozen=True, slots=True)
class Limits:
    """Calls we allow ourselves."""

    second: int = 8
    minute: int = 120
    day: int = 90_000


class CallBudget:
    """Thread-safe. `clock` is wall time (UTC epoch seconds), as the counts must mean the same after a restart."""

    def __init__(
        self,
        path: Path,
        limits: Limits | None = None,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.limits = limits or Limits()
        self._path = path
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._recent: deque[float] = deque()  # calls of the last minute
        self._day = ist_date(clock())
        self._today = 0
        self._cool_until_s = 0.0
        self._cool_down_s = 0.0  # the length of the one that runs: a clock set back must not make it longer
        self._refusals = 0
        self._saved_s = 0.0
        self._load()

    def spend(self, max_wait_s: float = 2.0) -> None:
        """Take one call, waiting up to `max_wait_s` for pace. Raises RequestRefused with the wait left."""
        give_up = self._clock() + max_wait_s
        while True:
            with self._lock:
                now = self._clock()
                wait = self._wait(now)
                if wait <= 0:
                    self._recent.append(now)
                    self._today += 1
                    self._save(now)
                    return
                cooling = now < self._cool_until_s
            if now + wait > give_up:
                reason = "FYERS asked for a pause" if cooling else "our own request budget is spent"
                raise RequestRefused(f"No request to FYERS for {math.ceil(wait)} s: {reason}.", wait)
            self._sleep(wait)

    def refused(self, retry_after_s: float | None = None, steps_s: Sequence[float] = COOL_DOWNS_S) -> float:
        """Note that FYERS refused a call: no calls until the cool-down ends. Gives its length in seconds."""
        with self._lock:
            step = steps_s[min(self._refusals, len(steps_s) - 1)]
            self._refusals += 1
            cool_down = max(step, retry_after_s or 0.0)
            now = self._clock()
            self._cool_down_s = max(self._cool_until_s - now, cool_down)
            self._cool_until_s = now + self._cool_down_s
            self._save(now, force=True)
            return cool_down

    def answered(self) -> None:
        """Note a good answer: the next refusal starts at the shortest cool-down again."""
        with self._lock:
            self._refusals = 0

    def meter(self) -> BudgetMeter:
        with self._lock:
            now = self._clock()
            self._wait(now)  # forgets what is past
            second = sum(1 for call in self._recent if call > now - 1.0)
            limits = self.limits
            return BudgetMeter(second, len(self._recent), self._today, limits.second, limits.minute, limits.day)

    def close(self) -> None:
        with self._lock:
            self._save(self._clock(), force=True)

    def _wait(self, now: float) -> float:
        """Seconds until a call is allowed; 0 when it is now."""
        recent, limits = self._recent, self.limits
        while recent and (recent[0] <= now - MINUTE_S or recent[0] > now + MINUTE_S):  # the latter: clock set back
            recent.popleft()
        day = ist_date(now)
        if day != self._day:
            self._day, self._today = day, 0
        self._cool_until_s = min(self._cool_until_s, now + self._cool_down_s)
        waits = [self._cool_until_s - now]
        if self._today >= limits.day:
            waits.append(_until_midnight(now))
        if len(recent) >= limits.minute:
            waits.append(recent[-limits.minute] + MINUTE_S - now)
        if len(recent) >= limits.second:
            waits.append(recent[-limits.second] + 1.0 - now)
        return max(0.0, *waits)

    def _load(self) -> None:
        now = self._clock()
        try:
            stored = json.loads(self._path.read_text(encoding="utf-8"))
            if stored["day"] == self._day.isoformat():
                self._today = int(stored["calls"])
            self._recent.extend(call for call in map(float, stored["recent"]) if now - MINUTE_S < call <= now)
            self._cool_until_s = min(float(stored["cool_until_s"]), now + COOL_DOWNS_S[-1])
            self._cool_down_s = max(0.0, self._cool_until_s - now)
        except (FileNotFoundError, NotADirectoryError):
            return
        except (OSError, ValueError, KeyError, TypeError):
            # Unknown is not zero: a minute of caution costs less than a blocked account.
            log.warning("The request counters in %s cannot be read; waiting out one minute.", self._path)
            self._cool_until_s, self._cool_down_s = now + MINUTE_S, MINUTE_S

    def _save(self, now: float, *, force: bool = False) -> None:
        if not force and 0 <= now - self._saved_s < SAVE_EVERY_S:
            return
        self._saved_s = now
        state = {
            "day": self._day.isoformat(),
            "calls": self._today,
            "recent": list(self._recent),
            "cool_until_s": self._cool_until_s,
        }
        try:
            replace_text(self._path, json.dumps(state))
        except OSError as error:
            log.warning("The request counters cannot be saved (%s).", error.strerror)


def _until_midnight(now: float) -> float:
    return 86_400 - (now + IST_OFFSET_S) % 86_400
