"""The composition: what it puts together, what it says at the edges, and that nothing can upset it."""

import dataclasses
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from dashboard.analytics import black76, reasons
from dashboard.analytics.daycount import weekday_sessions
from dashboard.analytics.enrich import enrich
from dashboard.analytics.enriched import Enriched
from dashboard.analytics.implied_vol import IvStatus
from dashboard.analytics.metrics import UNITS
from dashboard.market.chain import Legs
from dashboard.market.instruments import Side
from dashboard.market.session import IST
from tests.reference import chain as reference
from tests.unit.analytics.chains import FORWARD, LOT, NOW, RATE, SPOT, nifty_chain, with_leg
from tests.unit.analytics.soundness import assert_sound

MODEL = (
    "iv",
    "delta",
    "gamma",
    "theta",
    "vega",
    "vanna",
    "volga",
    "charm",
    "intrinsic",
    "time_value",
    "itm_probability",
)
OI_METRICS = {
    "pcr_oi", "pcr_volume", "max_pain", "max_pain_crore", "call_wall", "put_wall", "call_oi", "put_oi",
    "call_oi_change", "put_oi_change", "call_volume", "put_volume", "call_wall_oi", "put_wall_oi", "max_pain_distance",
}  # fmt: skip


def enriched(chain, **options) -> Enriched:
    return enrich(chain, **({"rate": RATE, "now_ts": NOW} | options))


def test_the_header_of_a_clean_chain():
    numbers = enriched(nifty_chain())
    assert numbers.forward == pytest.approx(FORWARD, abs=0.1)
    assert numbers.forward_source == "parity"
    assert numbers.basis == pytest.approx(numbers.forward - SPOT)
    assert numbers.years_to_expiry == pytest.approx(9 / 365)
    assert numbers.atm_strike == 24_000.0
    assert numbers.day_count == "calendar"
    assert numbers.metrics["atm_iv"] == pytest.approx(0.13, abs=1e-4)
    assert numbers.metrics["straddle"] == pytest.approx(393.0, abs=3)
    at_the_forward = 2 * black76.price(FORWARD, FORWARD, 9 / 365, 0.0, 0.13, True)
    assert numbers.metrics["expected_move"] == pytest.approx(at_the_forward, rel=1e-3)
    assert numbers.metrics["one_sigma_move"] == pytest.approx(SPOT * 0.13 * np.sqrt(9 / 365), rel=1e-3)
    assert numbers.metrics["skew_25d"] == pytest.approx(-0.99, abs=0.05)


def test_every_metric_has_a_unit_and_a_coverage():
    numbers = enriched(nifty_chain())
    assert set(numbers.metrics) == set(UNITS)
    assert set(numbers.metrics) <= set(numbers.coverage)
    assert all(0 <= have <= of for have, of in numbers.coverage.values())
    assert numbers.coverage["spot_change_percent"] == (0, 1)  # the previous close is unknown
    assert numbers.coverage["future_basis"] == (0, 1)


def test_coverage_counts_strikes():
    blank = {3: np.nan, 4: np.nan}
    numbers = enriched(with_leg(nifty_chain(), "put", oi=blank, bid=blank, ask=blank, ltp=blank))
    assert numbers.coverage["pcr_oi"] == (59, 61)
    assert numbers.coverage["quoted"] == (59, 61)
    assert numbers.coverage["forward"] == (5, 5)


def test_oi_is_in_units_and_gex_does_not_multiply_by_the_lot_again():
    chain = nifty_chain()
    numbers = enriched(chain)
    ivs = np.where(np.isfinite(numbers.otm_iv), numbers.otm_iv, 0.13)
    used = np.isfinite(numbers.gex_crore)
    legs = [
        (strike, iv, call - put)
        for strike, iv, call, put, use in zip(chain.strikes, ivs, chain.call.oi, chain.put.oi, used, strict=True)
        if use
    ]
    slow = reference.net_gex_crore(SPOT, numbers.forward, numbers.years_to_expiry, RATE, legs)
    assert numbers.metrics["net_gex_crore"] == pytest.approx(slow, rel=1e-9)
    assert numbers.metrics["call_oi"] % LOT == 0
    level = reference.zero_gamma(SPOT, numbers.forward, numbers.years_to_expiry, RATE, legs)
    assert numbers.metrics["zero_gamma"] == pytest.approx(level, rel=1e-9)


