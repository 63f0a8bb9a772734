"""Instruments and how FYERS spells them: symbol, fyToken, topic on the socket.

Every instrument has a row number; the market keeps its numbers in arrays indexed by it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from dashboard.sandbox.expiries import Expiry, listed_expiries
from dashboard.sandbox.underlyings import UnderlyingSpec

Rows = NDArray[np.intp]

EXCHANGE_CODES = {"NSE": "10", "BSE": "12"}
CASH, DERIVATIVES = "10", "11"
SEGMENTS = {"1010": "nse_cm", "1011": "nse_fo", "1210": "bse_cm", "1211": "bse_fo"}
_WEEKLY_MONTHS = "123456789OND"
_NO_EXPIRY = "000000"
_LONG_DATED_DAYS = 190


class Kind(IntEnum):
    INDEX = 0
    EQUITY = 1
    FUTURE = 2
    OPTION = 3


@dataclass(frozen=True, slots=True)
class Instrument:
    """One line of the symbol master."""

    row: int
    kind: Kind
    symbol: str
    fytoken: str
    topic: str  # what follows "sf|" or "if|" on the socket
    spec: UnderlyingSpec
    expiry: Expiry | None = None
    strike: float = -1.0
    option_type: str = "XX"

    @property
    def segment_code(self) -> str:
        return self.fytoken[2:4]

    @property
    def exchange_token(self) -> str:
        return self.fytoken[10:]

    @property
    def lot_size(self) -> int:
        return self.spec.lot_size if self.expiry is not None else 1

    @property
    def description(self) -> str:
        """The master's `symbol details`, e.g. `NIFTY 01 Dec 26 26000 CE`."""
        if self.expiry is None:
            return f"{self.spec.symbol[4:]}" if self.spec.is_index else self.spec.name
        day = self.expiry.day.strftime("%d %b %y")
        tail = "FUT" if self.kind is Kind.FUTURE else f"{strike_text(self.strike)} {self.option_type}"
        return f"{self.spec.root} {day} {tail}"


def strike_text(strike: float) -> str:
    """Strikes carry decimals only when they have any."""
    return f"{strike:.2f}".rstrip("0").rstrip(".")


def contract_symbol(spec: UnderlyingSpec, expiry: Expiry, strike: float = -1.0, option_type: str = "FUT") -> str:
    """Spell a contract; the last expiry of a month takes the monthly form, every other the weekly one.

    >>> from dashboard.sandbox.underlyings import INDICES
    >>> contract_symbol(INDICES[0], Expiry(date(2026, 12, 1), 0, False), 26000.0, "CE")
    'NSE:NIFTY26D0126000CE'
    """
    day = expiry.day
    when = day.strftime("%y%b").upper() if expiry.monthly else f"{day:%y}{_WEEKLY_MONTHS[day.month - 1]}{day:%d}"
    return f"{spec.exchange}:{spec.root}{when}{strike_text(strike) if strike >= 0 else ''}{option_type}"


@dataclass(slots=True)
class Series:
    """Rows of one underlying and expiry: strikes ascending, calls and puts aligned with them."""

    expiry: Expiry
    strikes: NDArray[np.float64]
    calls: Rows
    puts: Rows


