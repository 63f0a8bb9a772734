"""When the market trades, from a dated file. The broker's market status comes before it.

After the last valid day of the file the hours are unknown. A calendar that calls every later weekday a trading day is
worse than none, because it would show the market as open on a holiday.
"""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from dashboard.market.session import IST, ist

log = logging.getLogger(__name__)

FILE_NAME = "calendar.toml"
SHIPPED = Path(__file__).with_name(FILE_NAME)
SATURDAY = 5
LOOK_AHEAD_DAYS = 15  # longer than any run of holidays


class CalendarError(ValueError):
    """The file is not a calendar; the message says where."""


@dataclass(frozen=True, slots=True)
class Session:
    """One trading session: UTC epoch seconds of its first and last instant."""

    open_ts: float
    close_ts: float


@dataclass(frozen=True, slots=True)
class Opinion:
    """The calendar's answer for an instant. open: None when unknown; reason: why not open, for the viewer.

    opens_ts: the next opening, None when it is unknown.
    """

    open: bool | None
    reason: str = ""
    opens_ts: float | None = None


@dataclass(frozen=True, slots=True)
class _Special:
    name: str
    hours: tuple[time, time] | None


@dataclass(frozen=True, slots=True)
class MarketCalendar:
    """Holidays, special sessions, and regular hours with the day they came into force (ascending)."""

    valid_from: date
    valid_through: date
    hours: tuple[tuple[date, time, time], ...]
    holidays: Mapping[date, str]
    specials: Mapping[date, _Special]

    def knows(self, day: date) -> bool:
        return self.valid_from <= day <= self.valid_through

    def session(self, day: date) -> Session | None:
        """The day's session; None when there is none, or none whose hours are known."""
        special = self.specials.get(day)
        if special is not None:
            return None if special.hours is None else _session(day, *special.hours)
        if day.weekday() >= SATURDAY or day in self.holidays or not self.knows(day):
            return None
        in_force = [(opens, closes) for since, opens, closes in self.hours if since <= day]
        return _session(day, *in_force[-1]) if in_force else None

    def last_close(self, now_ts: float) -> float | None:
        """When the last session ended; `now_ts` itself during a session. None where it is unknown."""
        day = ist(now_ts).date()
        for back in range(LOOK_AHEAD_DAYS):
            session = self.session(day - timedelta(days=back))
            if session is not None and session.open_ts <= now_ts:
                return min(session.close_ts, now_ts)
        return None

    def opinion(self, now_ts: float) -> Opinion:
        """Whether the market trades at this instant, and why not."""
        day = ist(now_ts).date()
        if not self.knows(day):
            return Opinion(None, f"the calendar ends on {self.valid_through:%d-%b-%y}")
        special = self.specials.get(day)
        if special is not None and special.hours is None:
            return Opinion(None, f"{special.name} today, at hours that only the broker knows")
        session = self.session(day)
        if session is not None and session.open_ts <= now_ts < session.close_ts:
            return Opinion(True)
        return Opinion(False, self._reason(day, session, now_ts), self._next_opening(day, now_ts))

    def _reason(self, day: date, session: Session | None, now_ts: float) -> str:
        if session is not None:
            return "before the opening" if now_ts < session.open_ts else "after the close"
        return self.holidays.get(day, "weekend")

    def _next_opening(self, day: date, now_ts: float) -> float | None:
        for ahead in range(LOOK_AHEAD_DAYS):
            session = self.session(day + timedelta(days=ahead))
            if session is not None and session.open_ts > now_ts:
                return session.open_ts
        return None


def load_calendar(data_dir: Path) -> MarketCalendar:
    """The shipped calendar with the user's additions. A user's file that cannot be read is logged and ignored."""
    shipped = _tables(SHIPPED)
    own = data_dir / FILE_NAME
    if not own.is_file():
        return build_calendar(shipped)
    try:
        return build_calendar(shipped, _tables(own))
    except (CalendarError, OSError) as error:
        log.warning("%s is left out: %s", own, error)
        return build_calendar(shipped)


def build_calendar(*files: Mapping[str, Any]) -> MarketCalendar:
    """One calendar of several files' tables; the last file that has a day decides on it. Raises CalendarError."""
    holidays: dict[date, str] = {}
    specials: dict[date, _Special] = {}
    hours: dict[date, tuple[time, time]] = {}
    bounds: dict[str, date] = {}
    try:
        for tables in files:
            for day, name in tables.get("holidays", {}).items():
                when = date.fromisoformat(day)
                holidays[when] = str(name)
                specials.pop(when, None)
            for entry in tables.get("special", ()):
                told = _hours(entry) if "open" in entry or "close" in entry else None
                specials[_day(entry["date"])] = _Special(str(entry.get("name", "special session")), told)
            for entry in tables.get("hours", ()):
                hours[_day(entry["from"])] = _hours(entry)
            bounds |= {name: _day(tables[name]) for name in ("valid_from", "valid_through") if name in tables}
        if bounds["valid_through"] < bounds["valid_from"]:
            raise CalendarError("valid_through is before valid_from")
        regular = tuple((since, *hours[since]) for since in sorted(hours))
        return MarketCalendar(bounds["valid_from"], bounds["valid_through"], regular, holidays, specials)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise CalendarError(f"not a calendar ({error})") from None


def _tables(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CalendarError(f"not TOML ({error})") from None


def _day(value: Any) -> date:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise CalendarError(f"{value!r} is not a date")
    return value


def _hours(entry: Mapping[str, Any]) -> tuple[time, time]:
    opens, closes = entry["open"], entry["close"]
    if not (isinstance(opens, time) and isinstance(closes, time) and opens < closes):
        raise CalendarError(f"open and close of {entry} are not hours of one day")
    return opens, closes


def _session(day: date, opens: time, closes: time) -> Session:
    return Session(*(datetime.combine(day, at, IST).timestamp() for at in (opens, closes)))
