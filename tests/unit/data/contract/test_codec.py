"""What leaves the feed is what the browser reads: complete, finite, in the agreed words."""

from __future__ import annotations

import json
import math
from dataclasses import fields, replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.analytics.enrich import enrich
from dashboard.analytics.enriched import LegNumbers
from dashboard.data.contract.codec import (
    decode_directory,
    decode_report,
    encode_directory,
    encode_frame,
    encode_report,
    significant,
    with_version,
)
from dashboard.market.chain import LEG_COLUMNS, Chain, Legs
from dashboard.market.instruments import Directory, Expiry, Underlying, UnderlyingKind
from dashboard.market.session import FeedState
from harness.builders import RATE, make_chain, make_directory, make_frame, make_published

HEADER = (
    "key underlying symbol exchange kind expiry expiry_kind expiry_ts lot_size tick_size as_of_ts market_ts "
    "recorded_ts state demo rate years_to_expiry expired day_count time_unit spot spot_change spot_ts future "
    "future_expiry forward forward_source basis atm_strike vix vix_change metrics window_metrics coverage reasons "
    "all_expiries day_move strikes old_after_s call put term row"
).split()


def frame_of(chain: Chain, **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(make_frame(chain, **options), parse_constant=pytest.fail)
    return found


def test_a_frame_has_exactly_the_agreed_members() -> None:
    frame = frame_of(make_chain(n=11), state=FeedState.REPLAY)
    assert list(frame) == HEADER
    assert set(frame["call"]) == {"symbol", "old", *LEG_COLUMNS, *(item.name for item in fields(LegNumbers))}
    assert frame["call"].keys() == frame["put"].keys()
    assert {len(column) for side in ("call", "put", "row") for column in frame[side].values()} == {11}
    assert (frame["key"], frame["expiry"], frame["state"], frame["demo"]) == (
        "NIFTY|2026-12-01",
        "2026-12-01",
        "replay",
        True,
    )
    assert frame["coverage"]["pcr_oi"] == [11, 11]


def test_numbers_keep_the_digits_that_mean_something() -> None:
    chain = make_chain(n=11)
    frame = frame_of(chain)
    call = frame["call"]
    assert call["ltp"] == [round(float(value), 2) for value in chain.call.ltp]
    assert call["oi"] == [int(value) for value in chain.call.oi]
    assert all(isinstance(value, int) for value in call["oi"] + call["volume"] + [frame["metrics"]["call_oi"]])
    assert all(len(f"{value:.12g}".lstrip("-0.")) <= 7 for value in call["gamma"])
    assert call["iv"][5] == pytest.approx(0.14, abs=1e-3)
    assert set(call["iv_status"]) == {"ok"}
    assert set(call["build_up"]) == {"short_build_up"}


def test_unknown_is_null_and_never_zero() -> None:
    chain = make_chain(n=5)
    silent = Legs.unknown(5)
    frame = frame_of(
        replace(chain, call=silent, put=silent, spot=float("nan"), vix=float("inf"), as_of_ts=float("nan"))
    )
    assert frame["spot"] is frame["vix"] is frame["forward"] is frame["as_of_ts"] is None
    assert frame["call"]["oi"] == frame["put"]["ltp"] == frame["call"]["iv"] == [None] * 5
    assert frame["call"]["symbol"] == [None] * 5
    assert frame["call"]["build_up"] == [None] * 5


def test_one_unknown_quantity_leaves_the_others_whole_numbers() -> None:
    chain = make_chain(n=3)
    volume = chain.call.volume.copy()
    volume[1] = np.nan
    frame = frame_of(replace(chain, call=replace(chain.call, volume=volume)))
    assert frame["call"]["volume"][1] is None
    assert isinstance(frame["call"]["volume"][0], int)


finite = st.floats(-1e12, 1e12)
odd = st.one_of(finite, st.sampled_from([float("nan"), float("inf"), float("-inf"), 0.0, -0.0, 5e-324, 1e308]))


@settings(deadline=None)
@given(st.data())
def test_whatever_the_columns_hold_the_frame_is_valid_json_without_nan(data: st.DataObject) -> None:
    chain = make_chain(n=3)
    columns = {name: np.array(data.draw(st.lists(odd, min_size=3, max_size=3))) for name in LEG_COLUMNS}
    odd_chain = replace(chain, call=Legs(symbol=chain.call.symbol, **columns), spot=data.draw(odd))
    raw = encode_frame(make_published(enrich(odd_chain, rate=RATE, now_ts=chain.as_of_ts)))
    frame = json.loads(raw, parse_constant=pytest.fail)
    for told, given_ in zip(frame["call"]["ltp"], columns["ltp"], strict=True):
        if math.isfinite(given_) and abs(given_) < 1e12:
            assert told == pytest.approx(given_, rel=1e-14, abs=0.00501)
        if not math.isfinite(given_):
            assert told is None


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_significant_digits_change_a_number_by_less_than_a_millionth(value: float) -> None:
    rounded = float(significant(np.array([value]))[0])
    assert rounded == pytest.approx(value, rel=6e-6, abs=1e-200) or not math.isfinite(rounded)


def test_the_version_goes_in_front() -> None:
    raw = make_frame(n=3)
    text = with_version(raw, 1_795_412_100_123)
    assert text.startswith('{"version":1795412100123,"key":')
    assert json.loads(text) == {"version": 1_795_412_100_123} | json.loads(raw)
    with pytest.raises(ValueError, match="not a frame"):
        with_version(b"[]", 1)


names = st.text(min_size=1, max_size=12)
expiries = st.builds(
    Expiry,
    date=st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    cutoff_ts=st.integers(0, 2**40),
    kind=st.sampled_from("WM"),
    lot_size=st.integers(1, 10_000),
)
underlyings = st.builds(
    Underlying,
    name=names,
    symbol=names,
    exchange=st.sampled_from(["NSE", "BSE"]),
    kind=st.sampled_from(UnderlyingKind),
    tick_size=st.floats(0.01, 5),
    expiries=st.lists(expiries, max_size=4).map(tuple),
)


@settings(deadline=None)
@given(
    st.builds(
        Directory,
        underlyings=st.lists(underlyings, max_size=4).map(tuple),
        without_options=st.dictionaries(names, st.lists(names).map(tuple), max_size=2),
    )
)
def test_a_directory_comes_back_as_it_was(directory: Directory) -> None:
    assert decode_directory(encode_directory(directory)) == directory


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"{}", b'{"underlyings":[{}],"without_options":{}}', b"\xff\x00"])
def test_a_directory_that_is_none_is_refused(raw: bytes) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        decode_directory(raw)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=10,
)


@settings(deadline=None)
@given(st.dictionaries(names, json_values))
def test_a_report_comes_back_as_it_was(report: dict[str, Any]) -> None:
    assert decode_report(encode_report(report)) == report


def test_a_report_is_an_object() -> None:
    with pytest.raises(ValueError, match="not a report"):
        decode_report(b"[]")


def test_the_builders_directory_survives() -> None:
    assert decode_directory(encode_directory(make_directory())) == make_directory()
