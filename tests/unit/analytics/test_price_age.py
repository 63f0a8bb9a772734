"""A price is as old as its last trade; who confirmed it a second ago does not matter."""

import numpy as np
import pytest

from dashboard.analytics.enrich import enrich
from dashboard.analytics.implied_vol import IvStatus
from dashboard.analytics.quotes import PriceSource
from tests.unit.analytics.chains import NOW, RATE, nifty_chain, with_leg

FAR = 40  # 24500
NO_QUOTE = {"bid": {FAR: np.nan}, "ask": {FAR: np.nan}}


def enriched(chain, **options):
    return enrich(chain, **({"rate": RATE, "now_ts": NOW} | options))


def test_a_trade_of_two_hours_ago_polled_every_five_seconds_is_old():
    """It had counted as one second old, with an IV of its own; on the board 23.2 % where 13 % was true."""
    chain = with_leg(nifty_chain(), "call", **NO_QUOTE, trade_ts={FAR: NOW - 7_200.0}, tick_ts={FAR: NOW - 1.0})
    old = with_leg(chain, "call", ltp={FAR: 1.15 * chain.call.ltp[FAR]})
    numbers = enriched(old)
    assert numbers.call.price_source[FAR] == PriceSource.STALE
    assert numbers.call.iv_status[FAR] == IvStatus.STALE
    assert np.isnan(numbers.call.iv[FAR])
    assert numbers.call.delta[FAR] == pytest.approx(enriched(nifty_chain()).call.delta[FAR], abs=2e-3)


@pytest.mark.parametrize(("age_s", "source"), [(299.0, PriceSource.LTP), (301.0, PriceSource.STALE)])
def test_five_minutes_by_the_exchange_s_clock(age_s, source):
    chain = with_leg(nifty_chain(), "call", **NO_QUOTE, trade_ts={FAR: NOW - age_s}, tick_ts={FAR: NOW - 9_999.0})
    assert enriched(chain).call.price_source[FAR] == source
    assert enriched(chain, now_ts=np.nan).call.price_source[FAR] == PriceSource.LTP


def test_without_a_time_beside_others_that_have_one_a_trade_is_old():
    chain = with_leg(nifty_chain(), "call", **NO_QUOTE, trade_ts={FAR: np.nan})
    assert enriched(chain).call.price_source[FAR] == PriceSource.STALE


def test_where_no_trade_has_a_time_all_are_taken():
    chain = with_leg(with_leg(nifty_chain(), "call", **NO_QUOTE, trade_ts=np.nan), "put", trade_ts=np.nan)
    assert enriched(chain).call.price_source[FAR] == PriceSource.LTP
