"""What the servers ask of a market, be it the model or a recording."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dashboard.analytics.black76 import Greeks
from dashboard.sandbox.clock import Clock
from dashboard.sandbox.expiries import Expiry
from dashboard.sandbox.instruments import Instrument, Rows, Universe
from dashboard.sandbox.wire import Fields


@dataclass(frozen=True, slots=True)
class OptionGreeks:
    """Greeks and volatility of some rows; volatility as a fraction."""

    greeks: Greeks
    sigma: NDArray[np.float64]


class Market(Protocol):
    """Numbers by row, brought up to the clock on demand.

    `fields` holds one `sf` record per row in wire integers, ABSENT where nothing is known; an index uses the columns
    its `if` record selects. `prev_oi` is in units.
    """

    universe: Universe
    clock: Clock
    fields: Fields
    prev_oi: NDArray[np.int64]

    def refresh(self, rows: Rows) -> None:
        """Bring these rows of `fields` up to the clock."""

    def set_pace(self, multiplier: float) -> None:
        """Trade this many times as often as the market would by itself."""

    def natural_rate(self, rows: Rows) -> float:
        """Ticks a second these rows produce at pace 1."""

    def expiries(self, symbol: str) -> tuple[Expiry, ...]:
        """Expiries listed now for an underlying, ascending; empty when it has none."""

    def futures(self, symbol: str) -> tuple[Instrument, ...]:
        """Futures listed now, nearest first."""

    def greeks(self, rows: Rows) -> OptionGreeks | None:
        """Greeks of options, or None when the market has no model of them."""
