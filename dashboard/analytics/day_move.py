"""The expected move of one session, computed from the day's first data and then fixed for the day.

Total variance to the cutoff, IV squared times T, is spread evenly over the sessions left; one session's share gives
the mean absolute move from the previous close. The expected move to expiry shrinks through the day; this one does not,
so a change can be measured against it at any hour.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from dashboard.analytics.enriched import Enriched
from dashboard.analytics.straddle import expected_move

LEAST_LIFE_S = 3_600.0  # in its last hour a series does not price a whole session
LEAST_SESSIONS = 0.1


@dataclass(frozen=True, slots=True)
class DayMove:
    """rupees: mean absolute move of one session from `previous_close`, rupees. atm_iv: annual fraction, of `expiry`.

    seen_ts: the exchange's clock at the day's first data.
    """

    rupees: float
    previous_close: float
    atm_iv: float
    expiry: date
    seen_ts: float


def day_move(enriched: Enriched, sessions_left: float) -> DayMove | None:
    """The session's expected move as this chain prices it; None where a part of it is unknown.

    sessions_left: to the cutoff, with the remaining share of today's.
    """
    chain, atm_iv = enriched.chain, enriched.metrics["atm_iv"]
    previous_close = chain.spot - chain.spot_change
    if atm_iv is None or not 0 < previous_close < np.inf or not sessions_left >= LEAST_SESSIONS:
        return None
    if not chain.expiry.cutoff_ts - chain.market_ts >= LEAST_LIFE_S:
        return None
    rupees = expected_move(previous_close, atm_iv, enriched.years_to_expiry / sessions_left)
    return DayMove(rupees, previous_close, atm_iv, chain.expiry.date, chain.market_ts)
