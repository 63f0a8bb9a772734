"""What holds for every enriched chain, whatever it was made of."""

import dataclasses

import numpy as np

from dashboard.analytics.chain_iv import IvSource
from dashboard.analytics.enriched import Enriched, LegNumbers
from dashboard.analytics.implied_vol import IvStatus
from dashboard.market.instruments import Side

BY_STRIKE = (
    "otm_iv", "strike_pcr", "straddle", "gex_crore", "dex_crore", "vanna_crore", "charm_crore", "touch_probability",
    "max_pain_curve",
)  # fmt: skip


def columns_of(numbers: Enriched):
    for side in Side:
        for item in dataclasses.fields(LegNumbers):
            yield f"{side}.{item.name}", getattr(numbers.numbers(side), item.name)
    for name in BY_STRIKE:
        yield name, getattr(numbers, name)


def assert_sound(numbers: Enriched) -> None:
    """No infinity anywhere, every column as long as the chain, every metric a number or None."""
    for name, column in columns_of(numbers):
        assert column.shape == numbers.chain.strikes.shape, name
        assert not np.isinf(column).any(), name
    for name, value in numbers.metrics.items():
        assert value is None or np.isfinite(value), name
        assert (name in numbers.reasons) == (value is None), name
    for value in (numbers.forward, numbers.basis, numbers.atm_strike, numbers.years_to_expiry):
        assert not np.isinf(value)


def assert_coverage_is_true(numbers: Enriched) -> None:
    """Counted again from the columns; a figure that stands on nothing is unknown."""
    assert set(numbers.metrics) <= set(numbers.coverage)
    assert all(0 <= have <= of for have, of in numbers.coverage.values())
    both = np.isfinite(numbers.gex_crore).sum(), numbers.chain.strikes.size
    assert numbers.coverage["net_gex_crore"] == numbers.coverage["net_dex_crore"] == both
    assert numbers.coverage["atm_iv"] == (np.isfinite(numbers.otm_iv).sum(), numbers.chain.strikes.size)
    for name in ("net_gex_crore", "net_dex_crore", "pcr_delta_weighted", "atm_iv", "day_move", "spot_change_percent"):
        if numbers.coverage[name][0] == 0:
            assert numbers.metrics[name] is None, name
    for side in Side:
        legs = numbers.numbers(side)
        unfounded = legs.iv_source == IvSource.NONE
        assert np.isnan(legs.delta[unfounded]).all()
        assert np.isnan(legs.iv[legs.iv_status != IvStatus.OK]).all()
