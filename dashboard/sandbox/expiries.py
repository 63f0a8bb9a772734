"""When series expire: holidays, weekdays and cut-off times, each with its date of validity.

Exchange rules change; they are data here, and nothing outside this file knows a weekday.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from dashboard.market.session import IST

TUESDAY, THURSDAY = 1, 3

# Trading holidays of NSE and BSE on weekdays. 2026 as published; 2027 is an assumption drawn from the civil calendar
# (no exchange circular existed when this was written). Later years have no entries, so their expiries do not shift.
HOLIDAYS: frozenset[date] = frozenset(
    date.fromisoformat(day)
    for day in """
    2026-01-15 2026-01-26 2026-03-03 2026-03-26 2026-03-31 2026-04-03 2026-04-14 2026-05-01 2026-05-28 2026-06-26
    2026-09-14 2026-10-02 2026-10-20 2026-11-10 2026-11-24 2026-12-25
    2027-01-26 2027-03-22 2027-03-26 2027-04-14 2027-04-15 2027-04-19 2027-05-17 2027-06-15 2027-10-29
    """.split()
)

# The derivatives session runs to 15:40 since 3 August 2026; FYERS expiry epochs moved with it.
_CUTOFFS: tuple[tuple[date, time], ...] = ((date(2026, 8, 3), time(15, 40)), (date.min, time(15, 30)))


@dataclass(frozen=True, slots=True, order=True)
class Expiry:
    """One expiry of one underlying: its date, the broker's epoch, and whether it closes a month."""

    day: date
    expiry_ts: int
    monthly: bool

    @property
    def flag(self) -> str:
        """FYERS' `expiry_flag`; quarterly and longer series are flagged monthly too."""
        return "M" if self.monthly else "W"


@dataclass(frozen=True, slots=True)
class ExpiryPlan:
    """Which expiries an underlying lists: a run of weeklies, a run of months, then quarters and half-years."""

    weekday: int
    weeklies: int = 0
    months: int = 3
    quarters: int = 0
    half_years: int = 0


def cutoff_ts(day: date, era: date | None = None) -> int:
    """Epoch of the last instant of a series expiring on `day`, by the session hours in force on `era`."""
    hours = next(cutoff for start, cutoff in _CUTOFFS if start <= (era or day))
    return int(datetime.combine(day, hours, IST).timestamp())


def is_trading_day(day: date) -> bool:
    return day.weekday() < 5 and day not in HOLIDAYS


def trading_day_at_or_before(day: date) -> date:
    """Shift a holiday to the previous trading day, as the exchanges do."""
    while not is_trading_day(day):
        day -= timedelta(days=1)
    return day


def is_month_end(day: date, weekday: int) -> bool:
    """Tell whether the unshifted expiry `day` is the last `weekday` of its month."""
    return day.weekday() == weekday and (day + timedelta(days=7)).month != day.month


def last_weekday(year: int, month: int, weekday: int) -> date:
    """The last `weekday` of a month, before any holiday shift."""
    day = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return day - timedelta(days=(day.weekday() - weekday) % 7)


@lru_cache(maxsize=4096)
def listed_expiries(plan: ExpiryPlan, today: date) -> tuple[Expiry, ...]:
    """Expiries listed on `today` in ascending order, today's own included whatever the time of day."""
    monthly: dict[date, bool] = {}
    nominal = today - timedelta(days=7)
    nominal += timedelta(days=(plan.weekday - nominal.weekday()) % 7)
    while len(monthly) < plan.weeklies:
        shifted = trading_day_at_or_before(nominal)
        if shifted >= today:
            monthly[shifted] = is_month_end(nominal, plan.weekday)
        nominal += timedelta(days=7)
    wanted = {"months": plan.months, "quarters": plan.quarters, "half_years": plan.half_years}
    year, month = today.year, today.month
    while any(wanted.values()):
        shifted = trading_day_at_or_before(last_weekday(year, month, plan.weekday))
        cycles = ["months"] + ["quarters"] * (month % 3 == 0) + ["half_years"] * (month % 6 == 0)
        cycle = next((name for name in cycles if wanted[name]), None)
        if shifted >= today and cycle is not None:
            monthly[shifted] = True
            wanted[cycle] -= 1
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return tuple(Expiry(day, cutoff_ts(day), monthly[day]) for day in sorted(monthly))
