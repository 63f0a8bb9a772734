from __future__ import annotations

import hashlib
import json
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboard.data.brokers.fyers.auth import login
from dashboard.data.brokers.fyers.endpoints import NotLoopback
from dashboard.market.errors import LoginNeeded, ProviderUnavailable
from dashboard.settings import Settings, SettingsError
from harness.fyers import jwt, loopback_settings
from tests.unit.data.brokers.conftest import Answer

EXCHANGE = "/api/v3/validate-authcode"


@pytest.fixture
def settings(web, tmp_path):
    return loopback_settings(tmp_path, api_url=f"{web.url}/api/v3", secret_key="s3cret")


def test_the_question_to_fyers(settings):
    url = urlsplit(login.authorise_url(settings, "st&te"))
    assert url.path == "/api/v3/generate-authcode"
    assert {key: values[0] for key, values in parse_qs(url.query).items()} == {
        "client_id": "APP-100",
        "redirect_uri": settings.redirect_uri,
        "response_type": "code",
        "state": "st&te",
    }


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ("http://x/?state=other&auth_code=c", "start again"),
        ("http://x/?auth_code=c", "start again"),
        ("http://x/?state=st", "approve the app"),
        ("not a url", "start again"),
    ],
)
def test_an_answer_that_is_not_ours_is_refused(answer, problem):
    with pytest.raises(LoginNeeded, match=problem):
        login.code_from_redirect(answer, "st")


def test_the_code_becomes_a_token(web, settings):
    web.json(EXCHANGE, {"s": "ok", "access_token": jwt(2e9), "refresh_token": "r"})
    assert login.code_from_redirect("http://x/?s=ok&code=200&auth_code=abc&state=st", "st") == "abc"

    token = login.exchange_code(settings, "abc")

    assert (token.secret, token.app_id, token.expires_ts) == (jwt(2e9), "APP-100", 2e9)
    sent = json.loads(web.asked[0][3])
    proof = hashlib.sha256(b"APP-100:s3cret").hexdigest()
    assert sent == {"grant_type": "authorization_code", "appIdHash": proof, "code": "abc"}
    assert b"s3cret" not in web.asked[0][3]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"s": "error", "code": -437, "message": "invalid auth code"}, LoginNeeded),
        ({"s": "ok", "access_token": "nonsense"}, LoginNeeded),
        ({"s": "ok"}, LoginNeeded),
        (["x"], LoginNeeded),
        (None, LoginNeeded),
    ],
)
def test_a_refused_exchange(web, settings, answer, error):
    web.json(EXCHANGE, answer)
    with pytest.raises(error):
        login.exchange_code(settings, "abc")


def test_an_unreachable_or_broken_broker(web, settings, tmp_path):
    web.page(EXCHANGE)
    with pytest.raises(ProviderUnavailable, match="HTTP 503"):
        login.exchange_code(settings, "abc")
    with pytest.raises(ProviderUnavailable, match="cannot be reached"):
        login.exchange_code(loopback_settings(tmp_path, secret_key="x"), "abc")


@pytest.mark.parametrize(
    ("missing", "variable"), [("client_id", "FYERS_CLIENT_ID"), ("secret_key", "FYERS_SECRET_KEY")]
)
def test_an_app_that_is_not_configured(web, tmp_path, missing, variable):
    settings = loopback_settings(tmp_path, **({"client_id": "A", "secret_key": "B"} | {missing: ""}))
    with pytest.raises(LoginNeeded, match=variable):
        login.authorise_url(settings, "st")


def test_the_demo_logs_in_to_itself_only(web, settings, tmp_path):
    with pytest.raises(SettingsError, match="sandbox"):
        login.obtain_demo_token(Settings(demo=False, client_id="A", secret_key="B"))
    with pytest.raises((NotLoopback, SettingsError)):
        login.obtain_demo_token(loopback_settings(tmp_path, api_url="https://api.example/api/v3", secret_key="x"))
    web.answers["/api/v3/generate-authcode"] = Answer(b"", 302, headers={"Location": "http://127.0.0.1/?state=forged"})
    with pytest.raises(LoginNeeded):
        login.obtain_demo_token(settings)
