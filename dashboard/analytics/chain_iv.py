"""One IV per option and one per strike: which price is usable, and which leg of the strike gives its IV.

By put-call parity both legs of a strike have one IV, but their prices determine it differently well. The price of the
out-of-the-money leg is all time value and it trades most; in the price of the in-the-money leg the same few rupees are
added to hundreds of intrinsic value, so one old trade or half a tick is worth many vol points.

Each leg's own price is checked in this order; a leg that fails has a status and no IV, and no number uses its price:

* an out-of-the-money price that breaks the order of its side (`price_order`) is STALE;
* with more than an hour to the cutoff an IV above 200 % is ABOVE_MAX: a price of 0.50 of a far strike says little about
  volatility. In the last hour one tick at a far strike really is several hundred percent;
* an out-of-the-money last trade is STALE when its delta differs by more than 0.02 from the smile through the quoted
  strikes on both sides of it, if these are at most three places away or their deltas at most 0.3 apart, or from that of
  the quote of the strike's other leg. A strike is quoted when it has an accepted out-of-the-money mid, or an
  in-the-money quote whose IVs at bid and ask agree;
* an in-the-money leg is NEAR_INTRINSIC when half a tick is more than a vol point: the price may be right, but does not
  determine the volatility;
* an in-the-money leg beside an accepted out-of-the-money one must have its time value, within the band that makes a
  quote a price (0.20 rupees or 10 %) plus half its own spread. Alone it counts only where the IV at its bid and the IV
  at its ask agree within a vol point. Else it is STALE if its price is an LTP, WIDE_QUOTE if it is a mid;
* in the last five minutes every leg is SETTLING.

The **smile** (`otm_iv`) is made of accepted out-of-the-money legs only. The **Greeks** of both legs use the strike's
IV (`strike_iv`), so a call and its put always agree: that of the out-of-the-money leg; else that of an accepted
in-the-money leg; else the smile interpolated between accepted strikes, linear in total variance over ln(strike), never
beyond the last one. `iv_source` has the source of each leg.
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dashboard.analytics import smile
from dashboard.analytics.implied_vol import IvStatus, implied_vol, nearby_iv
from dashboard.analytics.price_order import out_of_line
from dashboard.analytics.quotes import NARROW_RUPEES, NARROW_SHARE, PriceSource, spread

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int8]
Mask = npt.NDArray[np.bool_]

CREDIBLE = 2.0
LAST_HOUR_S = 3_600.0
SETTLING_S = 300.0  # the closing auction ends at 15:35, the derivatives five minutes later
DETERMINED = 0.01  # one vol point: an in-the-money IV less certain than this is not shown
SAME_SMILE = 0.02  # of delta, between a last trade and the quoted strikes around it
REACH, SPAN = 3, 0.3  # strikes on either side, or the difference of delta between them
_SIGN = np.array([[1.0], [-1.0]])  # calls, then puts


class IvSource(IntEnum):
    """Where the IV behind a leg's Greeks comes from."""

    NONE = 0
    OWN = 1
    OTHER_LEG = 2
    SMILE = 3


IV_SOURCE_WORDS: dict[int, str | None] = {
    IvSource.NONE.value: None,
    IvSource.OWN.value: "own",
    IvSource.OTHER_LEG.value: "other leg",
    IvSource.SMILE.value: "smile",
}


class ChainIv(NamedTuple):
    """iv, iv_lo, iv_hi, status, source: (2, n), calls then puts. otm_iv, strike_iv, half_tick: (n,).

    IVs are annual fractions; half_tick is the change of the strike's IV for half a tick of the price.
    """

    iv: Array
    iv_lo: Array
    iv_hi: Array
    status: Codes
    source: Codes
    otm_iv: Array
    strike_iv: Array
    half_tick: Array


