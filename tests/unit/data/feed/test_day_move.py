"""One session's expected move per underlying: priced once, the same for all its series, kept over restarts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from dashboard.analytics.daycount import sessions_until
from dashboard.analytics.enrich import enrich
from dashboard.data.contract import keys
from dashboard.data.feed.day_move import NEARER_WITHIN_S, DayMoves
from dashboard.market.session import IST
from harness.builders import MONTHLY, NEAREST, RATE, make_chain, make_underlying
from tests.fakes import FakeClock, FakeStore
from tests.unit.data.feed.desk import Desk

MORNING = datetime(2026, 11, 30, 9, 17, tzinfo=IST).timestamp()
HOUR, DAY = 3_600.0, 86_400.0


def numbers(at: float = MORNING, *, expiry: int = 0, **given):
    underlying = make_underlying()
    chain = make_chain(n=21, underlying=underlying, expiry=underlying.expiries[expiry], as_of=at, **given)
    return enrich(chain, rate=RATE, now_ts=at)


@pytest.fixture
def store() -> FakeStore:
    return FakeStore(FakeClock())


@pytest.fixture
def moves(store: FakeStore) -> DayMoves:
    return DayMoves(store, sessions_until)


def test_it_is_one_session_s_share_of_what_the_options_charge(moves: DayMoves):
    moves.note(numbers())
    move = moves.today("NIFTY", MORNING)
    assert move is not None
    assert (move.previous_close, move.expiry, move.seen_ts) == (23_899.5, NEAREST, MORNING)
    # Two sessions but two minutes to go, 14 % over 30.4 hours of the calendar.
    sigma = 0.14 * ((30 + 23 / 60) / 8_760 / (2 - 2 / 385)) ** 0.5
    assert move.rupees == pytest.approx(23_899.5 * sigma * (2 / np.pi) ** 0.5, rel=0.01)


def test_it_stands_whatever_comes_later_that_day(moves: DayMoves):
    moves.note(numbers())
    first = moves.today("NIFTY", MORNING)
    moves.note(numbers(MORNING + 6 * HOUR, spot=24_500.0))
    assert moves.today("NIFTY", MORNING + 6 * HOUR) == first
    assert moves.today("NIFTY", MORNING + DAY) is None
    moves.note(numbers(MORNING + DAY, expiry=1))
    assert moves.today("NIFTY", MORNING + DAY).seen_ts == MORNING + DAY
    assert moves.today("BANKNIFTY", MORNING) is None
    assert moves.today("NIFTY", float("nan")) is None


def test_the_nearest_expiry_gives_it_if_it_is_seen_soon(moves: DayMoves):
    moves.note(numbers(expiry=2))
    assert moves.today("NIFTY", MORNING).expiry == MONTHLY
    moves.note(numbers(MORNING + NEARER_WITHIN_S))
    assert moves.today("NIFTY", MORNING).expiry == NEAREST
    late = DayMoves(FakeStore(FakeClock()), sessions_until)
    late.note(numbers(expiry=2))
    late.note(numbers(MORNING + NEARER_WITHIN_S + 1))
    assert late.today("NIFTY", MORNING).expiry == MONTHLY


@pytest.mark.parametrize("clock", ["08:59", "09:15", "15:41", "20:00"])
def test_outside_the_session_and_in_its_first_minute_nothing_is_priced(store: FakeStore, clock: str):
    when = datetime.fromisoformat(f"2026-11-30 {clock}").replace(tzinfo=IST).timestamp()
    for always_open in (False, True):
        moves = DayMoves(store, sessions_until, always_open=always_open)
        moves.note(numbers(when))
        assert (moves.today("NIFTY", when) is not None) == always_open


def test_the_last_hour_of_a_series_and_unknown_parts_price_no_day(moves: DayMoves):
    closing = datetime(2026, 12, 1, 14, 50, tzinfo=IST).timestamp()
    moves.note(numbers(closing))
    moves.note(numbers(spot_change=float("nan")))
    without_iv = numbers()
    moves.note(replace(without_iv, metrics=without_iv.metrics | {"atm_iv": None}))
    assert moves.today("NIFTY", closing) is None
    moves.note(numbers(closing, expiry=1))
    assert moves.today("NIFTY", closing) is not None


def test_a_restarted_feed_keeps_it_and_rubbish_is_nothing(store: FakeStore, moves: DayMoves):
    moves.note(numbers())
    again = DayMoves(store, sessions_until)
    assert again.today("NIFTY", MORNING + HOUR) == moves.today("NIFTY", MORNING)
    for rubbish in (b"", b"[]", b"{", b'{"rupees": "x"}', b"{}"):
        store.put(keys.day_move("NIFTY"), rubbish)
        assert DayMoves(store, sessions_until).today("NIFTY", MORNING) is None


def test_a_cache_that_refuses_it_gets_it_later(store: FakeStore, moves: DayMoves):
    store.broken = True
    moves.note(numbers())
    assert moves.today("NIFTY", MORNING) is not None
    store.broken = False
    moves.note(numbers(MORNING + 1))
    assert DayMoves(store, sessions_until).today("NIFTY", MORNING) == moves.today("NIFTY", MORNING)


def test_a_frame_carries_it_and_measures_the_change_against_it():
    desk = Desk(demo=True)
    desk.run(2.0, ticking=True)
    chains: Any = desk.broker.chains
    desk.broker.chains = {series: replace(chain, spot=24_010.0, spot_change=110.5) for series, chain in chains.items()}
    desk.run(20.0, ticking=True)
    frame = desk.frame()
    move = frame["day_move"]
    assert frame["metrics"]["day_move"] == pytest.approx(move["rupees"])
    used = 100 * abs(frame["spot_change"]) / move["rupees"]
    assert frame["metrics"]["expected_move_used_percent"] == pytest.approx(used, rel=1e-3)
