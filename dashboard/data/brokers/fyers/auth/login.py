"""Log in to FYERS: authorise in a browser, exchange the code, keep the token.

FYERS needs one login per trading day; since April 2026 a token cannot be refreshed.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests

from dashboard.data.brokers.fyers.auth.access_token import AccessToken, TokenFile, TokenSource
from dashboard.data.brokers.fyers.endpoints import AUTHORISE_PATH, TOKEN_PATH, assert_loopback
from dashboard.loopback import is_loopback
from dashboard.market.errors import LoginNeeded, ProviderUnavailable
from dashboard.settings import Settings, SettingsError

TIMEOUT_S = (5.0, 15.0)  # connect, read


class FyersLogin:
    """`BrokerLogin` for FYERS."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.redirect_uri = settings.redirect_uri
        self.redirect_setting = "FYERS_REDIRECT_URI"

    def missing_settings(self) -> list[str]:
        return missing_settings(self._settings)

    def has_token(self) -> bool:
        return TokenSource(self._settings).current() is not None

    def authorise_url(self, state: str) -> str:
        return authorise_url(self._settings, state)

    def finish(self, redirected_to: str, state: str) -> float:
        token = exchange_code(self._settings, code_from_redirect(redirected_to, state))
        TokenFile(self._settings).write(token)
        return token.expires_ts


def authorise_url(settings: Settings, state: str) -> str:
    """Where the user logs in. Raises LoginNeeded when the app is not configured."""
    _assert_configured(settings)
    question = {
        "client_id": settings.client_id,
        "redirect_uri": settings.redirect_uri,
        "response_type": "code",
        "state": state,
    }
    return f"{settings.api_url}{AUTHORISE_PATH}?{urlencode(question)}"


def code_from_redirect(url: str, state: str) -> str:
    """The authorisation code in the address FYERS sent the browser to. Raises LoginNeeded."""
    answer = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
    if not hmac.compare_digest(answer.get("state", "").encode(), state.encode()):
        raise LoginNeeded("The login answer does not belong to this login; start again.")
    code = answer.get("auth_code") or ""
    if not code:
        raise LoginNeeded("FYERS did not grant access; start again and approve the app.")
    return code


def exchange_code(settings: Settings, code: str) -> AccessToken:
    """Turn an authorisation code into an access token. Raises LoginNeeded, ProviderUnavailable."""
    _assert_configured(settings)
    assert_loopback(settings)
    proof = hashlib.sha256(f"{settings.client_id}:{settings.secret_key}".encode()).hexdigest()
    body = {"grant_type": "authorization_code", "appIdHash": proof, "code": code}
    answer = _json(_request(settings, "POST", settings.api_url + TOKEN_PATH, json=body))
    if answer.get("s") != "ok" or not isinstance(answer.get("access_token"), str):
        raise LoginNeeded(f"FYERS refused the login: {answer.get('message') or 'no reason given'}.")
    try:
        token = AccessToken.parse(answer["access_token"])
    except ValueError as error:
        raise LoginNeeded(str(error)) from None
    return AccessToken(token.secret, settings.client_id, token.expires_ts)


def obtain_demo_token(settings: Settings) -> AccessToken:
    """Log in to a sandbox on this machine without a browser.

    Raises NotLoopback for any other host, LoginNeeded, ProviderUnavailable.
    """
    if not settings.demo or not is_loopback(settings.api_url):
        raise SettingsError("Only the demo's own sandbox can be logged in to without a browser.")
    assert_loopback(settings)
    state = secrets.token_urlsafe(24)
    response = _request(settings, "GET", authorise_url(settings, state), allow_redirects=False)
    return exchange_code(settings, code_from_redirect(response.headers.get("Location", ""), state))


def missing_settings(settings: Settings) -> list[str]:
    """Variables that a login needs and that are not set."""
    needed = {
        "FYERS_CLIENT_ID": settings.client_id,
        "FYERS_SECRET_KEY": settings.secret_key,
        "FYERS_REDIRECT_URI": settings.redirect_uri,
    }
    return [variable for variable, value in needed.items() if not value]


def _assert_configured(settings: Settings) -> None:
    if missing := missing_settings(settings):
        raise LoginNeeded(f"Set {' and '.join(missing)} (from your app at myapi.fyers.in) to log in.")


def _request(settings: Settings, method: str, url: str, **options: Any) -> requests.Response:
    try:
        with requests.Session() as session:
            session.trust_env = not settings.demo  # no proxy from the environment for loopback
            return session.request(method, url, timeout=TIMEOUT_S, **options)
    except requests.RequestException as error:
        raise ProviderUnavailable(f"FYERS cannot be reached for the login ({type(error).__name__}).") from None


def _json(response: requests.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except ValueError:
        raise ProviderUnavailable(f"FYERS answered the login with HTTP {response.status_code}.") from None
    return answer if isinstance(answer, dict) else {}
