"""Expiry rules: weekdays, holiday shifts, flags, cut-offs."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from dashboard.market.session import IST
from dashboard.sandbox.expiries import THURSDAY, TUESDAY, ExpiryPlan, cutoff_ts, listed_expiries
from dashboard.sandbox.underlyings import INDICES, STOCKS

NIFTY, SENSEX = INDICES[0], INDICES[4]


def days(plan: ExpiryPlan, today: date) -> list[tuple[str, str]]:
    return [(expiry.day.isoformat(), expiry.flag) for expiry in listed_expiries(plan, today)]


def test_guru_nanak_moves_the_november_monthly_to_monday():
    assert days(ExpiryPlan(TUESDAY, weeklies=3, months=1), date(2026, 11, 18)) == [
        ("2026-11-23", "M"),
        ("2026-12-01", "W"),
        ("2026-12-08", "W"),
    ]


def test_two_weeklies_can_be_shifted_into_one_week():
    shifted = days(ExpiryPlan(TUESDAY, weeklies=6, months=0), date(2026, 3, 20))
    assert ("2026-03-30", "M") in shifted  # 31 March is a holiday
    assert ("2026-04-13", "W") in shifted  # 14 April too


def test_friday_holiday_leaves_a_thursday_expiry_alone():
    assert ("2026-12-24", "W") in days(SENSEX.plan, date(2026, 11, 22))
    assert ("2026-12-31", "M") in days(SENSEX.plan, date(2026, 11, 22))


def test_nifty_lists_weeklies_months_quarters_and_half_years():
    listed = days(NIFTY.plan, date(2026, 11, 22))
    assert listed[:6] == [
        ("2026-11-23", "M"), ("2026-12-01", "W"), ("2026-12-08", "W"), ("2026-12-15", "W"), ("2026-12-22", "W"),
        ("2026-12-29", "M"),
    ]  # fmt: skip
    assert ("2027-01-25", "M") in listed  # 26 January is a holiday
    assert len(listed) >= 8
    assert listed[-1] == ("2028-12-26", "M")


def test_stocks_list_three_months():
    assert [flag for _, flag in days(STOCKS[0].plan, date(2026, 11, 24))] == ["M", "M", "M"]
    assert days(STOCKS[0].plan, date(2026, 11, 24))[0] == ("2026-12-29", "M")


@pytest.mark.parametrize(
    ("day", "expected"), [(date(2026, 7, 28), (15, 30)), (date(2026, 8, 4), (15, 40)), (date(2026, 12, 1), (15, 40))]
)
def test_cutoff_follows_the_session_hours_of_its_era(day, expected):
    cutoff = datetime.fromtimestamp(cutoff_ts(day), IST)
    assert (cutoff.date(), (cutoff.hour, cutoff.minute)) == (day, expected)


def test_known_fyers_epochs():
    assert cutoff_ts(date(2026, 3, 24)) == 1774346400
    assert cutoff_ts(date(2026, 9, 22)) == 1790071800


def test_a_shifted_recording_keeps_the_hours_of_its_day():
    assert datetime.fromtimestamp(cutoff_ts(date(2026, 11, 22), era=date(2026, 2, 3)), IST).minute == 30


def test_thursdays_and_tuesdays_only():
    for plan, weekday in ((NIFTY.plan, TUESDAY), (SENSEX.plan, THURSDAY)):
        for expiry in listed_expiries(plan, date(2026, 9, 1)):
            assert (weekday - expiry.day.weekday()) % 7 in (0, 1)  # the day itself, or the day before a holiday
