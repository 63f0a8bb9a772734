"""The usable price of an option: the middle of its quote, its last trade, or none.

Every function takes columns of shape (n,) in rupees, NaN where unknown, and returns columns of the same shape. A zero
or negative price is no price: brokers send 0 for "never".
"""

from enum import IntEnum

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int8]

NARROW_RUPEES = 0.20
NARROW_SHARE = 0.10  # of the mid


class PriceSource(IntEnum):
    """Source of the price of an option, or why it has none."""

    MID = 0
    LTP = 1
    NO_PRICE = 2
    STALE = 3
    WIDE_QUOTE = 4


def positive(prices: Array) -> Array:
    """The prices that are finite and above zero; NaN elsewhere."""
    return np.where((prices > 0) & (prices < np.inf), prices, np.nan)


def spread(bid: Array, ask: Array) -> Array:
    """Ask minus bid in rupees; NaN for a one-sided or crossed quote."""
    return np.where((bid > 0) & (ask >= bid) & (ask < np.inf), ask - bid, np.nan)


def mid(bid: Array, ask: Array) -> Array:
    """Middle of a two-sided quote in rupees; NaN for a one-sided or crossed one."""
    return bid + 0.5 * spread(bid, ask)


def narrow(mid: Array, spread: Array) -> npt.NDArray[np.bool_]:
    """Whether a quote is tight enough to be a price: spread at most 0.20 rupees or 10 % of its mid."""
    return spread <= np.maximum(NARROW_RUPEES, NARROW_SHARE * mid) + 1e-9


def believable_price(bid: Array, ask: Array, ltp: Array, age_s: Array, max_age_s: float) -> tuple[Array, Codes]:
    """Price to calculate with, in rupees, and where it comes from or why there is none (`PriceSource` codes).

    The mid of a narrow quote comes first, because a quote is current. Else the LTP, if it is at most `max_age_s` old
    (an unknown age counts as fresh) and not outside the present quote: a last trade below the bid is old. Without
    either: WIDE_QUOTE when there is a two-sided quote, STALE when there is only such an LTP, else NO_PRICE.
    """
    bid, ask, ltp = positive(np.array([bid, ask, ltp]))
    middle, width = mid(bid, ask), spread(bid, ask)
    quoted = narrow(middle, width)
    outdated = (age_s > max_age_s) | (ltp < bid) | (ltp > ask)
    traded = ~quoted & ~outdated & (ltp > 0)
    price = np.where(quoted, middle, np.where(traded, ltp, np.nan))
    fault = np.full(price.shape, PriceSource.NO_PRICE, dtype=np.int8)
    fault[ltp > 0] = PriceSource.STALE  # later reasons overrule earlier ones
    fault[middle > 0] = PriceSource.WIDE_QUOTE
    fault[traded] = PriceSource.LTP
    fault[quoted] = PriceSource.MID
    return price, fault
