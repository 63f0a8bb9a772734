"""The socket child over the real SDK against the sandbox: ticks, restarts, states, and nothing left behind."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from dashboard.data.brokers.fyers import endpoints
from dashboard.data.brokers.fyers.auth.access_token import AccessToken, TokenFile
from dashboard.data.brokers.fyers.provider import FyersMarketData
from dashboard.data.brokers.protocol import StreamState, TickStream
from dashboard.market.tick import Tick
from dashboard.settings import Settings
from harness.process import REPOSITORY, ChildProcess, eventually
from harness.sandbox import SandboxProcess

pytestmark = pytest.mark.wire


class Listener:
    """A stream with everything it has said so far."""

    def __init__(self, settings: Settings) -> None:
        self.provider = FyersMarketData(settings)
        directory = self.provider.directory()
        underlying = directory.find("NIFTY")
        assert underlying is not None
        self.nifty = underlying
        self.options = [
            contract.symbol
            for expiry in underlying.expiries
            for contract in self.provider.contracts(underlying, expiry)
        ]
        self.stream: TickStream = self.provider.open_stream()
        self.latest: dict[str, Tick] = {}
        self.states: list[StreamState] = []

    def until(self, condition: Callable[[Listener], bool], deadline_s: float = 15.0) -> None:
        """Listen until `condition`; raises AssertionError with the stream's status after the deadline."""

        def heard() -> str:
            return f"{self.stream.status()}, {len(self.latest)} symbols, {self.states}"

        eventually(lambda: condition(self), deadline_s, heard, pause=self.listen)

    def listen(self) -> None:
        self.latest.update((tick.symbol, tick) for tick in self.stream.ticks(0.1))
        state = self.stream.status().state
        if not self.states or self.states[-1] is not state:
            self.states.append(state)

    @property
    def state(self) -> StreamState:
        return self.stream.status().state


@pytest.fixture
def listen(sandbox: SandboxProcess, tmp_path: Path) -> Iterator[Callable[..., Listener]]:
    opened: list[Listener] = []
    before = {child.pid for child in psutil.Process().children()}

    def build(**overrides: Any) -> Listener:
        settings = Settings.from_environment(sandbox.environment, demo=True, data_dir=tmp_path, **overrides)
        opened.append(Listener(settings))
        return opened[-1]

    yield build
    for listener in opened:
        listener.provider.close()
    left = [child for child in psutil.Process().children() if child.pid not in before]
    assert [child.name() for child in left if "resource_tracker" not in " ".join(child.cmdline())] == []


def test_ticks_carry_oi_for_options_and_a_price_for_the_index(listen):
    listener = listen()
    wanted = [*listener.options[:200], listener.nifty.symbol, listener.provider.vix_symbol()]
    listener.stream.subscribe(wanted)
    listener.until(lambda heard: set(wanted) <= heard.latest.keys())

    option = next(tick for tick in listener.latest.values() if tick.symbol in listener.options and tick.ltp)
    assert option.oi is not None
    assert option.volume is not None
    assert abs(time.time() - option.exchange_ts) < 30
    index = listener.latest[listener.nifty.symbol]
    assert 10_000 < index.ltp < 60_000
    assert abs(index.ltp / index.prev_close - 1) < 0.2
    assert index.oi is None
    status = listener.stream.status()
    assert (status.state, status.subscribed, status.restarts) == (StreamState.LIVE, len(wanted), 0)
    assert time.time() - status.last_frame_ts < 5


