"""Price and Greeks against the definitions, an independent library, and what cannot be priced."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from vollib.black import black
from vollib.black.greeks import analytical

from dashboard.analytics import black76
from dashboard.analytics.implied_vol import implied_vol
from tests.reference import black76 as reference

forwards = st.floats(1_000, 100_000)
log_strikes = st.floats(-0.4, 0.4)
years = st.floats(1 / 525_600, 2.0)
rates = st.floats(-0.02, 0.12)
sigmas = st.floats(0.03, 2.0)
sides = st.booleans()


@given(forwards, log_strikes, years, rates, sigmas)
def test_put_call_parity(forward, log_strike, years, rate, sigma):
    strike = forward * np.exp(log_strike)
    call, put = black76.price(forward, strike, years, rate, sigma, [True, False])
    assert call - put == pytest.approx(np.exp(-rate * years) * (forward - strike), abs=1e-12 * forward)


@given(forwards, log_strikes, years, rates, sigmas)
def test_call_and_put_share_gamma_vega_and_vanna(forward, log_strike, years, rate, sigma):
    greeks = black76.greeks(forward, forward * np.exp(log_strike), years, rate, sigma, [True, False])
    for shared in (greeks.gamma, greeks.vega, greeks.vanna):
        assert shared[0] == shared[1]
    assert greeks.delta[0] - greeks.delta[1] == pytest.approx(np.exp(-rate * years), abs=1e-12)


@given(forwards, st.floats(-0.1, 0.1), st.floats(0.002, 2.0), rates, st.floats(0.05, 1.0), sides)
def test_greeks_are_the_derivatives_of_the_reference_price(forward, log_strike, years, rate, sigma, is_call):
    strike = forward * np.exp(log_strike * min(1.0, sigma * np.sqrt(years) * 20))
    ours = black76.greeks(forward, strike, years, rate, sigma, is_call)._asdict()
    slow = reference.greeks(forward, strike, years, rate, sigma, reference.CALL if is_call else reference.PUT)
    # Vanna and charm vanish where d2 does; what finite differences get wrong is a share of their parts.
    root = sigma * np.sqrt(years)
    deviations = root + abs(np.log(forward / strike)) / root
    parts = {
        "vanna": 0.4 * deviations / sigma / 100,
        "charm": (abs(rate) + 0.4 * deviations / (2 * years)) / 365,
        "theta": (abs(rate) + sigma / np.sqrt(years)) * forward * root / 365,
    }
    for name, value in slow.items():
        size = parts.get(name, getattr(black76.greeks(forward, forward, years, rate, sigma, True), name))
        assert ours[name] == pytest.approx(value, abs=1e-3 * abs(size)), name


def test_agrees_with_vollib_on_random_chains():
    rng = np.random.default_rng(76)
    for _ in range(20):
        forward, years, rate = rng.uniform(5_000, 80_000), rng.uniform(0.5, 200) / 365, rng.uniform(0.0, 0.1)
        strikes = forward * np.exp(rng.uniform(-2.5, 2.5, 15) * 0.2 * np.sqrt(years))
        sigma = rng.uniform(0.08, 0.5, 15)
        for flag in "cp":
            given_ = (forward, strikes, years, rate, sigma, flag == "c")
            greeks = black76.greeks(*given_)
            rows = list(zip(strikes.tolist(), sigma.tolist(), strict=True))

            def theirs(function, rows=rows, given_=(forward, years, rate), flag=flag):
                return [function(flag, given_[0], strike, given_[1], given_[2], vol) for strike, vol in rows]

            np.testing.assert_allclose(black76.price(*given_), theirs(black), rtol=1e-9, atol=1e-9)
            np.testing.assert_allclose(greeks.delta, theirs(analytical.delta), rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose(greeks.gamma, theirs(analytical.gamma), rtol=1e-9, atol=1e-15)
            np.testing.assert_allclose(greeks.vega, theirs(analytical.vega), rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose(greeks.theta, theirs(analytical.theta), rtol=1e-9, atol=1e-12)


@given(*[st.floats() for _ in range(5)], sides)
def test_any_input_gives_a_finite_number_or_nan(forward, strike, years, rate, sigma, is_call):
    arguments = (forward, strike, years, rate, sigma, is_call)
    for number in (
        black76.price(*arguments),
        *black76.greeks(*arguments),
        black76.itm_probability(forward, strike, years, sigma, is_call),
    ):
        assert not np.isinf(number)


@pytest.mark.parametrize("position", range(5))
@pytest.mark.parametrize("bad", [np.nan, 0.0, -1.0, np.inf, -np.inf])
def test_undefined_input_is_nan(position, bad):
    arguments = [24_000.0, 24_100.0, 0.02, 0.065, 0.14, True]
    if position == 3 and np.isfinite(bad):
        pytest.skip("a rate of zero or below is a rate")
    arguments[position] = bad
    assert np.isnan(black76.price(*arguments))
    assert all(np.isnan(greek) for greek in black76.greeks(*arguments))


def test_arguments_broadcast():
    strikes = np.array([23_900.0, 24_000.0, 24_100.0])
    sides = np.array([[True], [False]])
    assert black76.price(24_017.0, strikes, 0.02, 0.065, 0.14, sides).shape == (2, 3)
    assert {greek.shape for greek in black76.greeks(24_017.0, strikes, 0.02, 0.065, 0.14, sides)} == {(2, 3)}


def test_a_scalar_stays_a_scalar():
    assert float(black76.price(24_000, 24_000, 0.02, 0.065, 0.14, True)) == pytest.approx(189.318329)


def test_the_smallest_price_still_tells_its_volatility():
    given_ = (24_000.0, 30_000.0, 60 / 525_600, 0.065)
    price = black76.price(*given_, 0.57, True)
    assert 0 < price < 1e-280
    assert implied_vol(price, *given_, True)[0] == pytest.approx(0.57, rel=1e-9)


def test_itm_probabilities_of_call_and_put_sum_to_one():
    call, put = black76.itm_probability(24_017.0, 24_100.0, 0.02, 0.14, [True, False])
    assert call + put == pytest.approx(1.0, abs=1e-15)
    assert call == pytest.approx(reference.normal_cdf(np.log(24_017 / 24_100) / (0.14 * 0.02**0.5) - 0.07 * 0.02**0.5))


@pytest.mark.parametrize("strike", [23_300.0, 23_900.0, 24_000.0, 24_150.0, 24_900.0])
@pytest.mark.parametrize(("days", "sigma"), [(0.2, 0.15), (9, 0.13), (60, 0.25)])
def test_the_probability_of_touch_is_that_of_all_paths(strike, days, sigma):
    """Over every end of the path: beyond the strike it has been touched; before it with the bridge's probability."""
    forward, variance = 24_000.0, sigma**2 * days / 365
    barrier = np.log(strike / forward)
    ends = np.linspace(-12, 12, 200_001) * np.sqrt(variance) - 0.5 * variance
    density = np.exp(-((ends + 0.5 * variance) ** 2) / (2 * variance)) / np.sqrt(2 * np.pi * variance)
    beyond = (ends >= barrier) if barrier >= 0 else (ends <= barrier)
    touched = np.where(beyond, 1.0, np.exp(np.minimum(-2 * barrier * (barrier - ends) / variance, 0.0)))
    expected = np.trapezoid(density * touched, ends)
    assert black76.touch_probability(forward, strike, days / 365, sigma) == pytest.approx(expected, abs=1e-4)


def test_a_touch_is_certain_at_the_money_and_unknown_without_its_inputs():
    assert black76.touch_probability(24_000.0, 24_000.0, 0.02, 0.13) == pytest.approx(1.0)
    for inputs in ((np.nan, 24_000.0, 0.02, 0.13), (24_000.0, 24_100.0, 0.0, 0.13), (24_000.0, 24_100.0, 0.02, 0.0)):
        assert np.isnan(black76.touch_probability(*inputs))
