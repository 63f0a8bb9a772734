"""What FYERS sends, made by hand for tests: tokens, master rows, chain answers, socket frames.

Written from the documented layouts, not with the code under test.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from dashboard.data.brokers.fyers.symbols.contract import FyersContract
from dashboard.market.instruments import Expiry, Side, Underlying
from harness.builders import make_expiry, make_underlying

NOW = datetime(2026, 11, 23, 5, 30, tzinfo=UTC).timestamp()  # Monday, 11:00 IST
ABSENT = -(2**31)
INDEX_TOKEN, STOCK_TOKEN = "101000000026000", "10100000002885"


def master_row(
    symbol: str, token: str, *, expiry: int | str = "", root: str, strike: float = -1.0, side: str = "XX", **more: Any
) -> list[Any]:
    """One row of a symbol master, all 21 columns."""
    row = [
        token, symbol, more.get("instrument", 14), more.get("lot", 65), more.get("tick", 0.05), "", "0915-1540:",
        "2026-11-23", expiry, symbol, 10 if symbol.startswith("NSE") else 12, 11 if expiry else 10, token[10:], root,
        26000, strike, side, more.get("underlying", INDEX_TOKEN), "None", 0, 0.0,
    ]  # fmt: skip
    assert len(row) == 21
    return row


def csv_text(rows: Iterable[Sequence[Any]]) -> str:
    return "".join(",".join(str(cell) for cell in row) + "\n" for row in rows)


def derivative_rows(expiry: Expiry, strikes: Sequence[float], *, root: str = "NIFTY", **more: Any) -> list[list[Any]]:
    """Options of one series as master rows."""
    return [
        master_row(
            contract.symbol, contract.fy_token, expiry=expiry.cutoff_ts, root=root, strike=contract.strike,
            side="CE" if contract.side is Side.CALL else "PE", lot=expiry.lot_size, **more,
        )
        for contract in contracts(expiry, strikes, root=root)
    ]  # fmt: skip


def contracts(
    expiry: Expiry, strikes: Sequence[float], *, root: str = "NIFTY", exchange: str = "NSE"
) -> list[FyersContract]:
    """Calls and puts with tokens that carry the expiry's date, as FYERS' do."""
    segment = "1011" if exchange == "NSE" else "1211"
    month = (
        f"{expiry.date:%y%b}".upper()
        if expiry.kind == "M"
        else f"{expiry.date:%y}{_month_letter(expiry)}{expiry.date:%d}"
    )
    listed = []
    for number, strike in enumerate(strikes):
        for side, letters in ((Side.CALL, "CE"), (Side.PUT, "PE")):
            token = f"{segment}{expiry.date:%y%m%d}{40_000 + 2 * number + (side is Side.PUT)}"
            listed.append(FyersContract(f"{exchange}:{root}{month}{strike:g}{letters}", float(strike), side, token))
    return listed


def _month_letter(expiry: Expiry) -> str:
    return "123456789OND"[expiry.date.month - 1]


SERIES: tuple[Underlying, Expiry] = (make_underlying(symbol="NSE:NIFTY50-INDEX"), make_expiry())


def chain_row(contract: FyersContract, **numbers: Any) -> dict[str, Any]:
    """One option row of options-chain-v3; `numbers` replace or, when None, remove fields."""
    row: dict[str, Any] = {
        "symbol": contract.symbol, "fyToken": contract.fy_token, "strike_price": contract.strike,
        "option_type": "CE" if contract.side is Side.CALL else "PE", "ltp": 101.35, "ltpch": -3.15, "ltpchp": -3.0,
        "bid": 101.3, "ask": 101.4, "oi": 6500, "oich": -130, "oichp": -2.0, "prev_oi": 6630, "volume": 130_000,
    }  # fmt: skip
    return {name: value for name, value in (row | numbers).items() if value is not None}


def chain_answer(rows: Iterable[dict[str, Any]], *, spot: float = 24_010.05, **data: Any) -> dict[str, Any]:
    """An options-chain-v3 answer; the underlying's row is deliberately not first."""
    underlying = {
        "option_type": "", "strike_price": -1, "symbol": "NSE:NIFTY50-INDEX", "ltp": spot, "ltpch": 12.1,
        "fp": 24_050.0,
    }  # fmt: skip
    body = {
        "callOi": 1, "putOi": 1, "expiryData": [], "indiavixData": {"ltp": 13.15, "ltpch": -0.2},
        "optionsChain": [*rows, underlying],
    }  # fmt: skip
    return {"s": "ok", "code": 200, "message": "", "data": body | data}


def frame(*records: bytes, number: int = 1, count: int | None = None) -> bytes:
    """A data frame (type 6) around records."""
    body = bytes([6]) + struct.pack(">IH", number, len(records) if count is None else count) + b"".join(records)
    return struct.pack(">H", len(body)) + body


def snapshot(topic_id: int, name: str, values: Sequence[int], *, multiplier: int = 1, precision: int = 2) -> bytes:
    texts = b"".join(bytes([len(text)]) + text.encode() for text in ("NSE", "26000", "NIFTY"))
    head = b"S" + struct.pack("=H", topic_id) + bytes([len(name)]) + name.encode() + bytes([len(values)])
    return head + struct.pack(f">{len(values)}i", *values) + b"\0\0" + struct.pack(">HB", multiplier, precision) + texts


def update(topic_id: int, values: Sequence[int]) -> bytes:
    return b"U" + struct.pack("=H", topic_id) + bytes([len(values)]) + struct.pack(f">{len(values)}i", *values)


def lite(topic_id: int, ltp: int) -> bytes:
    return b"L" + struct.pack("=H", topic_id) + struct.pack(">i", ltp)
