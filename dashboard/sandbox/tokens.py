"""Login: codes and access tokens, signed with a key of the sandbox's own.

Nothing is stored: a token carries what is needed to check it, so it stays good across a restart with the same seed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

APP_ID = "SANDBOX-100"
SECRET = "sandbox-secret"
APP_ID_HASH = hashlib.sha256(f"{APP_ID}:{SECRET}".encode()).hexdigest()
TOKEN_LIFE_S = 12 * 3600
_CODE_LIFE_S = 300
_MAC_CHARS = 32


class TokenRefused(Exception):
    """A token the broker would not accept, with the code and words it would use."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Tokens:
    """Issues and checks codes, access tokens and socket keys."""

    def __init__(self, seed: int) -> None:
        self._key = hashlib.sha256(f"chainboard-sandbox-{seed}".encode()).digest()
        self._used_codes: set[str] = set()
        self._revoked_before_ms = 0

    def issue(self, life_s: float = TOKEN_LIFE_S) -> str:
        """Issue an access token in FYERS' shape; the payload carries `exp` and `hsm_key`."""
        now = time.time()
        expires = int(now + life_s)
        return self._sign({
            "iss": "api.login.fyers.in", "iat": int(now), "nbf": int(now), "exp": expires, "sub": "access_token",
            "aud": ["d:1", "d:2", "x:0", "x:1", "x:2"], "appType": 100, "fy_id": "XS00001", "app_id": APP_ID,
            "display_name": "SANDBOX", "poa_flag": "N", "hsm_key": self._hsm_key(int(now * 1000), expires),
        })  # fmt: skip

    def issue_code(self, redirect_uri: str) -> str:
        """Issue a code that may be exchanged once."""
        issued = {
            "sub": "auth_code",
            "uri": redirect_uri,
            "nonce": time.time_ns(),
            "exp": int(time.time()) + _CODE_LIFE_S,
        }
        return self._sign(issued)

    def redeem_code(self, code: str) -> None:
        """Accept a code, once; raises TokenRefused."""
        claims = self._verified(code)
        if claims.get("sub") != "auth_code" or claims["exp"] < time.time():
            raise TokenRefused(-437, "invalid auth code")
        if code in self._used_codes:
            raise TokenRefused(-437, "auth code already used")
        self._used_codes.add(code)

    def check(self, token: str) -> None:
        """Accept an access token or raise TokenRefused with FYERS' code."""
        claims = self._verified(token)
        if claims.get("sub") != "access_token":
            raise TokenRefused(-17, "Token provided is invalid or expired")
        if claims["exp"] < time.time() or self._issued_ms(claims["hsm_key"]) <= self._revoked_before_ms:
            raise TokenRefused(-8, "Your token has expired. Please generate a token")

    def hsm_key_is_valid(self, key: str) -> bool:
        """Tell whether the socket would accept this key now."""
        issued, _, rest = key.partition("g")
        expires, _, _ = rest.partition("g")
        try:
            genuine = hmac.compare_digest(key, self._hsm_key(int(issued, 16), int(expires, 16)))
        except ValueError:
            return False
        return genuine and int(expires, 16) >= time.time() and int(issued, 16) > self._revoked_before_ms

    def expire_all(self) -> None:
        """Treat every token issued so far as expired."""
        self._revoked_before_ms = int(time.time() * 1000)

    @staticmethod
    def _issued_ms(hsm_key: str) -> int:
        return int(hsm_key.partition("g")[0], 16)

    def _hsm_key(self, issued_ms: int, expires: int) -> str:
        body = f"{issued_ms:x}g{expires:x}"
        return f"{body}g{hmac.new(self._key, body.encode(), hashlib.sha256).hexdigest()[:_MAC_CHARS]}"

    def _sign(self, claims: dict[str, Any]) -> str:
        parts = [_encode(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
        body = ".".join(parts)
        return f"{body}.{_encode(hmac.new(self._key, body.encode(), hashlib.sha256).digest())}"

    def _verified(self, token: str) -> dict[str, Any]:
        body, _, signature = token.rpartition(".")
        expected = _encode(hmac.new(self._key, body.encode(), hashlib.sha256).digest())
        if not hmac.compare_digest(signature.encode(), expected.encode()):
            raise TokenRefused(-15, "Please provide a valid token")
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body.partition(".")[2] + "=="))
        return claims


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
