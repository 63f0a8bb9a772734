"""What the stream's two halves decide from what they hear: no process, no network."""

from __future__ import annotations

import time
from typing import Any

import pytest

from dashboard.data.brokers.fyers.rest.snapshots import SnapshotDeadlines
from dashboard.data.brokers.fyers.stream import socket_child
from dashboard.data.brokers.fyers.stream.socket import ASK_AGAIN_EVERY_S, FyersTickStream
from dashboard.data.brokers.fyers.stream.socket_child import DATA_SILENT_S, SILENT_S
from dashboard.data.brokers.fyers.stream.socket_protocol import Batch, ChildExit
from dashboard.data.brokers.protocol import StreamState
from tests.unit.data.brokers.fyers.material import loopback_settings

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


class QuietSession:
    """A session that is connected and hears what the test says."""

    def __init__(self, now: float) -> None:
        self.last_frame_s: float | None = now
        self.last_data_s: float | None = now
        self.plan_limit = ""
        self.ending: tuple[ChildExit, str] | None = None

    def end(self, how: ChildExit, reason: str) -> None:
        self.ending = self.ending or (how, reason)


@pytest.fixture
def child() -> Any:
    now = time.monotonic()
    watched = socket_child._Child(None, QuietSession(now), 10.0)  # type: ignore[arg-type]
    watched._subscribed = 100
    watched.began = now  # type: ignore[attr-defined]
    return watched


def look(child: Any, after_s: float, *, pongs: bool = True) -> ChildExit | None:
    now = child.began + after_s
    if pongs:
        child._session.last_frame_s = now
    child._watch(now, child.began)
    return child._session.ending[0] if child._session.ending else None


def test_silence_of_the_market_is_no_fault_outside_its_hours(child):
    assert look(child, 8 * 3600.0) is None


def test_silence_of_the_market_ends_the_life_while_it_trades(child):
    child._trading_since = child.began
    assert look(child, DATA_SILENT_S - 1) is None
    assert look(child, DATA_SILENT_S + 1) is ChildExit.SILENT


def test_the_opening_starts_the_watch_anew(child):
    child._trading_since = child.began + 3_600.0
    assert look(child, 3_600.0 + DATA_SILENT_S - 1) is None
    assert look(child, 3_600.0 + DATA_SILENT_S + 1) is ChildExit.SILENT


def test_a_link_without_frames_and_pongs_is_dead_at_any_hour(child):
    assert look(child, SILENT_S - 1, pongs=False) is None
    assert look(child, SILENT_S + 1, pongs=False) is ChildExit.SILENT


# The parent


@pytest.fixture
def stream(tmp_path, monkeypatch) -> FyersTickStream:
    """A stream whose supervisor has no token and therefore starts nothing."""

    class NoToken:
        def current(self) -> None:
            return None

    stream = FyersTickStream(loopback_settings(tmp_path), NoToken(), lambda symbol: f"sf|{symbol}")  # type: ignore[arg-type]
    stream.close()
    return stream


def batch(state: StreamState = StreamState.LIVE, *, missing: tuple[str, ...] = (), damaged: int = 0) -> Batch:
    return Batch([], state, "", time.time(), 100, damaged, missing)


def test_symbols_without_a_snapshot_are_asked_for_once_more_and_then_listed(stream):
    stream._receive(batch(missing=("A", "B")))
    assert stream._recycle
    stream._recycle = False
    stream._receive(batch(missing=("A",)))
    assert not stream._recycle
    assert stream.status().unanswered == ("A",)


def test_newly_mute_symbols_wait_until_starting_over_is_not_too_often(stream):
    stream._receive(batch(missing=("A",)))
    stream._recycle = False
    stream._receive(batch(missing=("A", "C")))
    assert not stream._recycle
    stream._asked_again_s -= ASK_AGAIN_EVERY_S
    stream._receive(batch(missing=("A", "C")))
    assert stream._recycle


def test_what_the_plan_does_not_allow_is_not_asked_for_again(stream):
    stream._receive(batch(StreamState.PLAN_LIMIT, missing=("A", "B")))
    assert not stream._recycle
    assert stream.status().unanswered == ("A", "B")


def test_damaged_frames_are_counted_over_lives(stream):
    stream._receive(batch(damaged=3))
    stream._damaged_before = stream._damaged  # what a new life begins with
    stream._receive(batch(damaged=2))
    assert stream.status().damaged_frames == 5
    stream._tell(StreamState.DEAD, "gone")
    assert stream.status().damaged_frames == 5


def test_a_refused_login_stays_one_while_the_next_life_begins(stream):
    stream._refusals = 1
    stream._tell(StreamState.LOGIN_NEEDED, "FYERS does not accept the login")
    stream._receive(batch(StreamState.STARTING))
    assert stream.status().state is StreamState.LOGIN_NEEDED
    stream._receive(batch(StreamState.AUTHENTICATED))
    assert stream.status().state is StreamState.AUTHENTICATED
    assert stream._refusals == 0
