"""The numbers of a live chain, with the session's expected move fixed by the day's first chain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dashboard.analytics.enriched import Enriched
from dashboard.data.cache.store import Store
from dashboard.data.contract.numbers import Numbers
from dashboard.data.feed.day_move import DayMoves
from dashboard.market.calendar import MarketCalendar
from dashboard.market.chain import Chain
from dashboard.settings import Settings


class Computation:
    """Enriches chains. day_moves: each underlying's expected move of the session."""

    def __init__(self, store: Store, settings: Settings, calendar: MarketCalendar | None) -> None:
        """calendar: as for `Numbers`."""
        self._numbers = Numbers(settings, calendar)
        self.day_moves = DayMoves(store, self._numbers.sessions, always_open=settings.demo or settings.replay)

    def enriched(self, chain: Chain, *, closed: bool, old: NDArray[np.bool_] | None = None) -> Enriched:
        """The chain's numbers; the first chain of a day is computed twice, because it prices the day itself."""
        name, market_ts = chain.underlying.name, chain.market_ts
        before = self.day_moves.today(name, market_ts)
        enriched = self._numbers.enriched(chain, closed=closed, old=old, day_move=before)
        self.day_moves.note(enriched)
        fixed = self.day_moves.today(name, market_ts)
        return enriched if fixed is before else self._numbers.enriched(chain, closed=closed, old=old, day_move=fixed)
