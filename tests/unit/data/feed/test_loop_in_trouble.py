"""The feed when things go wrong, and when it ends: on fakes, one turn at a time."""

from __future__ import annotations

import threading

import pytest

from dashboard.data.cache.lock import AlreadyLocked
from dashboard.data.contract import keys
from dashboard.market.errors import RequestRefused
from dashboard.market.instruments import Series
from dashboard.market.session import FeedState
from harness.builders import (
    NIFTY_WEEKLY,
    SECOND,
    contracts_of,
    make_directory,
)
from harness.feed import report_of
from tests.unit.data.feed.desk import BANKNIFTY, Desk

# Trouble


def test_a_refusal_of_the_budget_stops_all_polls_for_its_time(desk: Desk) -> None:
    desk.run(2.0, watching=BANKNIFTY)
    refusal = RequestRefused("No request to FYERS for 20 s.", retry_after_s=20.0)
    kept = dict(desk.broker.chains)
    desk.broker.chains = dict.fromkeys(kept, refusal)
    desk.run(5.0, ticking=True, watching=BANKNIFTY)
    polls = len(desk.broker.polls)
    desk.run(15.0, ticking=True, watching=BANKNIFTY)
    assert len(desk.broker.polls) == polls
    assert desk.state() is FeedState.LIVE, "the stream goes on"
    desk.broker.chains = kept
    desk.run(10.0, watching=BANKNIFTY)
    assert len(desk.broker.polls) > polls


def test_a_broker_that_hangs_does_not_hold_the_ticks_up(desk: Desk) -> None:
    desk.run(2.0)
    desk.worker.hold = True
    desk.run(20.0, ticking=True)
    assert desk.state() is FeedState.LIVE
    assert desk.frame()["call"]["ltp"][2] > 250


def test_a_lost_cache_is_filled_again(desk: Desk) -> None:
    desk.run(2.0)
    before = desk.store.version(keys.frame(NIFTY_WEEKLY))
    desk.store.lose_everything()
    desk.run(3.0)
    assert desk.store.version(keys.frame(NIFTY_WEEKLY)) > before
    assert desk.screen.directory() == make_directory()
    assert desk.state() is FeedState.LIVE


def test_a_cache_out_of_reach_is_outlived(desk: Desk) -> None:
    desk.run(2.0)
    desk.store.broken = True
    desk.run(6.0, ticking=True)
    assert desk.state() is FeedState.OFFLINE
    desk.store.broken = False
    desk.run(1.5)
    assert desk.state() is FeedState.LIVE
    health = desk.screen.health()
    assert health is not None
    assert health["writes_failed"] > 0


def test_a_poll_of_another_series_is_counted_and_not_shown(desk: Desk) -> None:
    desk.run(1.0)
    wrong = desk.broker.chains[Series("NIFTY", SECOND)]
    desk.broker.listed[NIFTY_WEEKLY] = contracts_of(desk.broker.chains[NIFTY_WEEKLY])  # type: ignore[arg-type]
    desk.broker.chains[NIFTY_WEEKLY] = wrong
    desk.run(12.0)
    health = desk.screen.health()
    assert health is not None
    assert health["rejects"]["poll_foreign"] == 2
    assert desk.frame()["state"] == "stale"
    assert all("26DEC01" in symbol for symbol in desk.frame()["call"]["symbol"])


# Living and ending


def test_the_health_report_says_what_there_is_to_say(desk: Desk) -> None:
    desk.broker.expires_ts = desk.clock() + 3_600
    desk.run(8.0, ticking=True)
    health = report_of(desk.screen)
    assert health["heartbeat_ts"] > desk.clock() - 1.1
    last_frame_ts = health["socket"].pop("last_frame_ts")
    assert last_frame_ts == pytest.approx(health["heartbeat_ts"], abs=0.2)
    assert health["socket"] == {
        "state": "live",
        "reason": "",
        "restarts": 0,
        "subscribed": 12,
        "unanswered": [],
        "unanswered_total": 0,
        "damaged_frames": 0,
        "since_ts": None,
    }
    assert health["market"] == {"open": True, "said_by": "broker", "reason": "", "opens_ts": None}
    assert health["ticks_per_s"] == pytest.approx(10, abs=1)
    assert health["rest_budget"]["limits"] == {"second": 8, "minute": 100, "day": 90_000}
    assert health["token_expires_ts"] == desk.broker.expires_ts
    (entry,) = health["series"]
    assert (entry["key"], entry["state"], entry["rows"]) == (NIFTY_WEEKLY.key, "live", 5)
    assert 0 <= desk.store.version(keys.frame(NIFTY_WEEKLY)) - entry["version"] <= 1_000
    assert {"pid", "started_ts", "last_tick_ts", "ticks_total", "frames_total", "restarts", "rejects"} <= set(health)


def test_a_broker_that_does_not_answer_does_not_hold_up_the_pulse(desk: Desk) -> None:
    desk.run(2.0)
    desk.worker.hold = True
    for _ in range(20):
        desk.run(1.0, ticking=True)
        health = desk.screen.health()
        assert health is not None
        assert health["heartbeat_ts"] > desk.clock() - 1.2
    assert desk.state() is FeedState.LIVE, "by its ticks"


def test_nothing_from_anywhere_for_ten_seconds_is_not_live(desk: Desk) -> None:
    desk.run(2.0, ticking=True)
    desk.worker.hold = True
    desk.run(9.0)
    assert desk.state() is FeedState.LIVE
    desk.run(3.0)
    assert desk.state() is FeedState.STALE
    health = desk.screen.health()
    assert health is not None
    assert (health["silent"], health["state"]) == (True, "stale")


def test_the_lock_is_renewed_every_second_and_its_loss_ends_the_feed(desk: Desk) -> None:
    desk.run(5.0)
    assert 5 <= desk.lock.renewals <= 7
    desk.lock.taken = True
    with pytest.raises(AlreadyLocked):
        desk.run(1.1)


def test_closing_leaves_nothing_behind(desk: Desk) -> None:
    desk.run(1.0)
    desk.feed.close()
    assert desk.stream.closed
    assert desk.broker.closed
    assert desk.lock.released


def test_running_ends_when_asked(desk: Desk) -> None:
    stop = threading.Event()
    runner = threading.Thread(target=desk.feed.run, args=(stop,))
    runner.start()
    stop.set()
    runner.join(5)
    assert not runner.is_alive()
