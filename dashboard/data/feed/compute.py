"""The numbers of a chain, by the settings of this board and the calendar of its market."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.analytics.day_move import DayMove
from dashboard.analytics.daycount import sessions_until
from dashboard.analytics.enrich import enrich
from dashboard.analytics.enriched import Enriched
from dashboard.data.cache.store import Store
from dashboard.data.feed.day_move import DayMoves
from dashboard.market.calendar import MarketCalendar
from dashboard.market.chain import Array, Chain, Legs
from dashboard.market.session import ist_date
from dashboard.settings import Settings

SESSIONS_KEPT = 500  # counts of sessions, by day and cutoff


class Computation:
    """Enriches chains. day_moves: each underlying's expected move of the session, fixed by the day's first chain."""

    def __init__(self, store: Store, settings: Settings, calendar: MarketCalendar | None) -> None:
        """calendar: hours and holidays, for the time of the last close, and where time to expiry counts sessions."""
        self._settings, self._calendar = settings, calendar
        self._sessions_known: dict[tuple[date, float], Array] = {}
        self.day_moves = DayMoves(store, self._sessions, always_open=settings.demo or settings.replay)

    def enriched(self, chain: Chain, *, closed: bool, old: NDArray[np.bool_] | None = None) -> Enriched:
        """Compute the chain as if nothing were known of its old legs; their last values stay on screen, dated."""
        settings = self._settings
        sessions = self._sessions(chain.market_ts, chain.expiry.cutoff_ts) if settings.day_count == "trading" else None
        calculated = chain if old is None or not old.any() else without(chain, old)
        now_ts = self._traded_until(chain) if closed else chain.market_ts

        def numbers(fixed: DayMove | None) -> Enriched:
            return enrich(
                calculated,
                rate=settings.rate,
                now_ts=now_ts,
                dealer_long_calls=settings.dealer_long_calls,
                trading_sessions=sessions,
                day_move=math.nan if fixed is None else fixed.rupees,
            )

        before = self.day_moves.today(chain.underlying.name, chain.market_ts)
        enriched = numbers(before)
        self.day_moves.note(enriched)
        fixed = self.day_moves.today(chain.underlying.name, chain.market_ts)
        return replace(enriched if fixed is before else numbers(fixed), chain=chain)

    def _sessions(self, market_ts: float, cutoff_ts: float) -> Array:
        """Sessions between the two, which are the same at every moment of a day: counted once."""
        if not math.isfinite(market_ts):
            return sessions_until(market_ts, cutoff_ts, self._calendar)
        asked = ist_date(market_ts), cutoff_ts
        if asked not in self._sessions_known:
            if len(self._sessions_known) >= SESSIONS_KEPT:
                self._sessions_known.clear()
            self._sessions_known[asked] = sessions_until(market_ts, cutoff_ts, self._calendar)
        return self._sessions_known[asked]

    def _traded_until(self, chain: Chain) -> float:
        """The last close, against which the age of a last trade counts when the market is closed.

        By the calendar; by the chain's own last trade where that keeps no hours of this market (the demo, a replay),
        and where it calls a day a session on which nothing was traded (a holiday that it does not know).
        """
        trades = np.concatenate((chain.call.trade_ts, chain.put.trade_ts))
        last_ts = float(np.nanmax(trades)) if np.isfinite(trades).any() else chain.market_ts
        if self._calendar is None or self._settings.demo or self._settings.replay:
            return last_ts
        close_ts = self._calendar.last_close(chain.market_ts)
        return last_ts if close_ts is None or ist_date(last_ts) != ist_date(close_ts) else close_ts


def without(chain: Chain, old: NDArray[np.bool_]) -> Chain:
    """The chain with the prices and quantities of these legs unknown. old: (2, n), calls then puts."""
    unknown = dict.fromkeys(("bid", "ask", "bid_qty", "ask_qty", "volume", "oi", "oi_change"), math.nan)
    blanks = unknown | {"trade_ts": 0.0, "tick_ts": 0.0}  # an LTP of long ago: its status then says that it is old

    def blanked(legs: Legs, rows: NDArray[np.bool_]) -> Legs:
        columns: Any = {name: np.where(rows, blank, getattr(legs, name)) for name, blank in blanks.items()}
        return replace(legs, **columns)

    return replace(chain, call=blanked(chain.call, old[0]), put=blanked(chain.put, old[1]))
