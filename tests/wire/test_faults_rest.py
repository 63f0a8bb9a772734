"""Fault matrix: what REST and the masters can do, and numbers that are told but cannot be true."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from dashboard.market.instruments import Series
from dashboard.market.session import FeedState
from harness.feed import FeedProcess
from harness.process import eventually
from harness.sandbox import SandboxProcess
from tests.wire.fault_bench import FaultBench
from tests.wire.watcher import Watcher, truth_of

pytestmark = [pytest.mark.wire, pytest.mark.timeout(150)]

A_MINUTE_S = 62.0
CHAIN = {"endpoint": "options-chain-v3"}


class RestBench(FaultBench):
    def __init__(self, watcher: Watcher, sandbox: SandboxProcess) -> None:
        super().__init__(watcher)
        self.sandbox = sandbox

    def struck(self, name: str) -> int:
        return int(self.sandbox.state()["faults"]["struck"].get(name, 0))

    def polls_work(self) -> bool:
        return self.watcher.health.get("broker_error") is None


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    with SandboxProcess(seed=11, rate_limits=True) as running:
        yield running


def watching(feed: FeedProcess, sandbox: SandboxProcess) -> Watcher:
    series = feed.nearest("NIFTY")
    return Watcher(feed.screen, series, lambda: sandbox.control(truth_of(series)))


@pytest.fixture(scope="module")
def running(sandbox: SandboxProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RestBench]:
    with (
        FeedProcess(tmp_path_factory.mktemp("rest-faults"), sandbox.environment) as feed,
        watching(feed, sandbox) as watcher,
    ):
        bench = RestBench(watcher, sandbox)
        bench.until(lambda: watcher.state is FeedState.LIVE and watcher.socket == "live", "the board is live")
        yield bench
        limits = sandbox.state()["rate"]
        assert limits["peak_minute"] <= 120, limits
        assert not any(limits["breaches"].values()), limits


class Crowd:
    """A feed with so many watched series that it could spend the account's budget ten times over."""

    COUNT = 50  # the sandbox lists some sixty series, a few less after the expiry of a day

    def __init__(self, sandbox: SandboxProcess, feed: FeedProcess) -> None:
        self.sandbox, self.feed = sandbox, feed
        self.series = self._choose()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep_watching, daemon=True)
        self._thread.start()
        self.since = time.monotonic()

    def _choose(self) -> list[Series]:
        self.feed.nearest("NIFTY")

        def listed() -> list[Series]:
            underlyings = self.feed.screen.underlyings()
            found = [Series(one.name, expiry.date) for one in reversed(underlyings) for expiry in one.expiries]
            return found[: self.COUNT] if len(found) >= self.COUNT else []

        return eventually(listed, within_s=30)  # the first directory may lack a master that comes later

    def _keep_watching(self) -> None:
        while not self._over.wait(1.0):
            for number, series in enumerate(self.series):
                self.feed.screen.watch(series, f"viewer {number // 20}")  # one alone may not watch so many

    def leave(self) -> None:
        self._over.set()
        self._thread.join(10)


@pytest.fixture(scope="module", autouse=True)
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    """Beside all other rows, as it takes more than a minute to see what is asked in a minute."""
    folder = tmp_path_factory.mktemp("crowd")
    with (
        SandboxProcess(seed=12, rate_limits=True) as sandbox,
        # Published seldom: this is about questions, and the other rows need the processor.
        FeedProcess(folder, sandbox.environment, CHAINBOARD_PUBLISH_MS="5000") as feed,
    ):
        found = Crowd(sandbox, feed)
        yield found
        found.leave()


@pytest.fixture
def bench(running: RestBench) -> Iterator[RestBench]:
    yield running
    running.sandbox.clear_faults()


# Numbers that cannot be true


@pytest.mark.parametrize(
    ("fault", "parameters", "name"),
    [
        ("spot_spike", {"factor": 1.1}, "spot spike of 10 %, socket and REST"),
        ("spot_spike", {"factor": 0.9}, "spot drop of 10 %, socket and REST"),
        ("index_interleaving", {}, "option premiums arrive as the index"),
    ],
)
def test_a_spot_that_cannot_be(bench, fault, parameters, name):
    before = bench.watcher.rejected("spot_far")
    with bench.fault(name, remark="the spot is held, then unknown; the forward stays"):
        bench.sandbox.fault(**{fault: parameters})
        bench.until(lambda: bench.watcher.rejected("spot_far") >= before + 3, "it is turned away and counted")
        bench.sandbox.clear_faults()


