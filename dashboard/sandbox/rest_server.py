"""The REST side: checks before every answer, and FYERS' answers to bad requests."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from dashboard.sandbox.faults import Faults
from dashboard.sandbox.ratelimit import RateLimiter
from dashboard.sandbox.tokens import APP_ID, TokenRefused, Tokens

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_OPEN_ENDPOINTS = frozenset({"generate-authcode", "validate-authcode"})
_HTML = "<html><head><title>{status}</title></head><body><center><h1>{status} {reason}</h1></center></body></html>"
_HANG_S = 3600.0


class BadRequest(Exception):
    """A request that FYERS refuses, with its code, message and HTTP status."""

    def __init__(self, code: int, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def error_response(code: int, message: str, status: int) -> web.Response:
    return web.json_response({"s": "error", "code": code, "message": message}, status=status)


def ok_response(body: dict[str, Any]) -> web.Response:
    return web.json_response({"s": "ok", "code": 200, "message": "", **body})


def html_response(status: int) -> web.Response:
    text = _HTML.format(status=status, reason="Service Temporarily Unavailable")
    return web.Response(status=status, text=text, content_type="text/html")


@dataclass(slots=True)
class RestGate:
    """Middleware in the order of the real gateway: faults, then limits, then authorisation, then the answer."""

    tokens: Tokens
    limiter: RateLimiter
    faults: Faults
    requests: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def guarded(self, handler: Handler) -> Handler:
        async def guard(request: web.Request) -> web.StreamResponse:
            endpoint = request.path.rpartition("/")[2]
            self.requests[endpoint] += 1
            try:
                spoiled = await self._misbehave(endpoint)
                # Compared with None: an aiohttp response is a mapping, and an empty one is false.
                return spoiled if spoiled is not None else await self._answer(request, endpoint, handler)
            except BadRequest as error:
                self.refused[str(error.code)] += 1
                return error_response(error.code, error.message, error.status)
            except TokenRefused as error:
                self.refused[str(error.code)] += 1
                return error_response(error.code, error.message, 401)

        return guard

    async def _misbehave(self, endpoint: str) -> web.Response | None:
        strike = self.faults.strike
        delay = strike("rest_delay", endpoint=endpoint)
        if delay is not None:
            await asyncio.sleep(float(delay.get("seconds", 5)))
        if strike("rest_hang", endpoint=endpoint) is not None:
            await asyncio.sleep(_HANG_S)
        if strike("rest_429", endpoint=endpoint) is not None:
            return _over_limit()
        page = strike("rest_html", endpoint=endpoint)
        if page is not None:
            return html_response(int(page.get("status", 503)))
        if endpoint == "symbol-token" and strike("symbol_token_failure") is not None:
            return html_response(502)
        refusal = strike("rest_auth", endpoint=endpoint)
        if refusal is not None:
            return error_response(int(refusal.get("code", -16)), "Could not authenticate the user", 401)
        return None

    async def _answer(self, request: web.Request, endpoint: str, handler: Handler) -> web.StreamResponse:
        if endpoint in _OPEN_ENDPOINTS:
            return await handler(request)
        broken = self.limiter.admit()
        if broken is not None:
            self.refused["429"] += 1
            return _over_limit()
        self._authorise(request.headers.get("Authorization", ""), bare_allowed=endpoint == "symbol-token")
        return await handler(request)

    def _authorise(self, header: str, *, bare_allowed: bool) -> None:
        app_id, colon, token = header.partition(":")
        if not colon and bare_allowed:
            app_id, token = APP_ID, header
        if not token:
            raise TokenRefused(-16, "Could not authenticate the user")
        if app_id != APP_ID:
            raise TokenRefused(-17, "Token provided is invalid or expired")
        self.tokens.check(token)


def _over_limit() -> web.Response:
    return web.json_response({"s": "error", "code": 429, "message": "request limit reached"}, status=429)
