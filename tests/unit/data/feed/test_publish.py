"""A frame per change, a truthful state, and no fault that spreads."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard.analytics.enrich import enrich
from dashboard.data.brokers.protocol import StreamState, StreamStatus
from dashboard.data.contract import keys, numbers
from dashboard.data.contract.state import Conditions
from dashboard.data.feed.chain_builder import ChainBuilder
from dashboard.data.feed.frame_writer import FRAME_TTL_S
from dashboard.data.feed.publish import Publisher
from dashboard.data.feed.tick_book import TickBook
from dashboard.market.calendar import load_calendar
from dashboard.market.instruments import Series
from dashboard.market.session import IST, FeedState
from harness.builders import NIFTY_WEEKLY, RATE, contracts_of, make_chain, make_settings, make_tick, make_underlying
from tests.fakes import FakeClock, FakeStore

BANKNIFTY = Series("BANKNIFTY", NIFTY_WEEKLY.expiry)
CALL = "NSE:NIFTY26DEC0124000CE"


class Press:
    """A publisher over a book of two polled series, in the words of a test."""

    def __init__(self, **settings: Any) -> None:
        self.clock = FakeClock()
        self.store = FakeStore(self.clock)
        self.book = TickBook()
        for name in ("NIFTY", "BANKNIFTY"):
            chain = make_chain(n=5, underlying=make_underlying(name), as_of=self.clock())
            chain_builder = ChainBuilder(chain.underlying, chain.expiry, contracts_of(chain), rate=RATE)
            chain_builder.take_poll(chain, self.clock())
            self.book.follow(chain_builder)
        calendar = load_calendar(Path("/nowhere"))
        self.publisher = Publisher(self.store, make_settings(**settings), self.clock, calendar=calendar)

    def publish(self, *series: Series, **conditions: Any) -> None:
        self.publisher.publish(self.book, series or (NIFTY_WEEKLY, BANKNIFTY), Conditions(**conditions))
        assert self.publisher.sinks.flush()

    def tick(self, ltp: float = 101.0, **fields: Any) -> None:
        self.book.apply([make_tick(CALL, received_ts=self.clock(), ltp=ltp, **fields)])

    def version(self, series: Series = NIFTY_WEEKLY) -> int:
        return self.store.version(keys.frame(series))

    def frame(self, series: Series = NIFTY_WEEKLY) -> dict[str, Any]:
        raw = self.store.read(keys.frame(series))
        assert raw is not None
        found: dict[str, Any] = json.loads(raw)
        return found


def test_only_wanted_series_are_published() -> None:
    press = Press()
    press.publish(NIFTY_WEEKLY)
    assert press.frame()["key"] == NIFTY_WEEKLY.key
    assert press.version(BANKNIFTY) == 0


def test_a_version_means_something_new() -> None:
    press = Press()
    press.publish()
    first = press.version()
    press.clock.advance(seconds=0.5)
    press.publish()
    assert press.version() == first
    press.tick(ltp=131.4)
    press.publish()
    assert press.version() > first
    assert press.frame()["call"]["ltp"][2] == 131.4
    assert press.publisher.frames_total == 3


def test_silence_is_published_once_as_stale_and_then_again_as_live() -> None:
    press = Press()
    press.publish(NIFTY_WEEKLY)
    since = press.publisher.published[NIFTY_WEEKLY].since_ts
    press.clock.advance(seconds=10)
    for _ in range(5):
        press.publish(NIFTY_WEEKLY)
        press.clock.advance(seconds=1)
    assert press.frame()["state"] == "stale"
    assert press.frame()["as_of_ts"] == since
    assert press.publisher.frames_total == 2
    assert press.publisher.published[NIFTY_WEEKLY].since_ts == since + 10
    press.tick()
    press.publish(NIFTY_WEEKLY)
    assert press.frame()["state"] == "live"


@pytest.mark.parametrize(
    ("conditions", "word"),
    [({"market_open": False}, "closed"), ({"login_needed": True}, "login_needed"), ({"replay": True}, "replay")],
)
def test_what_all_series_share_reaches_each_frame(conditions: dict[str, Any], word: str) -> None:
    press = Press()
    press.publish(**conditions)
    assert press.frame(NIFTY_WEEKLY)["state"] == press.frame(BANKNIFTY)["state"] == word


def test_a_series_that_cannot_be_computed_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    press = Press()
    press.publish()
    before = press.version()
    healthy = enrich

    def faulty(chain: Any, **options: Any) -> Any:
        if chain.series == NIFTY_WEEKLY:
            raise FloatingPointError("0/0")
        return healthy(chain, **options)

    monkeypatch.setattr(numbers, "enrich", faulty)
    press.tick()
    press.book.series[BANKNIFTY].mark_changed()
    other = press.version(BANKNIFTY)
    press.publish()
    press.publish()
    assert press.version() == before, "the last good frame stays"
    assert press.version(BANKNIFTY) > other
    assert press.publisher.frames_failed == 1
    assert press.publisher.problems == {
        NIFTY_WEEKLY: ("frame_failed", "NIFTY 01-Dec-26 cannot be computed; the last frame stays.")
    }
    monkeypatch.setattr(numbers, "enrich", healthy)
    press.tick()
    press.publish()
    assert press.publisher.problems == {}
    assert press.version() > before


def test_a_cache_out_of_reach_is_counted_and_caught_up_with() -> None:
    press = Press()
    press.store.broken = True
    press.publish()
    assert press.publisher.writes_failed == 2
    assert press.publisher.current(Conditions(), press.clock()) == {}
    press.store.broken = False
    press.publish()
    assert press.frame()["key"] == NIFTY_WEEKLY.key
    assert press.publisher.current(Conditions(), press.clock())[NIFTY_WEEKLY].state is FeedState.LIVE


def test_a_series_whose_frames_the_cache_refuses_goes_stale_with_the_frame_on_screen() -> None:
    press = Press()
    press.publish()
    as_of_ts = press.publisher.current(Conditions(), press.clock())[NIFTY_WEEKLY].as_of_ts
    press.store.broken = True
    for _ in range(20):
        press.clock.advance(seconds=1)
        press.tick()
        press.publish()
    on_screen = press.publisher.current(Conditions(), press.clock())[NIFTY_WEEKLY]
    assert (on_screen.state, on_screen.as_of_ts) == (FeedState.STALE, as_of_ts)


def test_a_lost_cache_is_filled_again() -> None:
    press = Press()
    press.publish()
    press.store.lose_everything()
    press.publish()
    assert press.version() == 0
    press.publisher.put_back_lost(press.book)
    press.publish()
    assert press.version() > 0


def test_a_spot_alone_is_no_frame() -> None:
    press = Press()
    chain = make_chain(n=5)
    press.book.follow(ChainBuilder(chain.underlying, chain.expiry, contracts_of(chain), rate=RATE))
    press.book.apply([make_tick("NSE:NIFTY-INDEX", ltp=24_000.0)])
    press.publish(NIFTY_WEEKLY)
    assert press.version() == 0


def test_in_a_replay_years_run_from_the_exchange_s_clock() -> None:
    live, replay = Press(), Press(replay=True)
    for press in (live, replay):
        press.tick(exchange_ts=press.clock() - 5 * 86_400)
        press.publish(replay=press is replay)
    assert live.frame()["market_ts"] == live.clock()
    assert replay.frame()["market_ts"] == replay.clock() - 5 * 86_400
    gained = replay.frame()["years_to_expiry"] - live.frame()["years_to_expiry"]
    assert gained == pytest.approx(5 / 365, rel=1e-3)
    assert np.isfinite(replay.frame()["metrics"]["atm_iv"])


def test_a_frame_nobody_watches_any_more_is_reported_as_stale() -> None:
    press = Press()
    press.publish()
    press.clock.advance(seconds=60)
    reported = press.publisher.current(Conditions(), press.clock())
    assert {frame.state for frame in reported.values()} == {FeedState.STALE}


def test_old_series_do_not_pile_up_in_the_cache() -> None:
    press = Press()
    press.publish()
    press.publisher.forget(NIFTY_WEEKLY)
    press.clock.advance(seconds=FRAME_TTL_S - 1)
    assert press.version() > 0
    press.clock.advance(seconds=1)
    assert press.version() == 0


# Legs that are older than their series


def test_wings_beyond_both_sources_are_old_in_the_frame_and_missing_in_the_coverage() -> None:
    press = Press()
    press.publish(NIFTY_WEEKLY)
    assert press.frame()["coverage"]["pcr_oi"] == [5, 5]
    fresh = press.frame()["call"]["iv"]
    for _ in range(4):
        press.clock.advance(seconds=5)
        chain = make_chain(n=3, as_of=press.clock())  # the poll reaches only the middle
        assert press.book.series[NIFTY_WEEKLY].take_poll(chain, press.clock()) is None
    press.publish(NIFTY_WEEKLY)
    frame = press.frame()
    assert frame["state"] == "live"
    assert frame["old_after_s"] == 10.0
    assert frame["call"]["old"] == frame["put"]["old"] == [True, False, False, False, True]
    assert None not in frame["call"]["ltp"] + frame["put"]["oi"], "what they told stays, dated by tick_ts and oi_ts"
    assert [value is None for value in frame["call"]["iv"]] == [True, False, False, False, True]
    assert None not in fresh
    assert {frame["call"]["price_source"][0], frame["put"]["price_source"][4]} == {"stale"}
    assert frame["coverage"]["pcr_oi"] == [3, 5]
    assert frame["coverage"]["quoted"] == [3, 5]
    assert press.publisher.published[NIFTY_WEEKLY].old_legs == 4


def test_legs_that_the_connection_carries_are_not_old() -> None:
    press = Press()
    began = press.clock()
    for symbol in press.book.series[NIFTY_WEEKLY].symbols:
        press.book.apply([make_tick(symbol, received_ts=press.clock(), ltp=101.0)])
    press.clock.advance(seconds=30)
    press.tick()
    link = StreamStatus(StreamState.LIVE, since_ts=began, last_frame_ts=press.clock())
    press.publisher.publish(press.book, [NIFTY_WEEKLY], Conditions(), link)
    assert press.publisher.sinks.flush()
    assert not any(press.frame()["call"]["old"] + press.frame()["put"]["old"])


def test_after_the_close_nothing_is_old() -> None:
    press = Press()
    press.publish(NIFTY_WEEKLY)
    press.clock.advance(seconds=60)
    press.book.series[NIFTY_WEEKLY].take_poll(make_chain(n=3, as_of=press.clock()), press.clock())
    press.publish(NIFTY_WEEKLY, market_open=False)
    assert not any(press.frame()["call"]["old"])
    assert press.frame()["coverage"]["pcr_oi"] == [5, 5]


# The clock against which the age of a last trade counts


@pytest.mark.parametrize(
    ("wall", "market_open", "counted_at"),
    [
        ("23 11:05", True, "23 11:05"),
        ("23 20:00", False, "23 15:40"),  # an LTP of 15:38 is two minutes old all evening
        ("25 08:00", False, "23 15:40"),  # over the holiday of the 24th, until the next session
        ("23 15:45", True, "23 15:45"),  # the broker knows better
    ],
)
def test_last_trades_age_with_the_session_and_not_with_the_evening(
    wall: str, market_open: bool, counted_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def at(text: str) -> float:
        return datetime.strptime(f"2026-11-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=IST).timestamp()

    asked: list[float] = []

    def note(chain: Any, *, now_ts: float, **options: Any) -> Any:
        asked.append(now_ts)
        return enrich(chain, now_ts=now_ts, **options)

    monkeypatch.setattr(numbers, "enrich", note)
    press = Press()
    press.clock.advance(seconds=at(wall) - press.clock())
    press.tick(volume=10**9, exchange_ts=press.clock(), trade_ts=min(at("23 15:38"), press.clock()))
    press.book.series[NIFTY_WEEKLY].take_poll(make_chain(n=5, as_of=press.clock()), press.clock())
    press.publish(NIFTY_WEEKLY, market_open=market_open)
    assert set(asked) == {at(counted_at)}


def test_a_closed_market_without_hours_of_its_own_is_dated_by_its_last_trade(monkeypatch: pytest.MonkeyPatch) -> None:
    press = Press(demo=True)
    last = press.clock()
    press.clock.advance(seconds=3_600)
    press.tick(bid=100.0, exchange_ts=press.clock(), trade_ts=last)
    asked: list[float] = []
    monkeypatch.setattr(numbers, "enrich", lambda chain, **said: asked.append(said["now_ts"]) or enrich(chain, **said))
    press.publish(NIFTY_WEEKLY, market_open=False)
    assert set(asked) == {last}


# Many series


def test_more_series_than_one_turn_has_time_for_are_published_in_turns() -> None:
    press = Press()
    for turn in (1, 2, 3):
        press.publisher.publish(press.book, [NIFTY_WEEKLY, BANKNIFTY], Conditions(), within_s=0.0)
        assert press.publisher.frames_total == min(turn, 2), "one a turn at least, and the rest comes next time"