def test_ticks_carry_the_time_of_the_last_trade_and_polls_the_same_volume(listen, sandbox):
    listener = listen()
    expiry = listener.nifty.expiries[0]

    def polled_volumes() -> dict[str | None, float]:
        chain = listener.provider.fetch_chain(listener.nifty, expiry)
        legs = (chain.call, chain.put)
        return {one: volume for leg in legs for one, volume in zip(leg.symbol, leg.volume, strict=True) if volume >= 0}

    wanted = list(polled_volumes())
    listener.stream.subscribe(wanted)
    listener.until(lambda heard: set(wanted) <= heard.latest.keys())
    traded = {symbol: tick for symbol, tick in listener.latest.items() if tick.ltp}
    assert len(traded) > 100
    assert all(tick.trade_ts <= tick.exchange_ts for tick in traded.values())
    assert min(tick.trade_ts for tick in traded.values()) < time.time() - 20, "quiet contracts keep theirs"

    symbol = min(traded, key=lambda one: traded[one].trade_ts)
    before, sent_ts = traded[symbol], sandbox.trade(symbol, ltp=traded[symbol].ltp, hold_s=30)["sent_ts"]
    listener.until(lambda heard: heard.latest[symbol].trade_ts > before.trade_ts)
    after = listener.latest[symbol]
    assert after.trade_ts == pytest.approx(sent_ts, abs=1.5)
    assert after.volume > before.volume
    assert polled_volumes()[symbol] == after.volume


def test_subscriptions_only_add(listen, sandbox):
    listener = listen()
    listener.stream.subscribe(listener.options[:50])
    listener.until(lambda heard: len(heard.latest) == 50)
    listener.stream.subscribe(listener.options[:80])
    listener.stream.subscribe([*listener.options[:80], "NSE:NOTHING-EQ"])
    listener.until(lambda heard: len(heard.latest) == 80)
    assert listener.stream.status().restarts == 0
    assert sandbox.state()["connections"][-1]["topics"] == 80


def test_recycling_shrinks_to_exactly_what_is_wanted(listen, sandbox):
    listener = listen()
    listener.stream.subscribe(listener.options[:50])
    listener.until(lambda heard: len(heard.latest) == 50)
    listener.latest.clear()
    listener.stream.recycle(listener.options[40:60])
    listener.until(lambda heard: set(listener.options[50:60]) <= heard.latest.keys())
    sandbox.wait_for(lambda state: [link["topics"] for link in state["connections"]] == [20])
    assert listener.stream.status().restarts == 0
    assert StreamState.DEAD not in listener.states, "a planned restart is no death"


def test_more_than_a_frame_of_symbols_and_more_than_the_limit(listen, monkeypatch):
    monkeypatch.setattr("dashboard.data.brokers.fyers.stream.socket.MAX_SYMBOLS", 1700)
    listener = listen()
    assert len(listener.options) > 1700
    listener.stream.subscribe(listener.options)
    listener.until(lambda heard: len(heard.latest) == 1700, deadline_s=20)
    status = listener.stream.status()
    assert (status.subscribed, status.state) == (1700, StreamState.PLAN_LIMIT)
    assert status.reason == "1,700 symbols is the most for one connection"


@pytest.mark.parametrize("fault", ["kill_sockets", "close_sockets"])
def test_a_lost_link_is_replaced_within_seconds(listen, sandbox, fault):
    listener = listen()
    listener.stream.subscribe(listener.options[:50])
    listener.until(lambda heard: len(heard.latest) == 50)
    listener.latest.clear()
    sandbox.fault(**{fault: True})
    listener.until(lambda heard: len(heard.latest) == 50, deadline_s=15)
    assert StreamState.DEAD in listener.states
    assert listener.stream.status().restarts == 1


def test_damaged_frames_do_not_end_the_stream(listen, sandbox):
    listener = listen()
    listener.stream.subscribe(listener.options[:50])
    listener.until(lambda heard: len(heard.latest) == 50)
    sandbox.fault(garbage_frame=True, truncated_frame=True, unknown_record=True, text_frame=True)
    listener.latest.clear()
    listener.until(lambda heard: len(heard.latest) > 20)
    assert listener.stream.status().restarts == 0
    assert listener.state is StreamState.LIVE


def test_a_refused_key_needs_a_login_and_a_new_token_ends_the_wait(listen, sandbox, tmp_path):
    listener = listen()
    sandbox.fault(auth_nak=True)
    listener.stream.recycle(listener.options[:10])
    listener.until(lambda heard: heard.state is StreamState.LOGIN_NEEDED)
    attempts = sandbox.state()["socket"]
    sandbox.clear_faults()
    long_enough = time.monotonic() + 1.5  # for several attempts, if it made any
    listener.until(lambda heard: time.monotonic() > long_enough)
    assert sandbox.state()["socket"] == attempts
    assert listener.state is StreamState.LOGIN_NEEDED

    other = sandbox.token(life_s=10**7)["access_token"]
    TokenFile(Settings(demo=True, data_dir=tmp_path, api_url=sandbox.api_url)).write(AccessToken.parse(other))
    listener.until(lambda heard: len(heard.latest) == 10)
    assert listener.state is StreamState.LIVE


