"""The published numbers of the market, with forced trades and faults applied."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np

from dashboard.sandbox.faults import Faults
from dashboard.sandbox.instruments import Kind, Rows
from dashboard.sandbox.market import Market
from dashboard.sandbox.wire import ABSENT, ASK, BID, FEED_TIME, LAST_TRADED_TIME, LTP, OI, VOLUME, Fields

# Field names of POST /sandbox/trade -> column, and whether it is a price.
FORCEABLE: dict[str, tuple[int, bool]] = {
    "ltp": (LTP, True),
    "bid": (BID, True),
    "ask": (ASK, True),
    "oi": (OI, False),
    "volume": (VOLUME, False),
    "feed_time": (FEED_TIME, False),
    "traded_time": (LAST_TRADED_TIME, False),
}


@dataclass(slots=True)
class _Forced:
    value: int
    until: float
    model_value: int


@dataclass(slots=True)
class Tape:
    """Reads the market for both REST and socket, so that they never disagree."""

    market: Market
    faults: Faults
    _forced: dict[tuple[int, int], _Forced] = field(default_factory=dict)
    _interleave: bool = False

    def read(self, rows: Rows) -> Fields:
        """Fields of these rows now, (n, 21)."""
        self.market.refresh(rows)
        values = self.market.fields[rows]
        if self._forced:
            self._lay_forced(rows, values)
        self._lay_faults(rows, values)
        return values

    def force(self, row: int, column: int, value: int, hold_s: float) -> None:
        """Show `value` for at least `hold_s`, and then until the market itself changes the field."""
        current = int(self.market.fields[row, column])
        # The wire has 32 bits, signed; a larger quantity overflows there, and here too.
        wrapped = (value + 2**31) % 2**32 - 2**31
        self._forced[row, column] = _Forced(wrapped, time.monotonic() + hold_s, current)

    def release(self) -> None:
        self._forced.clear()

    @property
    def forced_count(self) -> int:
        return len(self._forced)

    def _lay_forced(self, rows: Rows, values: Fields) -> None:
        now = time.monotonic()
        for (row, column), forced in list(self._forced.items()):
            for position in np.flatnonzero(rows == row):
                shown = int(values[position, column])
                if now < forced.until:
                    forced.model_value = shown
                elif shown != forced.model_value:
                    self._forced.pop((row, column), None)
                    continue
                values[position, column] = forced.value

    def _lay_faults(self, rows: Rows, values: Fields) -> None:
        spike = self.faults.active("spot_spike")
        if spike is not None:
            struck = self._index_positions(rows, spike.get("symbol"))
            struck = struck[values[struck, LTP] != ABSENT]
            values[struck, LTP] = values[struck, LTP] * float(spike.get("factor", 1.1))
        mixed = self.faults.active("index_interleaving")
        if mixed is not None:
            self._interleave = not self._interleave
            symbol = mixed.get("symbol", "NSE:NIFTY50-INDEX")
            struck = self._index_positions(rows, symbol)
            if self._interleave and len(struck) and self.market.expiries(symbol):
                values[struck, LTP] = self._some_premium(symbol)

    def _index_positions(self, rows: Rows, symbol: str | None) -> Rows:
        instruments = self.market.universe.instruments
        return np.array(
            [
                position
                for position, row in enumerate(rows)
                if instruments[row].kind is Kind.INDEX and symbol in (None, instruments[row].symbol)
            ],
            np.intp,
        )

    def _some_premium(self, symbol: str) -> int:
        series = self.market.universe.series[symbol][self.market.expiries(symbol)[0].day]
        rows = series.calls[len(series.calls) // 2 :][:1]
        self.market.refresh(rows)
        return int(self.market.fields[rows[0], LTP])
