"""One word for what the numbers are."""

from __future__ import annotations

import pytest

from dashboard.data.feed.state import Conditions, overall
from dashboard.market.session import FeedState

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
        (Conditions(fresh_for_s=30.0), 29.0, FeedState.LIVE),
    ],
)
def test_state(conditions: Conditions, age_s: float, state: FeedState) -> None:
    assert conditions.state(1_000.0 - age_s, 1_000.0) is state


def test_the_feed_is_live_while_one_series_is() -> None:
    assert overall([FeedState.STALE, FeedState.LIVE], Conditions()) is FeedState.LIVE
    assert overall([FeedState.STALE], Conditions()) is FeedState.STALE
    assert overall([], Conditions()) is FeedState.STALE
    assert overall([], Conditions(login_needed=True)) is FeedState.LOGIN_NEEDED
    assert overall([], Conditions(market_open=False)) is FeedState.CLOSED
