"""Time to expiry in both conventions."""

from datetime import date, datetime, time

import numpy as np
import pytest

from dashboard.analytics.daycount import (
    sessions_until,
    trading_years_to_expiry,
    weekday_sessions,
    years_to_expiry,
)
from dashboard.market.calendar import build_calendar
from dashboard.market.session import IST


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=IST).timestamp()


TUESDAY_CLOSE = at("2026-12-01 15:40")


def test_calendar_time_is_minutes_over_525600():
    assert years_to_expiry(at("2026-11-30 15:40"), TUESDAY_CLOSE) == pytest.approx(1_440 / 525_600)
    assert years_to_expiry(at("2026-12-01 15:35"), TUESDAY_CLOSE) == pytest.approx(5 / 525_600)


def test_the_floor_is_one_minute_and_the_cutoff_itself_is_expired():
    assert years_to_expiry(TUESDAY_CLOSE - 1, TUESDAY_CLOSE) == 1 / 525_600
    assert years_to_expiry(TUESDAY_CLOSE, TUESDAY_CLOSE) == 0.0
    assert years_to_expiry(TUESDAY_CLOSE + 3_600, TUESDAY_CLOSE) == 0.0


@pytest.mark.parametrize("unknown", [np.nan, np.inf, -np.inf])
def test_unknown_time_is_unknown(unknown):
    assert np.isnan(years_to_expiry(unknown, TUESDAY_CLOSE))
    assert np.isnan(trading_years_to_expiry(unknown, TUESDAY_CLOSE, []))


def test_over_a_weekend_the_same_price_is_1175_thousandths_the_iv_in_trading_time():
    friday = at("2026-11-27 15:40")
    sessions = weekday_sessions(friday, TUESDAY_CLOSE)
    calendar = years_to_expiry(friday, TUESDAY_CLOSE)
    trading = trading_years_to_expiry(friday, TUESDAY_CLOSE, sessions)
    assert calendar == pytest.approx(4 / 365)
    assert trading == pytest.approx(2 / 252)
    assert np.sqrt(calendar / trading) == pytest.approx(1.175, abs=5e-4)


def test_a_session_under_way_counts_by_what_is_left_of_it():
    noon = at("2026-12-01 12:27:30")  # half of the 385 minutes from 09:15 to 15:40
    assert trading_years_to_expiry(noon, TUESDAY_CLOSE, weekday_sessions(noon, TUESDAY_CLOSE)) == pytest.approx(
        0.5 / 252
    )


def test_recorded_days_keep_their_own_hours():
    cutoff = at("2026-02-03 15:30")
    opens, closes = weekday_sessions(at("2026-02-03 09:00"), cutoff)[0]
    assert (closes - opens) / 60 == 375
    assert closes == cutoff


def test_trading_time_has_the_same_ends():
    last_second = TUESDAY_CLOSE - 1
    sessions = weekday_sessions(last_second, TUESDAY_CLOSE)
    assert trading_years_to_expiry(last_second, TUESDAY_CLOSE, sessions) == pytest.approx(1 / 385 / 252)
    assert trading_years_to_expiry(TUESDAY_CLOSE, TUESDAY_CLOSE, sessions) == 0.0
    # Before the first session opens nothing of it has passed.
    early = at("2026-12-01 07:00")
    assert trading_years_to_expiry(early, TUESDAY_CLOSE, weekday_sessions(early, TUESDAY_CLOSE)) == pytest.approx(
        1 / 252
    )


CALENDAR = build_calendar(
    {
        "valid_from": date(2026, 1, 1),
        "valid_through": date(2026, 12, 31),
        "hours": [{"from": date(2010, 1, 1), "open": time(9, 15), "close": time(15, 30)}],
        "holidays": {"2026-01-26": "Republic Day"},
        "special": [
            {"date": date(2026, 2, 1), "name": "Budget", "open": time(9, 15), "close": time(15, 30)},
            {"date": date(2026, 11, 8), "name": "Muhurat", "open": time(18, 0), "close": time(19, 0)},
            {"date": date(2026, 11, 15), "name": "Drill"},
        ],
    }
)


def days_of(sessions) -> list[str]:
    return [datetime.fromtimestamp(opens, IST).strftime("%a %d") for opens, _ in sessions.tolist()]


def test_a_budget_sunday_is_a_session():
    friday, tuesday = at("2026-01-30 15:30"), at("2026-02-03 15:30")
    sessions = sessions_until(friday, tuesday, CALENDAR)
    assert days_of(sessions) == ["Fri 30", "Sun 01", "Mon 02", "Tue 03"]
    assert trading_years_to_expiry(friday, tuesday, sessions) == pytest.approx(3 / 252)
    assert trading_years_to_expiry(friday, tuesday, weekday_sessions(friday, tuesday)) == pytest.approx(2 / 252)


def test_holidays_are_the_calendar_s_and_an_hour_of_muhurat_is_an_hour():
    assert days_of(sessions_until(at("2026-01-23 09:00"), at("2026-01-27 15:30"), CALENDAR)) == ["Fri 23", "Tue 27"]
    friday, monday = at("2026-11-06 15:30"), at("2026-11-09 15:30")
    left = trading_years_to_expiry(friday, monday, sessions_until(friday, monday, CALENDAR)) * 252
    assert left == pytest.approx(1 + 60 / 375)


def test_a_special_session_without_hours_and_days_past_the_calendar_follow_the_plain_rule():
    assert days_of(sessions_until(at("2026-11-13 09:00"), at("2026-11-16 15:30"), CALENDAR)) == ["Fri 13", "Mon 16"]
    new_year = sessions_until(at("2026-12-31 09:00"), at("2027-01-04 15:40"), CALENDAR)
    assert days_of(new_year) == ["Thu 31", "Fri 01", "Mon 04"]
    assert sessions_until(np.nan, at("2027-01-04 15:40"), CALENDAR).shape == (0, 2)
    assert len(sessions_until(at("2026-01-23 09:00"), at("2026-01-27 15:30"))) == 3
