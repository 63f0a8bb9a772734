"""A clock that is set back must not let what was known before pass for newer than what comes now."""

from __future__ import annotations

import pytest

from dashboard.market.session import FeedState
from tests.fakes import FakeClock
from tests.unit.data.feed.desk import Desk


class WallClock(FakeClock):
    """A clock that can be set, beside a monotonic one that cannot."""

    def __init__(self) -> None:
        super().__init__()
        self.set_by_s = 0.0

    def __call__(self) -> float:
        return self.monotonic() + self.set_by_s

    now = __call__

    def monotonic(self) -> float:
        return self._now


@pytest.fixture
def desk() -> Desk:
    return Desk(clock=WallClock())


def test_after_the_clock_was_set_back_ticks_and_polls_count_at_once(desk: Desk) -> None:
    desk.run(8.0, ticking=True)
    desk.clock.set_by_s = -120.0
    desk.run(1.0)
    desk.trade(ltp=777.0)
    desk.run(1.0)
    assert desk.frame()["call"]["ltp"][2] == 777.0
    assert desk.frame()["as_of_ts"] <= desk.clock()
    desk.run(8.0)
    health = desk.screen.health()
    assert health is not None
    assert "poll_backwards" not in health["rejects"]


def test_a_clock_set_back_does_not_make_old_numbers_live(desk: Desk) -> None:
    desk.run(3.0)
    desk.clock.set_by_s = -600.0
    desk.broker.chains = dict.fromkeys(desk.broker.chains, ValueError("nobody answers"))
    desk.run(15.0)
    assert desk.state() is FeedState.STALE


def test_a_clock_set_forward_only_makes_what_is_known_look_old(desk: Desk) -> None:
    desk.run(3.0)
    desk.clock.set_by_s = 1_800.0
    desk.run(8.0, ticking=True)
    assert desk.state() is FeedState.LIVE
    assert desk.frame()["as_of_ts"] == pytest.approx(desk.clock(), abs=2.0)
