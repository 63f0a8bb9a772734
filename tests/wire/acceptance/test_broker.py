"""What a board expects of every broker, whatever its wire looks like."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import numpy as np
import psutil
import pytest

from dashboard.data.brokers.protocol import MarketData, StreamState
from dashboard.data.brokers.registry import open_login
from dashboard.market.chain import LEG_COLUMNS
from dashboard.market.errors import MarketError
from dashboard.market.instruments import Expiry, Side, Underlying
from harness.process import eventually

pytestmark = pytest.mark.wire


@pytest.fixture(scope="module")
def underlying(broker: MarketData) -> Underlying:
    return broker.directory().underlyings[0]


@pytest.fixture(scope="module")
def expiry(underlying: Underlying) -> Expiry:
    return underlying.expiries[0]


def test_the_directory_lists_what_can_be_chosen(broker):
    directory = broker.directory()
    names = [found.name for found in directory.underlyings]
    assert len(names) == len(set(names)) > 0
    for found in directory.underlyings:
        dates = [listed.date for listed in found.expiries]
        assert dates == sorted(set(dates))
        assert all(listed.cutoff_ts > time.time() and listed.lot_size > 0 for listed in found.expiries)
        assert found.tick_size > 0


def test_contracts_are_unique_and_have_both_sides(broker, underlying, expiry):
    contracts = broker.contracts(underlying, expiry)
    assert len({contract.symbol for contract in contracts}) == len(contracts) > 0
    assert len({(contract.strike, contract.side) for contract in contracts}) == len(contracts)
    assert {contract.side for contract in contracts} == set(Side)


@pytest.mark.parametrize("which", [0, 1])
def test_a_chain_is_of_the_series_that_was_asked_for(broker, underlying, which):
    expiry = underlying.expiries[which]
    chain = broker.fetch_chain(underlying, expiry)
    listed = {(contract.strike, contract.side): contract.symbol for contract in broker.contracts(underlying, expiry)}
    assert (chain.underlying, chain.expiry) == (underlying, expiry)
    assert (np.diff(chain.strikes) > 0).all()
    for side in Side:
        legs = chain.legs(side)
        assert [listed.get((strike, side)) for strike in chain.strikes.tolist()] == list(legs.symbol)
        for name in LEG_COLUMNS:
            assert getattr(legs, name).shape == chain.strikes.shape
        known = legs.oi[np.isfinite(legs.oi)]
        assert known.size > 0
        assert (known % expiry.lot_size == 0).all(), "OI is in units"
        assert np.nanmin(legs.ltp) > 0, "an unknown price is NaN, never 0"
    assert chain.strikes[0] < chain.spot < chain.strikes[-1]
    assert abs(time.time() - chain.as_of_ts) < 30


def test_an_expiry_that_is_not_listed_is_an_error_of_the_market(broker, underlying, expiry):
    unlisted = replace(expiry, date=expiry.date + timedelta(days=1), cutoff_ts=expiry.cutoff_ts + 86_400)
    with pytest.raises(MarketError):
        broker.contracts(underlying, unlisted)
    with pytest.raises(MarketError):
        broker.fetch_chain(underlying, unlisted)


def test_the_meter_counts_calls_against_its_limits(broker, underlying, expiry):
    before = broker.budget()
    broker.fetch_chain(underlying, expiry)
    after = broker.budget()
    assert after.day > before.day
    assert after.second_limit <= after.minute_limit <= after.day_limit


def test_the_stream_gives_ticks_of_what_was_subscribed_and_leaves_nothing_behind(broker, underlying, expiry):
    symbols = {contract.symbol for contract in broker.contracts(underlying, expiry)} | {underlying.symbol}
    before = own_children()
    stream = broker.open_stream()
    stream.subscribe(symbols)
    seen: dict[str, float] = {}

    def all_but_a_few() -> bool:
        for tick in stream.ticks(0.2):
            assert tick.symbol in symbols
            assert abs(time.time() - tick.received_ts) < 30
            if tick.ltp is not None:
                seen[tick.symbol] = tick.ltp
        return underlying.symbol in seen and len(seen) > len(symbols) / 4

    eventually(all_but_a_few, within_s=30, what="ticks of what was subscribed")
    eventually(lambda: stream.status().state is StreamState.LIVE, within_s=15, what="the stream says that it is live")
    assert stream.status().subscribed == len(symbols)
    stream.recycle([underlying.symbol])
    eventually(lambda: stream.ticks(0.2) is not None and stream.status().subscribed == 1, within_s=30, what="fewer")
    stream.close()
    eventually(lambda: own_children() <= before, within_s=15, what="no child process is left")


def own_children() -> set[psutil.Process]:
    """Living processes below this one, without Python's own resource tracker, which stays until the end."""
    return {
        child
        for child in psutil.Process().children(recursive=True)
        if child.status() != psutil.STATUS_ZOMBIE and "resource_tracker" not in " ".join(child.cmdline())
    }


def test_it_knows_whether_the_market_is_open_or_says_that_it_does_not(broker):
    assert broker.market_open() in (True, False, None)


def test_a_login_names_what_it_lacks(venue, tmp_path):
    login = open_login(venue.settings(tmp_path))
    if login is not None:
        assert login.redirect_uri.startswith("http")
        missing = login.missing_settings()
        assert missing or login.authorise_url("state").startswith("http")
