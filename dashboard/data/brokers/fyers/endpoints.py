"""Every FYERS address and every private name of the SDK that we touch, in one place.

The SDK has its production addresses built in, in five places, and rebuilding an object silently restores them.
So redirection fails closed: in demo mode every address must be loopback, and this is checked again just before
the socket connects. tests/unit/data/fyers/test_endpoints.py fails when an SDK upgrade moves any of these names.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import warnings
from functools import cache
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dashboard.data.brokers.fyers.stream.sdk_logs import SdkLogs
from dashboard.loopback import is_loopback
from dashboard.settings import Settings, SettingsError

log = logging.getLogger(__name__)

KNOWN_SDK_VERSIONS = frozenset({"3.2.0"})

# Name-mangled attributes of FyersDataSocket (SDK 3.2.0, FyersWebsocket/data_ws.py).
SOCKET_URL = "_FyersDataSocket__url"
SOCKET_RESPONSE = "_FyersDataSocket__response_msg"
SOCKET_ACKNOWLEDGEMENT = "_FyersDataSocket__ackowledgement_msg"  # the SDK's spelling

INDEX_MAP_FILE = "index_hsm_mapping.json"
AUTHORISE_PATH = "/generate-authcode"
TOKEN_PATH = "/validate-authcode"

_import_lock = threading.Lock()


class NotLoopback(SettingsError):
    """Demo mode was about to talk to a host that is not this machine."""


@cache
def sdk_version() -> str:
    """Version of the installed SDK; "" when it is not installed."""
    try:
        return metadata.version("fyers-apiv3")
    except metadata.PackageNotFoundError:
        return ""


def sdk_is_known() -> bool:
    """Whether private parts of the SDK may be relied on beyond what `load_socket_sdk` checks by name."""
    return sdk_version() in KNOWN_SDK_VERSIONS


def assert_loopback(settings: Settings) -> None:
    """In demo mode, raise NotLoopback unless all four addresses are on this machine. Live settings always pass."""
    if not settings.demo:
        return
    for variable, url in (
        ("FYERS_API_URL", settings.api_url),
        ("FYERS_DATA_URL", settings.data_url),
        ("FYERS_SOCKET_URL", settings.socket_url),
        ("FYERS_PUBLIC_URL", settings.public_url),
    ):
        if not is_loopback(url):
            raise NotLoopback(f"Demo mode talks to this machine only, but {variable} names {urlsplit(url).hostname!r}.")


def assert_sdk_installed() -> None:
    """Raise ImportError with the command that installs the SDK: pip cannot do it from requirements.txt."""
    if find_spec("fyers_apiv3") is None:
        raise ImportError(
            "The FYERS SDK is not installed; install it with "
            f"`{sys.executable} -m pip install --no-deps -r requirements-sdk.txt`."
        )


def load_rest_sdk(settings: Settings) -> Any:
    """The SDK's REST module with both bases redirected. Raises NotLoopback, ImportError."""
    assert_loopback(settings)
    with _import_lock:
        module = _quiet_import("fyers_apiv3.fyersModel")
    module.Config.API = settings.api_url
    module.Config.DATA_API = settings.data_url
    module.FyersLogger = SdkLogs(settings)
    return module


def load_socket_sdk(settings: Settings) -> Any:
    """The SDK's socket module, redirected, and unable to make HTTP calls. Raises NotLoopback, ImportError."""
    assert_loopback(settings)
    with _import_lock:
        module = _quiet_import("fyers_apiv3.FyersWebsocket.data_ws")
        defines = _quiet_import("fyers_apiv3.FyersWebsocket.defines")
    defines.INDEX_HSM_MAPPING_API = f"{settings.public_url}/{INDEX_MAP_FILE}"
    module.FyersLogger = SdkLogs(settings)
    module.requests = _NoHttp()  # its calls have no timeout, and topics are computed without them
    return module


def redirect_conversion(module: Any, settings: Settings, symbol_to_hsmtoken: Any) -> None:
    """Replace the SDK's symbol lookup, at class level because it builds a fresh object for every subscribe.

    The constructor is replaced too: the original opens another log file each time and names the production host.
    """

    def construct(self: Any, access_token: str, data_type: str, log_path: str) -> None:
        self.data_type = data_type
        self.symbols_token_api = f"{settings.data_url}/symbol-token"

    module.SymbolConversion.__init__ = construct
    module.SymbolConversion.symbol_to_hsmtoken = symbol_to_hsmtoken
    module.SymbolConversion._index_hsm_mapping_cache = None


def redirect_socket(socket: Any, settings: Settings) -> None:
    """Point a constructed socket at the settings' host. Needed after *every* construction."""
    if not hasattr(socket, SOCKET_URL):
        raise AttributeError(f"SDK {sdk_version()} has moved {SOCKET_URL}; refusing to connect to an unknown host.")
    setattr(socket, SOCKET_URL, settings.socket_url)


def assert_ready_to_connect(socket: Any, settings: Settings) -> None:
    """The last look before connect(): the socket goes where the settings say, and in demo mode that is loopback."""
    assert_loopback(settings)
    target = getattr(socket, SOCKET_URL, "")
    if target != settings.socket_url:
        raise NotLoopback("The SDK has reset its socket address; refusing to connect.")


def bundled_index_names() -> dict[str, str]:
    """Symbol -> topic name of the indices as bundled with the SDK; empty when they cannot be read."""
    spec = find_spec("fyers_apiv3")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        try:
            text = (Path(folder) / "FyersWebsocket" / "map.json").read_text(encoding="utf-8")
            return {str(symbol): str(name) for symbol, name in json.loads(text)["index_dict"].items()}
        except (OSError, ValueError, KeyError, AttributeError):
            log.warning("The SDK's bundled index map cannot be read.")
    return {}


def _quiet_import(name: str) -> Any:
    with warnings.catch_warnings():
        # The SDK imports pkg_resources, and old pins it drags in use what newer Pythons deprecate: not ours to fix.
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        warnings.simplefilter("ignore", SyntaxWarning)
        warnings.filterwarnings("ignore", message="pkg_resources is deprecated", category=UserWarning)
        return import_module(name)


class _NoHttp:
    """Stands in for `requests` inside the socket module."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("The socket SDK tried to make an HTTP call; topics are computed, so none is expected.")
