"""Nothing upsets the composition, and what it says of itself stays true."""

import dataclasses

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.analytics.enrich import enrich
from dashboard.market.chain import LEG_COLUMNS
from tests.unit.analytics.chains import NOW, RATE, nifty_chain, with_leg
from tests.unit.analytics.soundness import assert_coverage_is_true, assert_sound

ODD = st.sampled_from([np.nan, 0.0, -1.0, np.inf, -np.inf, 1e308, -1e308, 5e-324, 0.05, 1e9, 1e13, 24_000.0])


@st.composite
def odd_chains(draw):
    """A chain with anything anywhere: duplicates, disorder, crossed and absurd values, a minute to live or none."""
    strikes = draw(st.lists(st.one_of(ODD, st.integers(230, 250).map(lambda k: k * 100.0)), max_size=8))
    days = draw(st.sampled_from([-1.0, 0.0, 1e-6, 1 / 1_440, 0.02, 7.0, 3_000.0]))
    chain = nifty_chain(np.full(len(strikes), 24_000.0), days=days, kind=draw(st.sampled_from("WM")))
    values = st.lists(
        st.one_of(ODD, st.floats(), st.floats(0.05, 30_000.0)), min_size=len(strikes), max_size=len(strikes)
    )
    spoil = {
        side: {name: np.array(draw(values)) for name in draw(st.sets(st.sampled_from(LEG_COLUMNS)))}
        for side in ("call", "put")
    }
    for side, columns in spoil.items():
        chain = with_leg(chain, side, **columns)
    return dataclasses.replace(
        chain,
        strikes=np.array(strikes, dtype=float),
        spot=draw(ODD),
        future=draw(ODD),
        market_ts=draw(st.sampled_from([NOW, NOW, np.nan, np.inf, -np.inf, 0.0])),
    )


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(odd_chains(), st.sampled_from([RATE, 0.0, -0.1, np.nan, np.inf, 1e300]), st.sampled_from([NOW, np.nan, np.inf]))
def test_nothing_upsets_enrich(chain, rate, now_ts):
    assert_sound(enrich(chain, rate=rate, now_ts=now_ts))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(odd_chains(), ODD, st.sampled_from([None, [], [[NOW, NOW + 22_500.0]], [[np.nan, np.inf]]]))
def test_no_day_move_and_no_sessions_upset_it_either(chain, day_move, sessions):
    numbers = enrich(chain, rate=RATE, now_ts=NOW, day_move=day_move, trading_sessions=sessions)
    assert_sound(numbers)
    assert_coverage_is_true(numbers)


def test_a_thousand_random_spoilings():
    """Dense damage that a shrinking search reaches late: each column of each leg with its own share of rubbish."""
    rng = np.random.default_rng(2026)
    rubbish = np.array([np.nan, 0.0, -1.0, np.inf, -np.inf, 1e308, 5e-324, 0.05, 1e9, 1e12])
    for _ in range(1_000):
        chain = nifty_chain(
            np.sort(rng.choice([23_900.0, 23_950.0, 24_000.0, 24_050.0, 24_100.0], rng.integers(0, 9))),
            days=float(rng.choice([0.0, 1e-5, 0.01, 2.0, 400.0])),
        )
        share = rng.choice([0.05, 0.5, 1.0])
        for side in ("call", "put"):
            legs = getattr(chain, side)
            spoiled = {}
            for name in LEG_COLUMNS:
                column = getattr(legs, name)
                hit = rng.random(column.shape) < share
                spoiled[name] = np.where(hit, rng.choice(rubbish, column.shape), column)
            chain = with_leg(chain, side, **spoiled)
        numbers = enrich(chain, rate=RATE, now_ts=NOW)
        assert_sound(numbers)
        assert_coverage_is_true(numbers)
