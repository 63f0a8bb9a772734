"""The login in a browser, as FYERS and the browser see it: against the sandbox's authorise flow, over real sockets."""

from __future__ import annotations

import logging
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from dashboard.data.brokers.fyers.auth.access_token import TokenFile
from dashboard.data.reader.live import LiveChains
from dashboard.routes import login
from dashboard.settings import Settings
from harness.builders import make_settings
from harness.sandbox import SandboxProcess
from tests.fakes import FakeClock, FakeStore

CALLBACK = "http://localhost:8050/login/callback"
BOARD = {"base_url": "http://localhost:8050"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    with SandboxProcess() as running:
        yield running


@pytest.fixture
def settings(sandbox: SandboxProcess, tmp_path: Path) -> Settings:
    names = sandbox.token()
    return make_settings(
        client_id=names["client_id"],
        secret_key=names["secret_key"],
        api_url=sandbox.api_url,
        redirect_uri=CALLBACK,
        data_dir=tmp_path,
    )


def board(settings: Settings, store: FakeStore | None = None) -> FlaskClient:
    return create_app(settings, LiveChains(store or FakeStore(FakeClock()))).server.test_client()


def ask_fyers(client: FlaskClient, start: str = "/login") -> str:
    """Follow the board to FYERS and FYERS back; gives the address the browser is sent to."""
    question = client.get(start, **BOARD)
    assert question.status_code == 302
    answer = requests.get(question.location, allow_redirects=False, timeout=10)
    assert answer.status_code == 302
    return answer.headers["Location"]


def arrive(client: FlaskClient, address: str) -> TestResponse:
    parts = urlsplit(address)
    return client.get(parts.path, query_string=parts.query, **BOARD)


def refusal(answer: TestResponse, status: int) -> str:
    """The words of a page that says no, which must hold nothing of the code."""
    assert answer.status_code == status
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "eyJ" not in answer.text
    return answer.text


def test_a_login_from_the_first_click_to_the_stored_token(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    client = board(settings)
    with caplog.at_level(logging.DEBUG):
        back = ask_fyers(client)
        assert back.startswith(CALLBACK)
        done = arrive(client, back)
    assert (done.status_code, done.location) == (303, "/")
    stored = TokenFile(settings)
    token = stored.read()
    assert token is not None
    assert token.app_id == settings.client_id
    assert stat.S_IMODE(stored.path.stat().st_mode) == 0o600
    told = caplog.text + done.text + str(done.headers)
    assert token.secret not in told
    assert parse_qs(urlsplit(back).query)["auth_code"][0] not in told


def test_the_question_carries_a_state_that_only_this_browser_can_answer(settings: Settings) -> None:
    question = board(settings).get("/login", **BOARD)
    asked = {key: values[0] for key, values in parse_qs(urlsplit(question.location).query).items()}
    assert asked["redirect_uri"] == CALLBACK
    assert asked["response_type"] == "code"
    assert len(asked["state"]) >= 32
    cookie = question.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert settings.secret_key not in question.location


def test_an_answer_counts_once(settings: Settings) -> None:
    store = FakeStore(FakeClock())
    client = board(settings, store)
    back = ask_fyers(client)
    cookie = client.get_cookie(login.COOKIE)
    assert cookie is not None
    assert arrive(client, back).status_code == 303
    assert client.get_cookie(login.COOKIE) is None
    for again in (client, board(settings, store)):  # this process, and another one at the same cache
        again.set_cookie(login.COOKIE, cookie.value)
        assert "belongs to no login" in refusal(arrive(again, back), 403)


def test_an_answer_to_somebody_elses_login_is_refused(settings: Settings) -> None:
    mine, theirs = board(settings), board(settings)
    ask_fyers(mine)
    assert "does not belong to this login" in refusal(arrive(mine, ask_fyers(theirs)), 403)
    assert TokenFile(settings).read() is None


def test_an_answer_nobody_asked_for_is_refused(settings: Settings) -> None:
    client = board(settings)
    assert "belongs to no login" in refusal(arrive(client, f"{CALLBACK}?s=ok&auth_code=x&state=y"), 403)
    client.set_cookie(login.COOKIE, "forged")
    assert "belongs to no login" in refusal(arrive(client, f"{CALLBACK}?s=ok&auth_code=x&state=forged"), 403)


def test_a_login_that_took_too_long_is_refused(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    client = board(settings)
    back = ask_fyers(client)
    monkeypatch.setattr(login, "STATE_S", -1)
    assert "belongs to no login" in refusal(arrive(client, back), 403)


def test_fyers_says_no(settings: Settings) -> None:
    client = board(settings)
    state = parse_qs(urlsplit(ask_fyers(client)).query)["state"][0]
    address = f"{CALLBACK}?s=error&code=-1&message=<script>alert(1)</script>&state={state}"
    words = refusal(arrive(client, address), 403)
    assert "did not grant access" in words
    assert "<script>" not in words


def test_fyers_does_not_accept_the_secret(settings: Settings) -> None:
    client = board(replace(settings, secret_key="another-secret"))
    assert "FYERS refused the login" in refusal(arrive(client, ask_fyers(client)), 403)


def test_fyers_cannot_be_reached(settings: Settings, sandbox: SandboxProcess) -> None:
    client = board(settings)
    back = ask_fyers(client)
    sandbox.fault(rest_html={"endpoint": "validate-authcode"})
    try:
        assert "FYERS answered the login with HTTP 503" in refusal(arrive(client, back), 502)
    finally:
        sandbox.clear_faults()
    assert TokenFile(settings).read() is None


def test_a_token_that_cannot_be_stored_is_said(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: TokenFile, token: object) -> None:
        raise OSError(28, "No space left on device")

    client = board(settings)
    back = ask_fyers(client)
    monkeypatch.setattr(TokenFile, "write", full)
    assert "No space left on device" in refusal(arrive(client, back), 500)


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        ({"client_id": ""}, "FYERS_CLIENT_ID"),
        ({"secret_key": ""}, "FYERS_SECRET_KEY"),
        ({"client_id": "", "secret_key": ""}, "FYERS_CLIENT_ID and FYERS_SECRET_KEY"),
    ],
)
def test_a_board_that_is_not_configured_says_what_is_missing(missing: dict[str, str], named: str) -> None:
    settings = make_settings(**({"client_id": "A-100", "secret_key": "B", "redirect_uri": CALLBACK} | missing))
    assert f"Set {named}" in refusal_of_start(board(settings), 503)


def refusal_of_start(client: FlaskClient, status: int, **request: Any) -> str:
    answer = client.get("/login", **(BOARD | request))
    assert answer.status_code == status
    return answer.text


# Where FYERS brings the browser


@pytest.mark.parametrize("path", ["/fyers/back", "/login", "/", ""])
def test_the_redirect_address_may_have_any_path(settings: Settings, path: str) -> None:
    client = board(replace(settings, redirect_uri=f"http://localhost:8050{path}"))
    assert arrive(client, ask_fyers(client)).status_code == 303
    assert TokenFile(settings).read() is not None
    assert client.get("/", **BOARD).status_code == 200


def test_a_browser_that_calls_us_by_another_name_is_brought_to_the_right_one(settings: Settings) -> None:
    client = board(settings)
    moved = client.get("/login", base_url="http://127.0.0.1:8050")
    assert moved.location == "http://localhost:8050/login?here"
    assert arrive(client, ask_fyers(client, "/login?here")).status_code == 303


def test_another_machine_cannot_be_brought_back_to_ours(settings: Settings) -> None:
    words = refusal_of_start(board(settings), 409, base_url="http://192.0.2.7:8050")
    assert "http://localhost:8050/login" in words
    assert "FYERS_REDIRECT_URI" in words


def test_a_proxy_that_hides_the_name_causes_no_circle(settings: Settings) -> None:
    client = board(replace(settings, redirect_uri="https://board.example/login/callback"))
    first = client.get("/login", base_url="http://127.0.0.1:8050")
    assert first.location == "https://board.example/login?here"
    second = client.get("/login?here", base_url="http://127.0.0.1:8050")
    assert second.location.startswith(settings.api_url)
    assert "Secure" in second.headers["Set-Cookie"]


def test_nobody_knocks_at_fyers_for_ever(settings: Settings) -> None:
    client = board(settings)
    codes = [client.get("/login", **BOARD).status_code for _ in range(login.TRIES + 1)]
    assert codes == [302] * login.TRIES + [429]
