"""Intrinsic value, time value, break-even."""

import numpy as np
import pytest

from dashboard.analytics import black76, moneyness

SIGN = np.array([[1.0], [-1.0]])
STRIKES = np.array([23_500.0, 24_000.0, 24_500.0])
FORWARD, YEARS, RATE = 24_017.35, 0.25, 0.065
PRICES = black76.price(FORWARD, STRIKES, YEARS, RATE, 0.14, SIGN > 0)


def test_call_and_put_of_a_strike_have_the_same_time_value():
    intrinsic = moneyness.intrinsic(FORWARD, STRIKES, YEARS, RATE, SIGN)
    calls, puts = moneyness.time_value(PRICES, intrinsic)
    np.testing.assert_allclose(calls, puts, rtol=1e-10)
    assert (calls > 0).all()


def test_intrinsic_is_discounted_and_never_negative():
    intrinsic = moneyness.intrinsic(FORWARD, STRIKES, YEARS, RATE, SIGN)
    assert intrinsic[0, 0] == pytest.approx(np.exp(-RATE * YEARS) * 517.35)
    assert intrinsic[0, 2] == intrinsic[1, 0] == 0.0
    assert np.isnan(moneyness.intrinsic(np.nan, STRIKES, YEARS, RATE, SIGN)).all()


def test_break_even_gives_the_premium_back():
    even = moneyness.break_even(np.array([[100.0], [80.0]]), np.array([24_000.0]), SIGN)
    assert even.ravel().tolist() == [24_100.0, 23_920.0]
