"""The ATM strike, its straddle, and the moves that options imply."""

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

Array = npt.NDArray[np.float64]

EXPECTED_MOVE_BASIS = "straddle at the forward"  # label of `expected_move` on screen


def atm_position(strikes: Array, reference: float) -> int | None:
    """Position of the listed strike nearest `reference` (the forward); ties go to the lower strike.

    strikes: (n,) rupees. None when there is no strike or no reference.
    """
    distance = np.abs(strikes - reference)
    if not np.isfinite(distance).any():
        return None
    tied = np.flatnonzero(distance == np.nanmin(distance))
    return int(tied[np.argmin(strikes[tied])])


def straddle(call_price: Array, put_price: Array) -> Array:
    """Call plus put at each strike, (n,) rupees; NaN where either leg has no price."""
    return call_price + put_price


def expected_move(forward: float, atm_iv: float, years: float) -> float:
    """Mean absolute move to expiry, rupees either side of the forward: 2 F (2 N(IV sqrt(T) / 2) - 1).

    That is the price, without discount, of the straddle struck exactly at the forward. The straddle at a listed strike
    also contains the distance between that strike and the forward, which is most of it in the last hour.
    """
    return float(2.0 * forward * (2.0 * ndtr(0.5 * atm_iv * np.sqrt(years)) - 1.0))


def one_sigma_move(spot: float, atm_iv: float, years: float) -> float:
    """One standard deviation to expiry, rupees either side: S x IV x sqrt(T); about 1.25 expected moves."""
    return float(spot * atm_iv * np.sqrt(years))


def move_used(spot_change: float, day_move: float) -> float:
    """Today's change in percent of a session's expected move, without sign; it may exceed 100.

    spot_change: rupees since the previous close; day_move: rupees, > 0, fixed for the day. NaN where either is unknown.
    """
    return 100.0 * abs(spot_change) / day_move if 0 < day_move < np.inf else float("nan")
