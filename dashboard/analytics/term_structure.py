"""ATM IV over expiries, and the forward volatility between them."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dashboard.analytics.enriched import Enriched

Array = npt.NDArray[np.float64]

KEPT_S = 1_800.0  # an expiry whose chain is older than this is left out
MOST_APART_S = 420.0  # variances of different moments have no meaningful difference


class TermStructure(NamedTuple):
    """One entry per expiry with an ATM IV, nearest first. years: fraction; atm_iv, forward_vol: annual fractions.

    forward_vol: from the expiry before to this one (the first one's is its own ATM IV, from now); NaN where total
    variance falls, flagged in `inverted`: calendar arbitrage, or more likely an old price; NaN too where the two ATM
    IVs are more than `MOST_APART_S` apart. as_of_ts: our clock at the newest data of each.
    """

    expiries: tuple[date, ...]
    years: Array
    atm_iv: Array
    forward_vol: Array
    inverted: npt.NDArray[np.bool_]
    as_of_ts: Array


def term_structure(chains: Sequence[Enriched]) -> TermStructure:
    """Term structure of one underlying from its enriched chains in any order, without expired ones and those without
    an IV."""
    alive = sorted((chain for chain in chains if chain.years_to_expiry > 0), key=lambda chain: chain.years_to_expiry)
    points = [
        (chain.years_to_expiry, chain.chain.expiry.date, at_money, chain.chain.as_of_ts)
        for chain in alive
        if (at_money := chain.metrics["atm_iv"]) is not None
    ]
    years = np.array([point[0] for point in points], dtype=float)
    iv = np.array([point[2] for point in points], dtype=float)
    as_of_ts = np.array([point[3] for point in points], dtype=float)
    between = forward_vol(years, iv)
    inverted = np.isnan(between)
    between[np.abs(np.diff(as_of_ts)) > MOST_APART_S] = np.nan
    return TermStructure(
        expiries=tuple(point[1] for point in points),
        years=years,
        atm_iv=iv,
        forward_vol=np.concatenate([iv[:1], between]),
        inverted=np.concatenate([np.zeros(iv[:1].shape, dtype=bool), inverted]),
        as_of_ts=as_of_ts,
    )


def forward_vol(years: npt.ArrayLike, iv: npt.ArrayLike) -> Array:
    """Volatility between consecutive expiries, (n - 1,), from ATM IVs (n,) at `years` (n,) ascending.

    sqrt((s2^2 T2 - s1^2 T1) / (T2 - T1)); NaN where total variance falls, which is calendar arbitrage or a bad IV.
    """
    years, iv = np.asarray(years, float), np.asarray(iv, float)
    gained, elapsed = np.diff(iv * iv * years), np.diff(years)
    defined = (gained >= 0) & (elapsed > 0)
    variance = np.divide(gained, elapsed, out=np.full(gained.shape, np.nan), where=defined)
    vol: Array = np.sqrt(variance)
    return vol
