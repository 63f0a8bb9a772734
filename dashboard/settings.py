"""All settings, read once from the environment (or a `.env` file) and never again.

docs/configuration.md explains each field with its allowed values; a test compares the two lists.
"""

from __future__ import annotations

import difflib
import getpass
import os
import tempfile
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

from dotenv import dotenv_values

from dashboard import allowed
from dashboard.allowed import Allowed

DEFAULT_UNDERLYINGS = ("NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "SENSEX", "BANKEX")

PREFIX = "CHAINBOARD_"  # a variable with this prefix that is no setting was misspelt
DEFAULT_PROVIDER = "fyers"

SHORTEST_PASSWORD = 8
FYERS_NAME = r"[A-Z0-9][A-Z0-9&:._-]{0,39}"
HOST_NAME = r"[A-Z0-9.:\[\]*_-]{1,253}"

Process = Literal["feed", "web"]


class SettingsError(Exception):
    """Settings cannot be used; the message names each variable, its value unless secret, and what is allowed."""


def default_cache_url() -> str:
    """A per-user directory on tmpfs where there is one: 80,000 writes a day would wear an SSD."""
    shared_memory = Path("/dev/shm")
    usable = shared_memory.is_dir() and os.access(shared_memory, os.W_OK)
    base = shared_memory if usable else Path(tempfile.gettempdir())
    return f"disk://{(base / f'chainboard-{getpass.getuser()}').as_posix()}"


def default_data_dir() -> Path:
    return Path.home() / ".chainboard"


def _setting(
    variable: str,
    default: Any,
    permitted: Allowed = allowed.ANY_TEXT,
    *,
    secret: bool = False,
    only: Process | None = None,
) -> Any:
    """secret: never shown. only: the one process that needs it; the other is started without it."""
    factory = default if callable(default) else lambda: default
    metadata = {"variable": variable, "allowed": permitted, "secret": secret, "only": only}
    return field(default_factory=factory, repr=not secret, metadata=metadata)


def _as_percent(rate: Any) -> str:
    return f"{rate:g} % is written {rate / 100:g}" if 0.5 <= rate <= 30 else ""


_WEB_ADDRESS = allowed.address("http://", "https://")
_MILLISECONDS = allowed.between(50, 60_000, "milliseconds")


@dataclass(frozen=True, slots=True)
class Settings:
    """Frozen settings. `from_environment` is the only reader of the environment."""

    client_id: str = _setting("FYERS_CLIENT_ID", "")
    secret_key: str = _setting("FYERS_SECRET_KEY", "", secret=True)
    redirect_uri: str = _setting("FYERS_REDIRECT_URI", "http://127.0.0.1:8050/login/callback", _WEB_ADDRESS)
    access_token: str = _setting("FYERS_ACCESS_TOKEN", "", secret=True, only="feed")
    api_url: str = _setting("FYERS_API_URL", "https://api-t1.fyers.in/api/v3", _WEB_ADDRESS)
    data_url: str = _setting("FYERS_DATA_URL", "https://api-t1.fyers.in/data", _WEB_ADDRESS)
    socket_url: str = _setting(
        "FYERS_SOCKET_URL", "wss://socket.fyers.in/hsm/v1-5/prod", allowed.address("ws://", "wss://")
    )
    public_url: str = _setting("FYERS_PUBLIC_URL", "https://public.fyers.in/sym_details", _WEB_ADDRESS)
    # A redis:// URL may hold a password.
    cache_url: str = _setting("CHAINBOARD_CACHE", default_cache_url, allowed.cache(), secret=True)
    interval_ms: int = _setting("CHAINBOARD_INTERVAL_MS", 1000, _MILLISECONDS)
    publish_ms: int = _setting("CHAINBOARD_PUBLISH_MS", 500, _MILLISECONDS)
    data_dir: Path = _setting("CHAINBOARD_DATA_DIR", default_data_dir, allowed.DIRECTORY)
    history: str = _setting("CHAINBOARD_HISTORY", "", allowed.history())
    history_days: int = _setting("CHAINBOARD_HISTORY_DAYS", 10, allowed.between(0, 3650, "days"))
    history_mb: int = _setting("CHAINBOARD_HISTORY_MB", 20_000, allowed.between(100, 500_000, "megabytes"))
    # A URL may hold the keys of an object store.
    archive: str = _setting("CHAINBOARD_ARCHIVE", "", allowed.archive(), secret=True, only="feed")
    underlyings: tuple[str, ...] = _setting(
        "CHAINBOARD_UNDERLYINGS",
        DEFAULT_UNDERLYINGS,
        allowed.names(FYERS_NAME, "comma-separated names as FYERS has them, at least one", at_least=1),
    )
    provider: str = _setting("CHAINBOARD_PROVIDER", DEFAULT_PROVIDER)
    demo: bool = _setting("CHAINBOARD_DEMO", False, allowed.YES_OR_NO)
    replay: bool = _setting("CHAINBOARD_REPLAY", False, allowed.YES_OR_NO)
    rate: float = _setting("CHAINBOARD_RATE", 0.065, allowed.between(0, 0.3, "a fraction", _as_percent))
    stale_after_s: float = _setting("CHAINBOARD_STALE_AFTER_S", 10.0, allowed.between(1, 3600, "seconds"))
    day_count: str = _setting("CHAINBOARD_DAY_COUNT", "calendar", allowed.one_of("calendar", "trading"))
    dealer_long_calls: bool = _setting("CHAINBOARD_DEALER_LONG_CALLS", True, allowed.YES_OR_NO)
    log_level: str = _setting("CHAINBOARD_LOG_LEVEL", "INFO", allowed.one_of("DEBUG", "INFO", "WARNING", "ERROR"))
    log_format: str = _setting("CHAINBOARD_LOG_FORMAT", "text", allowed.one_of("text", "json"))
    password: str = _setting(
        "CHAINBOARD_PASSWORD", "", allowed.at_least_characters(SHORTEST_PASSWORD), secret=True, only="web"
    )
    signing_key: str = _setting("CHAINBOARD_SIGNING_KEY", "", secret=True, only="web")
    trusted_hosts: tuple[str, ...] = _setting(
        "CHAINBOARD_TRUSTED_HOSTS", (), allowed.names(HOST_NAME, "comma-separated host names"), only="web"
    )
    proxies: int = _setting("CHAINBOARD_PROXIES", 0, allowed.between(0, 10, ""), only="web")
    api_per_s: float = _setting("CHAINBOARD_API_PER_S", 20.0, allowed.between(0, 100_000, "a second"), only="web")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
        """Read variables, the process's own before those of `.env`. Raises SettingsError with all problems."""
        if environment is None:
            environment = {**_stored(Path(".env")), **os.environ}
        given = {name: text.strip() for name, text in environment.items() if text.strip()}
        values: dict[str, Any] = {}
        problems = _unknown(given)
        for item in fields(cls):
            text = given.get(item.metadata["variable"])
            if text is None:
                continue
            try:
                values[item.name] = _converted(text, str(item.type), item.metadata["variable"])
                problem = _refusal(item, text, values[item.name])
            except (ValueError, KeyError):
                problem = _refusal(item, text)
            problems += [problem] if problem else []
        if problems:
            raise SettingsError("\n".join(problems))
        return cls(**(values | overrides))

    @property
    def history_dir(self) -> Path | None:
        """Where days are recorded; None when nothing is."""
        if self.history == "off":
            return None
        return Path(self.history.removeprefix("sqlite:///")) if self.history else self.data_dir / "history"

    def absolute(self) -> Settings:
        """The same with no path that depends on the working directory, which for children is the checkout."""
        cache_url, recorded, archive = self.cache_url, self.history_dir, self.archive
        if cache_url.startswith("disk://"):
            cache_url = f"disk://{_absolute(Path(cache_url.removeprefix('disk://'))).as_posix()}"
        history = "off" if recorded is None else f"sqlite:///{_absolute(recorded).as_posix()}"
        if archive and "://" not in archive:
            archive = str(_absolute(Path(archive)))
        data_dir = _absolute(self.data_dir)
        return replace(self, cache_url=cache_url, history=history, archive=archive, data_dir=data_dir)

    def environment(self, process: Process | None = None) -> dict[str, str]:
        """The variables that give these settings to a child process; with `process`, only those that it needs."""
        needed = [item for item in fields(self) if process is None or item.metadata["only"] in (None, process)]
        return {item.metadata["variable"]: _spelled(getattr(self, item.name)) for item in needed}


def is_setting(variable: str) -> bool:
    """Whether an environment variable is one of ours, or has our prefix."""
    return variable.startswith(PREFIX) or variable in _variables()


def withheld(process: Process, directory: Path) -> dict[str, str]:
    """Empty values for settings of the other process that a `.env` in the working directory would supply."""
    not_its = {item.metadata["variable"] for item in fields(Settings) if item.metadata["only"] not in (None, process)}
    return dict.fromkeys(not_its & set(_stored(directory / ".env")), "")


def service_manager() -> str:
    """Address of systemd's notification socket; empty when systemd did not start this process."""
    return os.environ.get("NOTIFY_SOCKET", "")


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


def _stored(file: Path) -> dict[str, str]:
    return {key: value for key, value in dotenv_values(file).items() if value is not None}


def _variables() -> list[str]:
    return [item.metadata["variable"] for item in fields(Settings)]


def _unknown(given: Mapping[str, str]) -> list[str]:
    problems = []
    for name in sorted(given):
        if name.startswith(PREFIX) and name not in _variables():
            near = difflib.get_close_matches(name, _variables(), n=1, cutoff=0.75)
            problems.append(f"{name} is no setting{f'; did you mean {near[0]}?' if near else '.'}")
    return problems


def _refusal(item: Field[Any], text: str, value: Any = None) -> str | None:
    """One sentence, or None when the value is allowed. value: None when the text could not be converted."""
    permitted: Allowed = item.metadata["allowed"]
    if value is not None and permitted.permits(value):
        return None
    variable = item.metadata["variable"]
    shown = f"{variable} has a value that" if item.metadata["secret"] else f"{variable} is {text!r}, which"
    hint = permitted.hint(value) if value is not None else ""
    return f"{shown} is not allowed; it must be {permitted.text.replace('`', '')}{f': {hint}' if hint else ''}."


def _converted(text: str, kind: str, variable: str) -> Any:
    match kind:
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
            return text.upper() if variable == "CHAINBOARD_LOG_LEVEL" else text


def _spelled(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return ",".join(value) if isinstance(value, tuple) else str(value)
