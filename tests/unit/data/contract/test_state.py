"""One word for what the numbers are."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dashboard.data.contract.state import Conditions, overall
from dashboard.data.feed.polls import PollPlan
from dashboard.market.instruments import Series
from dashboard.market.session import FeedState
from harness.builders import NIFTY_WEEKLY

NAN = float("nan")


@pytest.mark.parametrize(
    ("conditions", "age_s", "state"),
    [
        (Conditions(), 0.0, FeedState.LIVE),
        (Conditions(), 9.9, FeedState.LIVE),
        (Conditions(), 10.0, FeedState.STALE),
        (Conditions(), NAN, FeedState.STALE),
        (Conditions(market_open=True), 60.0, FeedState.STALE),
        (Conditions(market_open=None), 1.0, FeedState.LIVE),
        (Conditions(market_open=False), 1.0, FeedState.CLOSED),
        (Conditions(replay=True), 1.0, FeedState.REPLAY),
        (Conditions(replay=True), 60.0, FeedState.STALE),
        (Conditions(login_needed=True, market_open=False), 1.0, FeedState.LOGIN_NEEDED),
        (Conditions(stale_after_s=30.0), 29.0, FeedState.LIVE),
    ],
)
def test_state(conditions: Conditions, age_s: float, state: FeedState) -> None:
    assert conditions.state(None, 1_000.0 - age_s, NAN, 1_000.0) is state


SLOW = Conditions(poll_every_s={NIFTY_WEEKLY: 24.0})


@pytest.mark.parametrize(
    ("conditions", "tick_age_s", "poll_age_s", "state"),
    [
        (Conditions(), NAN, 9.9, FeedState.LIVE),
        (Conditions(), 60.0, 9.9, FeedState.LIVE),
        (Conditions(), 9.9, 60.0, FeedState.LIVE),
        (SLOW, NAN, 14.9, FeedState.LIVE),
        (SLOW, NAN, 15.0, FeedState.STALE),  # the cap: many watched series make polls rare, not numbers fresh
        (SLOW, 10.0, 15.0, FeedState.STALE),  # ticks count by their own age
        (SLOW, 9.9, 23.0, FeedState.LIVE),
        (Conditions(poll_every_s={NIFTY_WEEKLY: 8.0}), NAN, 13.9, FeedState.LIVE),
        (Conditions(poll_every_s={NIFTY_WEEKLY: 8.0}), NAN, 14.0, FeedState.STALE),
        (Conditions(silent_s=9.9), 1.0, 1.0, FeedState.LIVE),
        (Conditions(silent_s=10.0), 1.0, 1.0, FeedState.STALE),
        (Conditions(silent_s=10.0, stale_after_s=3.0), 1.0, 1.0, FeedState.STALE),
        (Conditions(silent_s=10.0, market_open=False), NAN, 30.0, FeedState.CLOSED),
        (Conditions(silent_s=10.0, calendar_open=False), NAN, 30.0, FeedState.CLOSED),
    ],
)
def test_a_series_is_live_by_the_age_of_what_it_lives_on(conditions, tick_age_s, poll_age_s, state) -> None:
    now = 1_000.0
    assert conditions.state(NIFTY_WEEKLY, now - tick_age_s, now - poll_age_s, now) is state


def test_however_many_series_are_watched_no_poll_is_fresh_for_more_than_fifteen_seconds() -> None:
    plan = PollPlan()
    for count in (1, 6, 33, 106, 306, 706):
        every = [Series("NIFTY", date(2026, 12, 1) + timedelta(days=n)) for n in range(count)]
        conditions = Conditions(poll_every_s=plan.every_s(every[: count - 6], every[-6:]))
        assert {10.0 <= conditions.fresh_for_s(series) <= 15.0 for series in every} == {True}


def test_the_feed_is_live_while_one_series_is() -> None:
    assert overall([FeedState.STALE, FeedState.LIVE], Conditions()) is FeedState.LIVE
    assert overall([FeedState.STALE], Conditions()) is FeedState.STALE
    assert overall([], Conditions()) is FeedState.STALE
    assert overall([], Conditions(login_needed=True)) is FeedState.LOGIN_NEEDED
    assert overall([], Conditions(market_open=False)) is FeedState.CLOSED
