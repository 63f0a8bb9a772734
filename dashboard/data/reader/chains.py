"""The questions of a screen: one protocol, whether the answers are of now (`live.LiveChains`) or recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from dashboard.data.contract.report import FeedReport
from dashboard.data.reader.state import SeriesStatus
from dashboard.market.instruments import Directory, Expiry, Series, Underlying
from dashboard.market.selection import Selection


@dataclass(frozen=True, slots=True)
class LatestFrame:
    """One published chain, ready for the browser: JSON text with `version` as its first member.

    as_of_ts: our clock when the newest part of it arrived, None when it holds nothing yet.
    """

    version: int
    text: str
    as_of_ts: float | None


class Chains(Protocol):
    """What page, wall and API may ask. A name or series that does not exist raises an error of `market.errors`."""

    def now(self) -> float: ...

    def market_ts(self) -> float | None: ...

    def directory_version(self) -> int: ...

    def directory(self) -> Directory: ...

    def underlying(self, name: str) -> Underlying: ...

    def underlyings(self) -> list[Underlying]: ...

    def indices(self) -> list[Underlying]: ...

    def stocks(self, exchange: str, query: str, limit: int = 50) -> list[tuple[str, bool]]: ...

    def nearest(self, underlying: Underlying) -> Expiry: ...

    def resolve(self, underlying: str, expiry_iso: str | None = None) -> tuple[Selection, str | None]: ...

    def series(self, name: str, when: str) -> Series: ...

    def is_listed(self, series: Series) -> bool: ...

    def watch(self, series: Series, viewer: str = "") -> None: ...

    def frame(self, series: Series) -> LatestFrame | None: ...

    def summary(self, series: Series) -> dict[str, Any] | None: ...

    def status(self, series: Series | None = None) -> SeriesStatus: ...

    def health(self) -> FeedReport | None: ...
