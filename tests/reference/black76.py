"""Black-76 one option at a time: textbook price, Greeks by finite differences, IV by bisection."""

import math

CALL, PUT = 1, -1


def normal_cdf(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2.0))


def price(forward: float, strike: float, years: float, rate: float, sigma: float, sign: int) -> float:
    """e^{-rT} q (F N(q d1) - K N(q d2)), rupees."""
    root = sigma * math.sqrt(years)
    d1 = math.log(forward / strike) / root + root / 2
    exercised = forward * normal_cdf(sign * d1) - strike * normal_cdf(sign * (d1 - root))
    return math.exp(-rate * years) * sign * exercised


def greeks(forward: float, strike: float, years: float, rate: float, sigma: float, sign: int) -> dict[str, float]:
    """Greeks in displayed units, each as the central difference of the price that defines it."""

    def at(df: float = 0.0, dt: float = 0.0, dv: float = 0.0) -> float:
        return price(forward + df, strike, years + dt, rate, sigma + dv, sign)

    def delta_at(dt: float = 0.0, dv: float = 0.0) -> float:
        return (at(point, dt, dv) - at(-point, dt, dv)) / (2 * point)

    # A hundredth of a standard deviation, a thousandth of the time and of the volatility: truncation and rounding
    # then both stay near 1e-5 of the Greek's size at the money.
    point = forward * sigma * math.sqrt(years) * 1e-2
    moment, vol = years * 1e-3, sigma * 1e-3
    return {
        "delta": delta_at(),
        "gamma": (at(point) - 2 * at() + at(-point)) / point**2,
        "theta": -(at(dt=moment) - at(dt=-moment)) / (2 * moment) / 365,  # time runs towards expiry
        "vega": (at(dv=vol) - at(dv=-vol)) / (2 * vol) / 100,
        "vanna": (delta_at(dv=vol) - delta_at(dv=-vol)) / (2 * vol) / 100,
        "charm": -(delta_at(dt=moment) - delta_at(dt=-moment)) / (2 * moment) / 365,
    }


def implied_vol(option_price: float, forward: float, strike: float, years: float, rate: float, sign: int) -> float:
    """IV by 200 bisections between 0.01 % and 10,000 %."""
    low, high = 1e-4, 100.0
    for _ in range(200):
        middle = (low + high) / 2
        if price(forward, strike, years, rate, middle, sign) < option_price:
            low = middle
        else:
            high = middle
    return (low + high) / 2
