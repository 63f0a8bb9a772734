"""The policy: whose price tells the IV of a strike, and what each leg is told about its own."""

import numpy as np
import pytest

from dashboard.analytics.enrich import enrich
from dashboard.analytics.implied_vol import STATUS_WORDS
from tests.unit.analytics.chains import FORWARD, NOW, RATE, nifty_chain, smile, with_leg

STRIKES = np.arange(22_500.0, 25_501.0, 50.0)
ITM_CALL, ATM, OTM_CALL = (int(np.flatnonzero(strike == STRIKES)[0]) for strike in (23_700, 24_000, 24_300))


def enriched(chain, **options):
    return enrich(chain, **({"rate": RATE, "now_ts": NOW} | options))


def status(enriched_chain, side, position):
    return STATUS_WORDS[getattr(enriched_chain, side).iv_status[position]]


def test_the_smile_comes_back_from_quotes_on_ticks():
    numbers = enriched(nifty_chain())
    near = np.abs(STRIKES - FORWARD) < 600
    np.testing.assert_allclose(numbers.otm_iv[near], smile(STRIKES)[near], atol=2e-3)


def test_exact_prices_give_the_exact_smile():
    numbers = enriched(nifty_chain(rounded=False))
    near = np.abs(STRIKES - FORWARD) < 400
    np.testing.assert_allclose(numbers.otm_iv[near], smile(STRIKES)[near], rtol=1e-7)


def test_call_and_put_of_a_strike_share_their_greeks():
    numbers = enriched(nifty_chain())
    np.testing.assert_array_equal(numbers.call.gamma, numbers.put.gamma)
    np.testing.assert_array_equal(numbers.call.vega, numbers.put.vega)


def test_the_bounds_hold_the_iv_and_widen_where_vega_fades():
    numbers = enriched(nifty_chain())
    ok = np.isfinite(numbers.call.iv)
    assert (numbers.call.iv_lo[ok] < numbers.call.iv[ok]).all()
    assert (numbers.call.iv_hi[ok] > numbers.call.iv[ok]).all()
    width = numbers.call.iv_hi - numbers.call.iv_lo
    # NIFTY at the money: half a tick is 0.0019 vol points at 7 days and 0.0035 at 2.
    assert width[ATM] / 2 * 100 == pytest.approx(0.0017, abs=2e-4)
    assert width[OTM_CALL + 16] > 5 * width[ATM]


def test_the_bounds_are_solved_exactly_when_minutes_remain():
    numbers = enriched(nifty_chain(days=5 / 1_440))
    width = numbers.call.iv_hi - numbers.call.iv_lo
    assert width[ATM + 2] / 2 * 100 > 1.0  # two strikes away at five minutes the tick decides


def test_a_dead_in_the_money_print_is_stale_and_does_not_touch_the_greeks():
    clean = nifty_chain()
    quiet = with_leg(clean, "call", bid={ITM_CALL: np.nan}, ask={ITM_CALL: np.nan})
    spoiled = with_leg(quiet, "call", ltp={ITM_CALL: clean.call.ltp[ITM_CALL] + 90.0})
    numbers = enriched(spoiled)
    assert status(numbers, "call", ITM_CALL) == "stale"
    assert np.isnan(numbers.call.iv[ITM_CALL])
    assert numbers.call.delta[ITM_CALL] == enriched(clean).call.delta[ITM_CALL]
    assert status(numbers, "put", ITM_CALL) == "ok"


def test_an_in_the_money_print_under_its_intrinsic_value_says_so():
    clean = nifty_chain()
    quiet = with_leg(clean, "call", bid={ITM_CALL: np.nan}, ask={ITM_CALL: np.nan})
    numbers = enriched(with_leg(quiet, "call", ltp={ITM_CALL: 250.0}))
    assert status(numbers, "call", ITM_CALL) == "below_intrinsic"


def test_an_in_the_money_quote_too_coarse_for_its_time_value_is_wide():
    clean = nifty_chain()
    deep = int(np.flatnonzero(STRIKES == 22_800)[0])
    price = clean.call.ltp[deep]
    numbers = enriched(with_leg(clean, "call", bid={deep: price + 25.0}, ask={deep: price + 27.0}))
    assert status(numbers, "call", deep) == "wide_quote"


def test_deep_in_the_money_the_price_is_all_intrinsic():
    numbers = enriched(nifty_chain(days=1))
    assert status(numbers, "call", 0) == "near_intrinsic"
    assert np.isnan(numbers.call.iv[0])
    assert numbers.call.delta[0] == pytest.approx(np.exp(-RATE / 365), abs=1e-3)


def test_without_an_out_of_the_money_price_a_near_leg_lends_its_iv():
    blank = {OTM_CALL: np.nan}
    numbers = enriched(with_leg(nifty_chain(), "call", bid=blank, ask=blank, ltp=blank))
    assert status(numbers, "call", OTM_CALL) == "no_price"
    assert np.isnan(numbers.otm_iv[OTM_CALL])
    assert numbers.call.delta[OTM_CALL] == pytest.approx(enriched(nifty_chain()).call.delta[OTM_CALL], abs=2e-3)


def test_an_old_last_trade_without_a_quote_is_stale():
    blank = {OTM_CALL: np.nan}
    old = with_leg(nifty_chain(), "call", bid=blank, ask=blank, trade_ts={OTM_CALL: NOW - 600.0})
    assert status(enriched(old), "call", OTM_CALL) == "stale"
    assert status(enriched(old, now_ts=np.nan), "call", OTM_CALL) == "ok"
    assert status(enriched(old, max_price_age_s=1_000.0), "call", OTM_CALL) == "ok"


def test_a_wide_quote_without_a_trade_is_wide():
    wide = with_leg(nifty_chain(), "call", bid={OTM_CALL: 10.0}, ask={OTM_CALL: 90.0}, ltp={OTM_CALL: np.nan})
    numbers = enriched(wide)
    assert status(numbers, "call", OTM_CALL) == "wide_quote"
    assert numbers.call.spread[OTM_CALL] == 80.0


@pytest.mark.parametrize(("minutes", "expected"), [(120, "above_max"), (30, "ok")])
def test_a_lottery_ticket_has_no_iv_until_the_last_hour(minutes, expected):
    chain = nifty_chain(np.arange(22_000.0, 26_501.0, 50.0), days=minutes / 1_440)
    far = len(chain.strikes) - 1
    numbers = enriched(with_leg(chain, "call", bid={far: np.nan}, ask={far: np.nan}, ltp={far: 0.5}))
    assert status(numbers, "call", far) == expected
    assert (numbers.call.iv[far] > 2.0) == (expected == "ok")
