"""The spot over the session, in few points."""

from __future__ import annotations

import json
from dataclasses import replace

from dashboard.data.contract import keys
from dashboard.data.feed.spot_history import MOST_POINTS, SpotHistories, SpotHistory
from dashboard.market.session import FeedState
from harness.builders import make_chain, make_published
from tests.fakes import MONDAY_11_IST, FakeClock, FakeStore


def test_a_whole_session_fits_and_keeps_its_first_point():
    trail = SpotHistory()
    for second in range(375 * 60):
        trail.add(MONDAY_11_IST + second, 24_000.0 + second % 97)
    assert MOST_POINTS / 2 - 1 <= len(trail.points) <= MOST_POINTS
    assert trail.points[0] == (MONDAY_11_IST, 24_000.0)
    gaps = [after[0] - before[0] for before, after in zip(trail.points, trail.points[1:], strict=False)]
    assert min(gaps) >= trail.step_s
    assert max(gaps) <= 2 * trail.step_s


def test_a_new_day_starts_a_new_trail():
    trail = SpotHistory()
    trail.add(MONDAY_11_IST, 24_000.0)
    trail.add(MONDAY_11_IST + 86_400, 24_100.0)
    assert trail.points == [(MONDAY_11_IST + 86_400, 24_100.0)]


def test_late_packets_are_left_out_and_a_replay_that_starts_again_is_not():
    trail = SpotHistory()
    trail.add(MONDAY_11_IST, 24_000.0)
    assert not trail.add(MONDAY_11_IST - 5, 23_990.0)
    assert trail.add(MONDAY_11_IST - 3_600, 23_900.0)
    assert [spot for _, spot in trail.points] == [23_900.0]


def noted(trails: SpotHistories, seconds: float, spot: float) -> None:
    trails.take(make_published(make_chain(spot=spot, as_of=MONDAY_11_IST + seconds)))


def test_a_restarted_feed_goes_on_with_what_the_last_one_kept():
    store = FakeStore(FakeClock())
    first = SpotHistories(store)
    for seconds in range(0, 20, 2):
        noted(first, seconds, 24_000.0 + seconds)
    noted(SpotHistories(store), 30, 24_030.0)
    points = json.loads(store.read(keys.trail("NIFTY")))["points"]
    assert [spot for _, spot in points] == [24_000.0 + seconds for seconds in range(0, 20, 2)] + [24_030.0]


def test_an_unreadable_trail_is_begun_again_and_an_unknown_spot_is_no_point():
    store = FakeStore(FakeClock())
    store.put(keys.trail("NIFTY"), b'{"points": [[1]]}')
    trails = SpotHistories(store)
    noted(trails, 0, 24_000.0)
    trails.take(make_published(replace(make_chain(as_of=MONDAY_11_IST + 5), spot=float("nan"))))
    assert json.loads(store.read(keys.trail("NIFTY")))["points"] == [[MONDAY_11_IST, 24_000.0]]


def test_a_market_that_does_not_trade_adds_no_point():
    store = FakeStore(FakeClock())
    SpotHistories(store).take(make_published(state=FeedState.STALE))
    assert store.read(keys.trail("NIFTY")) is None
