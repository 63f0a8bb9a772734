"""What the stream's two halves decide from what they hear: no process, no network."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest

from dashboard.data.brokers.fyers.rest.snapshots import SnapshotDeadlines
from dashboard.data.brokers.fyers.stream.lives import ASK_AGAIN_EVERY_S, StreamLives
from dashboard.data.brokers.fyers.stream.socket_child import DATA_SILENT_S, SILENT_S, fault_of
from dashboard.data.brokers.fyers.stream.socket_protocol import Batch, ChildExit
from dashboard.data.brokers.protocol import StreamState
from tests.fakes import FakeClock

# First snapshots


def test_whoever_has_not_been_heard_of_by_the_deadline_is_missing():
    deadlines = SnapshotDeadlines(10.0)
    deadlines.asked(["A", "B"], 100.0)
    deadlines.asked(["C"], 105.0)
    heard = {"A"}
    assert deadlines.overdue(heard.__contains__, 109.9) == ()
    assert deadlines.overdue(heard.__contains__, 110.0) == ("B",)
    assert deadlines.overdue(heard.__contains__, 115.0) == ("B", "C")
    heard.add("B")
    assert deadlines.overdue(heard.__contains__, 116.0) == ("C",)


def test_once_heard_of_is_enough():
    deadlines = SnapshotDeadlines(10.0)
    deadlines.asked(["A"], 0.0)
    assert deadlines.overdue({"A"}.__contains__, 1.0) == ()
    assert deadlines.overdue(set().__contains__, 60.0) == ()


# The child's watchdog


@dataclass
class Quiet:
    """What a session has received: it connected, and nothing came since."""

    last_frame_s: float | None
    last_data_s: float | None
    plan_limit: str = ""


BEGAN = 5_000.0


def look(after_s: float, *, pongs: bool = True, trading_since: float | None = None) -> ChildExit | None:
    now = BEGAN + after_s
    session = Quiet(last_frame_s=now if pongs else BEGAN, last_data_s=BEGAN)
    found = fault_of(session, now, BEGAN, trading_since, subscribed=100)
    return found[0] if found else None


def test_silence_of_the_market_is_no_fault_outside_its_hours():
    assert look(8 * 3600.0) is None


def test_silence_of_the_market_ends_the_life_while_it_trades():
    assert look(DATA_SILENT_S - 1, trading_since=BEGAN) is None
    assert look(DATA_SILENT_S + 1, trading_since=BEGAN) is ChildExit.SILENT


def test_the_opening_starts_the_watch_anew():
    opening = BEGAN + 3_600.0
    assert look(3_600.0 + DATA_SILENT_S - 1, trading_since=opening) is None
    assert look(3_600.0 + DATA_SILENT_S + 1, trading_since=opening) is ChildExit.SILENT


def test_a_link_without_frames_and_pongs_is_dead_at_any_hour():
    assert look(SILENT_S - 1, pongs=False) is None
    assert look(SILENT_S + 1, pongs=False) is ChildExit.SILENT


# The parent


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def lives(clock: FakeClock) -> StreamLives:
    """Of a stream whose first child has just begun."""
    lives = StreamLives(monotonic=clock)
    lives.begin()
    return lives


def batch(state: StreamState = StreamState.LIVE, *, missing: tuple[str, ...] = (), damaged: int = 0) -> Batch:
    return Batch([], state, "", time.time(), 100, damaged, missing)


def test_symbols_without_a_snapshot_are_asked_for_once_more_and_then_listed(lives):
    assert lives.receive(batch(missing=("A", "B")))
    assert not lives.receive(batch(missing=("A",)))
    assert lives.status.unanswered == ("A",)


def test_newly_mute_symbols_wait_until_starting_over_is_not_too_often(lives, clock):
    assert lives.receive(batch(missing=("A",)))
    assert not lives.receive(batch(missing=("A", "C")))
    clock.advance(seconds=ASK_AGAIN_EVERY_S)
    assert lives.receive(batch(missing=("A", "C")))


def test_what_the_plan_does_not_allow_is_not_asked_for_again(lives):
    assert not lives.receive(batch(StreamState.PLAN_LIMIT, missing=("A", "B")))
    assert lives.status.unanswered == ("A", "B")


def test_damaged_frames_are_counted_over_lives(lives):
    lives.receive(batch(damaged=3))
    lives.begin()
    lives.receive(batch(damaged=2))
    assert lives.status.damaged_frames == 5
    lives.note(StreamState.DEAD, "gone")
    assert lives.status.damaged_frames == 5


def test_a_refused_login_stays_one_while_the_next_life_begins(lives):
    lives.refusals = 1
    lives.note(StreamState.LOGIN_NEEDED, "FYERS does not accept the login")
    lives.receive(batch(StreamState.STARTING))
    assert lives.status.state is StreamState.LOGIN_NEEDED
    lives.receive(batch(StreamState.AUTHENTICATED))
    assert lives.status.state is StreamState.AUTHENTICATED
    assert lives.refusals == 0
