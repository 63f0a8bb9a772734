"""The official SDK, unmodified but for its URLs, against a sandbox process.

The SDK keeps one socket per process, leaves non-daemon threads behind and logs into files, so each scenario runs in a
child: this file is also that child's program (see the bottom).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.process import REPOSITORY, eventually
from harness.sandbox import SandboxProcess

pytestmark = pytest.mark.wire

NIFTY = "NSE:NIFTY50-INDEX"
CHILD_DEADLINE_S = 30.0


@pytest.fixture(scope="module")
def sandbox():
    with SandboxProcess(seed=5) as process:
        yield process


@pytest.fixture
def child(sandbox, tmp_path):
    """Run one scenario of this file in a process of its own and return what it reports."""

    def run(scenario: str, token: str | None = None) -> dict[str, Any]:
        told = json.dumps({
            "scenario": scenario, "url": sandbox.url, "log_path": str(tmp_path),
            "token": token or sandbox.token()["access_token"],
        })  # fmt: skip
        command = [sys.executable, "-m", "tests.wire.test_sandbox_sdk", told]
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=CHILD_DEADLINE_S + 10)
        assert done.returncode == 0, done.stderr + done.stdout
        reported: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return reported

    yield run
    sandbox.clear_faults()


def test_rest_calls(child):
    answers = child("rest")
    assert {name: answer["s"] for name, answer in answers.items() if name != "bad_symbol"} == dict.fromkeys(
        ("market_status", "chain", "login"), "ok"
    )
    assert answers["bad_symbol"]["code"] == -300
    chain = answers["chain"]["data"]
    assert len(chain["optionsChain"]) == 2 * (2 * 3 + 1) + 1


def test_quotes_and_open_interest(child, sandbox):
    seen = child("full")
    assert [message["type"] for message in seen["messages"] if message["type"] in ("cn", "ful")] == ["cn", "ful"]
    assert seen["invalid"] == ["NSE:NOSUCH-EQ"]
    snapshots = {message["symbol"]: message for message in seen["snapshots"]}
    # symbol-token answers in an order of its own: every symbol must still carry its own numbers.
    assert set(snapshots) == set(seen["symbols"])
    assert 20_000 < snapshots[NIFTY]["ltp"] < 32_000
    for symbol, message in snapshots.items():
        if symbol != NIFTY:
            assert message["bid_price"] < message["ask_price"]
            assert message["ltp"] < 5_000
    traded = seen["traded"]
    assert (traded["message"]["ltp"], traded["oi"]) == (321.05, 65 * 4321)
    assert traded["message"]["prev_close_price"] == snapshots[traded["message"]["symbol"]]["prev_close_price"]
    assert seen["updates"] > len(snapshots)
    assert seen["unsubscribed"]["code"] == 200


def test_a_foreign_key_is_refused_and_the_link_stays_open(child):
    with SandboxProcess(seed=6) as foreign:
        token = foreign.token()["access_token"]
    seen = child("refused", token)
    assert (seen["error"]["type"], seen["error"]["code"]) == ("cn", 11001)


def test_plan_limit_arrives_as_custom_message(child, sandbox):
    sandbox.fault(plan_limit={"limit": 3})
    seen = child("plan_limit")
    assert (seen["error"]["type"], seen["error"]["code"]) == ("sub", 51001)
    assert len(seen["delivered"]) == 3


# --- the child --------------------------------------------------------------------------------------------------


class Sdk:
    """The SDK redirected to the sandbox; collects what its callbacks get."""

    def __init__(self, url: str, token: str, log_path: str) -> None:
        from fyers_apiv3 import fyersModel
        from fyers_apiv3.FyersWebsocket import data_ws, defines

        self.url, self.token, self.log_path = url, token, log_path
        fyersModel.Config.API, fyersModel.Config.DATA_API = f"{url}/api/v3", f"{url}/data"
        defines.INDEX_HSM_MAPPING_API = f"{url}/sym_details/index_hsm_mapping.json"
        original = data_ws.SymbolConversion.__init__

        def redirected(conversion: Any, *arguments: Any, **named: Any) -> None:
            original(conversion, *arguments, **named)
            conversion.symbols_token_api = f"{url}/data/symbol-token"

        data_ws.SymbolConversion.__init__ = redirected
        self._model_module, self._socket_module = fyersModel, data_ws
        self.model = fyersModel.FyersModel(client_id="SANDBOX-100", token=token, log_path=log_path)
        self.messages: list[dict[str, Any]] = []
        self.errors: list[Any] = []

    def session(self) -> Any:
        return self._model_module.SessionModel(
            client_id="SANDBOX-100", secret_key="sandbox-secret", redirect_uri="http://127.0.0.1:9/",
            response_type="code", grant_type="authorization_code", state="x",
        )  # fmt: skip

    def connect(self) -> Any:
        socket = self._socket_module.FyersDataSocket(
            access_token=self.token, write_to_file=True, log_path=self.log_path, litemode=False, reconnect=False,
            on_message=self.messages.append, on_error=self.errors.append,
        )  # fmt: skip
        socket._FyersDataSocket__url = self.url.replace("http", "ws", 1) + "/hsm/v1-5/prod"
        socket.connect()
        return socket

    def chain_symbols(self, count: int) -> list[str]:
        chain = self.model.optionchain({"symbol": NIFTY, "strikecount": count, "timestamp": "", "greeks": ""})
        return [row["symbol"] for row in chain["data"]["optionsChain"]]

    def control(self, path: str, body: dict[str, Any]) -> None:
        import requests

        requests.post(f"{self.url}/sandbox/{path}", json=body, timeout=5).raise_for_status()


def first(found: Callable[[], Any]) -> Any:
    return eventually(found, CHILD_DEADLINE_S)


def rest_scenario(sdk: Sdk) -> dict[str, Any]:
    import requests

    model = sdk.model
    session = sdk.session()
    sent_back = requests.get(session.generate_authcode(), allow_redirects=False, timeout=5).headers["Location"]
    session.set_token(sent_back.partition("auth_code=")[2].partition("&")[0])
    return {
        "market_status": model.market_status(),
        "chain": model.optionchain({"symbol": NIFTY, "strikecount": 3, "timestamp": "", "greeks": "1"}),
        "bad_symbol": dict(model.optionchain({"symbol": "NSE:NOSUCH-EQ", "strikecount": 3, "timestamp": ""})),
        "login": session.generate_token(),
    }


def full_scenario(sdk: Sdk) -> dict[str, Any]:
    symbols = sdk.chain_symbols(5)
    socket = sdk.connect()
    first(lambda: any(message["type"] == "ful" for message in sdk.messages))
    socket.subscribe([*symbols, "NSE:NOSUCH-EQ"], "SymbolUpdate")
    invalid = first(lambda: [e for e in sdk.errors if isinstance(e, dict) and "invalid_symbols" in e])

    def quotes() -> list[dict[str, Any]]:
        return [message for message in list(sdk.messages) if message["type"] in ("sf", "if")]

    first(lambda: {message["symbol"] for message in quotes()} == set(symbols))
    snapshots = list({message["symbol"]: message for message in reversed(quotes())}.values())
    first(lambda: len(quotes()) > 2 * len(symbols))
    option = next(symbol for symbol in symbols if symbol != NIFTY)
    sdk.control("trade", {"symbol": option, "ltp": 321.05, "oi": 65 * 4321, "hold_s": 30})
    message = first(lambda: [m for m in quotes() if m["symbol"] == option and m["ltp"] == 321.05])[0]
    name = next(name for name, symbol in socket.symbol_token.items() if symbol == option)
    oi = first(lambda: socket.resp[name].get("OI") == 65 * 4321 and socket.resp[name]["OI"])
    socket.unsubscribe([option], "SymbolUpdate")
    unsubscribed = first(lambda: [m for m in list(sdk.messages) if m["type"] == "unsub"])[0]
    return {
        "messages": [m for m in sdk.messages if m["type"] not in ("sf", "if")],
        "invalid": invalid[0]["invalid_symbols"],
        "symbols": symbols,
        "snapshots": snapshots,
        "traded": {"message": message, "oi": oi},
        "updates": len(quotes()),
        "unsubscribed": unsubscribed,
    }


def refused_scenario(sdk: Sdk) -> dict[str, Any]:
    socket = sdk.connect()
    error = first(lambda: [e for e in sdk.errors if isinstance(e, dict)])[0]
    return {"error": error, "connected": socket.is_connected()}


def plan_limit_scenario(sdk: Sdk) -> dict[str, Any]:
    symbols = sdk.chain_symbols(3)
    socket = sdk.connect()
    socket.subscribe(symbols, "SymbolUpdate")
    error = first(lambda: [e for e in sdk.errors if isinstance(e, dict)])[0]

    def delivered() -> set[str]:
        return {message["symbol"] for message in list(sdk.messages) if "symbol" in message}

    first(lambda: len(delivered()) >= 3)
    return {"error": error, "delivered": sorted(delivered())}


SCENARIOS: dict[str, Callable[[Sdk], dict[str, Any]]] = {
    "rest": rest_scenario,
    "full": full_scenario,
    "refused": refused_scenario,
    "plan_limit": plan_limit_scenario,
}


def child_main() -> None:
    warnings.simplefilter("ignore")  # the SDK imports pkg_resources
    told = json.loads(sys.argv[1])
    Path(told["log_path"]).mkdir(exist_ok=True)
    report = SCENARIOS[told["scenario"]](Sdk(told["url"], told["token"], told["log_path"]))
    print(json.dumps(report), flush=True)
    # The SDK's threads never end by themselves.
    os._exit(0)


if __name__ == "__main__":
    try:
        child_main()
    except BaseException as failure:  # noqa: BLE001 - reported to the parent, whatever it is
        import traceback

        traceback.print_exception(failure)
        sys.stderr.flush()
        os._exit(1)
