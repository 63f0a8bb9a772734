"""The brokers there are, by the name that CHAINBOARD_PROVIDER gives.

A new broker is one folder beside `fyers/` and one entry here; tests/wire/acceptance tests it.
A broker outside this repository needs no entry: CHAINBOARD_PROVIDER then is the import path of its `Broker`.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from dashboard.data.brokers.protocol import BrokerLogin, MarketData
from dashboard.settings import Settings


@dataclass(frozen=True, slots=True)
class Broker:
    """name: for sentences on screen. market_data, login: import paths of classes that take the settings.

    login: None for a broker without a login. installed: import path of a function that raises ImportError, with the
    command to run, when a package of the broker is missing.
    """

    name: str
    market_data: str
    login: str | None = None
    installed: str | None = None


BROKERS: dict[str, Broker] = {
    "fyers": Broker(
        "FYERS",
        "dashboard.data.brokers.fyers.provider:FyersMarketData",
        "dashboard.data.brokers.fyers.auth.login:FyersLogin",
        "dashboard.data.brokers.fyers.endpoints:assert_sdk_installed",
    ),
}


def broker_of(settings: Settings) -> Broker:
    """The broker that the settings name or whose import path they give. Raises LookupError when there is none."""
    if settings.provider in BROKERS:
        return BROKERS[settings.provider]
    found = _load(settings.provider) if ":" in settings.provider else None
    if not isinstance(found, Broker):
        known = f"known: {', '.join(BROKERS)}, or the import path of a Broker (package.module:NAME)"
        raise LookupError(f"CHAINBOARD_PROVIDER is {settings.provider!r}; {known}.")
    return found


def assert_installed(settings: Settings) -> None:
    """Raises LookupError, or ImportError with the command that installs what the broker needs."""
    path = broker_of(settings).installed
    if path is not None:
        _load(path)()


def open_market_data(settings: Settings) -> MarketData:
    """Raises LookupError."""
    market_data: MarketData = _load(broker_of(settings).market_data)(settings)
    return market_data


def open_login(settings: Settings) -> BrokerLogin | None:
    """None for a broker without a login. Raises LookupError."""
    path = broker_of(settings).login
    login: BrokerLogin | None = None if path is None else _load(path)(settings)
    return login


def _load(path: str) -> Any:
    module, _, name = path.partition(":")
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise LookupError(f"There is no {name!r} in {module!r} ({error}).") from error
