"""The universe: underlyings, their expiries and contracts, and the token of every symbol, from the symbol masters."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from pathlib import Path

from dashboard.data.brokers.fyers.endpoints import INDEX_MAP_FILE, bundled_index_names
from dashboard.data.brokers.fyers.symbols.contract import FyersContract
from dashboard.data.brokers.fyers.symbols.master import MasterFolder, MasterRejected
from dashboard.data.brokers.fyers.symbols.master_csv import Cash, Derivatives, read_cash, read_derivatives
from dashboard.market.errors import ProviderUnavailable, UnknownExpiry
from dashboard.market.expiries import without_past_expiries
from dashboard.market.instruments import Directory, Expiry, Underlying, UnderlyingKind
from dashboard.market.session import ist_date

log = logging.getLogger(__name__)

EXCHANGES = ("NSE", "BSE")
MASTER_FILES = tuple(f"{exchange}_{segment}.csv" for exchange in EXCHANGES for segment in ("CM", "FO"))
VIX = "NSE:INDIAVIX-INDEX"

# Only for a cash master that lacks its index rows: option root -> symbol of the index.
INDEX_SYMBOLS = {
    ("NSE", "NIFTY"): "NSE:NIFTY50-INDEX",
    ("NSE", "BANKNIFTY"): "NSE:NIFTYBANK-INDEX",
    ("NSE", "FINNIFTY"): "NSE:FINNIFTY-INDEX",
    ("NSE", "MIDCPNIFTY"): "NSE:MIDCPNIFTY-INDEX",
    ("NSE", "NIFTYNXT50"): "NSE:NIFTYNXT50-INDEX",
    ("BSE", "SENSEX"): "BSE:SENSEX-INDEX",
    ("BSE", "BANKEX"): "BSE:BANKEX-INDEX",
}
SEGMENT_OF_INDICES = {"NSE": "1010", "BSE": "1210"}


class Universe:
    """All instruments of one day; strikes that are listed during the day are added from the chains."""

    def __init__(
        self,
        derivatives: dict[str, Derivatives],
        cash: dict[str, Cash],
        index_names: dict[str, str],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.index_names = index_names
        self._clock = clock
        self._contracts: dict[tuple[str, int], list[FyersContract]] = {}
        self._futures: dict[tuple[str, date], str] = {}
        self._tokens: dict[str, str] = {}
        for listed in cash.values():
            self._tokens.update((symbol, token) for token, symbol in listed.symbols.items())
        underlyings: list[Underlying] = []
        roots = {exchange: set(master.ticks) for exchange, master in derivatives.items()}
        for exchange, master in derivatives.items():
            for root in sorted(master.ticks):
                name = f"BSE:{root}" if exchange == "BSE" and root in roots.get("NSE", ()) else root
                symbol = self._underlying_symbol(exchange, root, master, cash.get(exchange))
                if symbol is None:
                    log.warning("The underlying of %s options on %s is not listed; left out.", root, exchange)
                    continue
                underlyings.append(self._underlying(name, symbol, root, master))
        self._underlyings = tuple(sorted(underlyings, key=_listing_order))
        self._without_options = {
            exchange: tuple(sorted(listed.equities - roots.get(exchange, set()))) for exchange, listed in cash.items()
        }
        self._directory: Directory | None = None
        self._directory_day: date | None = None

    def directory(self) -> Directory:
        """The directory of today."""
        now = self._clock()
        if self._directory is None or self._directory_day != ist_date(now):
            listed = (without_past_expiries(underlying, now) for underlying in self._underlyings)
            self._directory = Directory(tuple(item for item in listed if item.expiries), self._without_options)
            self._directory_day = ist_date(now)
        return self._directory

    def contracts(self, underlying: Underlying, expiry: Expiry) -> list[FyersContract]:
        """Contracts of the series. Raises UnknownExpiry."""
        try:
            return self._contracts[(underlying.name, expiry.cutoff_ts)]
        except KeyError:
            raise UnknownExpiry(f"{underlying.name} has no options that expire on {expiry.date:%d-%b-%y}.") from None

    def learn(self, underlying: Underlying, expiry: Expiry, newcomers: Iterable[FyersContract]) -> None:
        """Add contracts that were listed after the masters were written."""
        listed = self._contracts[(underlying.name, expiry.cutoff_ts)]
        known = {contract.symbol for contract in listed}
        new = [contract for contract in newcomers if contract.symbol not in known]
        self._tokens.update((contract.symbol, contract.fy_token) for contract in new)
        self._contracts[(underlying.name, expiry.cutoff_ts)] = [*listed, *new]

    def future_symbol(self, underlying: Underlying, expiry: Expiry) -> str | None:
        return self._futures.get((underlying.name, expiry.date))

    def nearest_future_expiry(self, underlying: Underlying) -> date | None:
        """Expiry of the next listed future, whose price the chain's answers contain. None without futures."""
        today = ist_date(self._clock())
        listed = (expiry for name, expiry in self._futures if name == underlying.name and expiry >= today)
        return min(listed, default=None)

    def vix_symbol(self) -> str | None:
        return VIX if VIX in self._tokens or VIX in self.index_names else None

    def fy_token(self, symbol: str) -> str | None:
        """The broker's token of a symbol; only the segment for an index that no master lists."""
        token = self._tokens.get(symbol)
        if token is None and symbol.endswith("-INDEX") and symbol in self.index_names:
            return SEGMENT_OF_INDICES.get(symbol.partition(":")[0])
        return token

    def _underlying(self, name: str, symbol: str, root: str, master: Derivatives) -> Underlying:
        expiries = []
        for key in sorted(key for key in master.contracts if key[0] == root):
            expiries.append(Expiry(ist_date(key[1]), key[1], master.kinds[key], master.lots[key]))
            self._contracts[(name, key[1])] = master.contracts[key]
            self._tokens.update((contract.symbol, contract.fy_token) for contract in master.contracts[key])
        for (future_root, cutoff), (future, token) in master.futures.items():
            if future_root == root:
                self._futures[(name, ist_date(cutoff))] = future
                self._tokens[future] = token
        kind = UnderlyingKind.INDEX if symbol.endswith("-INDEX") else UnderlyingKind.STOCK
        return Underlying(name, symbol, master.exchange, kind, master.ticks[root], tuple(expiries))

    def _underlying_symbol(self, exchange: str, root: str, master: Derivatives, cash: Cash | None) -> str | None:
        token = master.underlying_tokens[root]
        listed = cash.symbols.get(token) if cash else None
        if listed is not None:
            return listed
        fallback = INDEX_SYMBOLS.get((exchange, root))
        if fallback is not None:
            self._tokens.setdefault(fallback, token)
        return fallback


