"""Previous closes, frozen for the session: a change that reads 0 after the close because the base rolled is wrong."""

from __future__ import annotations

from datetime import date, time

import numpy as np

from dashboard.market.chain import Array
from dashboard.market.session import ist

# Before the open a broker may still give the close of the day before yesterday, so until then the newest value counts.
FREEZE_FROM = time(9, 15)


class SessionCloses:
    """The previous close of each of `count` symbols, as first received in the session that is running (IST date)."""

    def __init__(self, count: int) -> None:
        self._day: date | None = None
        self._closes = np.full(count, np.nan)

    def settle(self, received: Array, market_ts: float) -> Array:
        """The closes to measure from. received: (count,) rupees, NaN where none came; market_ts may be NaN too."""
        if not np.isfinite(market_ts):
            return received
        now = ist(market_ts)
        if now.date() != self._day:
            self._day = now.date()
            self._closes = np.full_like(received, np.nan)
        if now.time() < FREEZE_FROM:
            self._closes = np.where(np.isfinite(received), received, self._closes)
        else:
            self._closes = np.where(np.isfinite(self._closes), self._closes, received)
        return self._closes
