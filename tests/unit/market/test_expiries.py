"""Expiries named by their place in the list."""

from __future__ import annotations

import pytest

from dashboard.market.errors import UnknownExpiry
from dashboard.market.expiries import expiry_by_name
from harness.builders import MONTHLY, NEAREST, SECOND, make_expiry, make_underlying
from tests.fakes import MONDAY_11_IST

NIFTY = make_underlying()
AFTER_NEAREST = NIFTY.expiries[0].cutoff_ts + 1.0


def meant(when: str, now_ts: float | None = MONDAY_11_IST):
    return expiry_by_name(NIFTY, when, now_ts).date


def test_near_next_and_month_are_those_of_the_moment():
    assert (meant("near"), meant("next"), meant("month")) == (NEAREST, SECOND, MONTHLY)


def test_they_roll_over_when_the_nearest_has_expired():
    assert (meant("near", AFTER_NEAREST), meant("next", AFTER_NEAREST)) == (SECOND, MONTHLY)
    assert meant("near", NIFTY.expiries[0].cutoff_ts - 1.0) == NEAREST


def test_a_short_list_gives_the_last_that_fits():
    only = make_underlying(expiries=[make_expiry(NEAREST)])
    assert {expiry_by_name(only, when, MONDAY_11_IST).date for when in ("near", "next", "month")} == {NEAREST}
    assert {expiry_by_name(only, when, AFTER_NEAREST).date for when in ("near", "next", "month")} == {NEAREST}


def test_a_replay_before_its_first_tick_has_not_expired_anything():
    assert meant("near", None) == NEAREST


def test_a_date_stays_itself_and_says_so_when_it_is_gone():
    assert meant("2026-12-08") == SECOND
    with pytest.raises(UnknownExpiry, match="NIFTY 02-Dec-26 is not listed"):
        meant("2026-12-02")
    with pytest.raises(UnknownExpiry, match="near, next, month or a date"):
        meant("soon")
