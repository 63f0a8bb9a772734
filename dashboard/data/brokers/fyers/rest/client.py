"""FYERS over REST: the SDK's client with time limits, one budget, and errors as exceptions.

The SDK returns every failure as a value, shares one mutable error dict between calls, and never times out.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from dashboard.data.brokers.fyers.auth.access_token import AccessToken, TokenSource
from dashboard.data.brokers.fyers.endpoints import assert_loopback, load_rest_sdk
from dashboard.data.brokers.fyers.rest.budget import COOL_DOWNS_S, PAGE_COOL_DOWNS_S, CallBudget
from dashboard.data.brokers.fyers.stream.sdk_logs import log_directory
from dashboard.market.errors import (
    LoginNeeded,
    ProviderUnavailable,
    RequestRefused,
    UnknownExpiry,
    UnknownUnderlying,
)
from dashboard.settings import Settings

TIMEOUT_S = (3.05, 8.0)  # connect, read
REFUSED_TOKEN_PAUSE_S = 60.0

LOGIN_CODES = frozenset({-8, -15, -16, -17, 401})
PACE_CODES = frozenset({429, -429})
BAD_SYMBOL, BAD_PARAMETERS, TRANSPORT = -300, -50, -99


class TimeLimited(HTTPAdapter):
    """An adapter that gives every request a connect and a read timeout."""

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        options["timeout"] = options.get("timeout") or TIMEOUT_S
        return super().send(request, **options)


class RestClient:
    """Thread-safe; one call at a time, because the SDK's session and error dict are shared."""

    def __init__(
        self,
        settings: Settings,
        tokens: TokenSource,
        budget: CallBudget,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._tokens = tokens
        self._budget = budget
        self._clock = clock
        self._lock = threading.Lock()
        self._model: Any = None
        self._token: AccessToken | None = None
        self._response: requests.Response | None = None
        self._refused_secret = ""
        self._refused_ts = float("-inf")

    def option_chain(self, symbol: str, timestamp: str, strike_count: int) -> dict[str, Any]:
        """One options-chain-v3 answer. timestamp: the broker's own epoch of the expiry.

        Raises UnknownUnderlying, UnknownExpiry, LoginNeeded, RequestRefused, ProviderUnavailable.
        """
        question = {"symbol": symbol, "strikecount": strike_count, "timestamp": timestamp}
        return self._call(lambda model: model.optionchain(data=question))

    def market_status(self) -> dict[str, Any]:
        """One marketStatus answer. Raises LoginNeeded, RequestRefused, ProviderUnavailable."""
        return self._call(lambda model: model.market_status())

    def close(self) -> None:
        with self._lock:
            if self._model is not None:
                self._model.service.session.close()

    def _call(self, ask: Callable[[Any], Any]) -> dict[str, Any]:
        with self._lock:
            model = self._ready_model()
            self._budget.spend()
            self._response = None
            answer = ask(model)
            if isinstance(answer, Mapping) and answer.get("s") == "ok":
                self._budget.answered()
                self._refused_secret = ""
                return dict(answer)
            raise self._error(answer if isinstance(answer, Mapping) else {})

    def _ready_model(self) -> Any:
        """The SDK's client with the current token. Raises LoginNeeded instead of letting FYERS refuse it."""
        token = self._tokens.current()
        now = self._clock()
        if token is None:
            raise LoginNeeded("Log in to FYERS to see live data.")
        if token.expired(now):
            raise LoginNeeded("The FYERS login has expired; log in again.")
        if token.secret == self._refused_secret and 0 <= now - self._refused_ts < REFUSED_TOKEN_PAUSE_S:
            raise LoginNeeded("FYERS has refused this login; log in again.")
        if self._model is None:
            try:
                self._model = self._build_model()
            except ImportError:
                raise ProviderUnavailable("The FYERS SDK is not installed (pip install -r requirements.txt).") from None
            except OSError as error:
                raise ProviderUnavailable(f"The SDK's log files cannot be opened ({error.strerror}).") from None
        if token != self._token:
            self._model.client_id, self._model.token = self._tokens.app_id(token), token.secret
            self._model.header = f"{self._model.client_id}:{token.secret}"
            self._token = token
        assert_loopback(self._settings)
        return self._model

    def _build_model(self) -> Any:
        sdk = load_rest_sdk(self._settings)
        model = sdk.FyersModel(is_async=False, log_path=str(log_directory(self._settings)))
        session: requests.Session = model.service.session
        session.mount("http://", TimeLimited())
        session.mount("https://", TimeLimited())
        session.hooks["response"].append(self._note_response)
        if self._settings.demo:
            session.trust_env = False  # no proxy from the environment between us and loopback
            session.max_redirects = 0
        return model

    def _note_response(self, response: requests.Response, *_: Any, **__: Any) -> None:
        """Keep the answer's headers, which the SDK hides."""
        self._response = response

    def _error(self, answer: Mapping[str, Any]) -> Exception:
        code, text = answer.get("code"), str(answer.get("message") or "no reason given")
        response = self._response
        status = response.status_code if response is not None else None
        if code in LOGIN_CODES or status == 401:
            if self._token is not None:
                self._refused_secret, self._refused_ts = self._token.secret, self._clock()
                self._tokens.refused(self._token)
            return LoginNeeded("FYERS does not accept the login; log in again.")
        if code in PACE_CODES or status == 429 or _is_page(response):
            banned = code in PACE_CODES or status in {403, 429}
            wait = self._budget.refused(_retry_after(response), steps_s=COOL_DOWNS_S if banned else PAGE_COOL_DOWNS_S)
            return RequestRefused(f"FYERS refused a request; no further ones for {wait:.0f} s.", wait)
        if code == BAD_SYMBOL:
            return UnknownUnderlying(f"FYERS does not know this symbol: {text}")
        if code == BAD_PARAMETERS:
            return UnknownExpiry(f"FYERS does not accept this expiry: {text}")
        if response is None:
            return ProviderUnavailable("FYERS did not answer in time.", 5.0)
        return ProviderUnavailable(f"FYERS answered with an error: {text} (code {code}, HTTP {status}).", 5.0)


def _is_page(response: requests.Response | None) -> bool:
    """Whether the answer is an HTML page instead of data: a ban, or a maintenance page in front of the API."""
    return response is not None and "html" in response.headers.get("Content-Type", "").lower()


def _retry_after(response: requests.Response | None) -> float | None:
    try:
        return min(float(response.headers["Retry-After"]), 3600.0) if response is not None else None
    except (KeyError, ValueError):
        return None
