"""The solver: what it finds, what it refuses, and the word for each refusal."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vollib.black.implied_volatility import implied_volatility as vollib_implied_volatility

from dashboard.analytics import black76
from dashboard.analytics.implied_vol import STATUS_WORDS, IvStatus, implied_vol, nearby_iv
from tests.reference import black76 as reference

forwards = st.floats(100, 100_000)
years = st.floats(1 / 525_600, 1.0)
rates = st.floats(-0.02, 0.12)
sigmas = st.floats(0.01, 2.0)
deviations = st.floats(-8.0, 8.0)  # strike, in standard deviations from the forward


@given(forwards, deviations, years, rates, sigmas)
def test_out_of_the_money_round_trip(forward, deviations, years, rate, sigma):
    strike = forward * np.exp(deviations * sigma * np.sqrt(years))
    is_call = strike >= forward
    price = black76.price(forward, strike, years, rate, sigma, is_call)
    iv, status = implied_vol(price, forward, strike, years, rate, is_call)
    assert status == IvStatus.OK
    assert iv == pytest.approx(sigma, rel=1e-8)


@given(forwards, st.floats(-2.0, 2.0), st.floats(0.01, 1.0), rates, st.floats(0.05, 1.0), st.booleans())
def test_round_trip_of_both_sides_near_the_money(forward, deviations, years, rate, sigma, is_call):
    strike = forward * np.exp(deviations * sigma * np.sqrt(years))
    price = black76.price(forward, strike, years, rate, sigma, is_call)
    iv, status = implied_vol(price, forward, strike, years, rate, is_call)
    assert status == IvStatus.OK
    assert iv == pytest.approx(sigma, rel=1e-7)


@given(*[st.floats() for _ in range(5)], st.booleans())
def test_any_input_gives_an_iv_or_a_reason(price, forward, strike, years, rate, is_call):
    iv, status = implied_vol(price, forward, strike, years, rate, is_call)
    assert np.isfinite(iv) == (status == IvStatus.OK)
    assert not iv <= 0


def test_agrees_with_vollib_and_bisection():
    rng = np.random.default_rng(13)
    for _ in range(60):
        forward, days, rate, sigma = (
            rng.uniform(5e3, 8e4),
            rng.uniform(0.2, 200),
            rng.uniform(0, 0.1),
            rng.uniform(0.07, 0.6),
        )
        strike = forward * np.exp(rng.uniform(-2.5, 2.5) * sigma * np.sqrt(days / 365))
        is_call = bool(strike >= forward)
        price = float(black76.price(forward, strike, days / 365, rate, sigma, is_call))
        iv, _ = implied_vol(price, forward, strike, days / 365, rate, is_call)
        theirs = vollib_implied_volatility(price, forward, strike, rate, days / 365, "c" if is_call else "p")
        slow = reference.implied_vol(price, forward, strike, days / 365, rate, 1 if is_call else -1)
        assert iv == pytest.approx(theirs, rel=1e-9)
        assert iv == pytest.approx(slow, rel=1e-7)


@pytest.mark.parametrize("minutes", [1, 5, 30, 90])
def test_minutes_before_expiry_the_money_still_has_an_iv(minutes):
    years = minutes / 525_600
    price = black76.price(24_017.0, 24_000.0, years, 0.065, 0.2, False)
    iv, status = implied_vol(price, 24_017.0, 24_000.0, years, 0.065, False)
    assert (iv, status) == (pytest.approx(0.2, rel=1e-9), IvStatus.OK)


def test_a_far_strike_at_the_minimum_tick_in_the_last_minute_is_488_percent():
    iv, _ = implied_vol(0.05, 24_000.0, 24_500.0, 1 / 525_600, 0.065, True)
    assert iv == pytest.approx(4.882, abs=5e-4)


def test_two_days_out_and_20_percent_away_the_minimum_tick_is_68_percent():
    iv, _ = implied_vol(0.05, 24_000.0, 28_800.0, 2 / 365, 0.065, True)
    assert iv == pytest.approx(0.6824, abs=5e-5)


@pytest.mark.parametrize(
    ("price", "strike", "is_call", "expected"),
    [
        (np.nan, 24_100.0, True, IvStatus.NO_PRICE),
        (0.0, 24_100.0, True, IvStatus.NO_PRICE),
        (-5.0, 24_100.0, True, IvStatus.NO_PRICE),
        (np.inf, 24_100.0, True, IvStatus.NO_PRICE),
        (950.0, 23_000.0, True, IvStatus.BELOW_INTRINSIC),
        (999.0, 23_000.0, True, IvStatus.NEAR_INTRINSIC),
        (24_000.0, 24_100.0, True, IvStatus.ABOVE_MAX),
        (24_100.0, 24_100.0, False, IvStatus.ABOVE_MAX),
    ],
)
def test_no_iv_has_a_reason(price, strike, is_call, expected):
    discounted = 0.999 if expected is IvStatus.NEAR_INTRINSIC else 1.0
    rate = -np.log(discounted) / 0.02 if discounted < 1 else 0.0
    iv, status = implied_vol(price, 24_000.0, strike, 0.02, rate, is_call)
    assert np.isnan(iv)
    assert status == expected


@pytest.mark.parametrize("years", [0.0, -0.01])
def test_expired_whatever_the_price(years):
    iv, status = implied_vol([np.nan, 0.0, 120.0], 24_000.0, 24_100.0, years, 0.065, True)
    assert np.isnan(iv).all()
    assert status.tolist() == [IvStatus.EXPIRED] * 3


@pytest.mark.parametrize("forward", [np.nan, 0.0, np.inf])
def test_without_a_forward_there_is_nothing_to_solve_from(forward):
    assert implied_vol(120.0, forward, 24_100.0, 0.02, 0.065, True)[1] == IvStatus.NO_PRICE


def test_resolution_is_what_an_in_the_money_price_cannot_express():
    intrinsic = np.exp(-0.065 * 0.02) * 1_000
    prices = intrinsic + np.array([-0.06, -0.04, 0.0, 0.04, 0.06])
    _, status = implied_vol(prices, 24_000.0, 23_000.0, 0.02, 0.065, True, resolution=0.05)
    assert [STATUS_WORDS[code] for code in status] == [
        "below_intrinsic", "near_intrinsic", "near_intrinsic", "near_intrinsic", "ok",
    ]  # fmt: skip
    # An out-of-the-money price is all time value: one tick of it is a price like any other.
    assert implied_vol(0.05, 24_000.0, 25_000.0, 0.02, 0.065, True, resolution=0.05)[1] == IvStatus.OK


def test_the_words_are_those_of_the_contract():
    assert STATUS_WORDS == (
        "ok", "no_price", "below_intrinsic", "near_intrinsic", "above_max", "expired", "stale", "wide_quote",
        "settling",
    )  # fmt: skip


def test_shapes_broadcast_and_empty_stays_empty():
    iv, status = implied_vol(100.0, 24_000.0, np.full(3, 24_100.0), 0.02, 0.0, [[True], [False]])
    assert iv.shape == status.shape == (2, 3)
    assert implied_vol([], 24_000.0, [], 0.02, 0.0, True)[0].shape == (0,)


@pytest.mark.parametrize("days", [5 / 1_440, 1, 9, 120])
def test_the_iv_half_a_tick_away_is_the_solved_one(days):
    """From a price of one tick on; a single step of the solver was up to 1.6 % off."""
    strikes, years = np.arange(20_000.0, 28_001.0, 50.0), days / 365
    sigma = 0.13 + 0.6 * np.log(strikes / 24_017.35) ** 2
    for sign in (1.0, -1.0):
        price = np.round(black76.price(24_017.35, strikes, years, 0.065, sigma, sign > 0) / 0.05) * 0.05
        told = (price >= 0.05) & (sign * (strikes - 24_017.35) > 0)
        given = (24_017.35, strikes[told], years, 0.065)
        iv, _ = implied_vol(price[told], *given, sign > 0)
        for off_by in (-0.025, 0.025):
            solved, _ = implied_vol(price[told] + off_by, *given, sign > 0)
            np.testing.assert_allclose(
                nearby_iv(price[told] + off_by, iv, *given, np.full(iv.shape, sign)), solved, rtol=1e-9
            )
