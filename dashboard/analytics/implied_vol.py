"""Implied volatility: the sigma at which Black-76 gives the price, and per option the reason when there is none.

The solve is always on the time value of the out-of-the-money side, because an in-the-money price carries its time
value in its last digits. With beta = time value / sqrt(F K) and x = -|ln(F/K)|, the normalised price b(s) of
s = sigma sqrt(T) has one inflection, at sqrt(2|x|). Left of it ln b is nearly linear in 1/s^2, right of it b is concave
in s. Newton in those variables, started at the inflection, converges without bounds, and Halley's correction saves it a
third of the steps (the observations behind P. Jäckel, "Let's be rational", Wilmott 2015).
"""

from enum import IntEnum

import numpy as np
import numpy.typing as npt
from scipy.special import erfcx

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int8]

_SQRT_2 = np.sqrt(2.0)
_SQRT_2PI = np.sqrt(2.0 * np.pi)
_TOLERANCE = 1e-6  # of a relative step; convergence is cubic, so the step taken leaves nothing above rounding
_MAX_STEPS = 40  # 5 are enough for real prices; the rest is for arbitrary input
_NEARBY_STEPS = 2
_NOISE = 4.0 * np.finfo(float).eps  # of max(F, K): time value below it is rounding, not information


class IvStatus(IntEnum):
    """Whether an option has an IV, and if not, why. Frame and screen use the names in lower case."""

    OK = 0
    NO_PRICE = 1  # an input is missing: the price of the option, or the forward
    BELOW_INTRINSIC = 2  # below the discounted intrinsic value: usually an old LTP
    NEAR_INTRINSIC = 3  # in the money, and the time value is less than the price can express
    ABOVE_MAX = 4  # a call above the discounted forward, a put above the discounted strike
    EXPIRED = 5
    STALE = 6  # the only price is too old, or disagrees with the rest of the chain
    WIDE_QUOTE = 7  # the only price is the middle of a quote that is too wide
    SETTLING = 8  # the last minutes: settlement is almost fixed, and the price no longer depends on volatility


STATUS_WORDS = tuple(status.name.lower() for status in IvStatus)


def implied_vol(
    price: npt.ArrayLike,
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    years: npt.ArrayLike,
    rate: npt.ArrayLike,
    is_call: npt.ArrayLike,
    resolution: float = 0.0,
) -> tuple[Array, Codes]:
    """IV as an annual fraction, and an `IvStatus` code, per element of the broadcast inputs.

    price, forward, strike: rupees. years: ACT/365. rate: annual fraction. resolution: rupees, the smallest time value
    an in-the-money price can express (one tick for a traded price, 0 for an exact one). The IV is NaN wherever the
    status is not OK; never 0, never an exception, never a warning.
    """
    price, forward, strike, years, rate = (
        np.asarray(given, dtype=float) for given in (price, forward, strike, years, rate)
    )
    sign = np.where(is_call, 1.0, -1.0)
    with np.errstate(all="ignore"):
        discount = np.exp(-rate * years)
        undiscounted = price / discount
        itm = sign * (forward - strike)
        time_value = undiscounted - np.maximum(itm, 0.0)
        lesser, greater = np.minimum(forward, strike), np.maximum(forward, strike)
        noise = np.maximum(resolution / discount * (1.0 - 1e-9), _NOISE * greater)
        known = (price > 0) & (lesser > 0) & (greater < np.inf) & (discount > 0) & (undiscounted < np.inf)
        in_money = itm > 0
        status = np.zeros(time_value.shape, dtype=np.int8)
        for reason, holds in (  # later reasons overrule earlier ones
            (IvStatus.ABOVE_MAX, time_value >= lesser * (1.0 - _NOISE)),
            (IvStatus.NEAR_INTRINSIC, in_money & (time_value < noise)),
            (IvStatus.BELOW_INTRINSIC, in_money & (time_value < -noise)),
            (IvStatus.NO_PRICE, ~known | ~(years > 0)),
            (IvStatus.EXPIRED, years <= 0),
        ):
            np.copyto(status, reason, where=holds)
        iv = np.full(time_value.shape, np.nan)
        solvable = status == IvStatus.OK
        if solvable.any():
            beta = time_value / (np.sqrt(lesser) * np.sqrt(greater))
            moneyness = np.broadcast_to(-np.abs(np.log1p((forward - strike) / strike)), status.shape)
            sigma = _total_vol(beta[solvable], moneyness[solvable])
            sigma /= np.broadcast_to(np.sqrt(years), status.shape)[solvable]
            sigma[~((sigma > 0) & (sigma < np.inf))] = np.nan
            iv[solvable] = sigma
            # Inputs beyond the arithmetic (subnormal prices, absurd rates) count as no price.
            status[solvable & np.isnan(iv)] = IvStatus.NO_PRICE
    return iv, status


