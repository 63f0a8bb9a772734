"""Login endpoints."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from dashboard.loopback import is_loopback
from dashboard.sandbox.rest_server import BadRequest, error_response, ok_response
from dashboard.sandbox.tokens import APP_ID, APP_ID_HASH, TokenRefused, Tokens


@dataclass(slots=True)
class AuthEndpoints:
    tokens: Tokens

    async def generate_authcode(self, request: web.Request) -> web.StreamResponse:
        """Log the visitor in without asking, and send the browser back with a code as FYERS does."""
        query = request.query
        redirect_uri = query.get("redirect_uri", "")
        problem = None
        if query.get("client_id") != APP_ID:
            problem = (-352, "invalid app id")
        elif query.get("response_type") != "code":
            problem = (-50, "invalid response_type")
        elif not is_loopback(redirect_uri):
            problem = (-50, "redirect_uri mismatch")
        if problem is not None:
            page = f"<html><body><h1>Sandbox login</h1><p>Error {problem[0]}: {problem[1]}</p></body></html>"
            return web.Response(status=400, text=page, content_type="text/html")
        answer = {
            "s": "ok",
            "code": 200,
            "auth_code": self.tokens.issue_code(redirect_uri),
            "state": query.get("state", ""),
        }
        glue = "&" if urlsplit(redirect_uri).query else "?"
        return web.Response(status=302, headers={"Location": redirect_uri + glue + urlencode(answer)})

    async def validate_authcode(self, request: web.Request) -> web.Response:
        """Exchange a code for tokens."""
        try:
            asked = await request.json()
            grant, app_hash, code = asked["grant_type"], asked["appIdHash"], asked["code"]
        except (ValueError, KeyError, TypeError):
            raise BadRequest(-50, "invalid input") from None
        if grant != "authorization_code":
            raise BadRequest(-50, "invalid grant_type")
        if app_hash != APP_ID_HASH:
            return error_response(-5, "invalid app id hash", 400)
        try:
            self.tokens.redeem_code(str(code))
        except TokenRefused as refused:
            return error_response(-437 if refused.code == -15 else refused.code, "invalid auth code", 400)
        return ok_response({"access_token": self.tokens.issue()})
