"""The adapter over the real SDK against the sandbox: directory, contracts, chains, errors."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard.data.brokers.fyers.auth.login import obtain_demo_token
from dashboard.data.brokers.fyers.provider import FyersMarketData
from dashboard.data.brokers.registry import open_market_data
from dashboard.market.errors import LoginNeeded, ProviderUnavailable, RequestRefused, WireChanged
from dashboard.market.instruments import Side, UnderlyingKind
from dashboard.settings import Settings
from harness.sandbox import SandboxProcess

pytestmark = pytest.mark.wire


def settings_for(sandbox: SandboxProcess, data_dir: Path, **overrides: Any) -> Settings:
    return Settings.from_environment(sandbox.environment, demo=True, data_dir=data_dir, **overrides)


@pytest.fixture
def provider_with(sandbox: SandboxProcess, tmp_path: Path) -> Iterator[Callable[..., FyersMarketData]]:
    opened: list[FyersMarketData] = []

    def build(**overrides: Any) -> FyersMarketData:
        opened.append(FyersMarketData(settings_for(sandbox, tmp_path, **overrides)))
        return opened[-1]

    yield build
    for provider in opened:
        provider.close()


@pytest.fixture
def provider(provider_with: Callable[..., FyersMarketData]) -> FyersMarketData:
    return provider_with()


def test_the_directory_names_what_can_be_chosen(provider):
    directory = provider.directory()
    names = [item.name for item in directory.underlyings]
    assert names[:6] == ["NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "SENSEX", "BANKEX"]
    assert len(names) == len(set(names)) > 12
    nifty, sensex = directory.find("NIFTY"), directory.find("SENSEX")
    assert (nifty.symbol, sensex.symbol) == ("NSE:NIFTY50-INDEX", "BSE:SENSEX-INDEX")
    assert (nifty.lot_size, sensex.lot_size, nifty.tick_size) == (65, 20, 0.05)
    assert {expiry.kind for expiry in nifty.expiries} == {"W", "M"}
    assert {expiry.kind for expiry in directory.find("BANKNIFTY").expiries} == {"M"}
    assert directory.find("RELIANCE").kind is UnderlyingKind.STOCK
    assert directory.without_options["NSE"]
    for item in directory.underlyings:
        dates = [expiry.date for expiry in item.expiries]
        assert dates == sorted(set(dates))
        assert all(expiry.cutoff_ts > time.time() for expiry in item.expiries)
    assert provider.vix_symbol() == "NSE:INDIAVIX-INDEX"


@pytest.mark.parametrize("name", ["NIFTY", "SENSEX", "RELIANCE", "M&M"])
@pytest.mark.parametrize("which", [0, 1])
def test_a_chain_is_of_the_expiry_that_was_asked_for(provider, name, which):
    underlying = provider.directory().find(name)
    expiry = underlying.expiries[which]
    contracts = provider.contracts(underlying, expiry)

    chain = provider.fetch_chain(underlying, expiry)

    assert (chain.underlying, chain.expiry) == (underlying, expiry)
    assert chain.strikes.tolist() == sorted({contract.strike for contract in contracts})
    listed = {(contract.strike, contract.side): contract for contract in contracts}
    for side in Side:
        for strike, symbol in zip(chain.strikes.tolist(), chain.legs(side).symbol, strict=True):
            assert listed[strike, side].symbol == symbol
            assert listed[strike, side].fy_token[4:10] == f"{expiry.date:%y%m%d}"
    assert np.isfinite(chain.call.ltp).sum() > 5
    assert np.isfinite(chain.call.oi).sum() > 20
    assert np.nanmin(chain.call.ltp) > 0
    assert chain.strikes[0] < chain.spot < chain.strikes[-1]
    assert abs(chain.spot_change) < chain.spot * 0.2
    assert 5 < chain.vix < 60
    assert time.time() - chain.as_of_ts < 10


def test_a_monthly_series_has_its_future_and_a_weekly_one_has_none(provider):
    nifty = provider.directory().find("NIFTY")
    monthly = next(expiry for expiry in nifty.expiries if expiry.kind == "M")
    weekly = next(expiry for expiry in nifty.expiries if expiry.kind == "W")
    assert provider.future_symbol(nifty, monthly) == f"NSE:NIFTY{monthly.date:%y%b}FUT".upper()
    assert provider.future_symbol(nifty, weekly) is None


def test_the_budget_counts_what_was_asked(provider, sandbox):
    nifty = provider.directory().find("NIFTY")
    before = provider.budget()
    for _ in range(3):
        provider.fetch_chain(nifty, nifty.expiries[0])
    assert provider.budget().day - before.day == 3
    assert provider.budget().minute_limit == 120
    assert provider.market_open() is True
    assert provider.market_open() is True
    assert provider.budget().day - before.day == 4, "the market's status is asked once a minute"


def test_a_whole_screen_loading_at_once_stays_within_the_brokers_limits(tmp_path):
    with SandboxProcess(rate_limits=True) as sandbox:
        provider = FyersMarketData(settings_for(sandbox, tmp_path))
        nifty = provider.directory().find("NIFTY")
        for number in range(12):
            provider.fetch_chain(nifty, nifty.expiries[number % 2])
        provider.close()
        assert sandbox.state()["refused"] == {}


def test_an_answer_for_another_expiry_is_refused(provider, sandbox):
    nifty = provider.directory().find("NIFTY")
    sandbox.fault(wrong_expiry=True)
    with pytest.raises(WireChanged, match="is not of NIFTY"):
        provider.fetch_chain(nifty, nifty.expiries[1])


def test_missing_fields_are_unknown_and_duplicates_do_not_decide(provider, sandbox):
    nifty = provider.directory().find("NIFTY")
    sandbox.fault(missing_fields=True, duplicate_strikes=True)
    chain = provider.fetch_chain(nifty, nifty.expiries[0])
    assert np.isfinite(chain.call.ltp).any()
    assert np.isnan(chain.vix)


@pytest.mark.parametrize("fault", ["rest_429", "rest_html"])
def test_a_refusal_stops_the_calls_instead_of_repeating_them(provider, sandbox, fault):
    nifty = provider.directory().find("NIFTY")
    sandbox.fault(**{fault: True})
    for _ in range(5):
        with pytest.raises(RequestRefused):
            provider.fetch_chain(nifty, nifty.expiries[0])
    assert sandbox.state()["faults"]["struck"][fault] == 1


@pytest.mark.parametrize("code", [-8, -15, -16, -17])
def test_a_refused_token_means_login(provider, sandbox, code):
    nifty = provider.directory().find("NIFTY")
    sandbox.fault(rest_auth={"code": code})
    with pytest.raises(LoginNeeded):
        provider.fetch_chain(nifty, nifty.expiries[0])
    assert provider.market_open() is None


def test_a_demo_without_a_token_logs_in_to_its_own_sandbox_and_again_when_that_is_refused(provider_with, sandbox):
    provider = provider_with(access_token="")
    nifty = provider.directory().find("NIFTY")
    provider.fetch_chain(nifty, nifty.expiries[0])
    assert provider.token_expires_ts() > time.time()

    sandbox.fault(expire_tokens=True)
    with pytest.raises(LoginNeeded):
        provider.fetch_chain(nifty, nifty.expiries[0])
    provider.fetch_chain(nifty, nifty.expiries[0])


def test_the_programmatic_login_gives_a_token_that_works(sandbox, tmp_path, provider_with):
    token = obtain_demo_token(settings_for(sandbox, tmp_path)).secret
    provider = provider_with(access_token=token)
    nifty = provider.directory().find("NIFTY")
    assert provider.fetch_chain(nifty, nifty.expiries[0]).spot > 0


@pytest.mark.parametrize("fault", ["master_corrupt", "master_missing"])
def test_broken_masters_leave_yesterdays_in_use(provider_with, sandbox, fault, caplog):
    before = provider_with().directory()
    sandbox.fault(**{fault: True})
    assert provider_with().directory() == before
    assert "the previous one is kept" in caplog.text


def test_no_masters_at_all_is_a_sentence(sandbox, tmp_path):
    sandbox.fault(master_missing=True)
    provider = open_market_data(settings_for(sandbox, tmp_path / "new"))
    with pytest.raises(ProviderUnavailable, match="symbol masters cannot be had"):
        provider.directory()
    provider.close()
