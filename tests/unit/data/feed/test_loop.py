"""The feed as a whole, on fakes: one turn at a time, with a clock that moves when told."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dashboard.data.brokers.protocol import StreamState
from dashboard.data.contract import codec, keys
from dashboard.data.feed import leases, loop
from dashboard.data.feed.loop import KEEP_COLD_S
from dashboard.market.errors import LoginNeeded, ProviderUnavailable, UnknownExpiry
from dashboard.market.instruments import Series
from dashboard.market.session import FeedState
from harness.builders import (
    NIFTY_WEEKLY,
    SECOND,
    contracts_of,
    make_chain,
    make_directory,
)
from tests.fakes import FakeStore
from tests.unit.data.feed.desk import BANKNIFTY, SPOT, Desk

# Starting


def test_a_warm_series_is_on_screen_within_a_second(desk: Desk) -> None:
    desk.run(1.0)
    assert desk.screen.directory() == make_directory()
    assert len(desk.frame()["strikes"]) == 5
    assert desk.state() is FeedState.LIVE
    asked: list[Any] = desk.worker.asked
    directory, (kind, listed) = asked[:2]
    assert (directory, kind, listed.series) == ("directory", "listing", NIFTY_WEEKLY)


def test_the_stream_carries_the_contracts_the_spot_and_the_vix(desk: Desk) -> None:
    desk.broker.futures[NIFTY_WEEKLY] = "NSE:NIFTY26DECFUT"
    desk.run(1.0)
    contracts = {contract.symbol for contract in contracts_of(desk.broker.chains[NIFTY_WEEKLY])}  # type: ignore[arg-type]
    assert desk.stream.subscribed == contracts | {SPOT, "NSE:INDIAVIX-INDEX", "NSE:NIFTY26DECFUT"}


def test_a_tick_reaches_the_frame(desk: Desk) -> None:
    desk.run(1.0)
    desk.trade(ltp=131.4, oi=6_500_000)
    desk.run(0.6)
    assert desk.frame()["call"]["ltp"][2] == 131.4
    assert desk.frame()["call"]["oi"][2] == 6_500_000


def test_a_broker_out_of_reach_at_the_start_is_said_and_tried_again() -> None:
    desk = Desk()
    listing, desk.broker.listing = desk.broker.listing, ProviderUnavailable("FYERS does not answer.")
    desk.run(10.0)
    health = desk.screen.health()
    assert health is not None
    assert (health["broker_error"], health["state"]) == ("FYERS does not answer.", "stale")
    assert 2 <= health["rejects"]["provider_unavailable"] <= 4
    desk.broker.listing = listing
    desk.run(9.0)
    assert desk.state() is FeedState.LIVE
    health = desk.screen.health()
    assert health is not None
    assert health["broker_error"] is None


def test_an_earlier_feed_s_directory_serves_until_the_broker_answers() -> None:
    store = FakeStore()
    store.put(keys.DIRECTORY, codec.encode_directory(make_directory()))
    version = store.version(keys.DIRECTORY)
    desk = Desk(store=store)
    desk.broker.listing = ProviderUnavailable("FYERS does not answer.")
    desk.run(2.0)
    assert desk.state() is FeedState.LIVE
    assert store.version(keys.DIRECTORY) == version


# Leases


def test_a_lease_brings_a_cold_series_within_a_second_and_its_end_stops_the_polls(desk: Desk) -> None:
    desk.run(2.0)
    assert desk.screen.frame(BANKNIFTY) is None
    desk.run(1.0, watching=BANKNIFTY)
    assert desk.frame(BANKNIFTY)["lot_size"] == 30
    assert desk.state(BANKNIFTY) is FeedState.LIVE
    desk.run(60)
    polls = desk.broker.polls.count(BANKNIFTY)
    desk.run(30)
    assert desk.broker.polls.count(BANKNIFTY) == polls
    assert desk.state(BANKNIFTY) is FeedState.STALE
    assert "numbers are those of" in desk.screen.status(BANKNIFTY).message


def test_a_series_left_for_minutes_is_forgotten_but_its_last_frame_stays(desk: Desk) -> None:
    desk.run(1.0, watching=BANKNIFTY)
    desk.run(30 + KEEP_COLD_S + 2)
    assert BANKNIFTY not in desk.feed.book.series
    assert desk.frame(BANKNIFTY)["key"] == BANKNIFTY.key
    assert desk.state(BANKNIFTY) is FeedState.STALE
    assert desk.screen.status(BANKNIFTY).as_of_ts == desk.frame(BANKNIFTY)["as_of_ts"]
    desk.run(1.0, watching=BANKNIFTY)
    assert desk.state(BANKNIFTY) is FeedState.LIVE


def test_a_lease_on_an_unlisted_expiry_is_answered_with_a_problem_that_goes_with_it(desk: Desk) -> None:
    nonsense = Series("NIFTY", date(2030, 1, 1))
    desk.store.put(keys.lease(nonsense), b"", ttl_s=30.0)  # left from a day on which it was listed
    desk.run(1.0)
    state = desk.screen.status(nonsense)
    assert (state.problem_code, state.problem_message) == ("unknown_expiry", "NIFTY 01-Jan-30 is not listed.")
    desk.run(50)
    assert desk.screen.status(nonsense).problem_code is None


def test_twelve_hundred_leases_leave_the_warm_series_live_and_the_pulse_going(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[int] = []
    monkeypatch.setattr(loop, "wanted", lambda *asked: looked_up.append(1) or leases.wanted(*asked))
    desk = Desk()
    for number in range(1_200):
        desk.store.put(keys.lease(Series(f"U{number:04}", date(2026, 12, 1))), b"", ttl_s=60)
    desk.store.put(keys.LEASE_PREFIX + "N" * 100_000 + "|2026-12-01", b"", ttl_s=60)
    desk.run(5.0, ticking=True)
    assert desk.state() is FeedState.LIVE
    health = desk.screen.health()
    assert health is not None
    assert health["heartbeat_ts"] > desk.clock() - 1.2
    assert len(looked_up) <= 8, "leases are looked up when they change, and once a second, not with each look"
    assert not any("NNN" in key for key in desk.store.puts if key.startswith("problem/"))


def test_a_series_the_broker_refuses_has_a_problem_until_it_answers(desk: Desk) -> None:
    chain = desk.broker.chains[BANKNIFTY]
    desk.broker.chains[BANKNIFTY] = ProviderUnavailable("FYERS sent no rows.")
    desk.broker.listed[BANKNIFTY] = contracts_of(chain)  # type: ignore[arg-type]
    desk.run(1.0, watching=BANKNIFTY)
    assert desk.screen.status(BANKNIFTY).problem_message == "FYERS sent no rows."
    assert desk.state(NIFTY_WEEKLY) is FeedState.LIVE
    desk.broker.chains[BANKNIFTY] = chain
    desk.run(6.0, watching=BANKNIFTY)
    assert desk.state(BANKNIFTY) is FeedState.LIVE
    assert desk.screen.status(BANKNIFTY).problem_code is None


def test_a_series_without_contracts_has_a_problem(desk: Desk) -> None:
    desk.broker.listed[BANKNIFTY] = UnknownExpiry("BANKNIFTY has no options that expire on 29-Dec-26.")
    desk.run(1.0, watching=BANKNIFTY)
    assert desk.screen.status(BANKNIFTY).problem_code == "unknown_expiry"


def test_at_the_cutoff_the_warm_series_moves_on(desk: Desk) -> None:
    desk.run(1.0)
    desk.clock.advance(seconds=make_directory().underlyings[0].expiries[0].cutoff_ts - desk.clock())
    desk.run(2.0)
    assert desk.frame(Series("NIFTY", SECOND))["expiry"] == SECOND.isoformat()


def test_new_strikes_of_a_new_listing_join_the_series(desk: Desk) -> None:
    desk.run(1.0)
    wide = make_chain(n=7, underlying=make_directory().underlyings[0], as_of=desk.clock())
    desk.broker.chains[NIFTY_WEEKLY] = wide
    desk.broker.listing = make_directory(*make_directory().underlyings, without_options={"NSE": ("NEWCO",)})
    desk.run(1_801.0)
    assert len(desk.frame()["strikes"]) == 7


# States


def test_when_the_data_stops_the_frame_says_stale_and_stays(desk: Desk) -> None:
    desk.run(2.0, ticking=True)
    desk.broker.chains[NIFTY_WEEKLY] = ProviderUnavailable("FYERS does not answer.")
    desk.run(11.0)
    assert desk.frame()["state"] == "stale"
    assert desk.state() is FeedState.STALE
    assert desk.frame()["call"]["ltp"][2] == 119.0, "the last trade stays"
    desk.run(1.0, ticking=True)
    assert desk.frame()["state"] == "live"


def test_a_login_that_has_ended_is_said_and_the_next_one_picked_up(desk: Desk) -> None:
    desk.run(2.0)
    chain = desk.broker.chains[NIFTY_WEEKLY]
    desk.broker.chains[NIFTY_WEEKLY] = LoginNeeded("The FYERS login has expired; log in again.")
    desk.run(8.0)
    assert desk.state() is FeedState.LOGIN_NEEDED
    assert desk.frame()["state"] == "login_needed"
    polls = len(desk.broker.polls)
    desk.run(60.0)
    assert len(desk.broker.polls) - polls <= 13
    desk.broker.chains[NIFTY_WEEKLY] = chain
    desk.run(6.0)
    assert desk.state() is FeedState.LIVE


def test_a_stream_without_a_login_says_so_too(desk: Desk) -> None:
    desk.stream.state = StreamState.LOGIN_NEEDED
    desk.run(1.0)
    assert desk.state() is FeedState.LOGIN_NEEDED


def test_a_closed_market_keeps_the_last_frame_and_is_polled_seldom(desk: Desk) -> None:
    desk.broker.is_open = False
    desk.run(3.0)
    assert desk.frame()["state"] == "closed"
    polls = len(desk.broker.polls)
    desk.run(30.0)
    assert len(desk.broker.polls) == polls
    desk.broker.is_open = True
    desk.run(10.0)
    assert desk.state() is FeedState.LIVE


def test_a_replay_says_replay_and_runs_on_the_exchange_s_clock() -> None:
    desk = Desk(replay=True)
    told = desk.clock() - 86_400 * 30
    desk.trade(ltp=100.0, exchange_ts=told)
    desk.run(1.0)
    desk.trade(ltp=101.0, exchange_ts=told + 60)
    desk.run(1.5)
    assert desk.state() is FeedState.REPLAY
    assert desk.frame()["market_ts"] == told + 60
    assert desk.frame()["recorded_ts"] is None, "until the sandbox has said by how much the day was moved"
    desk.broker.shift_s = 86_400.0
    desk.trade(ltp=102.0, exchange_ts=told + 61)
    desk.run(1.5)
    assert desk.frame()["recorded_ts"] == told + 61 - 86_400
    assert desk.screen.status().recorded_ts == told + 61 - 86_400
    health = desk.screen.health()
    assert health is not None
    assert health["market_ts"] == told + 61


def test_a_replayed_expiry_day_is_not_over_because_ours_is() -> None:
    desk = Desk(replay=True)
    cutoff = make_directory().underlyings[0].expiries[0].cutoff_ts
    desk.clock.advance(seconds=cutoff + 3_600 - desk.clock())
    desk.run(1.0)
    desk.trade(ltp=100.0, exchange_ts=float(cutoff - 7_200))
    desk.run(1.5)
    assert desk.screen.underlying("NIFTY").expiries[0].date == NIFTY_WEEKLY.expiry
    assert desk.frame()["market_ts"] <= cutoff
    assert desk.frame()["expired"] is False
    desk.trade(ltp=100.0, exchange_ts=float(cutoff))
    desk.run(1.5, watching=NIFTY_WEEKLY)
    assert desk.frame()["expired"] is True
