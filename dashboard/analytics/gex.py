"""Dealer exposure in INR crore: Greeks weighted by OI, and the level where gamma changes sign.

Positions of dealers are not published. The usual assumption is that dealers are long the open calls and short the open
puts (`dealer_long_calls=True`); it is unproven for India, where retail investors buy options, so it is a setting and
labelled. The opposite assumption changes the sign of every number; the zero-gamma level stays.

OI is in **units**: it already contains the lot, which must not be multiplied in again. Arrays are (n,) per side, NaN
where unknown; a strike counts only when both of its legs are known, and a total of unknowns only is NaN.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from dashboard.analytics.open_interest import RUPEES_PER_CRORE, total

Array = npt.NDArray[np.float64]

ONE_PERCENT = 0.01
GRID_LEVELS = 81
GRID_REACH = 0.04  # of the spot, either side
ROOT_REACH = 0.03


def held_sign(dealer_long_calls: bool) -> float:
    """+1 when dealers hold the calls and have written the puts, -1 for the opposite."""
    return 1.0 if dealer_long_calls else -1.0


def strike_exposure(call: Array, put: Array, call_oi: Array, put_oi: Array, *, dealer_long_calls: bool) -> Array:
    """Signed sum of sensitivity x OI of both legs, (n,): calls minus puts; NaN unless both legs are known.

    A strike with only one known side would bias the total to that side, so it counts as unknown.
    """
    net: Array = held_sign(dealer_long_calls) * (call * call_oi - put * put_oi)
    return np.where(np.isfinite(net), net, np.nan)


def gex(gamma_exposure: Array, spot: float) -> Array:
    """Crore of hedging per 1 % move of the spot, (n,): exposure x S^2 x 0.01 / 1e7; exposure from per-point gammas."""
    return gamma_exposure * (spot * spot * ONE_PERCENT / RUPEES_PER_CRORE)


def vanna_exposure(vanna_exposure: Array, spot: float) -> Array:
    """Crore of delta per vol point, (n,): exposure x S / 1e7; exposure from per-vol-point vannas."""
    return vanna_exposure * (spot / RUPEES_PER_CRORE)


def charm_exposure(charm_exposure: Array, spot: float, days_left: float) -> Array:
    """Crore of delta per day, (n,): exposure x S / 1e7; exposure from per-day charms. All NaN less than a day before
    expiry: no delta moves that fast for a whole day."""
    if not days_left >= 1.0:
        return np.full_like(charm_exposure, np.nan)
    return charm_exposure * (spot / RUPEES_PER_CRORE)


def dex(delta_exposure: Array, spot: float) -> Array:
    """Delta exposure, (n,): crore of the underlying that dealers hold through their options, exposure x S / 1e7."""
    return delta_exposure * (spot / RUPEES_PER_CRORE)


def delta_weighted_oi(delta: Array, oi: Array) -> Array:
    """(2, n), calls then puts: |delta| x OI, units of the underlying; NaN on both sides unless both legs are known."""
    weighted = np.abs(delta) * oi
    return np.where(np.isfinite(weighted).all(axis=0), weighted, np.nan)


def net(exposure: Array) -> float:
    """Whole chain, in the unit of the strikes; NaN when no strike is known."""
    return total(exposure)


def zero_gamma(
    strikes: Array,
    sigma: Array,
    signed_oi: Array,
    forward: float,
    spot: float,
    years: float,
) -> float:
    """Spot at which net GEX changes sign, nearest to today's spot and within 3 % of it; NaN when there is none.

    strikes, sigma, signed_oi: (m,), one entry per option or per strike; signed_oi in units, positive for calls and
    negative for puts (the root does not depend on the assumption). Each strike keeps its IV, the forward
    moves point for point with the spot. Gamma is recomputed at 81 levels within 4 %, the crossing refined to 1e-12.
    """
    used = (strikes > 0) & (sigma > 0) & np.isfinite(sigma) & np.isfinite(signed_oi) & (signed_oi != 0)
    if not (used.any() and years > 0 and forward > 0 and spot > 0 and np.isfinite(forward) and np.isfinite(spot)):
        return float("nan")
    root = sigma[used] * np.sqrt(years)
    offset = np.log(strikes[used]) / root - 0.5 * root
    slope = 1.0 / root
    weight = signed_oi[used] * slope

    def net_gamma(levels: Array) -> Array:
        """Proportional to net GEX: the factor left out is positive."""
        forwards = levels + (forward - spot)
        d1 = np.log(forwards)[:, None] * slope - offset
        # Not `@`: BLAS would use its threads for a product of this size, which costs the other processes more than it
        # saves.
        net: Array = np.einsum("ij,j->i", np.exp(-0.5 * d1 * d1), weight) * levels * levels / forwards
        return net

    levels = spot * np.linspace(1.0 - GRID_REACH, 1.0 + GRID_REACH, GRID_LEVELS)
    levels = levels[levels + (forward - spot) > 0]
    values = net_gamma(levels)
    crossings = np.flatnonzero(np.sign(values[1:]) * np.sign(values[:-1]) < 0)
    # The nearest crossing is in one of the two nearest intervals; the rest need no refining.
    nearest = crossings[np.argsort(np.abs(levels[crossings] + levels[crossings + 1] - 2.0 * spot), kind="stable")][:2]
    roots = [_crossing(net_gamma, levels[i], levels[i + 1], values[i], values[i + 1]) for i in nearest]
    credible = [level for level in roots if abs(level - spot) <= ROOT_REACH * spot]
    return min(credible, key=lambda level: abs(level - spot), default=float("nan"))


def _crossing(curve: Callable[[Array], Array], low: float, high: float, at_low: float, at_high: float) -> float:
    """Root of `curve` between two levels of opposite sign, by false position with the Illinois correction.

    The values at both ends are the grid's. `scipy.optimize.brentq` computes them again one by one and raises when
    rounding turns the sign of one near 0; it gives the same level to 1e-12 and takes 1.1 times as long.
    """
    level, kept = low, 0
    for _ in range(60):
        before, level = level, (low * at_high - high * at_low) / (at_high - at_low)
        value = float(curve(np.array([level]))[0])
        if value == 0.0 or abs(level - before) <= 1e-12 * level:
            break
        # Plain false position converges slowly when one end stays; halving the weight of that end moves the other one.
        if (value > 0) == (at_high > 0):
            high, at_high = level, value
            at_low *= 0.5 if kept == 1 else 1.0
            kept = 1
        else:
            low, at_low = level, value
            at_high *= 0.5 if kept == -1 else 1.0
            kept = -1
    return float(level)
