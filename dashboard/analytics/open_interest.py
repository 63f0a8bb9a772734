"""Numbers of open interest and volume: max pain, walls, totals, build-up; without a model of prices.

OI and volume are in **units** (contracts x lot size) throughout, shape (n,) per side, NaN where unknown. An unknown
contributes nothing to a sum and a sum of unknowns only is unknown, never 0.
"""

from enum import IntEnum

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int8]

RUPEES_PER_CRORE = 1e7


class BuildUp(IntEnum):
    """Class of a change of price together with one of OI; UNKNOWN when either change is unknown."""

    UNKNOWN = -1
    NEUTRAL = 0
    LONG_BUILD_UP = 1  # price up, OI up
    SHORT_BUILD_UP = 2  # price down, OI up
    SHORT_COVERING = 3  # price up, OI down
    LONG_UNWINDING = 4  # price down, OI down


BUILD_UP_WORDS: dict[int, str | None] = {
    code.value: None if code is BuildUp.UNKNOWN else code.name.lower() for code in BuildUp
}


def total(column: Array) -> float:
    """Sum of what is known, in units; NaN when nothing is."""
    known = np.isfinite(column)
    return float(column[known].sum()) if known.any() else float("nan")


def strike_pcr(put_oi: Array, call_oi: Array) -> Array:
    """Put OI over call OI strike by strike, (n,); NaN where either is unknown or call OI is below one unit."""
    ratio: Array = np.divide(put_oi, call_oi, out=np.full(np.shape(call_oi), np.nan), where=call_oi >= 1.0)
    return ratio


def max_pain_curve(strikes: Array, call_oi: Array, put_oi: Array) -> Array:
    """Payment to all option holders if the series settled at each strike, (n,) rupees.

    strikes: (n,) rupees, any order, duplicates allowed, NaN gives NaN. Unknown OI counts as none; without any
    OI the whole curve is NaN. O(n log n): running sums over sorted strikes instead of
    every pair.
    """
    listed = np.isfinite(strikes)
    order = np.argsort(np.where(listed, strikes, np.inf), kind="stable")
    # Measured from the lowest strike, products stay whole numbers below 2^53, so ties are exact.
    base = strikes[order[0]] if strikes.size else 0.0
    level = np.where(listed, strikes - base, 0.0)[order]
    calls, puts = (np.where(listed & np.isfinite(oi), oi, 0.0)[order] for oi in (call_oi, put_oi))
    if not (calls.any() or puts.any()):
        return np.full(np.shape(strikes), np.nan)
    paid_to_calls = level * np.cumsum(calls) - np.cumsum(level * calls)
    puts_above = puts.sum() - np.cumsum(puts)
    paid_to_puts = (level * puts).sum() - np.cumsum(level * puts) - level * puts_above
    curve = np.empty(np.shape(strikes))
    curve[order] = paid_to_calls + paid_to_puts
    return np.where(listed, curve, np.nan)


def max_pain(strikes: Array, curve: Array, reference: float) -> float:
    """Strike at which holders are paid least; ties go to the one nearest `reference` (the forward), then the lower.

    curve: (n,) from `max_pain_curve`. NaN for an empty or unknown curve.
    """
    if not np.isfinite(curve).any():
        return float("nan")
    least = np.nanmin(curve)
    tied = strikes[curve <= least + 1e-12 * abs(least)]
    return _nearest(tied, reference)


def percent_change(change: npt.ArrayLike, base: npt.ArrayLike) -> Array:
    """100 x change / base, NaN for a base that is zero, negative or unknown; any shapes that broadcast."""
    change, base = np.asarray(change, float), np.asarray(base, float)
    with np.errstate(all="ignore"):
        percent: Array = 100.0 * change / np.where(base > 0, base, np.nan)
    return np.where(np.isfinite(percent), percent, np.nan)


def wall(strikes: Array, oi: Array, reference: float) -> float:
    """Strike with the most OI of one side: call wall (resistance) or put wall (support).

    Ties go to the strike nearest `reference`, then the lower. NaN when no OI is known or all of it is 0.
    """
    known = np.isfinite(oi) & np.isfinite(strikes)
    most = oi[known].max(initial=0.0)
    return _nearest(strikes[known & (oi == most)], reference) if most > 0 else float("nan")


def _nearest(strikes: Array, reference: float) -> float:
    """The strike nearest `reference`, ties to the lower; the lowest when the reference is unknown."""
    strikes = np.sort(strikes)
    return float(strikes[np.argmin(np.abs(strikes - reference)) if np.isfinite(reference) else 0])


def build_up(price_change: Array, oi_change: Array, tick_size: float, lot_size: float) -> Codes:
    """`BuildUp` code of each option from the change of its own price and of its OI since the previous close.

    price_change: (n,) rupees. oi_change: (n,) units. A change of less than one tick or one lot is NEUTRAL. Note that
    time decay lowers an option's price: in a quiet market short build-up and long unwinding prevail.
    """
    # Changes are differences of floats: one tick can arrive as 0.0499999.
    moved = (np.abs(price_change) >= tick_size - 1e-6) & (np.abs(oi_change) >= lot_size - 1e-6)
    up, more = price_change > 0, oi_change > 0
    codes = np.full(np.shape(price_change), BuildUp.NEUTRAL, dtype=np.int8)
    codes[moved & up & more] = BuildUp.LONG_BUILD_UP
    codes[moved & ~up & more] = BuildUp.SHORT_BUILD_UP
    codes[moved & up & ~more] = BuildUp.SHORT_COVERING
    codes[moved & ~up & ~more] = BuildUp.LONG_UNWINDING
    codes[~(np.isfinite(price_change) & np.isfinite(oi_change))] = BuildUp.UNKNOWN
    return codes
