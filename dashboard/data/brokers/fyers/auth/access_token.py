"""The access token: its content, its file, and the choice between several.

It is a secret: never logged, never in a repr, and kept in a file that only its owner can read.
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from dashboard.private_files import replace_text
from dashboard.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A FYERS token. secret: the bare JWT. app_id: "" when it came without one. expires_ts: UTC epoch seconds."""

    secret: str = field(repr=False)
    app_id: str
    expires_ts: float

    @classmethod
    def parse(cls, text: str) -> AccessToken:
        """Read a JWT, with or without the `APPID:` in front. Raises ValueError (without the text) when it is neither.

        The prefix is removed: the SDK's socket decodes it as part of the JWT and rejects some app ids by their length.
        """
        app_id, _, jwt = text.strip().strip("\"'").rpartition(":")
        parts = jwt.split(".")
        try:
            payload = json.loads(base64.urlsafe_b64decode(parts[1] + "==="))
            expires_ts, hsm_key = payload["exp"], payload["hsm_key"]
        except (IndexError, binascii.Error, UnicodeDecodeError, ValueError, KeyError, TypeError):
            raise ValueError("The access token is not a FYERS token (a JWT with `exp` and `hsm_key`).") from None
        if len(parts) != 3 or not isinstance(expires_ts, int | float) or not isinstance(hsm_key, str):
            raise ValueError("The access token is not a FYERS token (a JWT with `exp` and `hsm_key`).")
        return cls(jwt, app_id, float(expires_ts))

    def expired(self, now_s: float) -> bool:
        return self.expires_ts <= now_s


class TokenFile:
    """The stored token of one broker host: JSON, mode 0600. A token for another host is not read."""

    def __init__(self, settings: Settings) -> None:
        self.path = settings.data_dir / ("access-token-demo.json" if settings.demo else "access-token.json")
        self._host = settings.api_url
        self._seen: tuple[int, int] | None = None
        self._token: AccessToken | None = None

    def read(self) -> AccessToken | None:
        """The stored token; None when there is none or it cannot be read. Cheap: it checks the file's stamp first."""
        try:
            stat = self.path.stat()
        except OSError:
            self._seen, self._token = None, None
            return None
        stamp = (stat.st_mtime_ns, stat.st_ino)
        if stamp != self._seen:
            self._seen, self._token = stamp, self._load()
        return self._token

    def write(self, token: AccessToken) -> None:
        """Replace the stored token in one step. Raises OSError."""
        prefixed = f"{token.app_id}:{token.secret}" if token.app_id else token.secret
        replace_text(self.path, json.dumps({"api_url": self._host, "access_token": prefixed}))

    def _load(self) -> AccessToken | None:
        try:
            stored = json.loads(self.path.read_text(encoding="utf-8"))
            return AccessToken.parse(stored["access_token"]) if stored["api_url"] == self._host else None
        except (OSError, ValueError, KeyError, TypeError):
            log.warning("The stored access token in %s cannot be read; log in again.", self.path)
            return None


class TokenSource:
    """The token in use: the stored one or that of the settings, whichever expires later.

    If expiry is equal, the stored token is used, because somebody has logged in for it. A token that the broker has
    refused is used only when there is no other.

    `obtain` is called for a token when there is none; the demo logs in to its own sandbox in this way.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        obtain: Callable[[], AccessToken] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._given: AccessToken | None = None
        if settings.access_token:
            try:
                self._given = AccessToken.parse(settings.access_token)
            except ValueError as error:
                log.warning("FYERS_ACCESS_TOKEN cannot be used: %s", error)
        self._client_id = settings.client_id
        self._file = TokenFile(settings)
        self._obtain = None if settings.access_token else obtain
        self._obtained: AccessToken | None = None
        self._refused: AccessToken | None = None
        self._clock = clock
        self._lock = threading.Lock()

    def current(self) -> AccessToken | None:
        """The best token there is, even an expired one; None when there is none."""
        with self._lock:
            return self._choose()

    def refused(self, token: AccessToken) -> None:
        """Note that the broker does not accept this token; one that we obtained ourselves is obtained again."""
        with self._lock:
            self._refused = token
            if self._obtained == token:
                self._obtained = None

    def app_id(self, token: AccessToken) -> str:
        """The app the token belongs to: what came with the token, else FYERS_CLIENT_ID."""
        return token.app_id or self._client_id

    def _choose(self) -> AccessToken | None:
        candidates = [token for token in (self._file.read(), self._given, self._obtained) if token is not None]
        best = max(candidates, key=lambda token: (token != self._refused, token.expires_ts), default=None)
        if self._obtain is not None and (best is None or best.expired(self._clock())):
            self._obtained = best = self._obtain()
        return best
