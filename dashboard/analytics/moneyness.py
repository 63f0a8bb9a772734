"""The parts of an option price: intrinsic value, time value, break-even.

Intrinsic value is taken against the *forward* and discounted, not against the spot: only then do call and put of one
strike have the same time value (put-call parity), and a negative time value means a bad price instead of carry.
"""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def intrinsic(forward: npt.ArrayLike, strike: npt.ArrayLike, years: npt.ArrayLike, rate: float, sign: Array) -> Array:
    """Discounted intrinsic value in rupees: e^{-rT} max(q (F - K), 0); sign q is +1 call, -1 put. NaN if undefined."""
    forward, strike, years = np.asarray(forward, float), np.asarray(strike, float), np.asarray(years, float)
    value: Array = np.exp(-rate * years) * np.maximum(sign * (forward - strike), 0.0)
    return value


def time_value(price: Array, intrinsic: Array) -> Array:
    """Price minus intrinsic value in rupees; negative for a price that parity does not allow."""
    return price - intrinsic


def break_even(price: Array, strike: Array, sign: Array) -> Array:
    """Underlying price at expiry at which a buyer at `price` breaks even: K + C for a call, K - P for a put."""
    return strike + sign * price
