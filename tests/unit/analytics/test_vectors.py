"""Every row of the 40-digit vectors, and the worked chain with them."""

from typing import Any

import numpy as np
import pytest

from dashboard.analytics import black76, gex, open_interest, smile, straddle
from dashboard.analytics.forward import parity_forwards
from dashboard.analytics.implied_vol import IvStatus, implied_vol
from dashboard.analytics.metrics import oi_metrics
from dashboard.analytics.term_structure import forward_vol

EXACT = 1e-9
MINUTES_PER_YEAR = 525_600


@pytest.fixture(scope="module")
def options(vectors: dict[str, Any]) -> dict[str, np.ndarray]:
    rows = vectors["options"]
    assert len(rows) == 108
    columns = {name: np.array([row[name] for row in rows]) for name in rows[0] if name != "iv_half_tick_width"}
    return columns | {"is_call": columns["flag"] == "C", "T": columns["minutes_to_expiry"] / MINUTES_PER_YEAR}


@pytest.fixture(scope="module")
def inputs(options: dict[str, np.ndarray]) -> tuple[np.ndarray, ...]:
    return tuple(options[name] for name in ("F", "K", "T", "r", "sigma", "is_call"))


def test_prices_match_all_108_options(options, inputs):
    np.testing.assert_allclose(black76.price(*inputs), options["price"], rtol=EXACT)


@pytest.mark.parametrize(
    ("greek", "column", "per_displayed"),
    [
        ("delta", "delta_fwd", 1),
        ("gamma", "gamma_fwd", 1),
        ("theta", "theta_per_calendar_day", 1),
        ("vega", "vega_per_1pct", 1),
        ("vanna", "vanna", 100),
        ("volga", "volga", 10_000),
        ("charm", "charm", 365),
    ],
)
def test_greeks_match_all_108_options(options, inputs, greek, column, per_displayed):
    ours = getattr(black76.greeks(*inputs), greek)
    np.testing.assert_allclose(ours * per_displayed, options[column], rtol=EXACT)


def test_iv_matches_wherever_the_price_determines_it(options):
    iv, status = implied_vol(*(options[name] for name in ("price", "F", "K", "T", "r", "is_call")))
    determined = options["iv_tolerance_abs"] <= 1e-3  # beyond: deep in the money, minutes left, no vol in the price
    assert determined.sum() == 105
    assert (status[determined] == IvStatus.OK).all()
    off = np.abs(iv - options["sigma"]) / options["iv_tolerance_abs"]
    assert off[determined].max() <= 1.0


def test_no_iv_for_the_invalid_prices(vectors):
    expected = {
        "zero_price": IvStatus.NO_PRICE,
        "below_intrinsic": IvStatus.BELOW_INTRINSIC,
        "above_max": IvStatus.ABOVE_MAX,
        "expired_T<=0": IvStatus.EXPIRED,
        "stale_ltp_below_intrinsic": IvStatus.BELOW_INTRINSIC,
        "missing/NaN": IvStatus.NO_PRICE,
        "negative": IvStatus.NO_PRICE,
    }
    for row in vectors["invalid_prices"]:
        price = np.nan if row["price"] is None else row["price"]
        years = row["minutes_to_expiry"] / MINUTES_PER_YEAR
        iv, status = implied_vol(price, row["F"], row["K"], years, row["r"], row["flag"] == "C")
        assert np.isnan(iv), row["id"]
        assert status == expected[row["reason"]], row["id"]


@pytest.fixture(scope="module")
def worked(vectors: dict[str, Any]) -> dict[str, Any]:
    """The five-strike chain: its call and put IVs differ at a strike on purpose, so the forward is taken as given."""
    chain = vectors["chains"][0]
    columns = {name: np.array([row[name] for row in chain["rows"]], dtype=float) for name in chain["rows"][0]}
    years = chain["minutes_to_expiry"] / MINUTES_PER_YEAR
    given = (chain["F"], columns["K"], years, chain["r"])
    return {
        **chain,
        **columns,
        "T": years,
        "calls": black76.greeks(*given, columns["ce_iv"], True),
        "puts": black76.greeks(*given, columns["pe_iv"], False),
    }


def test_worked_chain_open_interest(worked):
    expect = worked["expect"]
    curve = open_interest.max_pain_curve(worked["K"], worked["ce_oi"], worked["pe_oi"])
    assert dict(zip(map(str, worked["K"].tolist()), curve.tolist(), strict=True)) == expect["pain_inr"]
    assert open_interest.max_pain(worked["K"], curve, worked["F"]) == expect["max_pain"]
    oi, volume = (np.array([worked[f"{side}_{of}"] for side in ("ce", "pe")]) for of in ("oi", "vol"))
    values, _ = oi_metrics(worked["K"], oi, np.zeros_like(oi), volume, curve, worked["F"])
    assert values["pcr_oi"] == pytest.approx(expect["pcr_oi"], rel=EXACT)
    assert values["pcr_volume"] == pytest.approx(expect["pcr_volume"], rel=EXACT)
    assert open_interest.total(worked["ce_oi"]) == expect["total_ce_oi"]
    assert open_interest.total(worked["pe_oi"]) == expect["total_pe_oi"]


