"""Half an hour of the generated day as it would have been published: two series, a chain a minute."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.data.contract.published import PublishedChain
from dashboard.data.history.recorder import Recorder
from dashboard.market.chain import LEG_COLUMNS, POLL, Array, Chain, Legs
from dashboard.market.instruments import Expiry, Side, Underlying
from dashboard.market.session import IST
from harness.builders import make_expiry, make_published, make_underlying, option_symbol
from tests.generated_day import EXPIRIES, every_minute, rows

FIRST, LAST = "09:20:00", "09:50:00"


def published() -> Iterator[PublishedChain]:
    """Ascending in time; contracts that never traded have no LTP, MIDCPNIFTY has no spot."""
    moments = every_minute(FIRST, LAST)[1:]
    for (when, name), group in groupby(rows(moments), key=lambda row: (row["time_ist"], row["underlying"])):
        yield make_published(_chain(str(name), str(when), list(group)))


def record(directory: Path) -> list[PublishedChain]:
    """Record the half hour; gives what was published."""
    recorder = Recorder(directory, keep_days=3650, demo=True, software="test")
    chains = list(published())
    for chain in chains:
        recorder.take(chain)
        recorder.flush()
    recorder.close()
    return chains


def _chain(name: str, when: str, group: list[dict[str, Any]]) -> Chain:
    at_ts = datetime.fromisoformat(when).replace(tzinfo=IST).timestamp()
    day: date = EXPIRIES[name]
    expiry = make_expiry(day)
    underlying = make_underlying(name, expiries=(expiry,))
    spot = float(group[0]["spot"]) or float("nan")
    call, put = (_legs(underlying, expiry, side, group, at_ts) for side in (Side.CALL, Side.PUT))
    strikes = np.array([row["strike"] for row in group])
    return Chain(underlying, expiry, at_ts - 0.25, at_ts, strikes, call, put, spot=spot, spot_ts=at_ts)


def _legs(underlying: Underlying, expiry: Expiry, side: Side, group: list[dict[str, Any]], at_ts: float) -> Legs:
    count = len(group)
    unknown: Array = np.full(count, np.nan)
    known = {name: np.array([float(row[f"{side}_{name}"]) for row in group]) for name in ("ltp", "oi", "volume")}
    columns: dict[str, Array] = dict.fromkeys(LEG_COLUMNS, unknown)
    columns |= known | {
        "ltp": np.where(known["ltp"] > 0, known["ltp"], np.nan),
        "tick_ts": np.full(count, at_ts),
        "oi_ts": np.full(count, at_ts - 30.5),
        "price_from": np.full(count, POLL),
        "oi_from": np.full(count, POLL),
        "trade_ts": np.where(known["volume"] > 0, at_ts, np.nan),
    }
    symbols = tuple(option_symbol(underlying, expiry, float(row["strike"]), side) for row in group)
    return Legs(symbol=symbols, **columns)
