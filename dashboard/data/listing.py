"""Finding an underlying in the directory, and saying why when it cannot be shown. Pure."""

from __future__ import annotations

from dataclasses import replace

from dashboard.market.errors import NoOptions, UnknownUnderlying
from dashboard.market.instruments import Directory, Expiry, Underlying
from dashboard.market.session import ist_date


def underlying_named(directory: Directory, name: str) -> Underlying:
    """The underlying, however its name is capitalised. Raises UnknownUnderlying, or NoOptions for a listed stock."""
    found = directory.find(name) or directory.find(name.upper())
    if found is not None:
        return found
    exchange, _, plain = name.upper().rpartition(":")
    for listed_on, names in directory.without_options.items():
        if exchange in ("", listed_on) and plain in names:
            raise NoOptions(f"{plain} has no options on {listed_on}.")
    raise UnknownUnderlying(f"{name.upper()[:40]} is not a symbol that FYERS lists.")


def of_the_day(underlying: Underlying, now_ts: float | None) -> Underlying:
    """The underlying with today's and later expiries, perhaps none.

    What expired this afternoon stays until midnight in Mumbai: a desk looks at its last numbers, marked expired.
    now_ts: the market's clock; None when it is unknown (a replay before its first tick): nothing has expired then.
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
