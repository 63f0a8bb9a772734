"""ATM strike, straddle, and the moves."""

import numpy as np
import pytest

from dashboard.analytics import black76
from dashboard.analytics.straddle import atm_position, expected_move, move_used, one_sigma_move, straddle

STRIKES = np.array([23_900.0, 24_000.0, 24_100.0])


def test_atm_is_the_strike_nearest_the_forward_and_the_lower_of_two():
    assert atm_position(STRIKES, 24_040.0) == 1
    assert atm_position(STRIKES, 24_050.0) == 1
    assert atm_position(STRIKES, 24_050.01) == 2
    assert atm_position(STRIKES[::-1], 24_050.0) == 1


def test_no_strike_or_no_reference_no_atm():
    assert atm_position(np.empty(0), 24_000.0) is None
    assert atm_position(STRIKES, np.nan) is None
    assert atm_position(np.array([np.nan, 24_000.0]), 23_000.0) == 1


def test_a_straddle_needs_both_legs():
    np.testing.assert_array_equal(straddle(np.array([100.0, np.nan]), np.array([90.0, 80.0])), [190.0, np.nan])


def test_the_expected_move_is_the_price_of_a_straddle_struck_at_the_forward():
    years, sigma = 9 / 365, 0.14
    legs = black76.price(24_013.7, 24_013.7, years, 0.0, sigma, [True, False])
    assert expected_move(24_013.7, sigma, years) == pytest.approx(float(legs.sum()), rel=1e-12)


def test_one_sigma_is_about_a_quarter_more_than_the_expected_move():
    years, sigma = 9 / 365, 0.14
    ratio = one_sigma_move(24_000.0, sigma, years) / expected_move(24_000.0, sigma, years)
    assert ratio == pytest.approx(1.2533, abs=1e-3)


def test_the_move_used_counts_either_way_and_may_exceed_the_whole():
    assert move_used(-60.0, 120.0) == 50.0
    assert move_used(180.0, 120.0) == 150.0


@pytest.mark.parametrize("unknown", [np.nan, 0.0, -1.0, np.inf])
def test_no_day_move_no_move_used(unknown):
    assert np.isnan(move_used(60.0, unknown))
    assert np.isnan(move_used(np.nan, 120.0))
    assert np.isnan(expected_move(np.nan, 0.14, 0.02))