@dataclass(slots=True)
class Universe:
    """Every instrument the sandbox can price, with the look-ups the servers need."""

    instruments: list[Instrument] = field(default_factory=list)
    by_symbol: dict[str, Instrument] = field(default_factory=dict)
    by_topic: dict[str, Instrument] = field(default_factory=dict)
    series: dict[str, dict[date, Series]] = field(default_factory=lambda: defaultdict(dict))
    futures: dict[str, dict[date, Instrument]] = field(default_factory=lambda: defaultdict(dict))
    _next_token: dict[str, int] = field(default_factory=lambda: {"NSE": 35001, "BSE": 810001})

    def __len__(self) -> int:
        return len(self.instruments)

    def add_underlying(self, spec: UnderlyingSpec) -> Instrument:
        """List the cash side of an underlying."""
        prefix = EXCHANGE_CODES[spec.exchange] + CASH
        name = spec.name if spec.is_index else str(spec.token)
        kind = Kind.INDEX if spec.is_index else Kind.EQUITY
        topic = f"{SEGMENTS[prefix]}|{name}"
        return self._add(Instrument(len(self), kind, spec.symbol, f"{prefix}{_NO_EXPIRY}{spec.token}", topic, spec))

    def add_series(self, spec: UnderlyingSpec, expiry: Expiry, strikes: Sequence[float]) -> None:
        """List both legs of every strike of one expiry."""
        calls = [self._add_contract(spec, expiry, Kind.OPTION, strike, "CE").row for strike in strikes]
        puts = [self._add_contract(spec, expiry, Kind.OPTION, strike, "PE").row for strike in strikes]
        self.series[spec.symbol][expiry.day] = Series(
            expiry, np.asarray(strikes, np.float64), np.asarray(calls, np.intp), np.asarray(puts, np.intp)
        )

    def add_future(self, spec: UnderlyingSpec, expiry: Expiry) -> None:
        """List the future of one month."""
        self.futures[spec.symbol][expiry.day] = self._add_contract(spec, expiry, Kind.FUTURE, -1.0, "FUT")

    def _add_contract(
        self, spec: UnderlyingSpec, expiry: Expiry, kind: Kind, strike: float, option_type: str
    ) -> Instrument:
        prefix = EXCHANGE_CODES[spec.exchange] + DERIVATIVES
        token = self._next_token[spec.exchange]
        self._next_token[spec.exchange] = token + 1
        symbol = contract_symbol(spec, expiry, strike, option_type)
        fytoken = f"{prefix}{expiry.day:%y%m%d}{token}"
        kind_code = option_type if kind is Kind.OPTION else "XX"
        topic = f"{SEGMENTS[prefix]}|{token}"
        return self._add(Instrument(len(self), kind, symbol, fytoken, topic, spec, expiry, strike, kind_code))

    def _add(self, instrument: Instrument) -> Instrument:
        self.instruments.append(instrument)
        self.by_symbol[instrument.symbol] = instrument
        self.by_topic[instrument.topic] = instrument
        return instrument


def strike_ladder(spec: UnderlyingSpec, *, long_dated: bool) -> list[float]:
    """Strikes around the base level. Long-dated series of an index are listed on a coarser grid, as on the exchange."""
    step = spec.step * (2 if long_dated and spec.is_index else 1)
    centre = round(spec.spot / step)
    return [step * (centre + i) for i in range(-spec.side_strikes, spec.side_strikes + 1)]


def build_universe(expiries: Mapping[str, Iterable[Expiry]], specs: Iterable[UnderlyingSpec], today: date) -> Universe:
    """List every spec with the expiries named for its symbol."""
    universe = Universe()
    specs = tuple(specs)
    for spec in specs:
        universe.add_underlying(spec)
    for spec in specs:
        for expiry in sorted(expiries.get(spec.symbol, ())):
            distant = (expiry.day - today).days > _LONG_DATED_DAYS
            if expiry.monthly and not distant:
                universe.add_future(spec, expiry)
            universe.add_series(spec, expiry, strike_ladder(spec, long_dated=distant))
    return universe


def model_universe(specs: Iterable[UnderlyingSpec], today: date, horizon_days: int = 60) -> Universe:
    """Everything that is or will be listed within the horizon, so that a sandbox can run for weeks.

    Rows must not move under a subscriber; what is not listed yet waits unseen.
    """
    specs = tuple(specs)
    days = [today + timedelta(days=ahead) for ahead in range(horizon_days)]
    expiries = {
        s.symbol: {e for day in days for e in listed_expiries(s.plan, day)} for s in specs if s.plan is not None
    }
    return build_universe(expiries, specs, today)