@pytest.mark.parametrize(
    ("fault", "reason", "name"),
    [
        ("wrong_expiry", "wire_changed", "REST: rows of another expiry"),
        ("duplicate_strikes", "duplicate_row", "REST: duplicate strikes, other numbers"),
        ("missing_fields", None, "REST: fields missing in a third of the rows"),
    ],
)
def test_an_answer_that_is_not_what_was_asked(bench, fault, reason, name):
    before, struck = bench.watcher.rejected(reason or ""), bench.struck(fault)
    with bench.fault(name, recovered=bench.polls_work):
        bench.sandbox.fault(**{fault: True})
        bench.until(lambda: bench.struck(fault) > struck + 1, "the answers are spoiled")
        if reason is not None:
            bench.until(lambda: bench.watcher.rejected(reason) > before, "they are turned away and counted")
        bench.sandbox.clear_faults()


def test_a_quantity_that_wrapped_and_a_crossed_quote(bench):
    frame = bench.watcher.frame
    row = frame["strikes"].index(frame["atm_strike"])
    symbol, watcher = frame["call"]["symbol"][row], bench.watcher
    with bench.fault("crossed quote, negative OI on the wire"):
        bench.sandbox.trade(symbol, bid=900.0, ask=1.0, oi=2**32 - 65, hold_s=1.5)
        bench.until(lambda: watcher.rejected("quote_crossed") and watcher.rejected("quantity_wrapped"), "both counted")
        bench.sandbox.control("trade", method="DELETE")


# REST out of order


def test_a_symbol_token_service_that_fails(bench):
    with bench.fault("symbol-token failure", remark="never asked: topics are computed"):
        bench.sandbox.fault(symbol_token_failure=True, kill_sockets=True)
        bench.until(lambda: bench.watcher.socket != "live", "a new connection begins")
        bench.until(lambda: bench.watcher.socket == "live", "and needs no symbol-token")
        assert bench.struck("symbol_token_failure") == 0
        bench.sandbox.clear_faults()


@pytest.mark.parametrize(("status", "name"), [(200, "REST: HTML page instead of data"), (503, "REST: 503")])
def test_a_page_instead_of_data(bench, status, name):
    with bench.fault(name, recovered=bench.polls_work):
        bench.sandbox.fault(rest_html={"status": status, **CHAIN})
        bench.until(lambda: not bench.polls_work(), "the trouble is told")
        bench.sandbox.clear_faults()


def test_an_answer_that_never_comes(bench):
    with bench.fault("REST hangs", recovered=bench.polls_work):
        bench.sandbox.fault(rest_hang=CHAIN)
        bench.until(lambda: not bench.polls_work(), "the trouble is told")
        bench.sandbox.clear_faults()


def test_too_many_requests(bench):
    """The last one here: by design no call is made for a minute afterwards."""
    asked = bench.struck("rest_429")
    with bench.fault("REST: 429", remark="polls pause 60 s, ticks go on"):
        bench.sandbox.fault(rest_429=True)
        bench.until(lambda: not bench.polls_work(), "the trouble is told")
        bench.until(lambda: bench.watcher.seen.frames >= 6, "ticks go on")
        assert bench.struck("rest_429") == asked + 1, "one refusal is enough"
        bench.sandbox.clear_faults()


# The masters, when a feed starts


@pytest.mark.parametrize(
    ("fault", "parameters", "name"),
    [
        ("master_missing", {}, "symbol masters missing at the start"),
        ("master_corrupt", {"file": "NSE_FO"}, "NSE's option master corrupt at the start"),
    ],
)
def test_masters_that_cannot_be_had(sandbox, bench, tmp_path, fault, parameters, name):
    series = bench.watcher.series
    sandbox.fault(**{fault: parameters})
    with (
        FeedProcess(tmp_path, sandbox.environment) as feed,
        Watcher(feed.screen, series, lambda: sandbox.control(truth_of(series))) as watcher,
    ):
        late = FaultBench(watcher)
        with late.fault(name, from_the_start=True):
            late.until(lambda: watcher.health.get("heartbeat_ts"), "the feed reports")
            late.until(
                lambda: (
                    watcher.health.get("broker_error")
                    or (feed.screen.directory_version() and not feed.screen.is_listed(series))
                ),
                "the report names the trouble, or the list lacks the series",
            )
            assert watcher.state is not FeedState.LIVE
            sandbox.clear_faults()


# The budget, after all that


def test_fifty_watched_series_stay_within_the_budget(crowd):
    eventually(lambda: time.monotonic() - crowd.since > A_MINUTE_S, within_s=A_MINUTE_S + 5)
    told = crowd.sandbox.state()["rate"]
    assert len(crowd.series) == Crowd.COUNT
    assert Crowd.COUNT <= told["peak_minute"] <= 120, told
    assert not any(told["breaches"].values()), told
    assert all(crowd.feed.screen.frame(series) for series in crowd.series), "every one of them is on screen"
    budget = (crowd.feed.screen.health() or {})["rest_budget"]
    assert budget["minute"] <= budget["limits"]["minute"]
