"""Expiries that a link names by their place in the list, so that it stays right for years: near, next, month."""

from __future__ import annotations

from datetime import date
from typing import Final

from dashboard.data.listing import nearest_expiry
from dashboard.data.queries import Chains
from dashboard.market.errors import UnknownExpiry
from dashboard.market.instruments import Expiry, Series, Underlying

NEAR: Final = "near"
NEXT: Final = "next"
MONTH: Final = "month"
ROLLING = (NEAR, NEXT, MONTH)


def expiry_meant(underlying: Underlying, when: str, market_ts: float | None) -> Expiry:
    """The expiry of the moment behind `near`, `next` or `month`, or of an ISO date.

    near: the next to come; next: the one after it; month: the next monthly to come. Where the list is too short, the
    last that fits. Raises UnknownExpiry for a date that is not listed (any more), or no date at all.
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


def series_meant(chains: Chains, name: str, when: str) -> Series:
    """The series of the moment. Raises as `Chains.underlying` and `expiry_meant` do."""
    underlying = chains.underlying(name)
    return Series(underlying.name, expiry_meant(underlying, when, chains.market_ts()).date)