def nearby_iv(
    price: npt.ArrayLike, iv: Array, forward: float, strike: Array, years: float, rate: float, sign: Array
) -> Array:
    """IV of a price close to one whose IV is known: two steps of the solver, started there.

    price, iv, strike, sign (+1 call, -1 put): broadcast; rupees and annual fractions. NaN where the IV is unknown or
    the price leaves no time value. Equal to `implied_vol` to a relative 1e-9 for half a tick, for prices of at least
    one tick.
    """
    with np.errstate(all="ignore"):
        time_value = np.asarray(price, dtype=float) * np.exp(rate * years) - np.maximum(sign * (forward - strike), 0.0)
        moneyness = -np.abs(np.log1p((forward - strike) / strike))
        log_beta = np.log(time_value / np.sqrt(forward * strike))
        root = iv * np.sqrt(years)
        log_b, slope = _log_price(moneyness, root)
        wing = root * root < -2.0 * moneyness
        for step in range(_NEARBY_STEPS):
            if step:
                log_b, slope = _log_price(moneyness, root)
            root = _improved(root, moneyness, log_b - log_beta, slope, wing)
        near: Array = root / np.sqrt(years)
        near[~((near > 0) & (near < np.inf))] = np.nan
    return near


def _total_vol(beta: Array, moneyness: Array) -> Array:
    """Solve b(moneyness, s) = beta for s; all of shape (n,), beta positive and below exp(moneyness / 2)."""
    s: Array = np.maximum(np.sqrt(-2.0 * moneyness), _SQRT_2PI * beta)
    log_beta = np.log(beta)
    unsolved = np.arange(s.size)
    now, x = s.copy(), moneyness
    log_b, slope = _log_price(x, now)
    wing = log_beta < log_b
    for _ in range(_MAX_STEPS):
        following = _improved(now, x, log_b - log_beta[unsolved], slope, wing[unsolved])
        s[unsolved] = following
        unsolved = unsolved[np.abs(following - now) > _TOLERANCE * now]
        if not unsolved.size:
            break
        now, x = s[unsolved], moneyness[unsolved]
        log_b, slope = _log_price(x, now)
    return s


def _improved(s: Array, moneyness: Array, miss: Array, slope: Array, wing: npt.NDArray[np.bool_]) -> Array:
    """One Halley step from s.

    miss: ln b(s) - ln beta. slope: d(ln b)/ds. wing: whether the root lies left of the inflection.
    """
    bend = (moneyness / s) ** 2 / s - 0.25 * s  # b'' / b'
    # Left: f = ln b - ln beta in w = 1/s^2, where f'' / f'^2 = (bend + 3/s) / slope - 1.
    halley = 1.0 - 0.5 * miss * ((bend + 3.0 / s) / slope - 1.0)
    in_wing = s / np.sqrt(1.0 + 2.0 * miss / (slope * s * _trusted(halley)))
    # Right: f = b - beta in s, where f / f' = (1 - e^-miss) / slope.
    newton = -np.expm1(-miss) / slope
    above = s - newton / _trusted(1.0 - 0.5 * newton * bend)
    return np.where(wing, in_wing, above)


def _trusted(correction: Array) -> Array:
    """Halley's correction of a Newton step, kept within a factor of two: beyond it the step is far from the root."""
    return np.minimum(np.maximum(correction, 0.5), 2.0)  # np.clip takes three times as long on short arrays


def _log_price(moneyness: Array, s: Array) -> tuple[Array, Array]:
    """ln b and its slope d(ln b)/ds; neither underflows in the wings, where b itself does."""
    h = moneyness / s
    t = 0.5 * s
    scaled = 0.5 * (erfcx(-(h + t) / _SQRT_2) - erfcx((t - h) / _SQRT_2))
    log_b: Array = np.log(scaled) - 0.5 * (h * h + t * t)
    slope: Array = 1.0 / (_SQRT_2PI * scaled)
    return log_b, slope
