"""Chains for tests of the numbers: a NIFTY month with a smile, exact or rounded to ticks, and ways to spoil it."""

import dataclasses
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.analytics import black76
from dashboard.market.chain import LEG_COLUMNS, Chain, Legs
from dashboard.market.instruments import Expiry, Underlying, UnderlyingKind

Array = npt.NDArray[np.float64]

NOW = 1_795_406_400.0  # 23 Nov 2026, 09:30 IST
DAY = 86_400.0
RATE = 0.065
FORWARD = 24_017.35
SPOT = 23_990.0
LOT = 65
TICK = 0.05


def smile(strikes: Array, forward: float = FORWARD) -> Array:
    """A skewed smile, 13 % at the money."""
    moneyness = np.log(strikes / forward)
    return 0.13 - 0.35 * moneyness + 2.0 * moneyness**2


def nifty_chain(
    strikes: Array | None = None,
    *,
    days: float = 9.0,
    rounded: bool = True,
    kind: str = "W",
    now: float = NOW,
    **overrides: Any,
) -> Chain:
    """Quotes one tick wide around Black-76 prices on a known forward and smile; parity holds up to rounding."""
    strikes = np.arange(22_500.0, 25_501.0, 50.0) if strikes is None else np.asarray(strikes, dtype=float)
    expiry = Expiry(date(2026, 12, 1), int(now + days * DAY), kind, LOT)
    underlying = Underlying("NIFTY", "NSE:NIFTY50-INDEX", "NSE", UnderlyingKind.INDEX, TICK, (expiry,))
    legs = {side: _legs(strikes, max(days, 1e-5) / 365, side == "call", rounded, now) for side in ("call", "put")}
    given: dict[str, Any] = {
        "underlying": underlying,
        "expiry": expiry,
        "as_of_ts": now,
        "market_ts": now,
        "strikes": strikes,
        "spot": SPOT,
        "future_expiry": expiry.date if kind == "M" and "future" in overrides else None,
        **legs,
    }
    return Chain(**(given | overrides))


def _legs(strikes: Array, years: float, is_call: bool, rounded: bool, now: float) -> Legs:
    fair = black76.price(FORWARD, strikes, years, RATE, smile(strikes), is_call)
    if rounded:
        fair = np.maximum(np.round(fair / TICK), 2.0) * TICK
    count = len(strikes)
    # Round numbers and the side's own wing attract OI, as they do on the exchange.
    lots = 2_000.0 * np.exp(-(((strikes - FORWARD) / 700.0 - (0.5 if is_call else -0.5)) ** 2)) + 10.0
    lots = np.floor(lots * np.where(strikes % 500 == 0, 3.0, 1.0))
    prev_lots = np.floor(lots * 0.9)
    columns = {name: np.full(count, np.nan) for name in LEG_COLUMNS} | {
        "ltp": fair,
        "ltp_change": np.full(count, -2.0 if is_call else 3.0),
        "bid": fair - TICK if rounded else fair - 1e-9,
        "ask": fair + TICK if rounded else fair + 1e-9,
        "volume": lots * 4 * LOT,
        "oi": lots * LOT,
        "prev_oi": prev_lots * LOT,
        "oi_change": (lots - prev_lots) * LOT,
        "tick_ts": np.full(count, now - 1.0),
        "oi_ts": np.full(count, now - 1.0),
        "trade_ts": np.full(count, now - 1.0),
    }
    return Legs(symbol=tuple(f"{strike:g}" for strike in strikes), **columns)


def with_leg(chain: Chain, side: str, **columns: Any) -> Chain:
    """The chain with columns of one side replaced; a mapping {position: value} changes single cells."""
    legs: Legs = getattr(chain, side)
    replaced: dict[str, Any] = {}
    for name, given in columns.items():
        if isinstance(given, dict):
            column = getattr(legs, name).copy()
            for position, value in given.items():
                column[position] = value
        else:
            column = np.broadcast_to(np.asarray(given, dtype=float), chain.strikes.shape).copy()
        replaced[name] = column
    sides: dict[str, Any] = {side: dataclasses.replace(legs, **replaced)}
    return dataclasses.replace(chain, **sides)
