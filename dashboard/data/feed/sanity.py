"""What may enter a chain, and which received values are rejected. Pure but for its memory.

Nothing wrong may be shown as right. So what cannot be true becomes unknown, and is counted by reason:

quote_crossed     a bid above its ask
quantity_wrapped  more units than can exist: a quantity that ran through the 32 bits of the wire
spot_far          a spot away from its own recent path that the options contradict, or that nothing confirms yet
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dashboard.analytics.quotes import mid, narrow, positive, spread
from dashboard.market.chain import Array

NAN = float("nan")
# Where a column's row is, in ticks and polls alike.
LTP, BID, ASK, BID_QTY, ASK_QTY, VOLUME, OI = range(7)
QUOTE = slice(BID, ASK_QTY + 1)

WRAPPED = 2.0**31  # units. No open interest and no queue of orders comes near; a volume may, by growing
NEARLY_WRAPPED = 2.0**30

# A path: how far a spot may step within PATH_S; over a longer silence further, with the square root of time.
PATH_STEP, PATH_S = 0.006, 5.0
AGREES, CONTRADICTS = 0.01, 0.03  # distance from the spot that the options imply, as shares of it
PER_YEAR = 0.03  # more of both for a year to expiry: what carry and dividends may be other than assumed
CONFIRMED = 0.003  # two ticks this near to each other confirm each other
KEPT_S = 10.0  # a spot is shown this long while newer ones are held back, then it is unknown
NEAREST_STRIKES = 5
PARITY_SPREAD = 0.01  # strikes that disagree by more imply nothing
OUTSIDE_STRIKES = 0.3  # the listed strikes lie around the spot


def make_unknown(received: Array, volume_before: Array, rejects: Counter[str]) -> NDArray[np.bool_]:
    """Turn what cannot be true into NaN, in place; gives where the quote was crossed.

    received: (7 or more, n), the first seven rows as named above. volume_before: (n,) as known until now. A volume may
    pass 2^31 by growing; one that jumps there has run through the wire's 32 bits, as has any other quantity.
    """
    crossed = received[BID] > received[ASK]
    if crossed.any():
        rejects["quote_crossed"] += int(crossed.sum())
        received[QUOTE, crossed] = NAN
    quantities = received[BID_QTY : OI + 1]
    wrapped = (quantities < 0) | (quantities >= WRAPPED)
    if wrapped.any():
        grown = (quantities[VOLUME - BID_QTY] > 0) & ~(volume_before < NEARLY_WRAPPED)
        wrapped[VOLUME - BID_QTY] &= ~grown
        rejects["quantity_wrapped"] += int(wrapped.sum())
        quantities[wrapped] = NAN
    return np.asarray(crossed)


def implied_spot(
    strikes: Array, call: tuple[Array, Array], put: tuple[Array, Array], years: float, rate: float
) -> float:
    """Spot that put-call parity implies, rupees; NaN without three strikes that agree.

    call, put: bid and ask in rupees, NaN where unknown. rate: annual fraction. Only narrow quotes are asked: a wide
    one, or a last trade, may be further off than what it should judge. Of these the strikes where call and put are
    nearest to each other. The discount of the difference is left out: near the money it is paise.
    """
    prices = []
    for bid, ask in (call, put):
        bid, ask = positive(bid), positive(ask)
        middle = mid(bid, ask)
        prices.append(np.where(narrow(middle, spread(bid, ask)), middle, np.nan))
    difference = prices[0] - prices[1]
    known = np.flatnonzero(np.isfinite(difference))
    if len(known) < 3:
        return NAN
    chosen = known[np.argsort(np.abs(difference[known]))[:NEAREST_STRIKES]]
    forwards = strikes[chosen] + difference[chosen]
    forward = float(np.median(forwards))
    if not forward > 0 or float(np.ptp(forwards)) > PARITY_SPREAD * forward:
        return NAN
    return forward * math.exp(-rate * max(years, 0.0))


@dataclass(slots=True)
class SpotGuard:
    """Lets a spot through when its own recent path or the options vouch for it; else it waits for a second opinion.

    Written for what has been seen: a single garbled tick, an option's premium that arrives as the index, and a source
    that is off by a factor for a while.
    """

    rejects: Counter[str] = field(default_factory=Counter)
    _spot: float = NAN
    _spot_ts: float = NAN
    _held: float = NAN
    _held_ts: float = NAN

    def judged(
        self, spot: float, received_ts: float, implied: float, strikes: Array, years: float
    ) -> tuple[float, float]:
        """(spot to show, when it arrived), NaN where none can be shown.

        spot, received_ts: the newest value and our clock at its arrival. implied: `implied_spot` now, NaN when unknown.
        """
        if not spot > 0:
            return spot, received_ts
        if spot == self._spot and not received_ts > self._spot_ts:
            return spot, self._spot_ts
        if self._believed(spot, received_ts, implied, strikes, years):
            self._spot, self._spot_ts, self._held = spot, received_ts, NAN
            return spot, received_ts
        if received_ts != self._held_ts:
            self.rejects["spot_far"] += 1
            self._held, self._held_ts = spot, received_ts
        if received_ts - self._spot_ts <= KEPT_S:
            return self._spot, self._spot_ts
        return NAN, NAN

    def _believed(self, spot: float, received_ts: float, implied: float, strikes: Array, years: float) -> bool:
        quiet_s = max(received_ts - self._spot_ts, PATH_S) if math.isfinite(self._spot_ts) else PATH_S
        step = abs(spot / self._spot - 1.0)  # NaN, here and below, compares as false: there is nothing to compare with
        away = abs(spot / implied - 1.0)
        slack = PER_YEAR * max(years, 0.0)
        if away > CONTRADICTS + slack:
            return step <= PATH_STEP
        if step <= PATH_STEP * math.sqrt(quiet_s / PATH_S) or away <= AGREES + slack:
            return True
        lowest, highest = (float(strikes[0]), float(strikes[-1])) if len(strikes) else (0.0, math.inf)
        if not (1 - OUTSIDE_STRIKES) * lowest <= spot <= (1 + OUTSIDE_STRIKES) * highest:
            return False
        if math.isnan(self._spot):
            return True  # the first value, and nothing contradicts it
        return received_ts > self._held_ts and abs(spot / self._held - 1.0) <= CONFIRMED

    def clock_set_back(self, by_s: float) -> None:
        """Follow a clock that was set back by so many seconds."""
        self._spot_ts -= by_s
        self._held_ts -= by_s
