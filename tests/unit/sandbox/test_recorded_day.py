"""A day of the board's own history as a market: at each snapshot every number is the recorded one."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard.data.history.recorder import Recorder
from dashboard.market.chain import Chain
from dashboard.market.session import IST, FeedState
from dashboard.sandbox.clock import Clock
from dashboard.sandbox.recorded_day import STEP_S, load_recorded_day
from dashboard.sandbox.recording import NO_COUNT, BadRecording, Recording
from dashboard.sandbox.replay import ReplayMarket
from dashboard.sandbox.wire import ABSENT, ASK, BID, LTP, OI, PREV_CLOSE, VOLUME
from harness.builders import make_chain, make_expiry, make_published, make_underlying

BEGAN = datetime(2026, 11, 20, 9, 20, tzinfo=IST).timestamp()
TODAY = date(2026, 11, 27)
FRIDAY = "2026-11-20.sqlite"


def chain_at(seconds: float, **fields: Any) -> Chain:
    lot = make_expiry(lot_size=75)
    given: dict[str, Any] = {"spot": 24_010.0 + seconds / 10, "underlying": make_underlying(expiries=[lot])} | fields
    chain = make_chain(n=11, spot_change=12.5, as_of=BEGAN + seconds, **given)
    ltp = np.round(chain.call.ltp + seconds / 100, 1)
    call = replace(
        chain.call,
        ltp=ltp,
        ltp_change=np.full(11, 0.5),
        volume=np.array([1_000.0 + place + seconds for place in range(11)]),
    )
    return replace(chain, call=call)


def record(directory: Path, *chains: Chain, state: FeedState = FeedState.LIVE) -> Path:
    recorder = Recorder(directory, keep_days=10, demo=False, software="test")
    for chain in chains:
        recorder.take(make_published(chain, state=state))
    recorder.close()
    return directory / FRIDAY


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return record(tmp_path, *(chain_at(2.0 * step) for step in range(61)))


def played(recording: Recording, hand: Any, *, speed: float = 0.0) -> ReplayMarket:
    clock = Clock(datetime(2026, 11, 27, 20, 0, tzinfo=IST).timestamp(), speed=speed, monotonic=hand)
    return ReplayMarket(recording, clock, TODAY)


def everything(market: ReplayMarket) -> Any:
    market.refresh(np.arange(len(market.universe), dtype=np.intp))
    return market.fields


def test_each_snapshot_shows_what_was_recorded(path, hand):
    market = played(load_recorded_day(path), hand)
    [series] = market.universe.series["NSE:NIFTY50-INDEX"].values()
    index = market.universe.by_symbol["NSE:NIFTY50-INDEX"].row
    for at in ("09:20:00", "09:20:30", "09:22:00"):
        market.playback(at, 0)
        fields = everything(market)
        then = chain_at(float(at[3:5]) * 60 - 1_200 + float(at[6:]))
        for legs, rows in ((then.call, series.calls), (then.put, series.puts)):
            for name, column, scale in (("ltp", LTP, 100), ("bid", BID, 100), ("ask", ASK, 100), ("oi", OI, 1)):
                assert fields[rows, column].tolist() == np.round(getattr(legs, name) * scale).tolist(), name
            assert fields[rows, VOLUME].tolist() == legs.volume.tolist()
        assert fields[index, LTP] == round(then.spot * 100)
    assert fields[index, PREV_CLOSE] == round((then.spot - 12.5) * 100)
    assert fields[series.calls, PREV_CLOSE].tolist() == np.round((then.call.ltp - 0.5) * 100).tolist()


def test_of_each_half_minute_one_record_is_a_snapshot(path):
    [chain] = load_recorded_day(path).chains
    assert (chain.times - BEGAN).tolist() == [0.0, 30.0, 60.0, 90.0, 120.0]
    assert STEP_S == 30


def test_the_day_moves_to_today_with_its_lots_and_its_days_to_expiry(path, hand):
    market = played(load_recorded_day(path), hand)
    assert market.shift_s == 7 * 86_400
    [expiry] = market.expiries("NSE:NIFTY50-INDEX")
    assert expiry.day == date(2026, 12, 8)
    assert {found.spec.lot_size for found in market.universe.by_symbol.values()} == {75}


def test_unknown_prices_and_counts_stay_unknown(tmp_path, hand):
    chain = chain_at(0.0)
    gone = np.where(np.arange(11) == 3, np.nan, chain.call.oi)
    unknown = replace(chain, spot=np.nan, call=replace(chain.call, ltp=gone, bid=gone, oi=gone, volume=gone))
    recording = load_recorded_day(record(tmp_path, unknown))
    assert recording.chains[0].oi[0, 3] == recording.chains[0].volume[0, 3] == NO_COUNT
    market = played(recording, hand, speed=1.0)
    hand.advance(5.0)
    fields = everything(market)
    [series] = market.universe.series["NSE:NIFTY50-INDEX"].values()
    assert (fields[series.calls[3], [LTP, BID, OI, VOLUME]] == ABSENT).all()
    assert (fields[series.calls[4], [LTP, BID, OI, VOLUME]] != ABSENT).all()
    assert fields[market.universe.by_symbol["NSE:NIFTY50-INDEX"].row, LTP] == ABSENT


def test_strikes_that_were_listed_later_are_unknown_before(tmp_path):
    early, late = chain_at(0.0), chain_at(60.0, spot=24_110.0)
    [chain] = load_recorded_day(record(tmp_path, early, late)).chains
    assert chain.strikes.tolist() == sorted({*early.strikes, *late.strikes})
    newest = int(np.searchsorted(chain.strikes, late.strikes[-1]))
    assert (chain.ltp[0, newest], chain.oi[0, newest]) == (0, NO_COUNT)
    assert chain.ltp[1, newest] > 0


def test_what_did_not_trade_or_is_not_listed_here_is_left_out(tmp_path):
    unlisted = chain_at(1.0, underlying=make_underlying("NOWHERE"))
    record(tmp_path, chain_at(0.0), unlisted)
    path = record(tmp_path, chain_at(60.0), state=FeedState.CLOSED)
    [chain] = load_recorded_day(path).chains
    assert chain.underlying == "NIFTY"
    assert len(chain.times) == 1


def test_a_damaged_record_is_left_out(path):
    with sqlite3.connect(path) as file:
        file.execute("update records set body = x'00' where at_ms = ?", (int(1000 * (BEGAN + 30)),))
    [chain] = load_recorded_day(path).chains
    assert (chain.times - BEGAN).tolist() == [0.0, 60.0, 90.0, 120.0]


def test_a_day_with_nothing_to_play_is_refused_in_one_sentence(tmp_path):
    path = record(tmp_path, chain_at(0.0, underlying=make_underlying("NOWHERE")))
    with pytest.raises(BadRecording, match="Of 2026-11-20 nothing was recorded that the sandbox can play"):
        load_recorded_day(path)
    path.write_bytes(b"no database" * 99)
    with pytest.raises(BadRecording, match="The recorded day 2026-11-20 cannot be played: The history in"):
        load_recorded_day(path)