def test_an_expired_token_is_not_even_tried(listen, sandbox):
    before = sandbox.state()["socket"]
    listener = listen(access_token=sandbox.token(life_s=-5)["access_token"])
    listener.stream.subscribe(listener.options[:5])
    listener.until(lambda heard: heard.state is StreamState.LOGIN_NEEDED)
    assert "expired" in listener.stream.status().reason
    assert sandbox.state()["socket"] == before


def test_a_plan_limit_is_a_state_and_not_a_restart_loop(listen, sandbox):
    sandbox.fault(plan_limit={"limit": 30})
    listener = listen()
    listener.stream.subscribe(listener.options[:20])
    listener.until(lambda heard: len(heard.latest) == 20)
    listener.stream.subscribe(listener.options[20:60])
    listener.until(lambda heard: heard.state is StreamState.PLAN_LIMIT)
    assert "plan" in listener.stream.status().reason
    assert listener.stream.status().restarts == 0


def test_a_killed_child_is_replaced(listen):
    listener = listen()
    listener.stream.subscribe(listener.options[:20])
    listener.until(lambda heard: len(heard.latest) == 20)
    listener.latest.clear()
    socket_child().kill()
    listener.until(lambda heard: len(heard.latest) == 20, deadline_s=15)


def test_the_sdks_own_parser_serves_a_version_we_do_not_know(listen, monkeypatch):
    monkeypatch.setattr(endpoints, "KNOWN_SDK_VERSIONS", frozenset())
    listener = listen()
    listener.stream.subscribe([*listener.options[:50], listener.nifty.symbol])
    listener.until(lambda heard: len(heard.latest) == 51)
    assert any(tick.oi for tick in listener.latest.values())


def test_a_closed_stream_is_quiet_and_quick(listen):
    listener = listen()
    listener.stream.subscribe(listener.options[:20])
    listener.until(lambda heard: len(heard.latest) == 20)
    started = time.monotonic()
    listener.stream.close()
    assert time.monotonic() - started < 3
    assert listener.state is StreamState.DEAD
    listener.stream.ticks(0)
    assert listener.stream.ticks(5.0) == []
    assert time.monotonic() - started < 4, "nobody waits for a closed stream"


FEED = """
import json, sys, time
from pathlib import Path
from dashboard.data.brokers.fyers.provider import FyersMarketData
from dashboard.settings import Settings

if __name__ == "__main__":
    settings = Settings.from_environment(json.loads(sys.argv[1]), demo=True, data_dir=Path(sys.argv[2]))
    provider = FyersMarketData(settings)
    nifty = provider.directory().find("NIFTY")
    stream = provider.open_stream()
    stream.subscribe([nifty.symbol])
    while not stream.ticks(1.0):
        pass
    print("TICK", flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_killed_feed_takes_its_child_along_and_no_command_line_shows_the_token(sandbox, tmp_path):
    script = tmp_path / "feed.py"
    script.write_text(FEED, encoding="utf-8")
    environment = sandbox.environment
    arguments = [sys.executable, str(script), json.dumps(environment | {"FYERS_ACCESS_TOKEN": ""}), str(tmp_path)]
    with ChildProcess(arguments, environment | {"PYTHONPATH": str(REPOSITORY)}) as feed:
        eventually(lambda: "TICK\n" in feed.output(), what=lambda: f"a tick\n{feed.output()}")
        family = feed.descendants()
        assert family
        for process in family:
            assert environment["FYERS_ACCESS_TOKEN"] not in " ".join(process.cmdline())
        feed.kill()
    _, alive = psutil.wait_procs(family, timeout=5)
    assert alive == []


def socket_child() -> psutil.Process:
    """The stream's child among this process's children (the other is multiprocessing's resource tracker)."""
    living = [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]
    return next(child for child in living if "spawn_main" in " ".join(child.cmdline()))
