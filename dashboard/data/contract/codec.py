"""What is written into the cache, and read from it: frames, the directory, the feed's health. JSON throughout.

A frame is columnar and ready for the browser: nobody computes a number from here on. Its bytes start with `{` and hold
no version, because the store gives that only when it is written; `with_version` puts it in front for the web.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date
from typing import Any, cast

import numpy as np
import orjson
from numpy.typing import NDArray

from dashboard.analytics.all_expiries import AllExpiries
from dashboard.analytics.chain_iv import IV_SOURCE_WORDS
from dashboard.analytics.enriched import LegNumbers
from dashboard.analytics.implied_vol import STATUS_WORDS
from dashboard.analytics.open_interest import BUILD_UP_WORDS
from dashboard.analytics.quotes import PriceSource
from dashboard.analytics.term_structure import TermStructure
from dashboard.data.contract.frame import Frame, LegColumns, RowColumns, TermColumns
from dashboard.data.contract.published import PublishedChain
from dashboard.market.chain import LEG_COLUMNS, POLL, STREAM, Array
from dashboard.market.instruments import Directory, Expiry, Side, Underlying, UnderlyingKind

QUANTITIES = frozenset({"bid_qty", "ask_qty", "volume", "oi", "oi_change", "prev_oi"})
PRICES = frozenset(
    {"ltp", "ltp_change", "bid", "ask", "price", "mid", "spread", "intrinsic", "time_value", "break_even", "straddle"}
)
TIMES = frozenset({"tick_ts", "oi_ts", "trade_ts"})
SOURCES: dict[int, str | None] = {int(STREAM): "stream", int(POLL): "chain poll"}
WORDS: dict[str, dict[int, str | None]] = {
    "iv_status": dict(enumerate(STATUS_WORDS)),
    "iv_source": IV_SOURCE_WORDS,
    "build_up": BUILD_UP_WORDS,
    "price_from": SOURCES,
    "oi_from": SOURCES,
    "price_source": {code.value: code.name.lower() for code in PriceSource},
}
NUMBER_COLUMNS = tuple(item.name for item in fields(LegNumbers))
ROW_COLUMNS = tuple(RowColumns.__annotations__)
UNIT_METRICS = frozenset(
    {
        "call_oi",
        "put_oi",
        "call_oi_change",
        "put_oi_change",
        "call_volume",
        "put_volume",
        "call_wall_oi",
        "put_wall_oi",
    }
)  # the only header numbers that are counts
SIGNIFICANT_DIGITS = 6
LARGEST = 1e15  # whatever is beyond is a mistake of the wire, hence unknown
_AS_OF = re.compile(rb'"as_of_ts":([0-9.]+)')
OPTIONS = orjson.OPT_SERIALIZE_NUMPY


def encode_frame(
    published: PublishedChain,
    *,
    demo: bool = False,
    term: TermStructure | None = None,
    totals: AllExpiries | None = None,
) -> bytes:
    """The frame of a published chain as JSON. Arguments as in `frame_of`."""
    return orjson.dumps(frame_of(published, demo=demo, term=term, totals=totals), option=OPTIONS)


def frame_of(
    published: PublishedChain,
    *,
    demo: bool = False,
    term: TermStructure | None = None,
    totals: AllExpiries | None = None,
) -> Frame:
    """The frame, with the term structure of its underlying and the totals over its expiries as far as they are known.

    NaN and infinite become null; prices have 2 decimals, IV and Greeks 6 significant digits.
    """
    enriched, chain = published.enriched, published.chain
    underlying, expiry = chain.underlying, chain.expiry
    shift_s = published.recorded_shift_s
    return {
        "key": chain.series.key,
        "underlying": underlying.name,
        "symbol": underlying.symbol,
        "exchange": underlying.exchange,
        "kind": underlying.kind.value,
        "expiry": expiry.date.isoformat(),
        "expiry_kind": expiry.kind,
        "expiry_ts": expiry.cutoff_ts,
        "lot_size": expiry.lot_size,
        "tick_size": underlying.tick_size,
        "as_of_ts": _rounded(chain.as_of_ts, 3),
        "market_ts": _rounded(chain.market_ts, 3),
        "recorded_ts": None if shift_s is None else _rounded(chain.market_ts - shift_s, 3),
        "state": published.state.value,
        "demo": demo,
        "rate": enriched.rate,
        "years_to_expiry": enriched.years_to_expiry,
        "expired": bool(chain.market_ts >= expiry.cutoff_ts),
        "day_count": enriched.day_count,
        "time_unit": enriched.time_unit,
        "spot": _rounded(chain.spot, 2),
        "spot_change": _rounded(chain.spot_change, 2),
        "spot_ts": _rounded(chain.spot_ts, 3),
        "future": _rounded(chain.future, 2),
        "future_expiry": None if chain.future_expiry is None else chain.future_expiry.isoformat(),
        "forward": _rounded(enriched.forward, 2),
        "forward_source": enriched.forward_source,
        "basis": _rounded(enriched.basis, 2),
        "atm_strike": _rounded(enriched.atm_strike, 2),
        "vix": _rounded(chain.vix, 2),
        "vix_change": _rounded(chain.vix_change, 2),
        "metrics": _metrics(enriched.metrics),
        "window_metrics": {str(reach): _metrics(values) for reach, values in enriched.window_metrics.items()},
        "coverage": enriched.coverage,
        "reasons": enriched.reasons,
        "all_expiries": None if totals is None else totals._asdict(),
        "day_move": None if published.day_move is None else asdict(published.day_move),
        "strikes": np.ascontiguousarray(chain.strikes),
        "old_after_s": published.old_after_s,
        "call": _leg_columns(published, Side.CALL),
        "put": _leg_columns(published, Side.PUT),
        "term": _term(term),
        "row": cast(RowColumns, {name: _column(name, getattr(enriched, name)) for name in ROW_COLUMNS}),
    }


def _term(term: TermStructure | None) -> TermColumns:
    """Columns by expiry, nearest first; empty when there is none."""
    if term is None:
        return {"expiries": [], "days": [], "atm_iv": [], "forward_vol": [], "as_of_ts": []}
    return {
        "expiries": [expiry.isoformat() for expiry in term.expiries],
        "days": (term.years * 365.0).round(2),
        "atm_iv": significant(term.atm_iv),
        "forward_vol": significant(term.forward_vol),
        "as_of_ts": term.as_of_ts.round(1),
    }


def with_version(raw: bytes, version: int) -> str:
    """The frame's text with its version as first member."""
    if raw[:1] != b"{":
        raise ValueError("not a frame")
    return f'{{"version":{version},{raw[1:].decode()}'


