"""A recorded day: exact at recorded instants, sensible in between."""

from __future__ import annotations

import csv
import gzip
import re
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from dashboard.market.session import IST, ist
from dashboard.sandbox.clock import Clock
from dashboard.sandbox.recording import BadRecording, load_recording
from dashboard.sandbox.replay import ReplayMarket
from dashboard.sandbox.wire import ABSENT, ASK, BID, LAST_TRADED_TIME, LTP, OI, PREV_CLOSE, VOLUME

TODAY = date(2026, 11, 22)
SYMBOLS = {"NIFTY": "NSE:NIFTY50-INDEX", "MIDCPNIFTY": "NSE:MIDCPNIFTY-INDEX"}


@pytest.fixture(scope="module")
def recorded(expiry_day):
    """Rows of the file by (time, underlying, strike), read without the sandbox's own reader."""
    with gzip.open(expiry_day, "rt") as lines:
        return {(r["time_ist"][11:], r["underlying"], float(r["strike"])): r for r in csv.DictReader(lines)}


@pytest.fixture(scope="module")
def recording(expiry_day):
    return load_recording(expiry_day)


@pytest.fixture
def replay(recording, hand):
    clock = Clock(datetime(2026, 11, 22, 20, 0, tzinfo=IST).timestamp(), speed=60.0, monotonic=hand)
    return ReplayMarket(recording, clock, TODAY)


def everything(replay):
    rows = np.arange(len(replay.universe), dtype=np.intp)
    replay.refresh(rows)
    return replay.fields


def raw(text):
    price = round(float(text) * 100)
    return price if price else ABSENT


def assert_equals_recording(replay, recorded, instant):
    fields = everything(replay)
    compared = 0
    for underlying, symbol in SYMBOLS.items():
        [series] = replay.universe.series[symbol].values()
        for strike, call, put in zip(series.strikes.tolist(), series.calls, series.puts, strict=True):
            row = recorded[instant, underlying, strike]
            for leg, side in ((call, "call"), (put, "put")):
                assert fields[leg, LTP] == raw(row[f"{side}_ltp"])
                assert fields[leg, OI] == int(row[f"{side}_oi"])
                assert fields[leg, VOLUME] == int(row[f"{side}_volume"])
                compared += 1
        index = replay.universe.by_symbol[symbol].row
        assert fields[index, LTP] == raw(row["spot"])
    assert compared == 2 * sum(time == instant for time, _, _ in recorded) > 360


@pytest.mark.parametrize("instant", ["09:54:09", "10:53:02", "11:58:14", "13:28:22", "15:28:31", "18:48:40"])
def test_speed_zero_shows_a_recorded_instant_exactly(replay, recorded, instant):
    moved = replay.playback(instant, 0)
    assert ist(moved["now_ts"]).strftime("%H:%M:%S") == instant
    assert_equals_recording(replay, recorded, instant)


def test_speed_zero_between_instants_stands_on_the_earlier_one(replay, recorded, hand):
    replay.playback("11:59:59", 0)
    hand.advance(100.0)
    assert_equals_recording(replay, recorded, "11:58:14")


def test_stopping_without_seek_goes_on_to_the_next_instant(replay, recorded):
    replay.playback("11:59:59", 1)
    replay.playback(None, 0)
    assert_equals_recording(replay, recorded, "12:03:12")


def test_crossing_a_recorded_instant_shows_it_exactly(replay, recorded, hand):
    replay.playback("11:58:13", 1)
    hand.advance(1.0)
    assert_equals_recording(replay, recorded, "11:58:14")


def test_play_starts_at_the_first_row_after_the_open(replay, recorded):
    assert ist(replay.clock.now()).strftime("%Y-%m-%d %H:%M:%S") == "2026-11-22 09:54:09"
    assert_equals_recording(replay, recorded, "09:54:09")


def test_after_the_last_snapshot_everything_holds(replay, recorded, hand):
    replay.playback("18:48:40", 60)
    hand.advance(600.0)
    assert_equals_recording(replay, recorded, "18:48:40")


def test_values_in_between_lie_between_and_on_the_grid(replay, recorded, hand):
    replay.playback("11:58:14", 60)
    hand.advance(2.5)  # half way to 12:03:12
    fields = everything(replay)
    [series] = replay.universe.series[SYMBOLS["NIFTY"]].values()
    moved = 0
    for strike, call in zip(series.strikes.tolist(), series.calls, strict=True):
        before, after = (recorded[t, "NIFTY", strike] for t in ("11:58:14", "12:03:12"))
        if float(before["call_ltp"]) == 0.0:
            assert fields[call, LTP] == ABSENT
            continue
        ends = sorted([raw(before["call_ltp"]), raw(after["call_ltp"])])
        assert ends[0] <= fields[call, LTP] <= ends[1]
        assert fields[call, LTP] % 5 == 0
        assert int(before["call_volume"]) <= fields[call, VOLUME] <= int(after["call_volume"])
        moved += fields[call, LTP] != raw(before["call_ltp"])
    assert moved > 20


