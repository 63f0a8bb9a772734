"""Years to expiry, measured from the exchange's clock to the broker's own expiry cutoff.

Two conventions. *Calendar* (default): every minute counts, 525,600 of them to the year, as India VIX does. *Trading*:
only sessions count, 252 to the year. One price then has two IVs; docs/numbers.md shows by how much they differ.
"""

from datetime import datetime, time, timedelta

import numpy as np
import numpy.typing as npt

from dashboard.market.calendar import MarketCalendar
from dashboard.market.session import IST, ist

MINUTES_PER_YEAR = 525_600.0
SESSIONS_PER_YEAR = 252.0
DAYS_PER_YEAR = 365.0
SESSION_OPEN = time(9, 15)
WHOLE_SESSION_S = 22_500.0  # 09:15 to 15:30; a shorter special session counts by its length


def years_to_expiry(market_ts: float, cutoff_ts: float) -> float:
    """Calendar years (ACT/365) to the cutoff; 0.0 from the cutoff on, NaN when either instant is unknown.

    market_ts, cutoff_ts: epoch seconds. At least one minute until the cutoff, because in the last sixty seconds the
    formulas would otherwise divide by almost 0. There is no other floor, so expiry-day numbers stay right.
    """
    minutes = (cutoff_ts - market_ts) / 60.0
    if not np.isfinite(minutes):
        return float("nan")
    return max(minutes, 1.0) / MINUTES_PER_YEAR if minutes > 0 else 0.0


def trading_years_to_expiry(market_ts: float, cutoff_ts: float, sessions: npt.ArrayLike) -> float:
    """Trading years to the cutoff: the parts of sessions still to come, 252 whole ones to the year.

    sessions: (n, 2) epoch seconds of open and close, in any order; those outside the interval do not count. A whole
    session is the longest of them, or 375 minutes: an hour of muhurat trading counts as an hour. 0.0 from the cutoff
    on, before it at least one minute of a session, NaN when an instant is unknown.
    """
    if not np.isfinite(market_ts) or not np.isfinite(cutoff_ts):
        return float("nan")
    if market_ts >= cutoff_ts:
        return 0.0
    opens, closes = np.asarray(sessions, dtype=float).reshape(-1, 2).T
    whole = max(float(np.max(closes - opens, initial=0.0)), WHOLE_SESSION_S)
    remaining = np.clip(np.minimum(closes, cutoff_ts) - np.maximum(opens, market_ts), 0.0, None)
    return max(float(np.sum(remaining)), 60.0) / whole / SESSIONS_PER_YEAR


def sessions_until(
    market_ts: float, cutoff_ts: float, calendar: MarketCalendar | None = None
) -> npt.NDArray[np.float64]:
    """Sessions from the day of `market_ts` to the expiry day, (n, 2) epoch seconds of open and close.

    On days that the calendar covers, holidays have none and special sessions count with their hours (one with unknown
    hours does not count). Other days follow `weekday_sessions`. Empty when an instant is unknown.
    """
    if not np.isfinite(market_ts) or not np.isfinite(cutoff_ts):
        return np.empty((0, 2))
    if calendar is None:
        return weekday_sessions(market_ts, cutoff_ts)
    weekdays = {ist(row[0]).date(): tuple(row) for row in weekday_sessions(market_ts, cutoff_ts).tolist()}
    first, last = ist(market_ts).date(), ist(cutoff_ts).date()
    rows = []
    for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
        if not calendar.knows(day):
            rows += [weekdays[day]] if day in weekdays else []
        elif (session := calendar.session(day)) is not None:
            rows.append((session.open_ts, session.close_ts))
    return np.array(rows, dtype=float).reshape(-1, 2)


def weekday_sessions(market_ts: float, cutoff_ts: float) -> npt.NDArray[np.float64]:
    """Sessions from the day of `market_ts` to the expiry day, (n, 2) epoch seconds of open and close.

    They open at 09:15 IST and close at the clock time of the cutoff, because F&O hours changed (15:30 before August
    2026, 15:40 since) and the cutoff comes from the broker. Weekends have none.
    """
    first, last = ist(market_ts).date(), ist(cutoff_ts)
    days = [first + timedelta(days=n) for n in range((last.date() - first).days + 1)]
    rows = [
        (
            datetime.combine(day, SESSION_OPEN, IST).timestamp(),
            datetime.combine(day, last.timetz()).timestamp(),
        )
        for day in days
        if day.weekday() < 5
    ]
    return np.array(rows, dtype=float).reshape(-1, 2)