def as_of_ts(raw: bytes) -> float | None:
    """When the newest part of a frame arrived, without decoding the whole of it."""
    found = _AS_OF.search(raw, 0, 1_000)
    return float(found[1]) if found else None


def _leg_columns(published: PublishedChain, side: Side) -> LegColumns:
    legs, numbers = published.chain.legs(side), published.enriched.numbers(side)
    columns: dict[str, Any] = {"symbol": legs.symbol}
    columns |= {name: _column(name, getattr(legs, name)) for name in LEG_COLUMNS}
    columns |= {name: _column(name, getattr(numbers, name)) for name in NUMBER_COLUMNS}
    columns["old"] = published.old[0 if side is Side.CALL else 1].tolist()
    return cast(LegColumns, columns)


def _column(name: str, values: NDArray[Any]) -> Any:
    if name in WORDS:
        words = WORDS[name]
        return [words.get(code) for code in values.tolist()]
    known = np.abs(values) < LARGEST
    if name in QUANTITIES:
        if known.all():
            return values.astype(np.int64)
        return [int(value) if fine else None for value, fine in zip(values.tolist(), known.tolist(), strict=True)]
    values = np.where(known, values, np.nan)  # orjson writes NaN as null
    if name in PRICES:
        return values.round(2)
    return values.round(1) if name in TIMES else significant(values)


def significant(values: Array, digits: int = SIGNIFICANT_DIGITS) -> Array:
    """Rounded to significant digits; NaN stays. Values below 1e-200 become 0: no number of ours is that small."""
    with np.errstate(all="ignore"):
        size = np.abs(values)
        tiny = size < 1e-200
        exponent = np.floor(np.log10(np.where(tiny, 1.0, size)))
        scale = 10.0 ** (digits - 1 - exponent)
        return np.where(tiny, 0.0, np.round(values * scale) / scale)


def _rounded(value: float, digits: int) -> float | None:
    return round(float(value), digits) if abs(value) < LARGEST else None


def _metrics(values: Mapping[str, float | None]) -> dict[str, float | None]:
    return {name: _metric(name, value) for name, value in values.items()}


def _metric(name: str, value: float | None) -> float | int | None:
    if value is None or not abs(value) < LARGEST:
        return None
    return round(value) if name in UNIT_METRICS else float(f"{value:.8g}")


def encode_directory(directory: Directory) -> bytes:
    return orjson.dumps(
        {
            "underlyings": [asdict(underlying) for underlying in directory.underlyings],
            "without_options": directory.without_options,
        }
    )


def decode_directory(raw: bytes) -> Directory:
    """Raises ValueError, KeyError or TypeError for bytes that `encode_directory` did not make."""
    found = orjson.loads(raw)
    return Directory(
        underlyings=tuple(_underlying(**fields_) for fields_ in found["underlyings"]),
        without_options={exchange: tuple(names) for exchange, names in found["without_options"].items()},
    )


def _underlying(*, kind: str, expiries: list[dict[str, Any]], **given: Any) -> Underlying:
    listed = tuple(Expiry(**(expiry | {"date": date.fromisoformat(expiry["date"])})) for expiry in expiries)
    return Underlying(kind=UnderlyingKind(kind), expiries=listed, **given)


def encode_report(report: Mapping[str, Any]) -> bytes:
    """The feed's report, a series' problem, or another small mapping: a JSON object."""
    return orjson.dumps(report)


def decode_report(raw: bytes) -> dict[str, Any]:
    """Raises ValueError for anything but a JSON object."""
    found = orjson.loads(raw)
    if not isinstance(found, dict):
        raise ValueError("not a report")
    return found
