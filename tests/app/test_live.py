"""What a viewer's tick brings: the newest frame once, and the state always."""

from __future__ import annotations

import json

import pytest
from dash import no_update
from dash.exceptions import PreventUpdate

from dashboard.callbacks.live import refresh_chain
from dashboard.data.contract import codec, keys
from dashboard.data.history.recorder import Recorder
from dashboard.data.reader.time_machine import TimeMachine
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


def publish(store: FakeStore, clock: FakeClock, *, spot: float, state: FeedState = FeedState.LIVE) -> int:
    version = store.put(keys.frame(NIFTY_WEEKLY), make_frame(spot=spot, as_of=clock(), state=state))
    entry = make_series_report(NIFTY_WEEKLY, clock(), state=state, version=version)
    store.put(keys.HEALTH, codec.encode_report(make_report(clock(), entry, state=state, demo=True)))
    return version


def test_the_frame_carries_its_own_key_and_version(chains, store, clock):
    version = publish(store, clock, spot=24_010.0)
    text, _ = refresh_chain(1, None, None, CHOSEN, None, chains, NO_HISTORY)
    frame = json.loads(text)
    assert (frame["key"], frame["version"], frame["spot"]) == (NIFTY_WEEKLY.key, version, 24_010.0)


def test_a_frame_already_on_screen_is_not_sent_again_but_the_state_is(chains, store, clock):
    version = publish(store, clock, spot=24_010.0)
    text, status = refresh_chain(
        2, None, None, CHOSEN, {"key": NIFTY_WEEKLY.key, "version": version}, chains, NO_HISTORY
    )
    assert text is no_update
    assert json.loads(status)["state"] == "live"


def test_a_page_that_shows_another_series_gets_this_one_whatever_its_version(chains, store, clock):
    version = publish(store, clock, spot=24_010.0)
    text, _ = refresh_chain(2, None, None, CHOSEN, {"key": "SENSEX|2026-12-03", "version": version}, chains, NO_HISTORY)
    assert json.loads(text)["key"] == NIFTY_WEEKLY.key


def test_watching_leases_the_series(chains, store, clock):
    refresh_chain(1, None, None, CHOSEN, None, chains, NO_HISTORY)
    assert store.keys(keys.LEASE_PREFIX) == [keys.lease(NIFTY_WEEKLY)]


def test_before_the_first_frame_the_page_is_told_what_it_waits_for(chains, store, clock):
    store.put(keys.HEALTH, codec.encode_report(make_report(clock())))
    text, status = refresh_chain(1, None, None, CHOSEN, None, chains, NO_HISTORY)
    assert text is no_update
    assert json.loads(status)["waiting"]


def test_a_dead_feed_is_offline_and_its_last_frame_stays(chains, store, clock):
    publish(store, clock, spot=24_010.0)
    clock.advance(seconds=60)
    text, status = refresh_chain(9, None, None, CHOSEN, None, chains, NO_HISTORY)
    assert json.loads(text)["spot"] == 24_010.0
    assert json.loads(status)["state"] == "offline"
    assert "11:05:00 IST" in json.loads(status)["message"]


@pytest.mark.parametrize("chosen", [None, {}, {"key": "NIFTY"}, {"underlying": "NIFTY", "expiry": None}])
def test_half_a_selection_asks_for_nothing(chains, store, chosen):
    with pytest.raises(PreventUpdate):
        refresh_chain(1, None, None, chosen, None, chains, NO_HISTORY)
    assert store.keys(keys.LEASE_PREFIX) == []


def test_a_recorded_moment_comes_from_the_history_and_leases_nothing(chains, store, clock, tmp_path):
    publish(store, clock, spot=24_010.0)
    began = clock() - 60
    recorder = Recorder(tmp_path, keep_days=1, demo=True, software="test")
    recorder.take(make_published(make_chain(n=5, spot=23_900.0, as_of=began)))
    recorder.close()
    machine = TimeMachine(make_settings(history=f"sqlite:///{tmp_path}"), clock=clock)
    text, status = refresh_chain(1, None, {"at": began + 1}, CHOSEN, None, chains, machine)
    frame, said = json.loads(text), json.loads(status)
    assert (frame["spot"], frame["state"]) == (23_900.0, "recorded")
    assert (said["state"], said["recorded_ts"], said["gap"]) == ("recorded", began + 1, False)
    assert store.keys(keys.LEASE_PREFIX) == []
    seen = {"key": frame["key"], "version": frame["version"]}
    assert refresh_chain(2, None, {"at": began + 2}, CHOSEN, seen, chains, machine)[0] is no_update
    text, _ = refresh_chain(3, None, None, CHOSEN, seen, chains, machine)
    assert json.loads(text)["spot"] == 24_010.0


@pytest.mark.parametrize("at", [-1e18, -5, 0, 1e18, float("nan"), float("inf")])
def test_a_moment_without_a_record_is_a_gap_with_a_sentence(chains, store, clock, at):
    publish(store, clock, spot=24_010.0)
    machine = TimeMachine(make_settings(), clock=clock)
    text, status = refresh_chain(1, None, {"at": at}, CHOSEN, None, chains, machine)
    said = json.loads(status)
    assert text is no_update
    assert (said["state"], said["gap"]) == ("recorded", True)
    assert said["waiting"].endswith(".")
