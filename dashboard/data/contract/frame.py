"""The schema of a frame: one published series as JSON, ready for the browser. `codec.frame_of` makes it.

No number is computed after this. Unknown is null. Rupees and index points unless stated otherwise; open interest
and volume in units; IV as an annual fraction; times UTC epoch seconds. A `Column` has one element per strike.
"""

from __future__ import annotations

from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64] | NDArray[np.int64] | list[Any]


class TermColumns(TypedDict):
    """Term structure of the underlying: a column each by expiry, nearest first. days: calendar days to the cutoff."""

    expiries: list[str]
    days: Column
    atm_iv: Column
    forward_vol: Column
    as_of_ts: Column


class RowColumns(TypedDict):
    """Numbers of a strike that belong to neither side; units as in `analytics.enriched.Enriched`."""

    otm_iv: Column
    strike_pcr: Column
    straddle: Column
    gex_crore: Column
    dex_crore: Column
    vanna_crore: Column
    charm_crore: Column
    touch_probability: Column
    max_pain_curve: Column


class LegColumns(TypedDict):
    """One side of the chain, as received (`market.chain.Legs`) and as computed (`analytics.enriched.LegNumbers`).

    price_from, oi_from: "stream", "chain poll" or null. price_source, iv_source, iv_status, build_up: names of those
    enumerations. old: no number is computed from this leg, because no source confirmed it for `Frame.old_after_s`.
    """

    symbol: tuple[str | None, ...]
    ltp: Column
    ltp_change: Column
    bid: Column
    ask: Column
    bid_qty: Column
    ask_qty: Column
    volume: Column
    oi: Column
    prev_oi: Column
    tick_ts: Column
    trade_ts: Column
    oi_ts: Column
    price_from: Column
    oi_from: Column
    price: Column
    price_source: Column
    mid: Column
    spread: Column
    iv: Column
    iv_lo: Column
    iv_hi: Column
    iv_status: Column
    iv_source: Column
    delta: Column
    gamma: Column
    theta: Column
    vega: Column
    vanna: Column
    volga: Column
    charm: Column
    intrinsic: Column
    time_value: Column
    break_even: Column
    itm_probability: Column
    ltp_change_percent: Column
    oi_change: Column
    oi_change_percent: Column
    build_up: Column
    old: list[bool]


class Frame(TypedDict):
    """key: `Series.key`. expiry, future_expiry: ISO dates. expiry_ts: the cutoff. as_of_ts: our clock when the newest
    part arrived; market_ts: the exchange's at that moment; recorded_ts: in a replay, as it was recorded.

    state: a `FeedState` value. forward_source: what the forward was taken from. metrics: header numbers, units in
    `analytics.metrics.UNITS`; window_metrics: the same over so many strikes each side of the ATM; coverage: metric ->
    (legs known, legs asked for); reasons: a sentence for each metric that is null. all_expiries:
    `analytics.all_expiries.AllExpiries`; day_move: `analytics.day_move.DayMove`. time_unit: the day of theta and charm.
    """

    key: str
    underlying: str
    symbol: str
    exchange: str
    kind: str
    expiry: str
    expiry_kind: str
    expiry_ts: float
    lot_size: int
    tick_size: float
    as_of_ts: float | None
    market_ts: float | None
    recorded_ts: float | None
    state: str
    demo: bool
    rate: float
    years_to_expiry: float
    expired: bool
    day_count: str
    time_unit: str
    spot: float | None
    spot_change: float | None
    spot_ts: float | None
    future: float | None
    future_expiry: str | None
    forward: float | None
    forward_source: str | None
    basis: float | None
    atm_strike: float | None
    vix: float | None
    vix_change: float | None
    metrics: dict[str, float | None]
    window_metrics: dict[str, dict[str, float | None]]
    coverage: dict[str, tuple[int, int]]
    reasons: dict[str, str]
    all_expiries: dict[str, Any] | None
    day_move: dict[str, Any] | None
    strikes: Column
    old_after_s: float | None
    call: LegColumns
    put: LegColumns
    term: TermColumns
    row: RowColumns
