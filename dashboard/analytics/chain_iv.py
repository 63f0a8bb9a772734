"""One IV per option and one per strike: which price to trust, and which side of the strike.

By put-call parity both legs of a strike have one IV, but they do not tell it equally well. The out-of-the-money leg
is all time value, trades most, and moves its whole price per unit of volatility; the in-the-money leg buries the same
few rupees under hundreds of intrinsic value, where one old trade or half a tick is worth many vol points. Therefore:

* the **smile** (`otm_iv`) is made of out-of-the-money legs only: the call at and above the forward, the put below;
* the **Greeks** of both legs use the strike's IV (`strike_iv`): that of the out-of-the-money leg, or, when it has
  none, that of the in-the-money leg if half a tick moves it by at most one vol point. So a call and its put always
  agree;
* each leg's own `iv` and `status` still say what *its* price says. An in-the-money leg is OK only when its time value
  agrees with the other leg's within the band that makes a quote a price (0.20 rupees or 10 %) plus half its own
  spread. Else its price is from another moment, STALE if it is an LTP, or too coarse, WIDE_QUOTE if it is a mid. When
  half a tick is more than a vol point it is NEAR_INTRINSIC: the price is right, but says nothing about volatility;
* an out-of-the-money LTP well above the prices nearer the money is STALE: a farther strike is worth less at any
  volatility, so that trade is from another moment;
* with more than an hour to live, an IV above 200 % is ABOVE_MAX: a far strike at 0.50 is a lottery ticket with a least
  price, not an opinion on volatility. In the last hour one tick at a far strike honestly is several hundred percent.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dashboard.analytics.implied_vol import IvStatus, implied_vol, nearby_iv
from dashboard.analytics.quotes import NARROW_RUPEES, NARROW_SHARE, PriceFault

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int8]

CREDIBLE = 2.0
LAST_HOUR = 1.0 / (365.0 * 24.0)
OUT_OF_LINE = 1.2  # times the dearer of the two strikes nearer the money, and a rupee: lottery tickets differ by that
DETERMINED = 0.01  # one vol point: an in-the-money IV less certain than this is not shown


class ChainIv(NamedTuple):
    """iv, iv_lo, iv_hi, status: (2, n), calls then puts. otm_iv, strike_iv: (n,). IVs are annual fractions."""

    iv: Array
    iv_lo: Array
    iv_hi: Array
    status: Codes
    otm_iv: Array
    strike_iv: Array


def chain_iv(
    strikes: Array,
    price: Array,
    price_source: Codes,
    spread: Array,
    intrinsic: Array,
    forward: float,
    years: float,
    rate: float,
    tick_size: float,
) -> ChainIv:
    """IVs of a chain under the policy of the module docstring.

    strikes: (n,) rupees. price, spread, intrinsic: (2, n) rupees, calls then puts. price_source: (2, n) `PriceFault`.
    """
    sign = np.array([[1.0], [-1.0]])
    iv, status = implied_vol(price, forward, strikes, years, rate, sign > 0, resolution=tick_size)
    otm = np.array([strikes >= forward, strikes < forward])
    outdated = otm & (price_source == PriceFault.LTP) & (price > OUT_OF_LINE * _nearer(price) + 1.0)
    iv[outdated], status[outdated] = np.nan, IvStatus.STALE
    no_price = status == IvStatus.NO_PRICE
    status[no_price & (price_source == PriceFault.STALE)] = IvStatus.STALE
    status[no_price & (price_source == PriceFault.WIDE_QUOTE)] = IvStatus.WIDE_QUOTE

    # Half a tick up and down is what the exchange rounds away.
    off_by = np.array([-0.5, 0.5]).reshape(2, 1, 1) * tick_size
    iv_lo, iv_hi = nearby_iv(price + off_by, iv, forward, strikes, years, rate, sign)

    time_value = price - intrinsic
    other = time_value[::-1]
    agreed = np.maximum(NARROW_RUPEES, NARROW_SHARE * other) + 0.5 * np.where(spread > 0, spread, 0.0)
    itm_ok = ~otm & (status == IvStatus.OK)
    vague = itm_ok & ~(iv_hi - iv_lo <= 2.0 * DETERMINED)
    foreign = itm_ok & (status[::-1] == IvStatus.OK) & (np.abs(time_value - other) > agreed)
    status[vague] = IvStatus.NEAR_INTRINSIC
    status[foreign] = np.where(price_source == PriceFault.MID, IvStatus.WIDE_QUOTE, IvStatus.STALE)[foreign]
    iv[vague | foreign] = np.nan

    strike_iv = np.where(otm[0], iv[0], iv[1])
    strike_iv = np.where(np.isfinite(strike_iv), strike_iv, np.where(otm[0], iv[1], iv[0]))
    lottery = (iv > CREDIBLE) & (years > LAST_HOUR)
    status[lottery] = IvStatus.ABOVE_MAX
    for column in (iv, iv_lo, iv_hi):
        column[status != IvStatus.OK] = np.nan
    otm_iv = np.where(otm[0], iv[0], np.where(otm[1], iv[1], np.nan))
    return ChainIv(iv, iv_lo, iv_hi, status, otm_iv, strike_iv)


def _nearer(price: Array) -> Array:
    """(2, n): the higher price of the two strikes nearer the money on the same side, NaN where both are unknown.

    Strikes ascend, so for calls those are the ones before, for puts the ones after.
    """
    padded = np.pad(price, ((0, 0), (2, 2)), constant_values=np.nan)
    calls, puts = padded
    return np.array([np.fmax(calls[:-4], calls[1:-3]), np.fmax(puts[4:], puts[3:-1])])
