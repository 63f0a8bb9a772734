"""Which forward, from where, and what it survives."""

import numpy as np
import pytest

from dashboard.analytics import black76
from dashboard.analytics.forward import forward

YEARS, RATE = 9 / 365, 0.065
STRIKES = np.arange(23_500.0, 24_501.0, 50.0)
TRUE_FORWARD, SPOT, FUTURE = 24_017.35, 23_990.0, 24_030.0
PRICES = black76.price(TRUE_FORWARD, STRIKES, YEARS, RATE, 0.14, [[True], [False]])
NONE = np.full_like(PRICES, np.nan)


def implied(mid=NONE, ltp=NONE, *, years=YEARS, spot=SPOT, future=np.nan, strikes=STRIKES):
    return forward(strikes, mid, ltp, years, RATE, spot, future)


def test_parity_at_five_quoted_strikes_nearest_the_spot():
    found = implied(PRICES, future=FUTURE)
    assert found.value == pytest.approx(TRUE_FORWARD, rel=1e-12)
    assert (found.source, found.used, found.considered) == ("parity", 5, 5)
    assert found.basis == pytest.approx(TRUE_FORWARD - SPOT)


def test_two_stale_legs_of_five_do_not_move_the_median():
    spoiled = PRICES.copy()
    atm = np.argmin(np.abs(STRIKES - SPOT))
    spoiled[0, atm] += 80.0
    spoiled[1, atm + 1] -= 60.0
    assert implied(spoiled).value == pytest.approx(TRUE_FORWARD, rel=1e-12)


def test_three_quoted_strikes_near_the_money_are_enough_and_two_are_not():
    atm = int(np.argmin(np.abs(STRIKES - SPOT)))
    for count, source in ((3, "parity"), (2, "future")):
        few = NONE.copy()
        few[:, atm : atm + count] = PRICES[:, atm : atm + count]
        found = implied(few, ltp=PRICES, future=FUTURE)
        assert found.source == source
        assert found.used == (count if source == "parity" else 0)


def test_quotes_far_from_the_money_do_not_count():
    far = NONE.copy()
    far[:, :5] = PRICES[:, :5]
    assert implied(far, future=FUTURE).source == "future"


def test_last_trades_speak_only_when_nothing_near_the_money_is_quoted():
    assert implied(ltp=PRICES) == implied(PRICES)
    one_quote = NONE.copy()
    one_quote[:, 10] = PRICES[:, 10]
    assert implied(one_quote, ltp=PRICES).source == "spot"


def test_an_unknown_spot_is_found_where_call_and_put_cost_the_same():
    found = implied(ltp=PRICES, spot=np.nan)
    assert (found.value, found.source) == (pytest.approx(TRUE_FORWARD, rel=1e-12), "parity")
    assert np.isnan(found.basis)


def test_an_unknown_spot_survives_stale_far_strikes_that_cost_the_same():
    spoiled = PRICES.copy()
    spoiled[:, 0] = 120.0  # both legs 120: parity there says the forward is 23,500
    spoiled[:, -1] = 75.0
    assert implied(ltp=spoiled, spot=np.nan).value == pytest.approx(TRUE_FORWARD, rel=1e-12)


def test_traded_prices_that_contradict_the_spot_are_old():
    assert implied(ltp=PRICES, spot=22_900.0).source == "spot"


def test_quotes_that_contradict_the_spot_and_each_other_are_not_believed():
    spoiled = PRICES + np.linspace(0, 400, STRIKES.size) * np.array([[1.0], [0.0]])
    assert implied(spoiled, spot=22_900.0).source == "spot"


def test_quotes_that_agree_overrule_a_spike_of_the_spot():
    found = implied(PRICES, spot=SPOT * 1.05)
    assert (found.value, found.source) == (pytest.approx(TRUE_FORWARD, rel=1e-12), "parity")


def test_the_future_then_spot_plus_carry_then_nothing():
    assert implied(future=FUTURE)[:2] == (FUTURE, "future")
    carried = implied()
    assert carried[:2] == (pytest.approx(SPOT * np.exp(RATE * YEARS)), "spot")
    nothing = implied(spot=np.nan)
    assert np.isnan(nothing.value)
    assert nothing.source is None


@pytest.mark.parametrize("years", [0.0, np.nan])
def test_an_expired_series_has_no_forward(years):
    found = implied(PRICES, years=years, future=FUTURE)
    assert np.isnan(found.value)
    assert found.source is None


def test_a_chain_of_one_strike_is_believed_with_what_it_has():
    found = implied(PRICES[:, 10:11], strikes=STRIKES[10:11])
    assert (found.value, found.used, found.considered) == (pytest.approx(TRUE_FORWARD), 1, 1)


def test_a_one_sided_chain_falls_back_to_the_spot():
    calls_only = PRICES.copy()
    calls_only[1] = np.nan
    assert implied(calls_only, ltp=calls_only).source == "spot"


@pytest.mark.parametrize("spot", [0.0, -1.0, np.inf])
def test_zero_is_an_unknown_spot(spot):
    assert np.isnan(implied(ltp=PRICES, spot=spot).basis)


def test_no_strikes():
    empty = np.empty((2, 0))
    assert implied(empty, empty, strikes=np.empty(0)).source == "spot"
