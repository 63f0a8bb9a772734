"""ATM strike, straddle, and the moves."""

import numpy as np
import pytest

from dashboard.analytics import black76
from dashboard.analytics.straddle import atm_position, expected_move, expected_move_used, one_sigma_move, straddle

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


def test_one_sigma_is_about_a_quarter_more_than_the_straddle():
    years, sigma = 9 / 365, 0.14
    legs = black76.price(24_000.0, 24_000.0, years, 0.0, sigma, [True, False])
    ratio = one_sigma_move(24_000.0, sigma, years) / expected_move(float(legs.sum()))
    assert ratio == pytest.approx(1.2533, abs=1e-3)


def test_the_move_used_counts_either_way_and_may_exceed_the_whole():
    assert expected_move_used(-60.0, 120.0) == 50.0
    assert expected_move_used(180.0, 120.0) == 150.0


def test_no_straddle_no_move_used():
    assert np.isnan(expected_move_used(60.0, np.nan))
    assert np.isnan(expected_move_used(60.0, 0.0))
    assert np.isnan(expected_move_used(np.nan, 120.0))
