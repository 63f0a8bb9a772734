"""All settings, read once from the environment (or a `.env` file) and never again.

Each field is explained in docs/configuration.md; a test compares the two lists.
"""

from __future__ import annotations

import getpass
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

DEFAULT_UNDERLYINGS = ("NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "SENSEX", "BANKEX")

SHORTEST_PASSWORD = 8


class SettingsError(Exception):
    """A setting cannot be used; the message names the variable and what it should look like."""


def default_cache_url() -> str:
    """A per-user directory on tmpfs where there is one: an SSD should not take 80,000 writes a day for a screen."""
    shared_memory = Path("/dev/shm")
    usable = shared_memory.is_dir() and os.access(shared_memory, os.W_OK)
    base = shared_memory if usable else Path(tempfile.gettempdir())
    return f"disk://{(base / f'chainboard-{getpass.getuser()}').as_posix()}"


def default_data_dir() -> Path:
    return Path.home() / ".chainboard"


def _setting(variable: str, default: Any, *, secret: bool = False) -> Any:
    factory = default if callable(default) else lambda: default
    return field(default_factory=factory, repr=not secret, metadata={"variable": variable})


@dataclass(frozen=True, slots=True)
class Settings:
    """Frozen settings. `from_environment` is the only reader of the environment."""

    client_id: str = _setting("FYERS_CLIENT_ID", "")
    secret_key: str = _setting("FYERS_SECRET_KEY", "", secret=True)
    redirect_uri: str = _setting("FYERS_REDIRECT_URI", "http://127.0.0.1:8050/login/callback")
    access_token: str = _setting("FYERS_ACCESS_TOKEN", "", secret=True)
    api_url: str = _setting("FYERS_API_URL", "https://api-t1.fyers.in/api/v3")
    data_url: str = _setting("FYERS_DATA_URL", "https://api-t1.fyers.in/data")
    socket_url: str = _setting("FYERS_SOCKET_URL", "wss://socket.fyers.in/hsm/v1-5/prod")
    public_url: str = _setting("FYERS_PUBLIC_URL", "https://public.fyers.in/sym_details")
    cache_url: str = _setting("CHAINBOARD_CACHE", default_cache_url, secret=True)  # a redis:// URL may hold a password
    interval_ms: int = _setting("CHAINBOARD_INTERVAL_MS", 1000)
    publish_ms: int = _setting("CHAINBOARD_PUBLISH_MS", 500)
    data_dir: Path = _setting("CHAINBOARD_DATA_DIR", default_data_dir)
    underlyings: tuple[str, ...] = _setting("CHAINBOARD_UNDERLYINGS", DEFAULT_UNDERLYINGS)
    provider: str = _setting("CHAINBOARD_PROVIDER", "fyers")
    demo: bool = _setting("CHAINBOARD_DEMO", False)
    replay: bool = _setting("CHAINBOARD_REPLAY", False)
    rate: float = _setting("CHAINBOARD_RATE", 0.065)
    stale_after_s: float = _setting("CHAINBOARD_STALE_AFTER_S", 10.0)
    day_count: str = _setting("CHAINBOARD_DAY_COUNT", "calendar")
    dealer_long_calls: bool = _setting("CHAINBOARD_DEALER_LONG_CALLS", True)
    log_level: str = _setting("CHAINBOARD_LOG_LEVEL", "INFO")
    log_format: str = _setting("CHAINBOARD_LOG_FORMAT", "text")
    password: str = _setting("CHAINBOARD_PASSWORD", "", secret=True)
    signing_key: str = _setting("CHAINBOARD_SIGNING_KEY", "", secret=True)
    trusted_hosts: tuple[str, ...] = _setting("CHAINBOARD_TRUSTED_HOSTS", ())
    proxies: int = _setting("CHAINBOARD_PROXIES", 0)
    api_per_s: float = _setting("CHAINBOARD_API_PER_S", 20.0)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
        """Read variables, the process's own before those of `.env`. Raises SettingsError with what to do."""
        if environment is None:
            stored = {key: value for key, value in dotenv_values(".env").items() if value is not None}
            environment = {**stored, **os.environ}
        values: dict[str, Any] = {}
        for item in fields(cls):
            variable = item.metadata["variable"]
            if environment.get(variable, "").strip():
                values[item.name] = _converted(variable, environment[variable].strip(), item.type)
        settings = cls(**(values | overrides))
        if min(settings.interval_ms, settings.publish_ms) < 50:
            raise SettingsError("CHAINBOARD_INTERVAL_MS and CHAINBOARD_PUBLISH_MS must be at least 50 (milliseconds).")
        if settings.password and len(settings.password) < SHORTEST_PASSWORD:
            raise SettingsError(f"CHAINBOARD_PASSWORD must have at least {SHORTEST_PASSWORD} characters.")
        if settings.day_count not in ("calendar", "trading"):
            raise SettingsError('CHAINBOARD_DAY_COUNT must be "calendar" or "trading".')
        return settings

    def environment(self) -> dict[str, str]:
        """The variables that give these settings to a child process."""
        return {item.metadata["variable"]: _spelled(getattr(self, item.name)) for item in fields(self)}


def _converted(variable: str, text: str, kind: Any) -> Any:
    try:
        match str(kind):
            case "int":
                return int(text)
            case "float":
                return float(text)
            case "bool":
                return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[text.lower()]
            case "Path":
                return Path(text).expanduser()
            case "tuple[str, ...]":
                return tuple(part.strip().upper() for part in text.split(",") if part.strip())
            case _:
                return text
    except (ValueError, KeyError):
        raise SettingsError(f"{variable} is {text!r}; expected a value of type {kind}.") from None


def _spelled(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return ",".join(value) if isinstance(value, tuple) else str(value)
