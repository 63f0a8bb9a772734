"""One update of one symbol, in our terms. An unknown value is None, never 0."""

from __future__ import annotations

from typing import NamedTuple


class Tick(NamedTuple):
    """The latest state of one symbol as the stream sent it (fields are cumulative, not deltas).

    Prices in rupees, quantities and OI in units, times in UTC epoch seconds. `received_ts` is our own clock at the
    socket; `exchange_ts` is the broker's. `prev_close` is the previous session's close; `trade_ts` is when the symbol
    last traded, on the exchange's clock, None where the broker does not send it.

    A tuple because thousands are made in a second: a frozen dataclass takes five times as long to build.
    """

    symbol: str
    received_ts: float
    ltp: float | None = None
    bid: float | None = None
    ask: float | None = None
    bid_qty: int | None = None
    ask_qty: int | None = None
    volume: int | None = None
    oi: int | None = None
    prev_close: float | None = None
    exchange_ts: float | None = None
    trade_ts: float | None = None
