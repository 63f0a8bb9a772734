"""A trade from another moment is recognised by its neighbours, whatever its age is said to be."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.analytics.enrich import enrich
from dashboard.analytics.implied_vol import IvStatus
from dashboard.market.instruments import Side
from tests.unit.analytics.chains import NOW, RATE, nifty_chain, with_leg


def only_trades(chain, **spoiled):
    """The chain as a recording has it: LTPs and no quotes."""
    blank = dict.fromkeys(range(len(chain.strikes)), np.nan)
    for side in Side:
        chain = with_leg(chain, side.value, bid=blank, ask=blank, **spoiled.get(side.value, {}))
    return chain


@pytest.mark.parametrize(("side", "position"), [("put", 5), ("call", -6)])
def test_a_far_strike_dearer_than_the_nearer_ones_is_an_old_trade(side: str, position: int):
    chain = nifty_chain()
    position %= len(chain.strikes)
    spoiled = with_leg(only_trades(chain), side, ltp={position: 400.0})
    clean, seen = (enrich(each, rate=RATE, now_ts=NOW) for each in (only_trades(chain), spoiled))
    legs = seen.numbers(Side(side))
    assert legs.iv_status[position] == IvStatus.STALE
    assert np.isnan(legs.iv[position])
    others = np.arange(len(chain.strikes)) != position
    np.testing.assert_allclose(seen.otm_iv[others], clean.otm_iv[others], rtol=1e-9)


def test_a_steep_but_orderly_wing_is_left_alone():
    numbers = enrich(only_trades(nifty_chain()), rate=RATE, now_ts=NOW)
    for side in Side:
        assert IvStatus.STALE not in numbers.numbers(side).iv_status