def test_worked_chain_straddle_and_moves(worked):
    expect = worked["expect"]
    atm = straddle.atm_position(worked["K"], worked["F"])
    assert worked["K"][atm] == expect["atm_strike"]
    price = straddle.straddle(worked["ce_price"], worked["pe_price"])[atm]
    assert price == pytest.approx(expect["atm_straddle"], rel=EXACT)
    assert 100 * price / worked["S"] == pytest.approx(expect["expected_move_pct_straddle"], rel=EXACT)
    move = straddle.one_sigma_move(worked["S"], expect["atm_iv"], worked["T"])
    assert move == pytest.approx(expect["one_sigma_move"], rel=EXACT)
    forward = parity_forwards(worked["K"], worked["ce_price"], worked["pe_price"], worked["T"], worked["r"])[atm]
    assert forward == pytest.approx(expect["synthetic_forward"], rel=EXACT)


def test_worked_chain_exposures_are_in_crore_of_units_not_lots(worked):
    expect, spot = worked["expect"], worked["S"]

    def exposure(greek: str) -> np.ndarray:
        calls, puts = getattr(worked["calls"], greek), getattr(worked["puts"], greek)
        return gex.strike_exposure(calls, puts, worked["ce_oi"], worked["pe_oi"], dealer_long_calls=True)

    by_strike = gex.gex(exposure("gamma"), spot)
    np.testing.assert_allclose(by_strike, worked["net_gex_cr"], rtol=EXACT)
    assert gex.net(by_strike) == pytest.approx(expect["net_gex_cr_per_1pct"], rel=EXACT)
    vanna = gex.net(gex.vanna_exposure(exposure("vanna"), spot))
    assert vanna == pytest.approx(expect["net_vanna_cr_per_1volpt"], rel=EXACT)
    charm = gex.net(gex.charm_exposure(exposure("charm"), spot, days_left=3.0))
    assert charm == pytest.approx(expect["net_charm_cr_per_calendar_day"], rel=EXACT)


def test_worked_chain_zero_gamma(worked):
    level = gex.zero_gamma(
        np.tile(worked["K"], 2),
        np.concatenate([worked["ce_iv"], worked["pe_iv"]]),
        np.concatenate([worked["ce_oi"], -worked["pe_oi"]]),
        worked["F"],
        worked["S"],
        worked["T"],
    )
    assert level == pytest.approx(worked["expect"]["zero_gamma_nearest_spot_within_3pct"], rel=EXACT)


def test_max_pain_tie(vectors):
    rows = vectors["max_pain_tie"]["rows"]
    strikes, calls, puts = (np.array([row[name] for row in rows], dtype=float) for name in ("K", "ce_oi", "pe_oi"))
    curve = open_interest.max_pain_curve(strikes, calls, puts)
    assert curve.tolist() == list(vectors["max_pain_tie"]["expect"]["pain"].values())
    assert open_interest.max_pain(strikes, curve, np.nan) == vectors["max_pain_tie"]["expect"]["max_pain_lowest"]
    assert open_interest.max_pain(strikes, curve, 106.0) == 110.0
    assert open_interest.max_pain(strikes, curve, 105.0) == 100.0


def test_build_up_classes(vectors):
    for row in vectors["misc"]["build_up"]:
        codes = open_interest.build_up(np.array([row["dP"]]), np.array([float(row["dOI"])]), 0.05, 65)
        assert open_interest.BUILD_UP_WORDS[codes[0]] == row["cls"].replace("buildup", "build_up")


def test_pcr_without_call_oi_is_unknown(vectors):
    edge = vectors["misc"]["pcr_edge"]
    assert edge["expect"] is None
    oi = np.array([[edge["ce_oi"]], [edge["pe_oi"]]], dtype=float)
    values, _ = oi_metrics(np.array([24_000.0]), oi, oi, oi, np.array([0.0]), np.nan)
    assert np.isnan(values["pcr_oi"])


def test_25_delta_strikes_and_skew(vectors):
    strikes, skew = vectors["misc"]["strike_25d"], vectors["misc"]["rr25"]
    at = np.array([strikes["K_put"], strikes["K_call"]])
    delta = smile.forward_delta(at, np.full(2, strikes["sigma"]), strikes["F"], strikes["T_years"])
    np.testing.assert_allclose(delta, [0.75, 0.25], rtol=EXACT)
    ivs = skew["call_iv_25d"], skew["put_iv_25d"]
    assert smile.risk_reversal(*ivs) == pytest.approx(skew["rr25_volpts"], rel=EXACT)
    assert smile.butterfly(*ivs, skew["atm_iv"]) == pytest.approx(skew["bf25_volpts"], rel=EXACT)


def test_forward_vol(vectors):
    pair = vectors["misc"]["forward_vol"]
    between = forward_vol([pair["T1"], pair["T2"]], [pair["iv1"], pair["iv2"]])
    assert between == pytest.approx([pair["fwd_iv"]], rel=EXACT)