def chain_iv(
    strikes: Array,
    price: Array,
    price_source: Codes,
    bid: Array,
    ask: Array,
    intrinsic: Array,
    forward: float,
    years: float,
    rate: float,
    tick_size: float,
    seconds_left: float,
) -> ChainIv:
    """IVs of a chain by the rules of the module docstring.

    strikes: (n,) rupees. price, bid, ask, intrinsic: (2, n) rupees, calls then puts. price_source: (2, n)
    `PriceSource`. seconds_left: clock time to the cutoff, also where `years` counts sessions.
    """
    iv, status = implied_vol(price, forward, strikes, years, rate, _SIGN > 0, resolution=tick_size)
    otm = np.array([strikes >= forward, strikes < forward])
    no_price = status == IvStatus.NO_PRICE
    status[no_price & (price_source == PriceSource.STALE)] = IvStatus.STALE
    status[no_price & (price_source == PriceSource.WIDE_QUOTE)] = IvStatus.WIDE_QUOTE
    quoted = price_source == PriceSource.MID
    status[_out_of_order(otm, price, quoted) & (status == IvStatus.OK)] = IvStatus.STALE
    if seconds_left > LAST_HOUR_S:
        status[(iv > CREDIBLE) & (status == IvStatus.OK)] = IvStatus.ABOVE_MAX
    iv[status != IvStatus.OK] = np.nan
    fine = np.isfinite(iv)
    standing = otm & quoted & fine
    lends = ~otm & quoted & fine & ~standing.any(axis=0)
    if lends.any():
        lends = lends & _quote_agrees(lends, strikes, bid, ask, forward, years, rate)
    traded = otm & ~quoted & fine
    by_trade, by_quote = (np.fmax(*np.where(mask, iv, np.nan)) for mask in (traded, standing | lends))
    status[traded & _off_the_smile(strikes, by_trade, by_quote, forward, years)] = IvStatus.STALE

    # The exchange rounds prices to a tick, so the true one is within half a tick.
    iv[status != IvStatus.OK] = np.nan
    off_by = np.array([-0.5, 0.5]).reshape(2, 1, 1) * tick_size
    iv_lo, iv_hi = nearby_iv(price + off_by, iv, forward, strikes, years, rate, _SIGN)

    time_value = price - intrinsic
    other = time_value[::-1]
    width = spread(bid, ask)
    agreed = np.maximum(NARROW_RUPEES, NARROW_SHARE * other) + 0.5 * np.where(width > 0, width, 0.0)
    itm = ~otm & (status == IvStatus.OK)
    beside = status[::-1] == IvStatus.OK
    vague = itm & ~(iv_hi - iv_lo <= 2.0 * DETERMINED)
    foreign = itm & ~vague & beside & (np.abs(time_value - other) > agreed)
    alone = itm & ~vague & ~beside
    foreign |= alone & ~lends
    status[vague] = IvStatus.NEAR_INTRINSIC
    status[foreign] = np.where(quoted, IvStatus.WIDE_QUOTE, IvStatus.STALE)[foreign]
    if seconds_left < SETTLING_S:
        status[status != IvStatus.EXPIRED] = IvStatus.SETTLING

    for column in (iv, iv_lo, iv_hi):
        column[status != IvStatus.OK] = np.nan
    half = 0.5 * (iv_hi - iv_lo)
    half_tick = np.where(np.isfinite(iv[0]) & (otm[0] | ~np.isfinite(iv[1])), half[0], half[1])
    otm_iv = np.where(otm[0], iv[0], np.where(otm[1], iv[1], np.nan))
    lent = np.where(otm[0], iv[1], iv[0])
    accepted = np.where(np.isfinite(otm_iv), otm_iv, lent)
    strike_iv = smile.between(strikes, accepted)
    return ChainIv(iv, iv_lo, iv_hi, status, _sources(otm, otm_iv, accepted, strike_iv), otm_iv, strike_iv, half_tick)


def _sources(otm: Mask, otm_iv: Array, accepted: Array, strike_iv: Array) -> Codes:
    """(2, n) `IvSource`: own for the leg whose price gave the strike's IV, other leg for the one across from it."""
    gives = np.where(np.isfinite(otm_iv), otm, ~otm)
    by_leg = np.where(gives, IvSource.OWN, IvSource.OTHER_LEG)
    source = np.where(np.isfinite(accepted), by_leg, np.where(np.isfinite(strike_iv), IvSource.SMILE, IvSource.NONE))
    return source.astype(np.int8)


def _out_of_order(otm: Mask, price: Array, quoted: Mask) -> Mask:
    """(2, n): out-of-the-money prices that contradict their side, calls taken upward, puts downward."""
    out = np.zeros(price.shape, dtype=bool)
    outside = np.where(otm, price, np.nan)
    out[0] = out_of_line(outside[0], quoted[0])
    out[1] = out_of_line(outside[1, ::-1], quoted[1, ::-1])[::-1]
    return out


def _off_the_smile(strikes: Array, otm_iv: Array, quoted_iv: Array, forward: float, years: float) -> Mask:
    """(n,): out-of-the-money last trades whose delta the quoted strikes around them contradict.

    otm_iv: of last trades, quoted_iv: of quoted strikes; NaN elsewhere.
    """
    traded, known = np.isfinite(otm_iv), np.flatnonzero(np.isfinite(quoted_iv))
    if not traded.any() or known.size < 2:
        return np.zeros(strikes.shape, dtype=bool)
    places = np.arange(strikes.size)
    after = np.searchsorted(known, places, side="left")
    inside = (after > 0) & (after < known.size)
    after = known[np.clip(after, 1, known.size - 1)]
    before = known[np.clip(np.searchsorted(known, places, side="left"), 1, known.size - 1) - 1]
    delta = smile.forward_delta(strikes, quoted_iv, forward, years)
    near = (places - before <= REACH) & (after - places <= REACH) | (np.abs(delta[before] - delta[after]) <= SPAN)
    # Where a strike has both a last trade and a quote of its other leg, that quote is the nearest neighbour.
    expected = smile.forward_delta(strikes, smile.between(strikes, quoted_iv), forward, years)
    comparable = np.isfinite(quoted_iv) | (inside & near)
    found = smile.forward_delta(strikes, otm_iv, forward, years)
    off: Mask = traded & comparable & (np.abs(found - expected) > SAME_SMILE)
    return off


def _quote_agrees(
    asked: Mask, strikes: Array, bid: Array, ask: Array, forward: float, years: float, rate: float
) -> Mask:
    """Whether the IV at the bid and the IV at the ask differ by at most a vol point, (2, n); False if not computed."""
    agrees = np.zeros(asked.shape, dtype=bool)
    side, place = np.nonzero(asked & (bid > 0) & (ask >= bid))
    edges = np.array([bid[side, place], ask[side, place]])
    ivs, _ = implied_vol(edges, forward, strikes[place], years, rate, side == 0)
    agrees[side, place] = ivs[1] - ivs[0] <= DETERMINED
    return agrees
