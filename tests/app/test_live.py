"""What a viewer's tick brings: the newest frame once, and the state always."""

from __future__ import annotations

import json
from typing import Any

import pytest
from dash.exceptions import PreventUpdate

from dashboard.callbacks.live import refresh_chain
from dashboard.data.contract import codec, keys
from dashboard.data.contract.report import HISTORY, NO_ROOM
from dashboard.data.history.recorder import Recorder
from dashboard.data.reader.chains import Chains
from dashboard.data.reader.time_machine import TimeMachine
from dashboard.data.reader.views import Views
from dashboard.market.selection import Selection
from dashboard.market.session import FeedState
from harness.builders import (
    NIFTY_WEEKLY,
    make_chain,
    make_frame,
    make_published,
    make_report,
    make_series_report,
    make_settings,
)
from tests.fakes import FakeClock, FakeStore

NO_HISTORY = TimeMachine(make_settings(history="off"))
CHOSEN = Selection(NIFTY_WEEKLY).to_store()


def ask(
    chains: Chains,
    seen: dict[str, Any] | None = None,
    *,
    at: float | None = None,
    shown: dict[str, Any] | None = None,
    chosen: dict[str, Any] | None = CHOSEN,
    machine: TimeMachine = NO_HISTORY,
    views: Views | None = None,
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Status and numbers that a page's tick brings."""
    moment = None if at is None else {"at": at}
    answer = json.loads(refresh_chain(1, None, moment, shown, chosen, seen, chains, machine, views or Views()))
    return answer["status"], answer.get("numbers")


def seen_of(numbers: dict[str, Any]) -> dict[str, Any]:
    return {name: numbers[name] for name in ("key", "view", "version")}


def publish(store: FakeStore, clock: FakeClock, *, spot: float, state: FeedState = FeedState.LIVE) -> int:
    version = store.put(keys.frame(NIFTY_WEEKLY), make_frame(spot=spot, as_of=clock(), state=state))
    entry = make_series_report(NIFTY_WEEKLY, clock(), state=state, version=version)
    store.put(keys.HEALTH, codec.encode_report(make_report(clock(), entry, state=state, demo=True)))
    return version


def test_the_frame_carries_its_own_key_and_version(chains, store, clock):
    version = publish(store, clock, spot=24_010.0)
    _, frame = ask(chains)
    assert (frame["key"], frame["version"], frame["spot"]) == (NIFTY_WEEKLY.key, version, 24_010.0)


def test_a_frame_already_on_screen_is_not_sent_again_but_the_state_is(chains, store, clock):
    publish(store, clock, spot=24_010.0)
    _, frame = ask(chains)
    status, numbers = ask(chains, seen_of(frame))
    assert numbers is None
    assert status["state"] == "live"


def test_the_next_frame_comes_as_what_has_changed(chains, store, clock):
    views = Views()
    publish(store, clock, spot=24_010.0)
    _, frame = ask(chains, views=views)
    version = publish(store, clock, spot=24_011.0)
    _, change = ask(chains, seen_of(frame), views=views)
    assert (change["base"], change["version"]) == (frame["version"], version)
    assert change["set"]["spot"] == 24_011.0


@pytest.mark.parametrize("lost", [{"version": 1}, {"view": "another"}, {"key": "SENSEX|2026-12-03"}, {"version": None}])
def test_a_page_that_shows_anything_else_gets_the_whole_frame(chains, store, clock, lost):
    views = Views()
    publish(store, clock, spot=24_010.0)
    _, frame = ask(chains, views=views)
    publish(store, clock, spot=24_011.0)
    _, numbers = ask(chains, seen_of(frame) | lost, views=views)
    assert (numbers["key"], numbers["spot"]) == (NIFTY_WEEKLY.key, 24_011.0)


def test_a_page_gets_the_columns_it_shows(chains, store, clock):
    publish(store, clock, spot=24_010.0)
    _, frame = ask(chains, shown={"columns": "delta,straddle,nonsense", "charts": "gex,term_structure", "strikes": 5})
    assert set(frame["call"]) == {"symbol", "old", "ltp", "delta"}
    assert set(frame["row"]) == {"straddle", "gex_crore"}
    assert set(frame["term"]) == {"days", "atm_iv", "forward_vol"}
    assert set(frame["window_metrics"]) == {"5"}


def test_watching_leases_the_series(chains, store, clock):
    ask(chains)
    assert store.keys(keys.LEASE_PREFIX) == [keys.lease(NIFTY_WEEKLY)]


def test_before_the_first_frame_the_page_learns_what_it_waits_for(chains, store, clock):
    store.put(keys.HEALTH, codec.encode_report(make_report(clock())))
    status, numbers = ask(chains)
    assert numbers is None
    assert status["waiting"]


def test_a_dead_feed_is_offline_and_its_last_frame_stays(chains, store, clock):
    publish(store, clock, spot=24_010.0)
    clock.advance(seconds=60)
    status, frame = ask(chains)
    assert frame["spot"] == 24_010.0
    assert status["state"] == "offline"
    assert "11:05:00 IST" in status["message"]


@pytest.mark.parametrize("chosen", [None, {}, {"key": "NIFTY"}, {"underlying": "NIFTY", "expiry": None}])
def test_half_a_selection_asks_for_nothing(chains, store, chosen):
    with pytest.raises(PreventUpdate):
        ask(chains, chosen=chosen)
    assert store.keys(keys.LEASE_PREFIX) == []


def test_a_recorded_moment_comes_from_the_history_and_leases_nothing(chains, store, clock, tmp_path):
    publish(store, clock, spot=24_010.0)
    began, views = clock() - 60, Views()
    recorder = Recorder(tmp_path, keep_days=1, demo=True, software="test")
    recorder.take(make_published(make_chain(n=5, spot=23_900.0, as_of=began)))
    recorder.close()
    machine = TimeMachine(make_settings(history=f"sqlite:///{tmp_path}"), clock=clock)
    status, frame = ask(chains, at=began + 1, machine=machine, views=views)
    assert (frame["spot"], frame["state"]) == (23_900.0, "recorded")
    assert (status["state"], status["recorded_ts"], status["gap"]) == ("recorded", began + 1, False)
    assert store.keys(keys.LEASE_PREFIX) == []
    assert ask(chains, seen_of(frame), at=began + 2, machine=machine, views=views)[1] is None
    assert ask(chains, seen_of(frame), machine=machine, views=views)[1]["spot"] == 24_010.0


@pytest.mark.parametrize("at", [-1e18, -5, 0, 1e18, float("nan"), float("inf")])
def test_a_moment_without_a_record_is_a_gap_with_a_sentence(chains, store, clock, at):
    publish(store, clock, spot=24_010.0)
    status, numbers = ask(chains, at=at, machine=TimeMachine(make_settings(), clock=clock))
    assert numbers is None
    assert (status["state"], status["gap"]) == ("recorded", True)
    assert status["waiting"].endswith(".")


def test_a_recording_that_stopped_is_said_with_the_state(chains, store, clock):
    publish(store, clock, spot=24_010.0)
    assert ask(chains)[0]["recording"] is None
    entry = make_series_report(NIFTY_WEEKLY, clock(), state=FeedState.LIVE, version=1)
    sink = {"taken": 9, "failed": 1, "dropped": 0, "waiting": 0, "lag_s": 0.0, "problem": NO_ROOM, "counts": {}}
    report = make_report(clock(), entry, sinks={HISTORY: sink})
    store.put(keys.HEALTH, codec.encode_report(report))
    status, _ = ask(chains)
    assert status["state"] == "live"
    assert status["recording"] == "Recording has stopped: the disk is full."
