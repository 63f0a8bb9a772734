"""Signed cookies that expire."""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import time
from pathlib import Path

from flask import Response, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from dashboard.private_files import make_private
from dashboard.settings import Settings

log = logging.getLogger(__name__)

KEY_FILE = "signing-key"
KEY_CHARACTERS = 64
READ_WITHIN_S = 1.0


class Signer:
    """Signs small values with the board's key. The key is read when it is first needed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._key = ""

    def sign(self, value: str, purpose: str) -> str:
        return str(self._serializer(purpose).dumps(value))

    def read(self, signed: str | None, purpose: str, *, within_s: float) -> str | None:
        """The value, if we signed it for this purpose and it has not expired."""
        try:
            value = self._serializer(purpose).loads(signed or "", max_age=within_s)
        except BadSignature:  # forged, damaged or expired
            return None
        return value if isinstance(value, str) else None

    def _serializer(self, purpose: str) -> URLSafeTimedSerializer:
        if not self._key:
            self._key = self._settings.signing_key or _kept_key(self._settings.data_dir / KEY_FILE)
        return URLSafeTimedSerializer(self._key, salt=purpose, signer_kwargs={"digest_method": hashlib.sha256})


def set_cookie(response: Response, name: str, value: str, *, life_s: int, secure: bool) -> None:
    """Set a cookie that scripts cannot read and other sites send only when a link is followed."""
    response.set_cookie(name, value, max_age=life_s, httponly=True, samesite="Lax", secure=secure or request.is_secure)


def _kept_key(path: Path) -> str:
    """The key that all web processes of this machine share; the first one generates it."""
    try:
        make_private(path.parent)
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return _read_key(path)
    except OSError as error:
        log.warning("The signing key cannot be kept in %s (%s): cookies end with this process.", path, error.strerror)
        return secrets.token_hex(KEY_CHARACTERS // 2)
    key = secrets.token_hex(KEY_CHARACTERS // 2)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(key)
    return key


def _read_key(path: Path) -> str:
    deadline = time.monotonic() + READ_WITHIN_S
    key = ""
    while time.monotonic() < deadline:  # another process may be about to write it
        try:
            key = path.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            key = ""
        if len(key) >= KEY_CHARACTERS:
            return key
        time.sleep(0.01)
    log.warning("The signing key in %s cannot be read: cookies end with this process. Delete it.", path)
    return secrets.token_hex(KEY_CHARACTERS // 2)
