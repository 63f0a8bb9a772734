"""ATM IV and the wings of a smile."""

import numpy as np
import pytest

from dashboard.analytics import smile
from tests.reference import chain as reference
from tests.unit.analytics.chains import FORWARD
from tests.unit.analytics.chains import smile as market_smile

YEARS = 9 / 365
STRIKES = np.arange(22_500.0, 25_501.0, 50.0)
IV = market_smile(STRIKES)
nan = np.nan


def test_atm_iv_is_linear_in_total_variance():
    strikes, iv = np.array([24_000.0, 24_100.0]), np.array([0.20, 0.10])
    assert smile.atm_iv(strikes, iv, 24_025.0) == pytest.approx(np.sqrt(0.75 * 0.04 + 0.25 * 0.01))
    assert smile.atm_iv(strikes, iv, 24_100.0) == 0.10


def test_atm_iv_of_a_smile_is_the_smile_at_the_forward():
    assert smile.atm_iv(STRIKES, IV, FORWARD) == pytest.approx(0.13, abs=1e-5)


def test_atm_iv_steps_over_a_strike_without_one_and_never_extrapolates():
    strikes, iv = np.array([23_900.0, 24_000.0, 24_100.0]), np.array([0.14, nan, 0.12])
    assert 0.12 < smile.atm_iv(strikes, iv, 24_010.0) < 0.14
    assert np.isnan(smile.atm_iv(strikes, iv, 24_101.0))
    assert np.isnan(smile.atm_iv(strikes, iv, 23_899.0))
    assert np.isnan(smile.atm_iv(strikes, iv, nan))
    assert np.isnan(smile.atm_iv(np.empty(0), np.empty(0), 24_000.0))


def test_the_wings_of_a_flat_smile_are_at_the_closed_form_strikes():
    flat = np.full_like(STRIKES, 0.13)
    delta = smile.forward_delta(STRIKES, flat, FORWARD, YEARS)
    for target in (0.25, 0.75):
        found = smile.wing(STRIKES, flat, delta, target)
        assert found.iv == pytest.approx(0.13)
        assert found.strike == pytest.approx(reference.strike_of_delta(FORWARD, YEARS, 0.13, target), abs=1.0)


def test_a_put_skew_has_a_negative_risk_reversal_and_a_curved_one_a_positive_butterfly():
    delta = smile.forward_delta(STRIKES, IV, FORWARD, YEARS)
    call, put = smile.wing(STRIKES, IV, delta, 0.25), smile.wing(STRIKES, IV, delta, 0.75)
    assert put.strike < FORWARD < call.strike
    assert smile.risk_reversal(call.iv, put.iv) == pytest.approx(-0.99, abs=0.05)
    assert smile.butterfly(call.iv, put.iv, 0.13) > 0


def test_a_wing_beyond_the_known_strikes_is_unknown():
    near = np.abs(STRIKES - FORWARD) < 120
    delta = smile.forward_delta(STRIKES[near], IV[near], FORWARD, YEARS)
    assert np.isnan(smile.wing(STRIKES[near], IV[near], delta, 0.25).iv)
    assert np.isnan(smile.wing(np.empty(0), np.empty(0), np.empty(0), 0.25).iv)


def test_a_stale_far_strike_does_not_capture_the_wing():
    spoiled = IV.copy()
    spoiled[-2] = 1.5  # an old print whose delta is above 0.25 again
    delta = smile.forward_delta(STRIKES, spoiled, FORWARD, YEARS)
    clean = smile.wing(STRIKES, IV, smile.forward_delta(STRIKES, IV, FORWARD, YEARS), 0.25)
    assert smile.wing(STRIKES, spoiled, delta, 0.25) == clean


def test_undefined_input_warns_about_nothing():
    assert np.isnan(smile.forward_delta(np.array([0.0, nan]), np.array([0.1, 0.1]), FORWARD, 0.0)).all()
