"""The smallest broker that a board can run on: two CSV files over HTTP on loopback, and no login.

It exists to prove that `MarketData` is all a board needs. It shares nothing with the FYERS adapter.
"""

from __future__ import annotations

import csv
import io
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import numpy as np

from dashboard.data.brokers.protocol import BudgetMeter, StreamState, StreamStatus
from dashboard.data.brokers.registry import Broker
from dashboard.market.chain import LEG_COLUMNS, POLL, Chain, Legs
from dashboard.market.errors import ProviderUnavailable, UnknownExpiry
from dashboard.market.instruments import Contract, Directory, Expiry, Side, Underlying, UnderlyingKind
from dashboard.market.tick import Tick
from dashboard.settings import Settings

BROKER = Broker("CSV & Sons", "tests.wire.acceptance.csv_broker:CsvMarketData")
EVERY_S = 0.3
Row = dict[str, str]


class CsvMarketData:
    """`MarketData` from `instruments.csv` and `quotes.csv` below the settings' data address."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.data_url
        self._asked: list[float] = []
        self._instruments: list[Row] = []

    def directory(self) -> Directory:
        by_name: dict[str, list[Row]] = defaultdict(list)
        for row in self._listed():
            by_name[row["underlying"]].append(row)
        return Directory(tuple(_underlying(name, rows) for name, rows in by_name.items()), {"XSE": ("LONELY",)})

    def contracts(self, underlying: Underlying, expiry: Expiry) -> Sequence[Contract]:
        found = [
            Contract(row["contract"], float(row["strike"]), Side(row["side"]))
            for row in self._listed()
            if row["underlying"] == underlying.name and row["expiry"] == expiry.date.isoformat()
        ]
        if not found:
            raise UnknownExpiry(f"{underlying.name} {expiry.date} is not listed.")
        return found

    def future_symbol(self, underlying: Underlying, expiry: Expiry) -> str | None:
        return None

    def vix_symbol(self) -> str | None:
        return None

    def fetch_chain(self, underlying: Underlying, expiry: Expiry) -> Chain:
        contracts = self.contracts(underlying, expiry)
        quotes, now = self.quotes(), time.time()
        strikes = sorted({contract.strike for contract in contracts})
        spot = quotes[underlying.symbol]
        return Chain(
            underlying=underlying,
            expiry=expiry,
            as_of_ts=now,
            market_ts=now,
            strikes=np.array(strikes),
            call=_legs(contracts, Side.CALL, strikes, quotes, now),
            put=_legs(contracts, Side.PUT, strikes, quotes, now),
            spot=float(spot["ltp"]),
            spot_change=float(spot["ltp"]) - float(spot["prev_close"]),
            spot_ts=now,
        )

    def open_stream(self) -> CsvStream:
        return CsvStream(self)

    def budget(self) -> BudgetMeter:
        now = time.time()
        second, minute = (sum(now - asked < reach for asked in self._asked) for reach in (1.0, 60.0))
        return BudgetMeter(second, minute, len(self._asked), 100, 6_000, 1_000_000)

    def token_expires_ts(self) -> float | None:
        return None

    def rejects(self) -> Mapping[str, int]:
        return {}

    def market_open(self) -> bool | None:
        return True

    def recorded_shift_s(self) -> float | None:
        return None

    def close(self) -> None: ...

    def quotes(self) -> dict[str, Row]:
        self._asked.append(time.time())
        return {row["symbol"]: row for row in self._table("quotes.csv")}

    def _listed(self) -> list[Row]:
        self._instruments = self._instruments or self._table("instruments.csv")
        return self._instruments

    def _table(self, name: str) -> list[Row]:
        try:
            with urllib.request.urlopen(f"{self._url}/{name}", timeout=5) as answer:
                return list(csv.DictReader(io.StringIO(answer.read().decode())))
        except OSError as error:
            raise ProviderUnavailable(f"{name} cannot be had ({error}).") from error


class CsvStream:
    """`TickStream` by asking for all quotes again and again."""

    def __init__(self, source: CsvMarketData) -> None:
        self._source = source
        self._symbols: set[str] = set()
        self._due = 0.0
        self._state = StreamState.STARTING
        self._last: float | None = None

    def subscribe(self, symbols: Iterable[str]) -> None:
        self._symbols |= set(symbols)

    def ticks(self, timeout_s: float) -> Sequence[Tick]:
        time.sleep(max(0.0, min(timeout_s, self._due - time.monotonic())))
        if time.monotonic() < self._due or not self._symbols:
            return ()
        self._due = time.monotonic() + EVERY_S
        try:
            quotes = self._source.quotes()
        except ProviderUnavailable:
            self._state = StreamState.STALE
            return ()
        self._state, self._last = StreamState.LIVE, time.time()
        return [_tick(quotes[symbol], self._last) for symbol in sorted(self._symbols) if symbol in quotes]

    def recycle(self, symbols: Iterable[str]) -> None:
        self._symbols = set(symbols)

    def status(self) -> StreamStatus:
        return StreamStatus(self._state, last_frame_ts=self._last, subscribed=len(self._symbols))

    def close(self) -> None:
        self._symbols = set()


def _underlying(name: str, rows: Sequence[Row]) -> Underlying:
    expiries = {
        Expiry(date.fromisoformat(row["expiry"]), int(row["cutoff_ts"]), row["expiry_kind"], int(row["lot_size"]))
        for row in rows
    }
    listed = tuple(sorted(expiries, key=lambda expiry: expiry.date))
    return Underlying(name, rows[0]["symbol"], "XSE", UnderlyingKind.INDEX, 0.05, listed)


def _legs(
    contracts: Sequence[Contract], side: Side, strikes: Sequence[float], quotes: Mapping[str, Row], now: float
) -> Legs:
    legs = {contract.strike: contract.symbol for contract in contracts if contract.side is side}
    columns = {name: np.full(len(strikes), np.nan) for name in LEG_COLUMNS}
    for index, strike in enumerate(strikes):
        row = quotes.get(legs.get(strike, ""))
        if row is None:
            continue
        for name in ("ltp", "bid", "ask", "volume", "oi", "prev_oi"):
            columns[name][index] = float(row[name])
        columns["tick_ts"][index] = columns["oi_ts"][index] = now
        columns["price_from"][index] = columns["oi_from"][index] = POLL
        columns["trade_ts"][index] = now
    columns["oi_change"] = columns["oi"] - columns["prev_oi"]
    return Legs(symbol=tuple(legs.get(strike) for strike in strikes), **columns)


def _tick(row: Row, now: float) -> Tick:
    def number(name: str) -> float | None:
        return float(row[name]) if row[name] else None

    quantities = {name: None if (value := number(name)) is None else int(value) for name in ("volume", "oi")}
    prices = {name: number(name) for name in ("ltp", "bid", "ask", "prev_close")}
    return Tick(row["symbol"], now, **prices, **quantities)  # type: ignore[arg-type]
