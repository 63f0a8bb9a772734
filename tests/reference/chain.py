"""Whole-chain numbers by plain loops. OI in units; unknown is NaN."""

import math
from collections.abc import Sequence
from statistics import NormalDist

from dashboard.market.chain import Array

Column = Sequence[float] | Array  # walked number by number, whichever it is


def known(value: float) -> float:
    return 0.0 if math.isnan(value) else value


def pain(settlement: float, strikes: Column, call_oi: Column, put_oi: Column) -> float:
    """Rupees that all holders are paid when the series settles at `settlement`."""
    return sum(
        known(calls) * max(settlement - strike, 0.0) + known(puts) * max(strike - settlement, 0.0)
        for strike, calls, puts in zip(strikes, call_oi, put_oi, strict=True)
    )


def max_pain(strikes: Column, call_oi: Column, put_oi: Column, forward: float = math.nan) -> float:
    """Every strike tried as settlement; ties to the one nearest the forward, then the lower."""
    paid = {strike: pain(strike, strikes, call_oi, put_oi) for strike in strikes}
    tied = sorted(strike for strike, amount in paid.items() if amount == min(paid.values()))
    return tied[0] if math.isnan(forward) else min(tied, key=lambda strike: (abs(strike - forward), strike))


def put_call_ratio(put: Column, call: Column) -> float:
    return sum(map(known, put)) / sum(map(known, call))


def strike_of_delta(forward: float, years: float, sigma: float, target: float) -> float:
    """Strike whose call has forward delta `target` at a flat sigma: F exp(sigma^2 T / 2 - N^-1(target) sigma
    sqrt(T))."""
    root = sigma * math.sqrt(years)
    return forward * math.exp(0.5 * root * root - NormalDist().inv_cdf(target) * root)


def gamma(forward: float, strike: float, years: float, rate: float, sigma: float) -> float:
    root = sigma * math.sqrt(years)
    d1 = math.log(forward / strike) / root + root / 2
    return math.exp(-rate * years) * math.exp(-d1 * d1 / 2) / math.sqrt(2 * math.pi) / (forward * root)


def net_gex_crore(
    spot: float,
    forward: float,
    years: float,
    rate: float,
    legs: Sequence[tuple[float, float, float]],
) -> float:
    """Crore per 1 % move; legs: (strike, sigma, OI with the dealers' sign)."""
    per_point = sum(gamma(forward, strike, years, rate, sigma) * oi for strike, sigma, oi in legs)
    return per_point * spot * spot * 0.01 / 1e7


def zero_gamma(
    spot: float, forward: float, years: float, rate: float, legs: Sequence[tuple[float, float, float]]
) -> float:
    """The sign change nearest the spot, found by walking outwards in steps of 0.005 % to 3 % and bisecting."""

    def net(level: float) -> float:
        return net_gex_crore(level, forward + level - spot, years, rate, legs)

    step = spot * 5e-5
    for n in range(600):
        for low in (spot + n * step, spot - (n + 1) * step):
            high = low + step
            if net(low) * net(high) < 0:
                for _ in range(80):
                    middle = (low + high) / 2
                    if net(low) * net(middle) <= 0:
                        high = middle
                    else:
                        low = middle
                return (low + high) / 2
    return math.nan