def test_the_dealers_assumption_turns_exposures_and_keeps_the_zero_gamma_level():
    there, back = enriched(nifty_chain()), enriched(nifty_chain(), dealer_long_calls=False)
    for name in ("net_gex_crore", "net_vanna_crore", "net_charm_crore"):
        assert back.metrics[name] == -there.metrics[name]
    assert back.metrics["zero_gamma"] == there.metrics["zero_gamma"]
    assert there.dealer_long_calls
    assert not back.dealer_long_calls


def test_oi_change_falls_back_to_the_previous_close():
    told, reckoned = nifty_chain(), with_leg(nifty_chain(), "call", oi_change=np.nan)
    np.testing.assert_array_equal(enriched(reckoned).call.oi_change, enriched(told).call.oi_change)


def test_window_pcr_is_that_of_the_strikes_around_the_money():
    chain = nifty_chain()
    numbers = enriched(chain)
    near = np.abs(chain.strikes - numbers.atm_strike) <= 5 * 50
    expected = reference.put_call_ratio(chain.put.oi[near], chain.call.oi[near])
    assert numbers.window_metrics[5]["pcr_oi"] == pytest.approx(expected)
    assert numbers.window_metrics[50]["pcr_oi"] == pytest.approx(numbers.metrics["pcr_oi"])
    assert numbers.metrics["pcr_oi"] == pytest.approx(reference.put_call_ratio(chain.put.oi, chain.call.oi))


def test_a_monthly_series_may_use_its_future_and_a_weekly_never_does():
    calls = {"bid": np.nan, "ask": np.nan, "ltp": np.nan}
    for kind, source in (("M", "future"), ("W", "spot")):
        one_sided = with_leg(nifty_chain(kind=kind, future=24_030.0), "call", **calls)
        numbers = enriched(one_sided)
        assert numbers.forward_source == source
        assert numbers.metrics["future_basis"] == (40.0 if kind == "M" else None)
        assert numbers.future == pytest.approx(24_030.0 if kind == "M" else np.nan, nan_ok=True)


def test_trading_time_raises_the_iv_of_a_weekend():
    friday = datetime(2026, 11, 27, 15, 40, tzinfo=IST).timestamp()
    chain = nifty_chain(days=4, now=friday)
    sessions = weekday_sessions(friday, chain.expiry.cutoff_ts)
    calendar, trading = (enrich(chain, rate=RATE, now_ts=friday, trading_sessions=given) for given in (None, sessions))
    assert trading.day_count == "trading"
    assert trading.metrics["atm_iv"] / calendar.metrics["atm_iv"] == pytest.approx(1.175, abs=2e-3)


def test_in_trading_time_theta_and_charm_are_per_session_and_the_last_hour_is_one_of_the_clock():
    """Per 365th of a year theta said -9.58 where the next session lost 14.42."""
    now = datetime(2026, 11, 26, 9, 15, tzinfo=IST).timestamp()
    chain = nifty_chain(days=4 + 385 / 1_440, now=now, rounded=False)  # Thursday's open to Monday's close
    sessions = weekday_sessions(now, chain.expiry.cutoff_ts)
    numbers = enrich(chain, rate=0.0, now_ts=now, trading_sessions=sessions)
    assert numbers.time_unit == "session"
    assert enrich(chain, rate=0.0, now_ts=now).time_unit == "calendar day"
    atm, step = 30, 1e-4
    years, iv = numbers.years_to_expiry, float(numbers.otm_iv[30])
    price = [black76.price(numbers.forward, 24_000.0, years + d / 252, 0.0, iv, True) for d in (step, -step)]
    assert numbers.call.theta[atm] == pytest.approx(float(price[1] - price[0]) / (2 * step), rel=1e-4)
    delta = [black76.greeks(numbers.forward, 24_000.0, years + d / 252, 0.0, iv, True).delta for d in (step, -step)]
    assert numbers.call.charm[atm] == pytest.approx(float(delta[1] - delta[0]) / (2 * step), rel=1e-3)
    half_an_hour = nifty_chain(np.arange(22_000.0, 28_001.0, 100.0), days=30 / 1_440, now=now)
    far = len(half_an_hour.strikes) - 1
    ticket = with_leg(half_an_hour, "call", bid={far: np.nan}, ask={far: np.nan}, ltp={far: 0.5}, trade_ts={far: now})
    seen = enrich(ticket, rate=RATE, now_ts=now, trading_sessions=weekday_sessions(now, ticket.expiry.cutoff_ts))
    assert seen.call.iv[far] > 2.0  # an hour of sessions is a fraction of an hour of the year


