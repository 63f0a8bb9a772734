"""What the feed hands to its sinks: one series at the moment it was published."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dashboard.analytics.day_move import DayMove
from dashboard.analytics.enriched import Enriched
from dashboard.market.chain import Chain
from dashboard.market.instruments import Series
from dashboard.market.session import FeedState


@dataclass(frozen=True, slots=True, eq=False)
class PublishedChain:
    """Everything that a frame, a recording or an alert rule is made from.

    enriched: the chain as received, and the numbers computed from those of its legs that are not old. version: grows
    with every publication of the series, over restarts of the feed as well. published_ts: our clock, UTC epoch seconds.
    day_move: the session's expected move, None while it has not been priced. old: (2, n), calls then puts, True for
    legs that no source had confirmed for `old_after_s` seconds when the newest part of the chain arrived.
    recorded_shift_s: in a replay, from the recorded day to the one it is played on; None live.
    """

    enriched: Enriched
    state: FeedState
    version: int
    published_ts: float
    old: NDArray[np.bool_]
    old_after_s: float
    day_move: DayMove | None = None
    recorded_shift_s: float | None = None

    @property
    def chain(self) -> Chain:
        return self.enriched.chain

    @property
    def series(self) -> Series:
        return self.enriched.chain.series
