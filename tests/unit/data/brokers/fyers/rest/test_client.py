"""The SDK's REST client behind real HTTP with made-up answers: every failure becomes the right error."""

from __future__ import annotations

import logging
import time

import pytest

from dashboard.data.brokers.fyers.auth.access_token import AccessToken, TokenFile, TokenSource
from dashboard.data.brokers.fyers.rest import client as rest
from dashboard.data.brokers.fyers.rest.budget import CallBudget
from dashboard.data.brokers.fyers.rest.client import RestClient
from dashboard.market.errors import (
    LoginNeeded,
    MarketError,
    ProviderUnavailable,
    RequestRefused,
    UnknownExpiry,
    UnknownUnderlying,
)
from harness.fyers import jwt, loopback_settings
from tests.unit.data.brokers.conftest import Answer

CHAIN = "/data/options-chain-v3"


class Desk:
    """A client with its clock, budget and settings at hand."""

    def __init__(self, url, tmp_path, token):
        self.now = time.time()
        self.settings = loopback_settings(tmp_path, api_url=f"{url}/api/v3", data_url=f"{url}/data", access_token=token)
        self.tokens = TokenSource(self.settings, clock=lambda: self.now)
        self.budget = CallBudget(tmp_path / "budget.json", clock=lambda: self.now)
        self.client = RestClient(self.settings, self.tokens, self.budget, clock=lambda: self.now)

    def ask(self):
        return self.client.option_chain("NSE:NIFTY50-INDEX", "1796119800", 50)


@pytest.fixture
def desk(web, tmp_path):
    desk = Desk(web.url, tmp_path, jwt(time.time() + 1e6))
    yield desk
    desk.client.close()


def test_a_good_answer_and_what_was_asked(web, desk):
    web.json(CHAIN, {"s": "ok", "data": {"optionsChain": []}})

    assert desk.ask()["data"] == {"optionsChain": []}

    method, path, headers, _ = web.asked[0]
    assert method == "GET"
    assert path == f"{CHAIN}?symbol=NSE%3ANIFTY50-INDEX&strikecount=50&timestamp=1796119800"
    assert headers["Authorization"] == f"APP-100:{desk.settings.access_token}"
    assert desk.budget.meter().day == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        *[({"s": "error", "code": code, "message": "no"}, LoginNeeded) for code in (-8, -15, -16, -17, 401)],
        *[({"s": "error", "code": code, "message": "no"}, RequestRefused) for code in (429, -429)],
        ({"s": "error", "code": -300, "message": "no"}, UnknownUnderlying),
        ({"s": "error", "code": -50, "message": "no"}, UnknownExpiry),
        ({"s": "error", "code": 500, "message": "no"}, ProviderUnavailable),
        ({"s": "no_data"}, ProviderUnavailable),
        ([], ProviderUnavailable),
    ],
)
@pytest.mark.parametrize("status", [200, 400])
def test_each_refusal_is_the_right_error(web, desk, answer, error, status):
    web.json(CHAIN, answer, status=status)
    with pytest.raises(error) as raised:
        desk.ask()
    assert type(raised.value) is error


def test_an_html_page_stops_all_calls_for_a_while(web, desk):
    web.page(CHAIN, 503)
    with pytest.raises(RequestRefused, match="no further ones for 5 s"):
        desk.ask()
    web.json(CHAIN, {"s": "ok"})
    with pytest.raises(RequestRefused, match="asked for a pause"):
        desk.ask()
    assert len(web.asked) == 1
    desk.now += 5.1
    desk.ask()


@pytest.mark.parametrize("status", [403, 429])
def test_a_ban_page_counts_as_a_refusal_of_the_account(web, desk, status):
    web.page(CHAIN, status)
    with pytest.raises(RequestRefused, match="no further ones for 60 s"):
        desk.ask()


def test_a_longer_retry_after_is_respected(web, desk):
    web.json(CHAIN, {"s": "error", "code": 429}, status=429, headers={"Retry-After": "120"})
    with pytest.raises(RequestRefused) as refusal:
        desk.ask()
    assert refusal.value.retry_after_s == 120


