"""The forward of a series: from its options, or else its future, or else the spot.

Put-call parity gives a forward per strike, F = K + e^{rT} (C - P), without any dividend or carry assumption; the median
over the strikes nearest the money ignores one or two stale legs. Weekly expiries have no future, so parity comes first.
"""

from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from dashboard.analytics.quotes import positive

Array = npt.NDArray[np.float64]
ForwardSource = Literal["parity", "future", "spot"]

WANTED_STRIKES = 5
ENOUGH_STRIKES = 3
WINDOW_STRIKES = 9  # listed strikes around the money of which the nearest quoted ones are used
FAR_WINDOW_STRIKES = 21  # and, where too few of those are quoted, farther out: their intrinsic value cancels in parity
CREDIBLE_CARRY = 0.03  # of the spot, plus as much per year: a larger difference comes from stale prices, not from carry
UNANIMOUS = 0.001  # of the forward, between the highest and the lowest strike's


class Forward(NamedTuple):
    """value: rupees, NaN when nothing is known. used, considered: strikes. basis: value - spot, NaN without a spot."""

    value: float
    source: ForwardSource | None
    used: int
    considered: int
    basis: float


def parity_forwards(strikes: Array, call: Array, put: Array, years: float, rate: float) -> Array:
    """Forward implied at each strike, (n,) rupees; NaN where a leg has no price."""
    implied: Array = strikes + np.exp(rate * years) * (positive(call) - positive(put))
    return implied


def forward(
    strikes: Array,
    mid: Array,
    ltp: Array,
    years: float,
    rate: float,
    spot: float = float("nan"),
    future: float = float("nan"),
) -> Forward:
    """Forward of the series and where it comes from.

    strikes: (n,) rupees. mid, ltp: (2, n) rupees, calls then puts, NaN where unknown or rejected. spot,
    future: rupees, NaN or not positive when unknown; the future must expire with the series. Order: median of parity
    over the 3 to 5 quoted strikes nearest the money, among the nine strikes around it or, without a future, 21; the
    same with LTPs when no strike there is quoted at all (after the close, in recordings); the future; spot e^{rT}. A
    chain of fewer than three strikes uses those it has. A parity far from the spot is used only when it is quoted and
    all strikes agree: then the spot is wrong.
    """
    spot, future = (value if 0 < value < np.inf else float("nan") for value in (spot, future))
    strikes = positive(strikes)
    carried = spot * float(np.exp(rate * years))
    considered = min(WANTED_STRIKES, int(np.isfinite(strikes).sum()))
    if not years > 0:
        return Forward(float("nan"), None, 0, considered, float("nan"))
    quoted = [(mid, True, WINDOW_STRIKES)]
    if not future > 0:
        quoted.append((mid, True, FAR_WINDOW_STRIKES))
    for (call, put), standing, window in (*quoted, (ltp, False, WINDOW_STRIKES)):
        implied = parity_forwards(strikes, call, put, years, rate)
        centre = spot if spot > 0 else future if future > 0 else _middle(implied, call - put)
        near = implied[_nearest(strikes, centre, window)]
        near = near[np.isfinite(near)][:WANTED_STRIKES]
        if near.size >= max(min(ENOUGH_STRIKES, considered), 1):
            value = float(np.median(near))
            contradicted = abs(value - carried) > CREDIBLE_CARRY * (1.0 + years) * carried
            unanimous = standing and near.size >= ENOUGH_STRIKES and np.ptp(near) <= UNANIMOUS * value
            if value > 0 and (unanimous or not contradicted):
                return Forward(value, "parity", int(near.size), considered, value - spot)
        if near.size and (window == FAR_WINDOW_STRIKES or future > 0):
            break  # some strikes are quoted: then future or spot are better than old trades
    if future > 0:
        return Forward(future, "future", 0, considered, future - spot)
    if 0 < carried < np.inf:
        return Forward(carried, "spot", 0, considered, carried - spot)
    return Forward(float("nan"), None, 0, considered, float("nan"))


def _middle(implied: Array, gap: Array) -> float:
    """The money without a spot: median of parity over the strikes whose call and put differ least in price."""
    order = np.argsort(np.abs(gap), kind="stable")[:WINDOW_STRIKES]
    near = implied[order]
    near = near[np.isfinite(near)]
    return float(np.median(near)) if near.size else float("nan")


def _nearest(strikes: Array, centre: float, count: int) -> npt.NDArray[np.intp]:
    """Positions of the `count` strikes nearest `centre`, nearest first; ties lower first."""
    return np.argsort(np.abs(strikes - centre), kind="stable")[:count]


def carry_percent(price: float, spot: float, days_left: float) -> float:
    """Carry that a forward price implies over the spot, % a year: 36500 ln(price / spot) / calendar days to the cutoff.

    price, spot: rupees. NaN below a day: a paisa of the price would then be percents a year.
    """
    if not (0 < price < np.inf and 0 < spot < np.inf and 1.0 <= days_left < np.inf):
        return float("nan")
    return 36_500.0 * float(np.log(price / spot)) / days_left
