"""A chain: all rows of one series at one instant, held as columns.

OI unit for the whole code base: **units** (contracts x lot size), converted where broker rows are parsed.
Columns are float64 arrays of shape (n,), one element per strike, NaN where the value is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date

import numpy as np
from numpy.typing import NDArray

from dashboard.market.instruments import Expiry, Series, Side, Underlying

Array = NDArray[np.float64]

# Source of a number, a float because columns are.
STREAM, POLL = 1.0, 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Legs:
    """One side of a chain. symbol: (n,) broker symbols, None where the contract is not listed.

    ltp, ltp_change, bid, ask: rupees. volume, oi, oi_change, prev_oi, bid_qty, ask_qty: units. oi_change is against the
    previous day's close. tick_ts: when the stream or a poll last sent the price; oi_ts: when one last sent OI; both UTC
    epoch seconds on our clock. price_from, oi_from: the source, STREAM or POLL, NaN where there is none.
    trade_ts: the latest time at which the contract can have traded last, epoch seconds on the exchange's clock (that of
    `Chain.market_ts`); NaN where it never traded or is unknown. The stream sends it exactly; for a contract known from
    polls only, it is the moment at which its volume first arrived or last changed, and where the volume is 0 the
    beginning of the exchange's day (IST): an LTP there is of an earlier session.
    """

    symbol: tuple[str | None, ...]
    ltp: Array
    ltp_change: Array
    bid: Array
    ask: Array
    bid_qty: Array
    ask_qty: Array
    volume: Array
    oi: Array
    oi_change: Array
    prev_oi: Array
    tick_ts: Array
    oi_ts: Array
    price_from: Array
    oi_from: Array
    trade_ts: Array

    @classmethod
    def unknown(cls, count: int) -> Legs:
        """`count` legs without any known value."""
        columns = {name: np.full(count, np.nan) for name in LEG_COLUMNS}
        return cls(symbol=(None,) * count, **columns)


LEG_COLUMNS: tuple[str, ...] = tuple(item.name for item in fields(Legs) if item.name != "symbol")


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """All rows of one series at one instant.

    as_of_ts: our clock when the newest part arrived (NaN: none yet). market_ts: the exchange's clock at that moment;
    equal to as_of_ts live, the recorded time in a replay; years to expiry are measured from it. spot, spot_change,
    future, vix: rupees / points, NaN when unknown. future_expiry: the date on which that future expires; a monthly
    shows its own future or none, a weekly the nearest listed one. None without a future. strikes: (n,) rupees, strictly
    ascending.
    """

    underlying: Underlying
    expiry: Expiry
    as_of_ts: float
    market_ts: float
    strikes: Array
    call: Legs
    put: Legs
    spot: float = float("nan")
    spot_change: float = float("nan")
    spot_ts: float = float("nan")
    future: float = float("nan")
    future_expiry: date | None = None
    vix: float = float("nan")
    vix_change: float = float("nan")

    @property
    def series(self) -> Series:
        return Series(self.underlying.name, self.expiry.date)

    def legs(self, side: Side) -> Legs:
        return self.call if side is Side.CALL else self.put