def test_unknown_numbers_stay_unknown(replay, hand):
    midcap = replay.universe.by_symbol[SYMBOLS["MIDCPNIFTY"]].row
    for _ in range(10):
        hand.advance(10.0)
        fields = everything(replay)
        assert fields[midcap, LTP] == ABSENT
        assert fields[midcap, PREV_CLOSE] == ABSENT
    assert (fields[:, [BID, ASK]] == ABSENT).all()
    assert not (fields[:, LTP] == 0).any()


def test_previous_close_and_open_interest_come_from_before_the_open(replay, recorded):
    [series] = replay.universe.series[SYMBOLS["NIFTY"]].values()
    for strike, put in zip(series.strikes.tolist(), series.puts, strict=True):
        row = recorded["01:36:35", "NIFTY", strike]
        assert replay.fields[put, PREV_CLOSE] == raw(row["put_ltp"])
        assert replay.prev_oi[put] == int(row["put_oi"])
    assert replay.fields[replay.universe.by_symbol[SYMBOLS["NIFTY"]].row, PREV_CLOSE] == raw(row["spot"])


def test_dates_shift_by_whole_days_and_keep_days_to_expiry(replay):
    assert replay.shift_s == (TODAY - date(2026, 2, 3)).days * 86_400
    [nifty], [midcap] = (replay.expiries(symbol) for symbol in SYMBOLS.values())
    assert (nifty.day, nifty.flag) == (TODAY, "W")
    assert (midcap.day, midcap.flag) == (TODAY + timedelta(days=21), "M")
    assert ist(nifty.expiry_ts).strftime("%H:%M") == "15:30"  # the hours of the recorded day
    assert "NSE:NIFTY26N2225750CE" in replay.universe.by_symbol
    assert replay.universe.by_symbol["NSE:MIDCPNIFTY26DEC13750PE"].lot_size == 120


HEADER = (
    "time_ist,underlying,expiry,strike,call_ltp,call_oi,call_volume,put_ltp,put_oi,put_volume,spot\n"
    "2026-02-03 10:00:00,NIFTY,2026-02-03,25000,"
)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "day.csv is not a recording: it has no column time_ist, underlying, expiry, strike, call_ltp"),
        ("nonsense\n1\n", "it has no column time_ist, underlying"),
        ("time_ist,underlying\n2026-02-03 10:00:00,NIFTY\n", "it has no column expiry, strike"),
        (HEADER.partition("\n")[0] + "\n", "day.csv holds no rows."),
        (HEADER + "1,2,3,4,5,6,soon\n", "spot in line 2 of day.csv is 'soon', which cannot be read."),
        (HEADER + "1,2,nan,4,5,6,7\n", "call_volume in line 2 of day.csv is 'nan', which cannot be read."),
        (HEADER + "1,2\n", "put_ltp in line 2 of day.csv is None, which cannot be read."),
        (HEADER.replace("10:00", "08:00") + "1,2,3,4,5,6,7\n", "no snapshot of NIFTY after the open (09:15 IST)."),
    ],
)
def test_what_is_not_a_recording_is_refused_in_one_sentence(tmp_path, text, sentence):
    path = tmp_path / "day.csv"
    path.write_text(text)
    with pytest.raises(BadRecording, match=re.escape(sentence)) as refused:
        load_recording(path)
    assert "Error" not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("content", [b"no gzip", gzip.compress(b"time_ist" * 5000, mtime=0)[:40]])
def test_a_damaged_archive_is_refused_in_one_sentence(tmp_path, content):
    path = tmp_path / "day.csv.gz"
    path.write_bytes(content)
    with pytest.raises(BadRecording, match="is cut short, or not compressed by gzip as its name says"):
        load_recording(path)


def test_the_last_traded_time_is_when_the_volume_last_stepped(replay, hand):
    legs = np.array([leg for found in replay.universe.series.values() for s in found.values() for leg in s.calls])
    known = np.zeros(len(legs), np.int64)
    volume = np.full(len(legs), -1)
    for _ in range(40):
        now = replay.clock.now()
        fields = everything(replay)[legs]
        traded, told = fields[:, LAST_TRADED_TIME].astype(np.int64), fields[:, VOLUME]
        assert (traded[traded != ABSENT] <= now + 1).all()
        still = told == volume
        assert (traded[still] == known[still]).all(), "without a trade the time stays"
        stepped = ~still & (volume >= 0)  # in whole seconds: a trade may share its second with the one before
        assert (traded[stepped] >= known[stepped]).all(), "no trade is older than the one before"
        assert not stepped.any() or (traded[stepped] > known[stepped]).mean() > 0.9, "each trade has its time"
        assert (traded[told == 0] == ABSENT).all()
        known, volume = traded, told.copy()
        hand.advance(0.7)
