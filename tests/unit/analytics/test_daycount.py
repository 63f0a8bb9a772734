"""Time to expiry in both conventions."""

from datetime import date, datetime

import numpy as np
import pytest

from dashboard.analytics.daycount import trading_years_to_expiry, weekday_sessions, years_to_expiry
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


def test_holidays_are_no_sessions():
    monday = at("2026-11-23 15:40")
    cutoff = at("2026-11-25 15:40")
    assert len(weekday_sessions(monday, cutoff)) == 3
    assert len(weekday_sessions(monday, cutoff, holidays={date(2026, 11, 24)})) == 2


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
