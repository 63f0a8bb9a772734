"""Exposures and the zero-gamma level."""

from typing import Any

import numpy as np
import pytest

from dashboard.analytics import black76, gex
from tests.reference import chain as reference
from tests.unit.analytics.chains import FORWARD, RATE, SPOT, smile

YEARS = 9 / 365
STRIKES = np.arange(23_000.0, 25_001.0, 100.0)
IV = smile(STRIKES)
RNG = np.random.default_rng(7)
CALL_OI, PUT_OI = (RNG.integers(100, 50_000, STRIKES.size).astype(float) * 65 for _ in range(2))
GAMMA = black76.greeks(FORWARD, STRIKES, YEARS, RATE, IV, True).gamma


def exposure(**changes):
    given: dict[str, Any] = {"call": GAMMA, "put": GAMMA, "call_oi": CALL_OI, "put_oi": PUT_OI}
    return gex.strike_exposure(**given | {"dealer_long_calls": True} | changes)


def test_net_gex_is_the_reference_one():
    legs = [*zip(STRIKES, IV, CALL_OI, strict=True), *zip(STRIKES, IV, -PUT_OI, strict=True)]
    slow = reference.net_gex_crore(SPOT, FORWARD, YEARS, RATE, legs)
    assert gex.net(gex.gex(exposure(), SPOT)) == pytest.approx(slow, rel=1e-12)


def test_the_assumption_turns_every_sign():
    np.testing.assert_array_equal(exposure(dealer_long_calls=False), -exposure())


def test_a_strike_with_an_unknown_leg_is_unknown_and_contributes_nothing():
    calls, puts = CALL_OI.copy(), PUT_OI.copy()
    calls[0] = calls[1] = puts[1] = np.nan
    found = exposure(call_oi=calls, put_oi=puts)
    assert np.isnan(found[:2]).all()
    np.testing.assert_array_equal(found[2:], exposure()[2:])
    assert np.isnan(gex.net(np.full(3, np.nan)))


@pytest.mark.parametrize("seed", range(8))
def test_zero_gamma_is_the_reference_level(seed):
    rng = np.random.default_rng(seed)
    lots = rng.integers(100, 50_000, (2, STRIKES.size)) * np.array([STRIKES > FORWARD, STRIKES < FORWARD])
    signed = (lots[0] - lots[1]) * 65.0
    level = gex.zero_gamma(STRIKES, IV, signed, FORWARD, SPOT, YEARS)
    slow = reference.zero_gamma(SPOT, FORWARD, YEARS, RATE, list(zip(STRIKES, IV, signed, strict=True)))
    assert level == pytest.approx(slow, rel=1e-10, nan_ok=True)
    assert gex.zero_gamma(STRIKES, IV, -signed, FORWARD, SPOT, YEARS) == pytest.approx(level, rel=1e-12, nan_ok=True)


def test_a_one_sided_book_has_no_zero_gamma():
    assert np.isnan(gex.zero_gamma(STRIKES, IV, CALL_OI, FORWARD, SPOT, YEARS))


def test_a_level_beyond_three_percent_is_not_told():
    signed = np.where(STRIKES < 23_100, -1e6, 1.0) * 65.0
    assert np.isnan(gex.zero_gamma(STRIKES, IV, signed, FORWARD, SPOT, YEARS))


@pytest.mark.parametrize("bad", [np.nan, 0.0, -1.0, np.inf])
def test_undefined_input_has_no_zero_gamma(bad):
    signed = CALL_OI - PUT_OI
    assert np.isnan(gex.zero_gamma(STRIKES, IV, signed, bad, SPOT, YEARS))
    assert np.isnan(gex.zero_gamma(STRIKES, IV, signed, FORWARD, bad, YEARS))
    assert np.isnan(gex.zero_gamma(STRIKES, np.full_like(IV, bad), signed, FORWARD, SPOT, YEARS))
    if not bad > 0:
        assert np.isnan(gex.zero_gamma(STRIKES, IV, signed, FORWARD, SPOT, bad))