def test_a_server_error_with_a_page_like_answer_is_not_mistaken_for_data(web, desk):
    web.answers[CHAIN] = Answer(b'{"s": "ok", "data":', 200)
    with pytest.raises(ProviderUnavailable):
        desk.ask()


def test_a_hung_server_costs_a_bounded_wait(web, desk, monkeypatch):
    monkeypatch.setattr(rest, "TIMEOUT_S", (0.2, 0.2))
    web.json(CHAIN, {"s": "ok"}, delay_s=1.0)
    started = time.monotonic()
    with pytest.raises(ProviderUnavailable, match="did not answer in time"):
        desk.ask()
    assert time.monotonic() - started < 0.9


def test_nobody_home_is_unavailable(tmp_path):
    desk = Desk("http://127.0.0.1:9", tmp_path, jwt(time.time() + 1e6))
    with pytest.raises(ProviderUnavailable):
        desk.ask()


def test_a_refused_token_is_not_sent_again_until_it_changes(web, desk):
    web.json(CHAIN, {"s": "error", "code": -16}, status=401)
    for _ in range(5):
        with pytest.raises(LoginNeeded):
            desk.ask()
    assert len(web.asked) == 1

    newer = jwt(time.time() + 2e6)
    TokenFile(desk.settings).write(AccessToken.parse(f"OTHER-100:{newer}"))
    web.json(CHAIN, {"s": "ok"})
    desk.ask()
    assert web.asked[-1][2]["Authorization"] == f"OTHER-100:{newer}"


def test_a_refused_token_is_tried_again_after_a_minute(web, desk):
    web.json(CHAIN, {"s": "error", "code": -16})
    with pytest.raises(LoginNeeded):
        desk.ask()
    web.json(CHAIN, {"s": "ok"})
    desk.now += rest.REFUSED_TOKEN_PAUSE_S
    desk.ask()


@pytest.mark.parametrize("token", ["", "expired"])
def test_without_a_living_token_nothing_is_sent(web, tmp_path, token):
    desk = Desk(web.url, tmp_path, jwt(time.time() - 1) if token else "")
    with pytest.raises(LoginNeeded):
        desk.ask()
    assert web.asked == []
    assert desk.budget.meter().day == 0


def test_a_redirect_away_from_the_sandbox_is_not_followed(web, desk):
    web.answers[CHAIN] = Answer(b"", 302, headers={"Location": "http://127.0.0.1:9/elsewhere"})
    with pytest.raises(ProviderUnavailable):
        desk.ask()
    assert len(web.asked) == 1


def test_no_error_and_no_log_repeats_the_token(web, desk, caplog):
    caplog.set_level(logging.DEBUG)
    secret = desk.settings.access_token
    for answer in ({"s": "error", "code": -16, "message": "x"}, {"s": "error", "code": -99, "message": secret[:3]}):
        web.json(CHAIN, answer)
        with pytest.raises(MarketError) as raised:
            desk.ask()
        assert secret not in str(raised.value)
    assert secret not in caplog.text
    logs = list((desk.settings.data_dir / "logs").iterdir())
    assert logs
    assert not any(secret in log.read_text() for log in logs)


@pytest.mark.parametrize(
    ("error", "sentence"), [(ImportError(), "not installed"), (OSError(28, "No space left on device"), "No space left")]
)
def test_an_sdk_that_cannot_be_loaded_is_a_sentence(desk, monkeypatch, error, sentence):
    def refuse(_):
        raise error

    monkeypatch.setattr(rest, "load_rest_sdk", refuse)
    with pytest.raises(ProviderUnavailable, match=sentence):
        desk.ask()


def test_two_clients_leave_no_open_log_files(web, tmp_path):
    for name in ("one", "two", "one"):
        desk = Desk(web.url, tmp_path / name, jwt(time.time() + 1e6))
        with pytest.raises(MarketError):
            desk.ask()
        desk.client.close()
