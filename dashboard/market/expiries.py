"""Resolve a name to a series, for page, wall, API and leases alike. Pure.

A link may name an expiry by its place in the list (near, next, month), so that the link stays valid for years.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final, NamedTuple

from dashboard.market.errors import NoOptions, UnknownExpiry, UnknownUnderlying
from dashboard.market.instruments import Directory, Expiry, Series, Underlying
from dashboard.market.session import ist_date

NEAR: Final = "near"
NEXT: Final = "next"
MONTH: Final = "month"
ROLLING = (NEAR, NEXT, MONTH)


class ListedSeries(NamedTuple):
    """A series together with its entry in the directory."""

    underlying: Underlying
    expiry: Expiry

    @property
    def series(self) -> Series:
        return Series(self.underlying.name, self.expiry.date)


def find_underlying(directory: Directory, name: str) -> Underlying:
    """The underlying of a name in any capitalisation. Raises UnknownUnderlying, or NoOptions for a listed stock."""
    found = directory.find(name) or directory.find(name.upper())
    if found is not None:
        return found
    exchange, _, plain = name.upper().rpartition(":")
    for listed_on, names in directory.without_options.items():
        if exchange in ("", listed_on) and plain in names:
            raise NoOptions(f"{plain} has no options on {listed_on}.")
    raise UnknownUnderlying(f"{name.upper()[:40]} is not a symbol that the broker lists.")


def without_past_expiries(underlying: Underlying, now_ts: float | None) -> Underlying:
    """The underlying with today's and later expiries, perhaps none.

    A series that expired today stays until midnight in Mumbai, so that a desk can see its last numbers, marked expired.
    now_ts: the market's clock; None when it is unknown (a replay before its first tick): then no expiry has passed.
    """
    if now_ts is None:
        return underlying
    today = ist_date(now_ts)
    if all(expiry.date >= today for expiry in underlying.expiries):
        return underlying
    return replace(underlying, expiries=tuple(expiry for expiry in underlying.expiries if expiry.date >= today))


def nearest_expiry(underlying: Underlying, now_ts: float | None) -> Expiry:
    """The next expiry to come; the last one when all have passed. Raises IndexError without any."""
    ahead = (expiry for expiry in underlying.expiries if now_ts is None or expiry.cutoff_ts > now_ts)
    return next(ahead, underlying.expiries[-1])


def expiry_by_name(underlying: Underlying, when: str, market_ts: float | None) -> Expiry:
    """The expiry that `near`, `next`, `month` or an ISO date names at this moment.

    near: the next to come; next: the one after it; month: the next monthly to come. Where the list is too short, the
    last one that fits. Raises UnknownExpiry for a date that is not listed, or a text that is no date.
    """
    if when == NEAR:
        return nearest_expiry(underlying, market_ts)
    ahead = [found for found in underlying.expiries if market_ts is None or found.cutoff_ts > market_ts]
    if when == NEXT:
        return (ahead or list(underlying.expiries))[:2][-1]
    if when == MONTH:
        monthly = [found for found in ahead if found.kind == "M"]
        return (monthly or ahead or list(underlying.expiries))[0]
    try:
        day = date.fromisoformat(when)
    except ValueError:
        raise UnknownExpiry(f"{when[:20]!r} is no expiry: near, next, month or a date such as 2026-12-01.") from None
    listed = underlying.expiry(day)
    if listed is None:
        raise UnknownExpiry(f"{underlying.name} {day:%d-%b-%y} is not listed; with near the link rolls over by itself.")
    return listed


def listed_series(directory: Directory, series: Series, now_ts: float | None) -> ListedSeries:
    """The series with its entry in the directory. Raises UnknownUnderlying, NoOptions or UnknownExpiry."""
    underlying = find_underlying(directory, series.underlying)
    expiry = underlying.expiry(series.expiry)
    if expiry is None:
        raise UnknownExpiry(f"{series.name} is not listed.")
    if expiry not in without_past_expiries(underlying, now_ts).expiries:
        raise UnknownExpiry(f"{series.name} has expired.")
    return ListedSeries(underlying, expiry)
