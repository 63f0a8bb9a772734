from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

import pytest

from dashboard.market.calendar import (
    FILE_NAME,
    SHIPPED,
    CalendarError,
    MarketCalendar,
    build_calendar,
    load_calendar,
)
from dashboard.market.session import IST, ist
from dashboard.sandbox.expiries import HOLIDAYS


@pytest.fixture
def calendar(tmp_path: Path) -> MarketCalendar:
    return load_calendar(tmp_path)


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=IST).timestamp()


def test_regular_hours_are_those_in_force_on_the_day(calendar):
    assert calendar.opinion(at("2026-07-31 15:29:59")).open is True
    assert calendar.opinion(at("2026-07-31 15:30")).open is False
    assert calendar.opinion(at("2026-08-03 15:39:59")).open is True
    assert calendar.opinion(at("2026-08-03 15:40")).open is False
    assert calendar.opinion(at("2026-08-03 09:14:59")).open is False
    assert calendar.opinion(at("2026-08-03 09:15")).open is True


@pytest.mark.parametrize(
    ("when", "reason", "opens"),
    [
        ("2026-11-24 11:00", "Guru Nanak Jayanti", "2026-11-25 09:15"),
        ("2026-11-23 16:00", "after the close", "2026-11-25 09:15"),  # the holiday is skipped
        ("2026-11-23 08:00", "before the opening", "2026-11-23 09:15"),
        ("2026-11-22 12:00", "weekend", "2026-11-23 09:15"),
    ],
)
def test_a_closed_market_says_why_and_until_when(calendar, when, reason, opens):
    opinion = calendar.opinion(at(when))
    assert opinion.open is False
    assert opinion.reason == reason
    assert opinion.opens_ts == at(opens)


def test_a_budget_sunday_trades(calendar):
    assert calendar.opinion(at("2026-02-01 11:00")).open is True
    assert calendar.opinion(at("2026-01-31 11:00")).opens_ts == at("2026-02-01 09:15")


def test_a_session_whose_hours_nobody_told_us_is_unknown_all_day(calendar):
    opinion = calendar.opinion(at("2026-11-08 18:30"))
    assert opinion.open is None
    assert "Muhurat" in opinion.reason


@pytest.mark.parametrize("when", ["2027-01-01 11:00", "2027-02-01 11:00", "2025-12-31 11:00"])
def test_beyond_its_last_day_the_calendar_is_unknown_and_never_open(calendar, when):
    opinion = calendar.opinion(at(when))
    assert opinion.open is None
    assert opinion.reason == "the calendar ends on 31-Dec-26"


def test_the_next_opening_beyond_the_calendar_is_not_made_up(calendar):
    assert calendar.opinion(at("2026-12-31 16:00")).opens_ts is None


def test_the_shipped_file_has_the_year_s_sixteen_weekday_holidays_and_agrees_with_the_sandbox(calendar):
    ours = {day for day in calendar.holidays if day.year == 2026}
    assert len(ours) == 16
    assert all(day.weekday() < 5 for day in ours)
    assert ours == {day for day in HOLIDAYS if day.year == 2026}


def test_the_shipped_file_tells_where_it_has_its_knowledge_from():
    text = SHIPPED.read_text(encoding="utf-8")
    assert text.count("source = ") == 1 + text.count("[[hours]]") + text.count("[[special]]")


def test_a_file_of_the_user_adds_and_wins(tmp_path):
    (tmp_path / FILE_NAME).write_text(
        """
        valid_through = 2027-12-31
        [holidays]
        2026-12-07 = "Exchange moves house"
        [[special]]
        date = 2026-11-08
        name = "Muhurat trading"
        open = 18:00:00
        close = 19:00:00
        """,
        encoding="utf-8",
    )
    calendar = load_calendar(tmp_path)
    assert calendar.opinion(at("2026-12-07 11:00")).reason == "Exchange moves house"
    assert calendar.opinion(at("2026-11-08 18:30")).open is True
    assert calendar.opinion(at("2027-03-01 11:00")).open is True
    assert calendar.opinion(at("2026-11-24 11:00")).reason == "Guru Nanak Jayanti"


@pytest.mark.parametrize(
    "text", ["not toml", "valid_through = 'soon'", "[[hours]]\nfrom = 2026-01-01\nopen = 15:00:00\nclose = 09:00:00"]
)
def test_a_broken_file_of_the_user_is_left_out_and_said(tmp_path, text, caplog):
    (tmp_path / FILE_NAME).write_text(text, encoding="utf-8")
    assert load_calendar(tmp_path) == build_calendar_of_shipped()
    assert "is left out" in caplog.text


def build_calendar_of_shipped() -> MarketCalendar:
    return load_calendar(Path("nowhere"))


def test_a_calendar_without_bounds_is_none():
    with pytest.raises(CalendarError, match="valid_through"):
        build_calendar({"hours": [{"from": date(2026, 1, 1), "open": time(9), "close": time(10)}]})


def test_sessions_begin_and_end_on_the_wall_clock_of_mumbai(calendar):
    session = calendar.session(date(2026, 11, 23))
    assert session is not None
    assert f"{ist(session.open_ts):%H:%M} {ist(session.close_ts):%H:%M}" == "09:15 15:40"


@pytest.mark.parametrize(
    ("when", "close"),
    [
        ("2026-11-23 12:00", "2026-11-23 12:00"),  # a session that runs has not closed yet
        ("2026-11-23 20:00", "2026-11-23 15:40"),
        ("2026-11-24 12:00", "2026-11-23 15:40"),  # a holiday
        ("2026-11-25 09:14", "2026-11-23 15:40"),
        ("2026-11-22 12:00", "2026-11-20 15:40"),  # a Sunday
    ],
)
def test_the_last_close_is_that_of_the_last_session(calendar, when, close):
    assert calendar.last_close(at(when)) == at(close)


def test_beyond_what_it_vouches_for_no_close_is_known(calendar):
    assert calendar.last_close(at("2031-06-02 12:00")) is None
