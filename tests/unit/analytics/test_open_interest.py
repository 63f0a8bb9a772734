"""PCR, max pain, walls, totals and build-up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.analytics.metrics import oi_metrics
from dashboard.analytics.open_interest import (
    BUILD_UP_WORDS,
    build_up,
    max_pain,
    max_pain_curve,
    strike_pcr,
    total,
    wall,
)
from tests.reference import chain as reference

STRIKES = np.array([23_900.0, 24_000.0, 24_100.0])
nan = np.nan

oi_columns = st.integers(1, 40).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(100, 100_000).map(lambda k: k * 0.5), min_size=n, max_size=n, unique=True).map(sorted),
        *[st.lists(st.one_of(st.just(nan), st.integers(0, 10**8)), min_size=n, max_size=n) for _ in range(2)],
    )
)


@given(oi_columns, st.floats(0, 60_000))
def test_max_pain_is_the_brute_force_one(columns, forward):
    strikes, calls, puts = (np.array(column, dtype=float) for column in columns)
    if not np.nansum(calls) + np.nansum(puts) > 0:
        return
    curve = max_pain_curve(strikes, calls, puts)
    slow = [reference.pain(strike, strikes, calls, puts) for strike in strikes]
    np.testing.assert_allclose(curve, slow, rtol=1e-12)
    assert max_pain(strikes, curve, forward) == reference.max_pain(strikes, calls, puts, forward)


def test_max_pain_counts_an_unknown_side_as_no_open_interest_and_keeps_the_other():
    calls, puts = np.array([nan, nan, nan]), np.array([100.0, 200.0, nan])
    assert max_pain_curve(STRIKES, calls, puts).tolist() == [20_000.0, 0.0, 0.0]
    # At and above 24,000 no put pays: a tie, which the forward decides.
    assert max_pain(STRIKES, max_pain_curve(STRIKES, calls, puts), 24_090.0) == 24_100.0


def test_max_pain_of_no_open_interest_is_unknown():
    for nothing in (np.full(3, nan), np.zeros(3)):
        curve = max_pain_curve(STRIKES, nothing, nothing)
        assert np.isnan(curve).all()
        assert np.isnan(max_pain(STRIKES, curve, 24_000.0))
    assert np.isnan(max_pain(np.empty(0), max_pain_curve(*[np.empty(0)] * 3), 24_000.0))


def test_max_pain_does_not_care_for_order_or_duplicates():
    strikes = np.array([24_100.0, 23_900.0, 24_000.0, 24_000.0])
    calls, puts = np.array([1.0, 5.0, 2.0, 2.0]), np.array([7.0, 0.0, 1.0, 3.0])
    slow = [reference.pain(strike, strikes, calls, puts) for strike in strikes]
    assert max_pain_curve(strikes, calls, puts).tolist() == slow


def pcr(put, call):
    oi = np.array([call, put], dtype=float)
    strikes = np.arange(oi.shape[1], dtype=float)
    values, _ = oi_metrics(strikes, oi, oi, oi, max_pain_curve(strikes, *oi), nan)
    assert values["pcr_oi"] == pytest.approx(values["pcr_volume"], nan_ok=True)
    return values["pcr_oi"]


@given(st.lists(st.tuples(st.floats(0, 1e9), st.floats(1, 1e9)), min_size=1))
def test_pcr_is_never_negative(rows):
    put, call = np.array(rows).T
    assert pcr(put, call) >= 0
    assert pcr(put, call) == pytest.approx(reference.put_call_ratio(put, call))


def test_pcr_leaves_unknown_out_and_is_unknown_without_calls():
    assert pcr([30.0, nan], [10.0, 50.0]) == 0.5
    assert np.isnan(pcr([30.0], [0.0]))
    assert np.isnan(pcr([nan], [10.0]))
    np.testing.assert_array_equal(
        strike_pcr(np.array([30.0, 1.0, nan, 2.0]), np.array([10.0, 0.0, 5.0, nan])), [3.0, nan, nan, nan]
    )


def test_a_total_of_unknowns_is_unknown_not_zero():
    assert total(np.array([65.0, nan, 130.0])) == 195.0
    assert np.isnan(total(np.array([nan, nan])))
    assert np.isnan(total(np.empty(0)))


def test_walls_are_the_strikes_with_most_oi():
    assert wall(STRIKES, np.array([65.0, 195.0, 130.0]), 24_000.0) == 24_000.0
    # A tie goes to the strike nearest the forward, then the lower.
    assert wall(STRIKES, np.array([195.0, 65.0, 195.0]), 24_080.0) == 24_100.0
    assert wall(STRIKES, np.array([195.0, 65.0, 195.0]), 24_000.0) == 23_900.0
    assert wall(STRIKES, np.array([195.0, 65.0, 195.0]), nan) == 23_900.0
    assert np.isnan(wall(STRIKES, np.array([0.0, nan, 0.0]), 24_000.0))


def classes(price_change, oi_change):
    codes = build_up(np.array(price_change), np.array(oi_change), tick_size=0.05, lot_size=65)
    return [BUILD_UP_WORDS[code] for code in codes]


def test_build_up_classes():
    assert classes([2.0, -2.0, 2.0, -2.0], [650.0, 650.0, -650.0, -650.0]) == [
        "long_build_up", "short_build_up", "short_covering", "long_unwinding",
    ]  # fmt: skip


def test_less_than_a_tick_or_a_lot_is_neutral_and_exactly_one_is_a_move():
    assert classes([0.04, 2.0, 0.0, 2.0], [650.0, 64.0, 650.0, 0.0]) == ["neutral"] * 4
    assert classes([100.05 - 100.0, -0.05], [65.0, -65.0]) == ["long_build_up", "long_unwinding"]


def test_build_up_is_unknown_when_a_change_is():
    assert classes([nan, 2.0, np.inf], [650.0, nan, 650.0]) == [None, None, None]


def test_build_up_words_are_those_of_the_contract():
    assert set(BUILD_UP_WORDS.values()) == {
        "long_build_up", "short_build_up", "short_covering", "long_unwinding", "neutral", None,
    }  # fmt: skip
