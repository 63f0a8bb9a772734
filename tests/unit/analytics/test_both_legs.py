"""Exposures count strikes whose two legs are known: one side alone would lean the total to that side."""

from dataclasses import replace

import numpy as np
import pytest

from dashboard.analytics import black76, gex
from dashboard.analytics.all_expiries import all_expiries
from dashboard.analytics.enrich import enrich
from dashboard.analytics.reasons import BELOW_A_DAY, COARSE
from tests.unit.analytics.chains import FORWARD, LOT, NOW, RATE, SPOT, nifty_chain, smile, with_leg

EXPOSURES = ("net_gex_crore", "net_dex_crore", "net_vanna_crore", "net_charm_crore", "pcr_delta_weighted")


def enriched(chain, **options):
    return enrich(chain, **({"rate": RATE, "now_ts": NOW} | options))


def test_put_oi_unknown_at_seven_central_strikes_is_said_and_does_not_turn_the_sign():
    """Net GEX had gone from -31 to +121 crore at a coverage of 61 of 61."""
    whole = enriched(nifty_chain())
    central = dict.fromkeys(range(27, 34), np.nan)
    half = enriched(with_leg(nifty_chain(), "put", oi=central))
    both = enriched(with_leg(with_leg(nifty_chain(), "put", oi=central), "call", oi=central))
    for name in EXPOSURES:
        assert whole.coverage[name] == (61, 61)
        assert half.coverage[name] == (54, 61) == half.coverage["pcr_oi"]
        assert half.metrics[name] == both.metrics[name]
    assert half.metrics["zero_gamma"] == both.metrics["zero_gamma"]
    assert np.isnan(half.gex_crore[27:34]).all()


def test_delta_exposure_and_delta_weighted_oi_by_hand():
    chain = nifty_chain(rounded=False)
    numbers = enriched(chain)
    calls, puts = (
        black76.greeks(FORWARD, chain.strikes, 9 / 365, RATE, smile(chain.strikes), is_call).delta
        for is_call in (True, False)
    )
    calls_weighted, puts_weighted = float(calls @ chain.call.oi), float(-puts @ chain.put.oi)
    assert numbers.metrics["net_dex_crore"] == pytest.approx((calls_weighted + puts_weighted) * SPOT / 1e7, rel=1e-4)
    assert numbers.metrics["call_oi_delta_weighted"] == pytest.approx(calls_weighted, rel=1e-4)
    assert numbers.metrics["pcr_delta_weighted"] == pytest.approx(puts_weighted / calls_weighted, rel=1e-4)
    reversed_ = enriched(chain, dealer_long_calls=False)
    assert reversed_.metrics["net_dex_crore"] == -numbers.metrics["net_dex_crore"]
    assert reversed_.metrics["pcr_delta_weighted"] == numbers.metrics["pcr_delta_weighted"]


def test_rupee_greeks_of_one_lot_at_the_money():
    numbers = enriched(nifty_chain())
    atm = int(np.flatnonzero(numbers.chain.strikes == numbers.atm_strike)[0])
    worth = LOT * SPOT
    assert numbers.metrics["atm_call_rupee_delta"] == pytest.approx(numbers.call.delta[atm] * worth)
    assert numbers.metrics["atm_put_rupee_delta"] == pytest.approx(numbers.put.delta[atm] * worth)
    assert numbers.metrics["atm_rupee_gamma"] == pytest.approx(numbers.call.gamma[atm] * worth * SPOT * 0.01)


def test_the_sum_over_expiries_says_how_many_it_holds():
    chains = [enriched(nifty_chain(days=days)) for days in (2, 9, 30)]
    gone = enriched(nifty_chain(days=-1))
    found = all_expiries([*chains, gone], expiries_listed=18)
    assert found.net_gex_crore == pytest.approx(sum(chain.metrics["net_gex_crore"] for chain in chains))
    assert found.net_dex_crore == pytest.approx(sum(chain.metrics["net_dex_crore"] for chain in chains))
    assert found.pcr_oi == pytest.approx(chains[0].metrics["pcr_oi"])
    assert (found.expiries_known, found.expiries_listed) == (3, 18)
    assert found.oldest_ts == NOW
    assert all_expiries([gone], 18) == (None, None, None, None, 0, 18, None)


# Near the end


def test_net_charm_has_no_value_per_day_when_less_than_one_is_left():
    """It had shown -7.4 million crore a day two minutes before the close."""
    numbers = enriched(nifty_chain(days=0.99))
    assert numbers.metrics["net_charm_crore"] is None
    assert numbers.reasons["net_charm_crore"] == BELOW_A_DAY
    assert np.isnan(numbers.charm_crore).all()
    assert enriched(nifty_chain(days=1.01)).metrics["net_charm_crore"] is not None


def test_what_half_a_tick_moves_by_a_vol_point_is_not_shown():
    """At a tick of 5 rupees a week's options say little more about volatility than that there is some."""
    chain = nifty_chain(days=0.05)
    fair = {side: np.maximum(np.round(getattr(chain, side).ltp / 5), 1) * 5 for side in ("call", "put")}
    for side, ltp in fair.items():
        chain = with_leg(chain, side, ltp=ltp, bid=ltp - 0.05, ask=ltp + 0.05)
    numbers = enriched(replace(chain, underlying=replace(chain.underlying, tick_size=5.0)))
    for name in ("atm_iv", "expected_move", "one_sigma_move"):
        assert numbers.metrics[name] is None
        assert numbers.reasons[name] == COARSE
    for name in ("skew_25d", "butterfly_25d", "skew_10d"):
        assert numbers.metrics[name] is None


def test_gex_of_one_leg_is_no_gex():
    gamma, oi = np.array([0.001]), np.array([650.0])
    unknown = np.array([np.nan])
    assert np.isnan(gex.strike_exposure(gamma, gamma, oi, unknown, dealer_long_calls=True)).all()
    assert np.isnan(gex.strike_exposure(gamma, unknown, oi, oi, dealer_long_calls=True)).all()