def load_universe(folder: MasterFolder, *, clock: Callable[[], float] = time.time) -> Universe:
    """Build the universe from the day's masters, or the last good ones. Raises ProviderUnavailable."""
    derivatives: dict[str, Derivatives] = {}
    cash: dict[str, Cash] = {}
    for exchange in EXCHANGES:
        options = folder.load(
            f"{exchange}_FO.csv", partial(read_derivatives, exchange=exchange, today=ist_date(clock()))
        )
        if options is not None:
            derivatives[exchange] = options
        listed = folder.load(f"{exchange}_CM.csv", partial(read_cash, exchange=exchange))
        if listed is not None:
            cash[exchange] = listed
    if not derivatives:
        raise ProviderUnavailable("FYERS' symbol masters cannot be had, and none is kept from an earlier day.", 10.0)
    downloaded = folder.load(INDEX_MAP_FILE, read_index_names) or {}
    return Universe(derivatives, cash, bundled_index_names() | downloaded, clock=clock)


def read_index_names(path: Path) -> dict[str, str]:
    """Index symbol -> topic name. Raises MasterRejected, OSError."""
    try:
        names = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise MasterRejected("not JSON") from None
    if not isinstance(names, dict) or not names:
        raise MasterRejected("not a map of index names")
    return {symbol: name for symbol, name in names.items() if isinstance(name, str) and name}


def _listing_order(underlying: Underlying) -> tuple[bool, int, str]:
    """Indices before stocks, the well-known ones in their usual order, the rest by name."""
    known = list(INDEX_SYMBOLS.values())
    place = known.index(underlying.symbol) if underlying.symbol in known else len(known)
    return underlying.kind is not UnderlyingKind.INDEX, place, underlying.name
