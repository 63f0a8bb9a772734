"""What an account at FYERS has, made by hand: a token, and settings whose addresses are loopback."""

from __future__ import annotations

import base64
import json
from importlib import import_module
from pathlib import Path
from typing import Any

from dashboard.settings import Settings
from harness.builders import make_settings


def loopback_settings(data_dir: Path, **overrides: Any) -> Settings:
    """Demo settings whose addresses are loopback, where nothing listens."""
    base = "http://127.0.0.1:9"
    addresses = {
        "api_url": f"{base}/api/v3",
        "data_url": f"{base}/data",
        "socket_url": "ws://127.0.0.1:9/hsm/v1-5/prod",
        "public_url": f"{base}/sym_details",
    }
    return make_settings(**({"demo": True, "data_dir": data_dir, "client_id": "APP-100"} | addresses | overrides))


def jwt(expires_ts: float, **payload: Any) -> str:
    """A token in FYERS' shape; nobody checks its signature."""

    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    header, body = {"alg": "HS256", "typ": "JWT"}, {"exp": int(expires_ts), "hsm_key": "k" * 40} | payload
    return f"{part(header)}.{part(body)}.c2lnbmF0dXJlLW9mLXRlc3Rz"


def forget_the_socket() -> None:
    """The SDK keeps one socket per process; the next one is new."""
    import_module("fyers_apiv3.FyersWebsocket.data_ws").FyersDataSocket._instance = None
