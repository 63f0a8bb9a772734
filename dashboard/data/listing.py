"""Finding an underlying in the directory, and saying why when it cannot be shown. Pure."""

from __future__ import annotations

from dataclasses import replace

from dashboard.market.errors import NoOptions, UnknownUnderlying
from dashboard.market.instruments import Directory, Underlying


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


def unexpired(underlying: Underlying, now_ts: float | None) -> Underlying:
    """The underlying with the expiries still to come, perhaps none.

    now_ts: the market's clock; None when it is unknown (a replay before its first tick): nothing has expired then.
    """
    if now_ts is None or all(expiry.cutoff_ts > now_ts for expiry in underlying.expiries):
        return underlying
    return replace(underlying, expiries=tuple(expiry for expiry in underlying.expiries if expiry.cutoff_ts > now_ts))
