"""The strike at the money, its straddle, and the moves the market charges for."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

EXPECTED_MOVE_BASIS = "ATM straddle"  # what `expected_move` is, said beside it on screen


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


def expected_move(atm_straddle: float) -> float:
    """Move to expiry that the ATM straddle pays for, rupees either side of the forward: the straddle itself.

    It is the mean absolute move, about 0.8 of one standard deviation; 0.85 of it is roughly an even-odds band.
    """
    return atm_straddle


def one_sigma_move(spot: float, atm_iv: float, years: float) -> float:
    """One standard deviation to expiry, rupees either side: S x IV x sqrt(T); about 1.25 ATM straddles."""
    return float(spot * atm_iv * np.sqrt(years))


def expected_move_used(spot_change: float, move: float) -> float:
    """Percent of the expected move that the session's change already is, either way; 100 is all of it.

    spot_change: rupees since the previous close; move: rupees, > 0. NaN where either is unknown.
    """
    return 100.0 * abs(spot_change) / move if move > 0 else float("nan")
