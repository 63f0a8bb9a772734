"""Instruments: underlyings, their expiries, their contracts, and the series that a page shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

MOST_KEY_CHARACTERS = 64  # of a series' key; the longest name that an exchange lists has about twenty


class Side(StrEnum):
    """CALL and PUT in code; CE and PE only in symbols and on screen."""

    CALL = "call"
    PUT = "put"


class UnderlyingKind(StrEnum):
    INDEX = "index"
    STOCK = "stock"


@dataclass(frozen=True, slots=True, order=True)
class Series:
    """Underlying and expiry date. `key` is its spelling in cache keys and frames."""

    underlying: str
    expiry: date

    @property
    def key(self) -> str:
        return f"{self.underlying}|{self.expiry.isoformat()}"

    @property
    def name(self) -> str:
        """As sentences name it: `NIFTY 01-Dec-26`."""
        return f"{self.underlying} {self.expiry:%d-%b-%y}"

    @classmethod
    def from_key(cls, key: str) -> Series:
        """Raises ValueError for a text that no `key` has."""
        underlying, _, expiry = key.rpartition("|")
        if not underlying or len(key) > MOST_KEY_CHARACTERS:
            raise ValueError(f"not a series key: {key[:MOST_KEY_CHARACTERS]!r}")
        return cls(underlying, date.fromisoformat(expiry))


@dataclass(frozen=True, slots=True)
class Expiry:
    """One expiry of an underlying, as the broker lists it.

    date: the broker's date. cutoff_ts: the broker's own epoch (UTC seconds), echoed back to it and never rebuilt
    from the date. kind: "W" weekly or "M" monthly and longer. lot_size: units per lot of this expiry's contracts.
    """

    date: date
    cutoff_ts: int
    kind: str
    lot_size: int


@dataclass(frozen=True, slots=True)
class Underlying:
    """An underlying of options. name: "NIFTY", "RELIANCE", and "BSE:RELIANCE" where NSE has the name too.

    symbol: the broker's ("NSE:NIFTY50-INDEX"). expiries: ascending, never empty for an underlying with options.
    tick_size: rupees, of its option contracts.
    """

    name: str
    symbol: str
    exchange: str
    kind: UnderlyingKind
    tick_size: float
    expiries: tuple[Expiry, ...]

    @property
    def lot_size(self) -> int:
        """Lot of the nearest expiry; a revision of the lot may give later expiries another one."""
        return self.expiries[0].lot_size

    def expiry(self, day: date) -> Expiry | None:
        return next((expiry for expiry in self.expiries if expiry.date == day), None)


@dataclass(frozen=True, slots=True)
class Contract:
    """One option. strike: rupees."""

    symbol: str
    strike: float
    side: Side


@dataclass(frozen=True, slots=True)
class Directory:
    """Everything a user can choose: underlyings with options by name, and listed stocks that have none.

    without_options: exchange -> stock names, so that a message can be "INFY has no options on BSE" instead of
    "unknown".
    """

    underlyings: tuple[Underlying, ...]
    without_options: dict[str, tuple[str, ...]]

    def find(self, name: str) -> Underlying | None:
        return next((underlying for underlying in self.underlyings if underlying.name == name), None)
