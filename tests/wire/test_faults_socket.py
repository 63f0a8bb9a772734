"""Fault matrix: what can happen to the socket. One board for all rows; REST goes on beside them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from dashboard.data.brokers.fyers.auth.access_token import AccessToken, TokenFile
from dashboard.market.session import FeedState
from dashboard.settings import Settings
from harness.feed import FeedProcess
from harness.sandbox import SandboxProcess
from tests.wire.fault_bench import FaultBench
from tests.wire.watcher import Watcher, truth_of

pytestmark = [pytest.mark.wire, pytest.mark.timeout(150)]

LIVES = count(10**7, 10**5)  # each new token outlives the one before, so it is the one that counts


class SocketBench(FaultBench):
    def __init__(self, watcher: Watcher, sandbox: SandboxProcess, feed: FeedProcess) -> None:
        super().__init__(watcher)
        self.sandbox, self.feed = sandbox, feed

    def struck(self, name: str) -> int:
        return int(self.sandbox.state()["faults"]["struck"].get(name, 0))

    @property
    def connections(self) -> int:
        return int(self.sandbox.state()["socket"].get("connections", 0))

    def log_in_anew(self) -> None:
        """As /login does: a newer token in the token file."""
        data_dir = self.feed.variables["CHAINBOARD_DATA_DIR"]
        settings = Settings.from_environment({"CHAINBOARD_DATA_DIR": data_dir}, demo=True, api_url=self.sandbox.api_url)
        issued = self.sandbox.token(life_s=next(LIVES))["access_token"]
        TokenFile(settings).write(AccessToken.parse(issued))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SocketBench]:
    folder = tmp_path_factory.mktemp("socket-faults")
    with SandboxProcess(seed=11, rate_limits=True) as sandbox, FeedProcess(folder, sandbox.environment) as feed:
        series = feed.nearest("NIFTY")
        with Watcher(feed.screen, series, lambda: sandbox.control(truth_of(series))) as watcher:
            bench = SocketBench(watcher, sandbox, feed)
            bench.until(lambda: watcher.state is FeedState.LIVE and watcher.socket == "live", "the board is live")
            yield bench
        limits = sandbox.state()["rate"]
        assert limits["peak_minute"] <= 120, limits
        assert not any(limits["breaches"].values()), limits


@pytest.fixture
def bench(running: SocketBench) -> Iterator[SocketBench]:
    yield running
    running.sandbox.clear_faults()


@pytest.mark.parametrize(("fault", "name"), [("kill_sockets", "socket killed"), ("close_sockets", "socket closed")])
def test_a_lost_link(bench, fault, name):
    before = bench.connections
    with bench.fault(name, recovered=lambda: bench.connections > before):
        bench.sandbox.fault(**{fault: True})
        bench.until(lambda: bench.watcher.socket != "live", "the loss is told", within_s=5)


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        ({"freeze_sockets": {"for_s": 0.5}}, "socket frozen half-open"),
        ({"framing_garbage": True}, "bytes that break the websocket's framing"),
    ],
)
def test_a_link_that_says_nothing(bench, fault, name):
    before = bench.connections
    with bench.fault(name, recovered=lambda: bench.connections > before):
        bench.sandbox.fault(**fault)


def test_a_refused_upgrade(bench):
    before = bench.sandbox.state()["socket"].get("upgrades_refused", 0)
    with bench.fault("socket refused (HTTP 403), three times"):
        bench.sandbox.fault(refuse_upgrades=True, kill_sockets=True)
        bench.until(lambda: bench.sandbox.state()["socket"].get("upgrades_refused", 0) >= before + 3, "three refusals")
        bench.sandbox.clear_faults()


def test_a_slow_upgrade(bench):
    before = bench.struck("slow_upgrade")
    with bench.fault("slow upgrade, 3 s"):
        bench.sandbox.fault(slow_upgrade={"seconds": 3}, kill_sockets=True)
        bench.until(lambda: bench.struck("slow_upgrade") > before, "an upgrade is held up")
        bench.sandbox.clear_faults()


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        ("garbage_frame", "garbage frame"),
        ("text_frame", "text frame"),
        ("truncated_frame", "truncated frame"),
        ("unknown_record", "unknown record"),
    ],
)
def test_a_frame_that_cannot_be_read(bench, fault, name):
    def damaged() -> int:
        return bench.watcher.rejected("frame_damaged")

    before, restarts = damaged(), bench.watcher.health["restarts"]
    with bench.fault(name):
        for _ in range(3):
            bench.sandbox.fault(**{fault: True})
        bench.until(lambda: damaged() >= before + 1, "it is counted", within_s=5)
    assert bench.watcher.health["restarts"] == restarts, "one bad frame does not end a life"


def test_symbols_that_stay_mute(bench):
    connections = bench.connections
    with bench.fault(
        "every tenth symbol accepted and mute",
        recovered=lambda: not bench.watcher.health["socket"]["unanswered_total"],
        remark="asked for once more after 10 s",
    ):
        struck = bench.struck("mute_symbols")
        bench.sandbox.fault(mute_symbols=True, kill_sockets=True)
        bench.until(lambda: bench.struck("mute_symbols") > struck, "symbols are mute")
        bench.sandbox.clear_faults()  # the second asking finds them well
        bench.until(lambda: bench.connections == connections + 2, "they are asked for again")


def test_a_plan_limit(bench):
    def told() -> bool:
        return bench.watcher.socket == "plan_limit" and "plan" in bench.watcher.health["socket"]["reason"]

    with bench.fault("plan limit of 30 symbols", remark="polls serve the rest"):
        bench.sandbox.fault(plan_limit={"limit": 30}, kill_sockets=True)
        bench.until(told, "the limit is a state")
        connections = bench.connections
        bench.until(lambda: bench.watcher.state is FeedState.LIVE, "the series is live all the same")
        assert bench.connections == connections, "no retry storm"
        bench.sandbox.clear_faults()
        bench.sandbox.fault(kill_sockets=True)  # the plan is looked at anew with the next connection


def test_a_refused_key(bench):
    with bench.fault("auth refused", remark="ends with a new login"):
        bench.sandbox.fault(auth_nak=True, kill_sockets=True)
        bench.until(lambda: bench.watcher.state is FeedState.LOGIN_NEEDED, "login needed")
        bench.sandbox.clear_faults()
        bench.log_in_anew()


def test_a_token_that_expires_mid_session(bench):
    with bench.fault("token expired mid-session", remark="ends with a new login"):
        bench.sandbox.fault(expire_tokens=True)
        bench.until(lambda: bench.watcher.state is FeedState.LOGIN_NEEDED, "login needed")
        assert bench.watcher.frame["call"]["ltp"], "the last numbers stay"
        bench.log_in_anew()
    assert any("asks for a new login; numbers are those of" in said for said in bench.watcher.seen.sentences)