@pytest.mark.parametrize("minutes", [5, 30, 59, 90])
def test_expiry_day_stays_sensible_to_the_last_minute(minutes):
    numbers = enriched(nifty_chain(days=minutes / 1_440))
    assert_sound(numbers)
    assert numbers.years_to_expiry == pytest.approx(minutes / 525_600)
    assert numbers.forward == pytest.approx(FORWARD, abs=0.1)
    assert numbers.metrics["straddle"] > 0
    assert numbers.call.delta[0] == pytest.approx(1.0, abs=1e-3)
    assert numbers.put.delta[0] == pytest.approx(0.0, abs=1e-3)


def test_in_the_last_minutes_what_describes_a_known_outcome_is_blank_and_says_so():
    numbers = enriched(nifty_chain(days=1 / 1_440))
    assert_sound(numbers)
    assert numbers.years_to_expiry == pytest.approx(1 / 525_600)  # the clock runs to the cutoff
    assert numbers.forward == pytest.approx(FORWARD, abs=0.1)
    assert numbers.metrics["straddle"] > 0
    for side in Side:
        assert set(numbers.numbers(side).iv_status.tolist()) == {IvStatus.SETTLING}
        for name in ("iv", "delta", "gamma", "theta", "itm_probability"):
            assert np.isnan(getattr(numbers.numbers(side), name)).all(), name
    for name in ("atm_iv", "expected_move", "skew_25d", "net_gex_crore", "zero_gamma"):
        assert numbers.metrics[name] is None
        assert numbers.reasons[name] == reasons.SETTLING
    assert numbers.reasons["net_charm_crore"] == reasons.BELOW_A_DAY
    assert numbers.metrics["pcr_oi"] is not None


@pytest.mark.parametrize("seconds_after", [0, 1, 3 * 3_600])
def test_after_expiry_the_model_is_silent_and_oi_remains(seconds_after):
    before, after = enriched(nifty_chain()), enriched(nifty_chain(days=-seconds_after / 86_400))
    assert_sound(after)
    assert after.years_to_expiry == 0.0
    assert np.isnan(after.forward)
    assert after.forward_source is None
    for side in Side:
        assert set(after.numbers(side).iv_status.tolist()) == {5}
        for name in MODEL:
            assert np.isnan(getattr(after.numbers(side), name)).all(), name
    for name, value in after.metrics.items():
        if name in OI_METRICS:
            assert value == before.metrics[name], name
        elif name not in ("future_basis", "spot_change_percent"):
            assert value is None, name
    assert after.atm_strike == 24_000.0  # of the spot: rows still have a middle


def test_the_clock_of_the_exchange_decides_and_ours_only_when_it_is_unknown():
    chain = nifty_chain()
    assert enriched(chain, now_ts=NOW + 86_400.0).years_to_expiry == pytest.approx(9 / 365)
    unknown = dataclasses.replace(chain, market_ts=float("nan"))
    assert enriched(unknown, now_ts=NOW + 86_400.0).years_to_expiry == pytest.approx(8 / 365)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_chains_of_hardly_any_strikes(count):
    numbers = enriched(nifty_chain(np.array([24_000.0, 24_050.0])[:count]))
    assert_sound(numbers)
    assert np.isfinite(numbers.forward)
    assert np.isfinite(numbers.atm_strike) == (count > 0)


@pytest.mark.parametrize("side", ["call", "put"])
def test_one_sided_chains(side):
    chain = nifty_chain()
    unknown: dict[str, Any] = {side: Legs.unknown(len(chain.strikes))}
    numbers = enriched(dataclasses.replace(chain, **unknown))
    assert_sound(numbers)
    assert numbers.forward_source == "spot"
    assert numbers.metrics["straddle"] is None
    assert numbers.metrics["pcr_oi"] is None
    assert numbers.metrics[f"{side}_oi"] is None
    other = "put" if side == "call" else "call"
    assert numbers.metrics[f"{other}_oi"] > 0


def test_an_unknown_chain_is_unknown_not_zero():
    strikes = np.array([23_950.0, 24_000.0])
    blank = dataclasses.replace(
        nifty_chain(strikes), call=Legs.unknown(2), put=Legs.unknown(2), spot=float("nan"), market_ts=float("nan")
    )
    numbers = enriched(blank, now_ts=float("nan"))
    assert_sound(numbers)
    assert set(numbers.metrics.values()) == {None}
    assert np.isnan(numbers.atm_strike)


def test_crossed_quotes_fall_back_to_the_last_trade():
    chain = nifty_chain()
    crossed = with_leg(chain, "call", bid=chain.call.ask, ask=chain.call.bid)
    numbers = enriched(crossed)
    assert_sound(numbers)
    assert np.isnan(numbers.call.mid).all()
    assert np.isnan(numbers.call.spread).all()
