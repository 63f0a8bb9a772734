"""Which price is believed."""

import numpy as np
import pytest

from dashboard.analytics.quotes import PriceSource, believable_price, mid, narrow, spread

UNKNOWN = np.nan


def believed(bid=UNKNOWN, ask=UNKNOWN, ltp=UNKNOWN, age_s=1.0):
    bids, asks, ltps, ages = (np.array([value]) for value in (bid, ask, ltp, age_s))
    price, fault = believable_price(bids, asks, ltps, ages, max_age_s=300.0)
    return price[0], PriceSource(fault[0])


def test_a_narrow_quote_is_its_mid_even_when_the_last_trade_says_otherwise():
    assert believed(bid=100.0, ask=100.4, ltp=95.0) == (pytest.approx(100.2), PriceSource.MID)


@pytest.mark.parametrize(
    ("bid", "ask", "is_narrow"), [(0.05, 0.25, True), (0.05, 0.30, False), (95.0, 105.0, True), (94.0, 105.0, False)]
)
def test_narrow_is_20_paise_or_10_percent(bid, ask, is_narrow):
    bid, ask = np.array([bid]), np.array([ask])
    assert narrow(mid(bid, ask), spread(bid, ask))[0] == is_narrow


def test_a_wide_quote_gives_way_to_a_last_trade_inside_it():
    assert believed(bid=90.0, ask=110.0, ltp=97.0) == (97.0, PriceSource.LTP)


def test_a_last_trade_outside_the_standing_quote_is_history():
    assert believed(bid=90.0, ask=110.0, ltp=85.0)[1] is PriceSource.WIDE_QUOTE
    assert believed(bid=90.0, ltp=85.0)[1] is PriceSource.STALE


def test_a_wide_quote_alone_is_no_price():
    assert believed(bid=90.0, ask=110.0)[1] is PriceSource.WIDE_QUOTE


def test_an_old_last_trade_is_stale_and_one_of_unknown_age_is_fresh():
    assert believed(ltp=97.0, age_s=301.0)[1] is PriceSource.STALE
    assert believed(ltp=97.0, age_s=300.0) == (97.0, PriceSource.LTP)
    assert believed(ltp=97.0, age_s=UNKNOWN) == (97.0, PriceSource.LTP)


@pytest.mark.parametrize("never", [0.0, -1.0, np.nan, np.inf])
def test_zero_is_never_a_price(never):
    price, fault = believed(bid=never, ask=never, ltp=never)
    assert np.isnan(price)
    assert fault is PriceSource.NO_PRICE


def test_a_crossed_quote_has_neither_mid_nor_spread():
    bid, ask = np.array([101.0]), np.array([100.0])
    assert np.isnan(mid(bid, ask)[0])
    assert np.isnan(spread(bid, ask)[0])
