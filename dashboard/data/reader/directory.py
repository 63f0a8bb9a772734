"""Questions about what is listed, answered from the directory of the moment that is asked about."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import date

from dashboard.market.errors import FeedNotReady, NoOptions
from dashboard.market.expiries import expiry_by_name, find_underlying, nearest_expiry, without_past_expiries
from dashboard.market.instruments import Directory, Expiry, Series, Underlying, UnderlyingKind
from dashboard.market.selection import Selection


class DirectoryQueries(ABC):
    """What a screen may ask of a directory, wherever that comes from."""

    def __init__(self) -> None:
        self._listed: tuple[Directory | None, frozenset[Series]] = (None, frozenset())

    @abstractmethod
    def directory(self) -> Directory:
        """All that can be chosen. Raises FeedNotReady while there is none."""

    @abstractmethod
    def market_ts(self) -> float | None:
        """The market's clock, UTC epoch seconds; None when unknown."""

    def underlying(self, name: str) -> Underlying:
        """The underlying with today's and later expiries. Raises UnknownUnderlying, NoOptions or FeedNotReady."""
        found = without_past_expiries(find_underlying(self.directory(), name), self.market_ts())
        if not found.expiries:
            raise NoOptions(f"{found.name} has no option expiry left in today's list.")
        return found

    def nearest(self, underlying: Underlying) -> Expiry:
        """The next expiry to come; today's when it was the last one."""
        return nearest_expiry(underlying, self.market_ts())

    def underlyings(self) -> list[Underlying]:
        """All underlyings that `underlying` would give, in the directory's order."""
        market_ts = self.market_ts()
        every = (without_past_expiries(found, market_ts) for found in self.directory().underlyings)
        return [found for found in every if found.expiries]

    def indices(self) -> list[Underlying]:
        """Those of `underlyings` that are indices."""
        return [found for found in self.underlyings() if found.kind is UnderlyingKind.INDEX]

    def stocks(self, exchange: str, query: str, limit: int = 50) -> list[tuple[str, bool]]:
        """(name, has options) of stocks whose name starts with `query`, then of those that contain it.

        Each group is in alphabetical order. The names are what `underlying` takes.
        """
        directory, wanted = self.directory(), query.strip().upper()
        named = {
            found.name.removeprefix(f"{exchange}:"): (found.name, True)
            for found in directory.underlyings
            if found.kind is UnderlyingKind.STOCK and found.exchange == exchange
        }
        for plain in directory.without_options.get(exchange, ()):
            named.setdefault(plain, (plain if exchange == "NSE" else f"{exchange}:{plain}", False))
        matching = sorted((not plain.startswith(wanted), plain) for plain in named if wanted in plain)
        return [named[plain] for _, plain in matching[:limit]]

    def resolve(self, underlying: str, expiry_iso: str | None = None) -> tuple[Selection, str | None]:
        """The pair that can be shown for a wish, and a sentence when it is not what was wished.

        No expiry wished: the nearest, without a notice. Raises as `underlying` does.
        """
        found = self.underlying(underlying)
        nearest = self.nearest(found)
        selection = Selection(Series(found.name, nearest.date))
        if expiry_iso is None:
            return selection, None
        instead = f"showing the nearest, {nearest.date:%d-%b-%y}."
        try:
            day = date.fromisoformat(expiry_iso)
        except ValueError:
            return selection, f"That is not an expiry of {found.name}; {instead}"
        if found.expiry(day) is not None:
            return Selection(Series(found.name, day)), None
        return selection, f"{found.name} {day:%d-%b-%y} is not listed; {instead}"

    def is_listed(self, series: Series) -> bool:
        """Whether the directory has the series; not before there is a directory."""
        try:
            directory = self.directory()
        except FeedNotReady:
            return False
        known, listed = self._listed
        if known is not directory:
            listed = frozenset(
                Series(found.name, expiry.date) for found in directory.underlyings for expiry in found.expiries
            )
            self._listed = (directory, listed)
        return series in listed

    def series(self, name: str, when: str) -> Series:
        """The series that an underlying's name and `near`, `next`, `month` or an ISO date name at this moment.

        Raises as `underlying` and `expiry_by_name` do.
        """
        underlying = self.underlying(name)
        return Series(underlying.name, expiry_by_name(underlying, when, self.market_ts()).date)
