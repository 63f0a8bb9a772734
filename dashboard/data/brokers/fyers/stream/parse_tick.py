"""Parse stream messages into ticks. Only this module knows the socket's field names and positions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.market.tick import Tick

WRAP = 2**32
ABSENT = -(2**31)  # the wire's mark of an absent field

# Positions in the wire's records (decode.py keeps them as plain integers).
LTP = 0
SF_VOLUME, SF_TRADED, SF_TIME, SF_BID_QTY, SF_ASK_QTY, SF_BID, SF_ASK, SF_OI, SF_PREV_CLOSE = (
    1, 2, 3, 4, 5, 6, 7, 12, 20,
)  # fmt: skip
IF_PREV_CLOSE, IF_TIME = 1, 2
SF_FIELDS, IF_FIELDS = 21, 6

# Integers divided by these are the doubles nearest to the decimal price; other scales need rounding.
EXACT_DIVISORS = frozenset({1.0, 10.0, 100.0})

TickFields = tuple[Any, ...]  # the arguments of Tick, in order, as sent over the pipe


def tick_from_message(message: Mapping[str, Any], oi: int | None, received_ts: float) -> TickFields | None:
    """Fields of a Tick from one `sf` or `if` message of the SDK; None for any other type.

    The SDK removes OI from its messages, so it is passed separately, from the SDK's own state.
    """
    kind = message.get("type")
    if kind not in {"sf", "if"} or not message.get("symbol"):
        return None
    bid, ask = _price(message.get("bid_price")), _price(message.get("ask_price"))
    return (
        message["symbol"],
        received_ts,
        _price(message.get("ltp")),
        bid,
        ask,
        _quantity(message.get("bid_size")) if bid is not None else None,
        _quantity(message.get("ask_size")) if ask is not None else None,
        _quantity(message.get("vol_traded_today")),
        _quantity(oi) if kind == "sf" else None,
        _price(message.get("prev_close_price")),
        _time(message.get("exch_feed_time")),
        _time(message.get("last_traded_time")) if kind == "sf" else None,
    )


def tick_from_record(
    kind: str, symbol: str, values: Sequence[int], divisor: float, received_ts: float
) -> TickFields | None:
    """Fields of a Tick from one decoded record: raw integers by position, prices not yet divided.

    It has no function call per field, because it runs for every tick and would take twice as long.
    """
    is_security = kind == "sf"
    if is_security:
        ltp, bid, ask, prev_close = values[LTP], values[SF_BID], values[SF_ASK], values[SF_PREV_CLOSE]
    elif kind == "if":
        ltp, bid, ask, prev_close = values[LTP], 0, 0, values[IF_PREV_CLOSE]
    else:
        return None
    if divisor not in EXACT_DIVISORS:
        ltp, bid, ask, prev_close = (round(round(raw / divisor, 2) * 100) for raw in (ltp, bid, ask, prev_close))
        divisor = 100.0
    ltp_rupees = ltp / divisor if ltp > 0 else None
    prev_close_rupees = prev_close / divisor if prev_close > 0 else None
    if not is_security:
        exchange_ts = float(values[IF_TIME]) if values[IF_TIME] > 0 else None
        return symbol, received_ts, ltp_rupees, None, None, None, None, None, None, prev_close_rupees, exchange_ts, None
    bid_qty, ask_qty, volume, oi = values[SF_BID_QTY], values[SF_ASK_QTY], values[SF_VOLUME], values[SF_OI]
    return (
        symbol,
        received_ts,
        ltp_rupees,
        bid / divisor if bid > 0 else None,
        ask / divisor if ask > 0 else None,
        None if bid <= 0 else bid_qty if bid_qty >= 0 else _unwrapped(bid_qty),
        None if ask <= 0 else ask_qty if ask_qty >= 0 else _unwrapped(ask_qty),
        volume if volume >= 0 else _unwrapped(volume),
        oi if oi >= 0 else _unwrapped(oi),
        prev_close_rupees,
        float(values[SF_TIME]) if values[SF_TIME] > 0 else None,
        float(values[SF_TRADED]) if values[SF_TRADED] > 0 else None,
    )


def tick(fields: TickFields) -> Tick:
    """The Tick of fields that came over the pipe."""
    return Tick._make(fields)


def _price(value: Any) -> float | None:
    return (round(value, 2) or None) if isinstance(value, int | float) and value > 0 else None


def _quantity(value: Any) -> int | None:
    if not isinstance(value, int):
        return None
    return value + WRAP if value < 0 else value


def _unwrapped(raw: int) -> int | None:
    return raw + WRAP if raw != ABSENT else None


def _time(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and value > 0 else None
