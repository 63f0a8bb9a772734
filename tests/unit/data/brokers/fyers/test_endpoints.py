"""Redirection fails closed, and the private parts of the SDK are where we expect them.

When a test here fails after an SDK upgrade: read the new SDK, adapt endpoints.py, then add the version.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
import time

import pytest

from dashboard.data.brokers.fyers import endpoints
from dashboard.data.brokers.fyers.endpoints import (
    NotLoopback,
    assert_loopback,
    assert_ready_to_connect,
    bundled_index_names,
    load_rest_sdk,
    load_socket_sdk,
    redirect_conversion,
    redirect_socket,
    sdk_is_known,
    sdk_version,
)
from dashboard.data.brokers.fyers.stream.topics import ComputedTopics
from dashboard.loopback import is_loopback
from dashboard.settings import Settings
from harness.fyers import forget_the_socket, jwt, loopback_settings

ADDRESSES = ("api_url", "data_url", "socket_url", "public_url")


@pytest.fixture
def settings(tmp_path):
    return loopback_settings(tmp_path)


@pytest.fixture
def sdk(settings):
    """The socket SDK, restored afterwards: its redirections are process-wide."""
    module = load_socket_sdk(settings)
    conversion = module.SymbolConversion
    kept = conversion.__init__, conversion.symbol_to_hsmtoken
    yield module
    conversion.__init__, conversion.symbol_to_hsmtoken = kept
    forget_the_socket()


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:80/x", True),
        ("ws://localhost/x", True),
        ("http://[::1]:8/x", True),
        ("https://127.0.0.1.example.com", False),
        ("https://api-t1.fyers.in/api/v3", False),
        ("https://user:127.0.0.1@fyers.in/", False),
        ("http://0.0.0.0/", False),
        ("", False),
    ],
)
def test_loopback(url, loopback):
    assert is_loopback(url) is loopback


@pytest.mark.parametrize("address", ADDRESSES)
def test_demo_refuses_any_address_that_is_not_this_machine(tmp_path, address):
    settings = loopback_settings(tmp_path, **{address: getattr(Settings(), address)})
    for load in (assert_loopback, load_rest_sdk, load_socket_sdk):
        with pytest.raises(NotLoopback, match="this machine only"):
            load(settings)


def test_live_settings_may_go_anywhere():
    assert_loopback(Settings())


def test_the_installed_sdk_is_one_we_know():
    assert sdk_version() in endpoints.KNOWN_SDK_VERSIONS
    assert sdk_is_known()


def test_the_five_addresses_are_where_we_redirect_them(settings, sdk, monkeypatch):
    rest = load_rest_sdk(settings)
    defines = importlib.import_module("fyers_apiv3.FyersWebsocket.defines")
    assert settings.api_url == rest.Config.API
    assert settings.data_url == rest.Config.DATA_API
    assert f"{settings.public_url}/index_hsm_mapping.json" == defines.INDEX_HSM_MAPPING_API
    redirect_conversion(sdk, settings, ComputedTopics().as_sdk_method())
    conversion = sdk.SymbolConversion("token", "SymbolUpdate", "")
    assert conversion.symbols_token_api == f"{settings.data_url}/symbol-token"
    assert conversion.symbol_to_hsmtoken(["NSE:X"]) == ({}, ["NSE:X"], False, "")
    socket = build_socket(sdk, settings)
    redirect_socket(socket, settings)
    assert_ready_to_connect(socket, settings)


def test_a_constructor_that_resets_the_address_is_caught_before_connecting(settings, sdk):
    socket = build_socket(sdk, settings)
    redirect_socket(socket, settings)
    again = build_socket(sdk, settings)
    assert again is socket, "the SDK gives out one object per process"
    with pytest.raises(NotLoopback, match="reset its socket address"):
        assert_ready_to_connect(again, settings)


def test_an_sdk_that_moved_its_address_is_not_connected(settings):
    with pytest.raises(AttributeError, match="refusing to connect"):
        redirect_socket(object(), settings)


def test_the_private_names_we_lean_on_exist(settings, sdk):
    socket = build_socket(sdk, settings)
    assert getattr(socket, endpoints.SOCKET_URL).startswith("wss://")
    assert callable(getattr(socket, endpoints.SOCKET_RESPONSE))
    assert bytes(getattr(socket, endpoints.SOCKET_ACKNOWLEDGEMENT)(7)) == bytes.fromhex("0009 03 01 01 0004 00000007")
    assert (socket.resp, socket.symbol_token, socket.ack_count, socket.update_count) == ({}, {}, 0, 0)
    assert socket.restart_flag is False
    original = sdk.SymbolConversion
    assert callable(original.symbol_to_hsmtoken)
    assert hasattr(original, "_index_hsm_mapping_cache")
    model = load_rest_sdk(settings).FyersModel(log_path=str(settings.data_dir / "logs"))
    assert (model.client_id, model.token, model.header) == ("", "", ":")
    assert model.service.session.hooks["response"] == []
    assert callable(model.optionchain)
    assert callable(model.market_status)


def test_the_socket_sdk_cannot_make_http_calls(sdk):
    with pytest.raises(RuntimeError, match="HTTP call"):
        sdk.requests.post("http://127.0.0.1:9/")


def test_indices_bundled_with_the_sdk():
    names = bundled_index_names()
    assert names["NSE:NIFTY50-INDEX"] == "Nifty 50"
    assert names["BSE:SENSEX-INDEX"] == "SENSEX"


def test_importing_the_adapter_loads_no_sdk():
    code = (
        "import sys, dashboard.data.brokers.fyers.provider;"
        "sys.exit(any(name.split('.')[0] in {'fyers_apiv3', 'websocket', 'aiohttp'} for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def build_socket(sdk, settings):
    (settings.data_dir / "logs").mkdir(exist_ok=True, parents=True)
    return sdk.FyersDataSocket(
        access_token=jwt(time.time() + 60),
        write_to_file=True,
        reconnect=False,
        log_path=str(settings.data_dir / "logs"),
    )
