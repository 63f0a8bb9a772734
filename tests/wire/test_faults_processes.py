"""Fault matrix: processes that are killed, stopped, or started twice. The board is `python app.py`, as at a desk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from dashboard.market.session import FeedState
from harness.feed import FeedProcess
from harness.process import REPOSITORY, eventually, gone
from harness.sandbox import SandboxProcess
from tests.wire.fault_bench import FaultBench
from tests.wire.watcher import Watcher, truth_of

pytestmark = [pytest.mark.wire, pytest.mark.timeout(180)]

STOPPED_S = 30.0


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FeedProcess, SandboxProcess, Watcher, float]]:
    """A feed of its own that is stopped (SIGSTOP) while the other rows run; the last row wakes it."""
    with (
        SandboxProcess(seed=11, rate_limits=True) as sandbox,
        FeedProcess(tmp_path_factory.mktemp("stopped"), sandbox.environment) as feed,
    ):
        series = feed.nearest("NIFTY")
        with Watcher(feed.screen, series, lambda: sandbox.control(truth_of(series))) as watcher:
            eventually(lambda: watcher.state is FeedState.LIVE and watcher.socket == "live", within_s=30, what="live")
            watcher.forget()
            feed.send(signal.SIGSTOP)
            try:
                yield feed, sandbox, watcher, time.monotonic()
            finally:
                feed.send(signal.SIGCONT)


def socket_child(feed: psutil.Process) -> psutil.Process:
    return next(child for child in feed.children() if "spawn_main" in " ".join(child.cmdline()))


def test_a_killed_socket_child(stopped, bench):
    feed = bench.board.child("dashboard.data.feed")
    child = socket_child(feed)
    with bench.fault("socket child SIGKILL", recovered=bench.well):
        child.kill()
        bench.until(lambda: bench.watcher.socket != "live", "the loss is told", within_s=5)
    assert feed.is_running()


def test_a_second_feed(bench):
    with bench.fault("two feeds started", recovered=bench.well, remark="the second leaves with exit code 3"):
        environment = bench.board.child("dashboard.data.feed").environ()
        second = subprocess.run(
            [sys.executable, "-m", "dashboard.data.feed"],
            cwd=REPOSITORY,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert second.returncode == 3
        assert "Another feed already serves the cache" in second.stderr


def test_a_killed_web_process(bench):
    web = bench.board.child("dashboard.web")
    family = [web, *web.children(recursive=True)]
    with bench.fault("web SIGKILL", recovered=bench.well, remark="/healthz does not answer meanwhile"):
        web.kill()
        bench.until(lambda: bench.healthz() == "no answer", "the page is gone", within_s=5)
    eventually(lambda: gone(family), within_s=5, what="nothing is left of the old web process")


def test_a_killed_feed(bench):
    feed = bench.board.child("dashboard.data.feed")
    family = [feed, *feed.children(recursive=True)]
    with bench.fault("feed SIGKILL", recovered=bench.well):
        feed.kill()
    eventually(lambda: gone(family), within_s=5, what="nothing is left of the old feed")


def test_a_feed_that_was_stopped_for_half_a_minute(stopped):
    feed, sandbox, watcher, since = stopped
    bench = FaultBench(watcher)
    with bench.fault(f"feed SIGSTOP for {STOPPED_S:.0f} s", from_the_start=True, forget=False):
        bench.until(lambda: watcher.state is FeedState.OFFLINE, "offline is said")
        assert "The feed is not running; numbers are those of" in watcher.seen.sentences[-1]
        bench.until(lambda: time.monotonic() - since >= STOPPED_S, "half a minute has passed", within_s=STOPPED_S)
        feed.send(signal.SIGCONT)
    assert sandbox.state()["rate"]["peak_minute"] <= 120
