"""Reading one symbol master: headerless CSV, 21 columns, up to 80,000 rows, of which most are kept as contracts.

A file with malformed rows, a wrong column count, no future expiry or none of the required names is rejected as a
whole.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path

from dashboard.data.brokers.fyers.symbols.contract import FyersContract
from dashboard.data.brokers.fyers.symbols.master import MasterRejected
from dashboard.market.instruments import Side
from dashboard.market.session import IST

# Columns, as FYERS documents them.
FY_TOKEN, INSTRUMENT_TYPE, LOT_SIZE, TICK_SIZE, EXPIRY, TICKER = 0, 2, 3, 4, 8, 9
UNDERLYING, STRIKE, OPTION_TYPE, UNDERLYING_TOKEN = 13, 15, 16, 17
MIN_COLUMNS = 18  # three reserved ones follow, and FYERS has changed their number before
MAX_BAD_SHARE = 0.01

EQUITY = "0"  # instrument type of a share in the cash masters
SIDES = {"CE": Side.CALL, "PE": Side.PUT}
MONTH = re.compile(r"\d\d(JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)")
MUST_HOLD = {"NSE": {"NIFTY", "BANKNIFTY"}, "BSE": {"SENSEX", "BANKEX"}}

SeriesKey = tuple[str, int]  # root, cutoff_ts


@dataclass(slots=True)
class Derivatives:
    """Options and futures of one exchange. Keys: root as the master spells it, and the expiry's epoch."""

    exchange: str
    contracts: dict[SeriesKey, list[FyersContract]] = field(default_factory=dict)
    lots: dict[SeriesKey, int] = field(default_factory=dict)
    kinds: dict[SeriesKey, str] = field(default_factory=dict)  # "W" or "M"
    futures: dict[SeriesKey, tuple[str, str]] = field(default_factory=dict)  # symbol, fy_token
    ticks: dict[str, float] = field(default_factory=dict)
    underlying_tokens: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Cash:
    """Shares and indices of one exchange. equities: names of shares."""

    exchange: str
    symbols: dict[str, str] = field(default_factory=dict)  # fy_token -> symbol
    equities: set[str] = field(default_factory=set)


def read_derivatives(path: Path, exchange: str, today: date) -> Derivatives:
    """Contracts that expire today or later. Raises MasterRejected, OSError."""
    master = Derivatives(exchange)
    midnight_ts = datetime.combine(today, time(), IST).timestamp()

    def take(row: list[str]) -> None:
        cutoff = int(float(row[EXPIRY]))
        if cutoff < midnight_ts:
            return
        symbol, root, key = row[TICKER], row[UNDERLYING], (row[UNDERLYING], cutoff)
        side = SIDES.get(row[OPTION_TYPE])
        if side is None:
            master.futures.setdefault(key, (symbol, row[FY_TOKEN]))
            return
        contract = FyersContract(symbol, float(row[STRIKE]), side, row[FY_TOKEN])
        listed = master.contracts.get(key)
        if listed is not None:
            listed.append(contract)
            return
        master.contracts[key] = [contract]
        master.lots[key] = int(float(row[LOT_SIZE]))
        master.kinds[key] = expiry_kind(symbol, root)
        if root not in master.ticks:
            master.ticks[root] = float(row[TICK_SIZE])
            master.underlying_tokens[root] = row[UNDERLYING_TOKEN]

    _read(path, exchange, take)
    if not master.contracts:
        raise MasterRejected("no contract that expires in the future")
    if not MUST_HOLD[exchange] & set(master.ticks):
        raise MasterRejected(f"no options on {' or '.join(sorted(MUST_HOLD[exchange]))}")
    return master


def read_cash(path: Path, exchange: str) -> Cash:
    """Shares and indices. Raises MasterRejected, OSError."""
    master = Cash(exchange)

    def take(row: list[str]) -> None:
        symbol = row[TICKER]
        if symbol.endswith("-INDEX"):
            master.symbols[row[FY_TOKEN]] = symbol
        elif row[INSTRUMENT_TYPE] == EQUITY:
            master.symbols[row[FY_TOKEN]] = symbol
            master.equities.add(row[UNDERLYING])

    _read(path, exchange, take)
    if not master.symbols:
        raise MasterRejected("no shares and no indices")
    return master


def expiry_kind(symbol: str, root: str) -> str:
    """ "M" when the symbol has the monthly form `NIFTY26NOV…`, "W" for the weekly one `NIFTY26N10…`."""
    tail = symbol.partition(":")[2].removeprefix(root)
    return "M" if MONTH.match(tail) else "W"


def _read(path: Path, exchange: str, take: Callable[[list[str]], None]) -> None:
    rows = bad = 0
    last_bad = False
    for row in _rows(path):
        rows += 1
        last_bad = False
        try:
            if len(row) < MIN_COLUMNS or not row[TICKER].startswith(f"{exchange}:") or not row[FY_TOKEN].isdigit():
                raise ValueError
            take(row)
        except ValueError:
            bad, last_bad = bad + 1, True
    if rows == 0:
        raise MasterRejected("empty file")
    if last_bad:
        raise MasterRejected("cut off in its last row")
    if bad > rows * MAX_BAD_SHARE:
        raise MasterRejected(f"{bad:,} of {rows:,} rows are malformed")


def _rows(path: Path) -> Iterator[list[str]]:
    try:
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            yield from csv.reader(file)
    except csv.Error as error:
        raise MasterRejected(f"not CSV ({error})") from None
