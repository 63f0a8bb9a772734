"""The smile of one expiry: ATM IV, the wings at a delta, risk reversal and butterfly.

A smile is one IV per strike, from its out-of-the-money side: (n,) annual fractions, NaN where there is none. Nothing is
extrapolated: outside the known strikes the value is NaN.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from dashboard.analytics.black76 import VOL_POINTS

Array = npt.NDArray[np.float64]


class Wing(NamedTuple):
    """Point of the smile at a given delta. strike: rupees; iv: annual fraction; NaN when the smile ends before it."""

    strike: float
    iv: float


def atm_iv(strikes: Array, iv: Array, forward: float) -> float:
    """IV at the forward, linear in total variance between the nearest known strikes on both sides.

    strikes: (n,) rupees ascending. All strikes share one expiry, so total variance is IV squared times the same T.
    """
    known = np.flatnonzero(np.isfinite(iv) & np.isfinite(strikes))
    known_strikes, variance = strikes[known], iv[known] ** 2
    above = int(np.searchsorted(known_strikes, forward))
    if above < known_strikes.size and known_strikes[above] == forward:
        return float(np.sqrt(variance[above]))
    if not 0 < above < known_strikes.size:
        return float("nan")
    pair = slice(above - 1, above + 1)
    return float(np.sqrt(np.interp(forward, known_strikes[pair], variance[pair])))


def between(strikes: Array, iv: Array) -> Array:
    """The smile at every strike, (n,): its own IV where there is one, else one interpolated between known strikes.

    Linear in total variance over ln(strike). Outside the known strikes the answer is NaN: nothing is extrapolated.
    """
    known = np.flatnonzero(np.isfinite(iv) & (strikes > 0) & np.isfinite(strikes))
    if known.size < 2 or known.size == iv.size:
        return np.array(iv)
    known = known[np.argsort(strikes[known], kind="stable")]
    with np.errstate(all="ignore"):
        place = np.log(np.where(strikes > 0, strikes, np.nan))
        variance = np.interp(place, place[known], iv[known] ** 2, left=np.nan, right=np.nan)
    return np.where(np.isfinite(iv), iv, np.sqrt(variance))


def at_strike(strikes: Array, column: Array, strike: float) -> float:
    """Value of a column at any strike, linear between the nearest known ones on both sides; NaN outside them."""
    known = np.flatnonzero(np.isfinite(column) & np.isfinite(strikes))
    if not (known.size and strikes[known[0]] <= strike <= strikes[known[-1]]):
        return float("nan")
    return float(np.interp(strike, strikes[known], column[known]))


def forward_delta(strikes: Array, iv: Array, forward: float, years: float) -> Array:
    """Undiscounted forward delta N(d1) of the call at each strike, (n,); that of the put is this minus 1."""
    with np.errstate(all="ignore"):
        root = iv * np.sqrt(years)
        d1 = np.log(forward / strikes) / root + 0.5 * root
    delta: Array = ndtr(np.where(np.isfinite(d1), d1, np.nan))
    return delta


def wing(strikes: Array, iv: Array, delta: Array, target: float) -> Wing:
    """Point where the call delta crosses `target`, linear in delta; the crossing nearest the money wins.

    delta: (n,) from `forward_delta`, falling with the strike. A 25-delta call is target 0.25, a 25-delta put 0.75,
    a 10-delta put 0.90.
    """
    known = np.isfinite(iv) & np.isfinite(delta) & np.isfinite(strikes)
    strikes, iv, delta = strikes[known], iv[known], delta[known]
    beyond = delta <= target
    crossings = np.flatnonzero(beyond[1:] & ~beyond[:-1])
    if not crossings.size:
        return Wing(float("nan"), float("nan"))
    # Stale far strikes can make delta rise again, so the crossing nearest the money counts.
    left = int(crossings[0] if target < 0.5 else crossings[-1])
    share = (delta[left] - target) / (delta[left] - delta[left + 1])
    return Wing(
        float(strikes[left] + share * (strikes[left + 1] - strikes[left])),
        float(iv[left] + share * (iv[left + 1] - iv[left])),
    )


def risk_reversal(call_iv: float, put_iv: float) -> float:
    """Call IV minus put IV of one delta, vol points; negative when puts are dearer, as they usually are on an index."""
    return (call_iv - put_iv) * VOL_POINTS


def butterfly(call_iv: float, put_iv: float, atm_iv: float) -> float:
    """Mean of the two IVs of one delta minus ATM IV, in vol points: how much the wings curve up."""
    return (0.5 * (call_iv + put_iv) - atm_iv) * VOL_POINTS
