"""Black-76: the price of a European option on a forward, and its Greeks, in the units of the screen.

Every argument is a number or an array; arrays broadcast. Rupees for forward and strike, years (ACT/365) to the expiry
cutoff, rate and sigma as annual fractions, `is_call` a bool or a bool array. An undefined input (NaN, infinite, or a
forward, strike, years or sigma that is not positive) gives NaN for that element, without a warning.

Source: F. Black, "The pricing of commodity contracts", J. Financial Economics 3 (1976) 167-179. Greeks hold sigma fixed
and are taken against the forward; docs/numbers.md has the formulas with worked numbers.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import erfcx, ndtr

Array = npt.NDArray[np.float64]

DAYS_PER_YEAR = 365.0
VOL_POINTS = 100.0  # 1.00 of volatility is 100 vol points
_SQRT_2 = np.sqrt(2.0)
_SQRT_2PI = np.sqrt(2.0 * np.pi)


class Greeks(NamedTuple):
    """Sensitivities of options, each of the broadcast shape of the inputs; NaN where undefined."""

    delta: Array  # rupees per index point of the forward
    gamma: Array  # delta per index point
    theta: Array  # rupees per day
    vega: Array  # rupees per vol point
    vanna: Array  # delta per vol point
    volga: Array  # vega per vol point: rupees per vol point squared
    charm: Array  # delta per day, time running forward


class _Terms(NamedTuple):
    """Terms that price and Greeks share; NaN wherever an input is undefined."""

    forward: Array
    strike: Array
    years: Array
    rate: Array
    sigma: Array
    sign: Array  # +1 call, -1 put
    root: Array  # sigma sqrt(T)
    d1: Array
    d2: Array
    discount: Array
    density: Array  # discounted n(d1)


def _terms(
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    years: npt.ArrayLike,
    rate: npt.ArrayLike,
    sigma: npt.ArrayLike,
    is_call: npt.ArrayLike,
) -> _Terms:
    forward, strike, years, rate, sigma = (
        np.asarray(given, dtype=float) for given in (forward, strike, years, rate, sigma)
    )
    sign = np.where(np.asarray(is_call, dtype=bool), 1.0, -1.0)
    with np.errstate(all="ignore"):
        root = sigma * np.sqrt(years)
        # log1p keeps ln(F/K) exact to the last bit where it matters: at the money, minutes before expiry.
        log_moneyness = np.log1p((forward - strike) / strike)
        d1 = log_moneyness / root + 0.5 * root
        defined = (forward > 0) & (strike > 0) & (years > 0) & (sigma > 0) & np.isfinite(rate) & np.isfinite(d1)
        d1 = np.where(defined, d1, np.nan)
        discount = np.exp(-rate * years)
        density = discount * np.exp(-0.5 * d1 * d1) / _SQRT_2PI
    return _Terms(forward, strike, years, rate, sigma, sign, root, d1, d1 - root, discount, density)


def _finite(values: Array) -> Array:
    """Turn infinite values into NaN; a scalar stays a scalar."""
    finite: Array = np.where(np.isfinite(values), values, np.nan)[()]
    return finite


def otm_value(moneyness: Array, root: Array) -> Array:
    """Undiscounted price of the out-of-the-money option in units of sqrt(F K), without cancellation in the wings.

    moneyness: -|ln(F/K)|, never positive. root: sigma sqrt(T), positive. Both scaled error functions share the factor
    exp(-(h^2 + t^2)/2), so their difference keeps its digits where N(d1) and N(d2) would both have underflowed
    (P. Jäckel, "Let's be rational", Wilmott 2015, eq. 2.14 has the same form).
    """
    h = moneyness / root
    t = 0.5 * root
    shared = np.exp(-0.5 * (h * h + t * t))
    value: Array = 0.5 * shared * (erfcx(-(h + t) / _SQRT_2) - erfcx((t - h) / _SQRT_2))
    return value


def price(
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    years: npt.ArrayLike,
    rate: npt.ArrayLike,
    sigma: npt.ArrayLike,
    is_call: npt.ArrayLike,
) -> Array:
    """Price in rupees: discounted intrinsic value plus the time value of the out-of-the-money side.

    Shapes, units and unknowns as in the module docstring. Relative error below 1e-11 down to prices of 1e-300.
    """
    terms = _terms(forward, strike, years, rate, sigma, is_call)
    with np.errstate(all="ignore"):
        moneyness = np.where(
            np.isnan(terms.d1), np.nan, -np.abs(np.log1p((terms.forward - terms.strike) / terms.strike))
        )
        time_value = np.sqrt(terms.forward * terms.strike) * otm_value(moneyness, terms.root)
        # sigma sqrt(T) beyond 50: erfcx overflows, and the price is at its upper bound.
        time_value = np.where(terms.root > 50.0, np.minimum(terms.forward, terms.strike), time_value)
        intrinsic = np.maximum(terms.sign * (terms.forward - terms.strike), 0.0)
        return _finite(terms.discount * (intrinsic + time_value) + 0.0 * terms.d1)


def _delta(terms: _Terms) -> Array:
    """q e^{-rT} N(q d1), q = +1 call, -1 put."""
    value: Array = terms.sign * terms.discount * ndtr(terms.sign * terms.d1)
    return value


def _gamma(terms: _Terms) -> Array:
    """e^{-rT} n(d1) / (F sigma sqrt(T))."""
    return terms.density / (terms.forward * terms.root)


def _vega(terms: _Terms) -> Array:
    """F e^{-rT} n(d1) sqrt(T) / 100."""
    return terms.forward * terms.density * np.sqrt(terms.years) / VOL_POINTS


def _vanna(terms: _Terms) -> Array:
    """-e^{-rT} n(d1) d2 / sigma / 100."""
    return -terms.density * terms.d2 / terms.sigma / VOL_POINTS


def _volga(terms: _Terms) -> Array:
    """vega d1 d2 / sigma / 100."""
    return _vega(terms) * terms.d1 * terms.d2 / terms.sigma / VOL_POINTS


def _charm(terms: _Terms) -> Array:
    """(r delta + e^{-rT} n(d1) d2 / (2T)) / 365; libraries that differentiate by time *to* expiry have the opposite
    sign.

    Below a day to expiry "per day" is an extrapolation: delta cannot move after the expiry.
    """
    decay = terms.rate * _delta(terms)
    return (decay + terms.density * terms.d2 / (2.0 * terms.years)) / DAYS_PER_YEAR


def _theta(terms: _Terms) -> Array:
    """(-F e^{-rT} n(d1) sigma / (2 sqrt(T)) + r price) / 365."""
    exercised = terms.forward * ndtr(terms.sign * terms.d1) - terms.strike * ndtr(terms.sign * terms.d2)
    carry = terms.rate * terms.discount * terms.sign * exercised
    decay = terms.forward * terms.density * terms.sigma / (2.0 * np.sqrt(terms.years))
    value: Array = (carry - decay) / DAYS_PER_YEAR
    return value


def greeks(
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    years: npt.ArrayLike,
    rate: npt.ArrayLike,
    sigma: npt.ArrayLike,
    is_call: npt.ArrayLike,
    days_per_year: float = DAYS_PER_YEAR,
) -> Greeks:
    """Compute all Greeks in one pass over the shared terms.

    days_per_year: 365 gives theta and charm per calendar day; 252 per session, where `years` counts sessions.
    """
    terms = _terms(forward, strike, years, rate, sigma, is_call)
    shape = np.broadcast_shapes(terms.d1.shape, terms.sign.shape)
    with np.errstate(all="ignore"):
        block = np.empty((len(Greeks._fields), *shape))
        for position, greek in enumerate((_delta, _gamma, _theta, _vega, _vanna, _volga, _charm)):
            block[position] = greek(terms)
    if days_per_year != DAYS_PER_YEAR:
        for name in ("theta", "charm"):
            block[Greeks._fields.index(name)] *= DAYS_PER_YEAR / days_per_year
    block[~np.isfinite(block)] = np.nan
    return Greeks(*block)


def itm_probability(
    forward: npt.ArrayLike,
    strike: npt.ArrayLike,
    years: npt.ArrayLike,
    sigma: npt.ArrayLike,
    is_call: npt.ArrayLike,
) -> Array:
    """Risk-neutral probability of finishing in the money, 0..1: N(q d2), as if every strike had this one's IV."""
    terms = _terms(forward, strike, years, 0.0, sigma, is_call)
    return _finite(ndtr(terms.sign * terms.d2))


def touch_probability(
    forward: npt.ArrayLike, strike: npt.ArrayLike, years: npt.ArrayLike, sigma: npt.ArrayLike
) -> Array:
    """Risk-neutral probability that the forward reaches the strike at least once before the cutoff, 0..1.

    N(q d2) + F/K N(q d1), q = +1 for a strike above the forward and -1 below it: the first-passage probability of a
    lognormal forward without drift at one volatility (reflection principle). It is 1 at the money, and near it about
    twice the probability of finishing beyond the strike.
    """
    forward, strike = np.asarray(forward, dtype=float), np.asarray(strike, dtype=float)
    terms = _terms(forward, strike, years, 0.0, sigma, strike >= forward)
    with np.errstate(all="ignore"):
        ended, returned = ndtr(terms.sign * terms.d2), ndtr(terms.sign * terms.d1)
        return _finite(np.minimum(ended + forward / strike * returned, 1.0))
