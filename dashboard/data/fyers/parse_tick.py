"""Stream messages into ticks. The field names and positions of the socket are known here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.market.tick import Tick

WRAP = 2**32
ABSENT = -(2**31)  # the wire's "not told"

# Positions in the wire's records (decode.py keeps them as plain integers).
LTP = 0
SF_VOLUME, SF_TIME, SF_BID_QTY, SF_ASK_QTY, SF_BID, SF_ASK, SF_OI, SF_PREV_CLOSE = 1, 3, 4, 5, 6, 7, 12, 20
IF_PREV_CLOSE, IF_TIME = 1, 2
SF_FIELDS, IF_FIELDS = 21, 6

TickFields = tuple[Any, ...]  # the arguments of Tick, in order: what goes over the pipe


def tick_from_message(message: Mapping[str, Any], oi: int | None, received_ts: float) -> TickFields | None:
    """Fields of a Tick from one `sf` or `if` message of the SDK; None for any other type.

    The SDK removes OI from its messages, so it comes separately, out of the SDK's own state.
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
    )


def tick_from_record(
    kind: str, symbol: str, values: Sequence[int], divisor: float, received_ts: float
) -> TickFields | None:
    """Fields of a Tick from one decoded record: raw integers by position, prices still to be divided."""
    if kind == "sf":
        bid, ask = _scaled(values[SF_BID], divisor), _scaled(values[SF_ASK], divisor)
        return (
            symbol,
            received_ts,
            _scaled(values[LTP], divisor),
            bid,
            ask,
            _told(values[SF_BID_QTY]) if bid is not None else None,
            _told(values[SF_ASK_QTY]) if ask is not None else None,
            _told(values[SF_VOLUME]),
            _told(values[SF_OI]),
            _scaled(values[SF_PREV_CLOSE], divisor),
            float(values[SF_TIME]) if values[SF_TIME] > 0 else None,
        )
    if kind == "if":
        return (
            symbol,
            received_ts,
            _scaled(values[LTP], divisor),
            None,
            None,
            None,
            None,
            None,
            None,
            _scaled(values[IF_PREV_CLOSE], divisor),
            float(values[IF_TIME]) if values[IF_TIME] > 0 else None,
        )
    return None


def tick(fields: TickFields) -> Tick:
    """The Tick of fields that came over the pipe."""
    return Tick(*fields)


def _price(value: Any) -> float | None:
    return (round(value, 2) or None) if isinstance(value, int | float) and value > 0 else None


def _scaled(raw: int, divisor: float) -> float | None:
    return (round(raw / divisor, 2) or None) if raw > 0 else None


def _quantity(value: Any) -> int | None:
    if not isinstance(value, int):
        return None
    return value + WRAP if value < 0 else value


def _told(raw: int) -> int | None:
    if raw >= 0:
        return raw
    return raw + WRAP if raw != ABSENT else None


def _time(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and value > 0 else None
