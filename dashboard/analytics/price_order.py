"""Prices that contradict each other: farther from the money an option is worth less, at any volatility.

A price that breaks this order is from another moment, whatever its recorded age. A pair of prices does not show which
of the two is wrong; the whole side of the chain does. So the largest set of prices that falls outward counts as the
market, and prices that do not fit between its members are out of line.
"""

from bisect import bisect_right

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

FACTOR, RUPEES = 1.2, 1.0  # a farther price may be this much higher: far strikes at 0.50 and 0.85 agree
ENOUGH_TRUSTED = 3


def out_of_line(price: Array, trusted: Mask) -> Mask:
    """Which prices of one side contradict the others, (n,).

    price: rupees, ordered outward from the money, NaN where unknown. trusted: prices that are quotes; with at least
    three of them they alone are the market, and last trades are compared with them. A price is out of line
    when it is above 1.2 times a nearer price of the market plus a rupee, or when a farther one is so far above it.
    """
    out = np.zeros(price.shape, dtype=bool)
    known = np.flatnonzero(np.isfinite(price))
    prices = price[known]
    if prices.size < 2:
        return out
    lowest = np.minimum.accumulate(prices)  # running minimum, outward from the money
    if not (prices[1:] > FACTOR * lowest[:-1] + RUPEES).any():
        return out
    quoted = np.flatnonzero(trusted[known])
    candidates = quoted if quoted.size >= ENOUGH_TRUSTED else np.arange(prices.size)
    market = np.full(prices.size, np.nan)
    chosen = candidates[_longest_falling(prices[candidates].tolist())]
    market[chosen] = prices[chosen]
    nearer = np.fmin.accumulate(market)
    farther = np.fmax.accumulate(market[::-1])[::-1]
    with np.errstate(invalid="ignore"):
        out[known] = (prices > FACTOR * nearer + RUPEES) | (FACTOR * prices + RUPEES < farther)
    return out


def _longest_falling(prices: list[float]) -> list[int]:
    """Positions of the longest subsequence that never rises; of equally long ones, the one that ends first."""
    tails: list[float] = []  # the best last value, negated, of a subsequence of each length
    last: list[int] = []
    before: list[int] = []
    end, longest = -1, 0
    for position, value in enumerate(prices):
        length = bisect_right(tails, -value)
        before.append(last[length - 1] if length else -1)
        if length == len(tails):
            tails.append(-value)
            last.append(position)
        else:
            tails[length], last[length] = -value, position
        if length + 1 > longest:
            longest, end = length + 1, position
    chosen = []
    while end >= 0:
        chosen.append(end)
        end = before[end]
    return chosen[::-1]
