"""Fault matrix: the cache is lost, full or away, and the clock jumps. One sandbox; each row has a feed of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dashboard.data.cache.store import open_store
from dashboard.data.reader.live import LiveChains
from dashboard.market.session import FeedState
from harness.feed import FeedProcess
from harness.process import eventually
from harness.redis import RedisProcess
from harness.sandbox import SandboxProcess
from tests.conftest import unavailable
from tests.wire.fault_bench import FaultBench
from tests.wire.watcher import Watcher, truth_of

pytestmark = [pytest.mark.wire, pytest.mark.timeout(180)]

AWAY_S = float(os.environ.get("REDIS_AWAY_S", "10"))  # the minute of the matrix is run before a release
FULL_MB = 6


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    with SandboxProcess(seed=11, rate_limits=True) as running:
        yield running


@contextmanager
def desk(sandbox: SandboxProcess, folder: Path, cache: str | None = None, **settings: str) -> Iterator[FaultBench]:
    """A feed, live, and a watcher before its screen."""
    settings = {"CHAINBOARD_UNDERLYINGS": "NIFTY", **settings}
    with FeedProcess(folder, sandbox.environment, cache=cache, **settings) as feed:
        series = feed.nearest("NIFTY")
        with Watcher(feed.screen, series, lambda: sandbox.control(truth_of(series))) as watcher:
            eventually(lambda: watcher.state is FeedState.LIVE and watcher.socket == "live")
            yield FaultBench(watcher)


# The directory


def test_a_deleted_cache_directory(sandbox, tmp_path):
    with desk(sandbox, tmp_path) as bench, bench.fault("cache directory deleted"):
        shutil.rmtree(tmp_path / "cache")


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a tmpfs")
def test_a_full_disk(sandbox, tmp_path):
    if os.geteuid() != 0:
        pytest.skip("only root may mount a tmpfs")
    cache = tmp_path / "small"
    cache.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={FULL_MB}m", "tmpfs", str(cache)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        unavailable("mounting a tmpfs is not permitted here")
    try:
        with desk(sandbox, tmp_path, cache=f"disk://{cache}") as bench, bench.fault(f"disk full (tmpfs, {FULL_MB} MB)"):
            ballast = cache / "ballast"
            fill(ballast)
            bench.until(lambda: bench.watcher.state is FeedState.OFFLINE, "what cannot be written is not claimed")
            assert bench.watcher.frame["strikes"], "the last frame stays"
            ballast.unlink()
    finally:
        subprocess.run(["umount", "-l", str(cache)], check=True)


def fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            return


# Redis


@pytest.fixture
def redis(free_port: int, tmp_path: Path) -> Iterator[RedisProcess]:
    with RedisProcess(free_port, tmp_path / "redis") as server:
        yield server


@pytest.mark.redis
def test_redis_starts_anew_or_is_away(sandbox, tmp_path, redis):
    with desk(sandbox, tmp_path, cache=redis.url) as bench:
        with bench.fault("Redis restarted, empty"):
            redis.kill()
            redis.start().wait_until_ready()
        remark = "" if AWAY_S >= 60 else "a minute in the long run"
        with bench.fault(f"Redis gone for {AWAY_S:.0f} s", remark=remark):
            redis.kill()
            until = time.monotonic() + AWAY_S
            bench.until(lambda: bench.watcher.state is FeedState.OFFLINE, "offline is said")
            assert bench.watcher.frame["strikes"], "the last frame stays"
            bench.until(lambda: time.monotonic() >= until, "it stays away", within_s=AWAY_S + 5)
            redis.start().wait_until_ready()


@pytest.mark.redis
def test_a_feed_that_starts_before_redis_waits_for_it(sandbox, tmp_path, free_port):
    server = RedisProcess(free_port, tmp_path / "redis")
    feed = FeedProcess(tmp_path, sandbox.environment, cache=server.url, CHAINBOARD_UNDERLYINGS="NIFTY")

    def said(sentence: str) -> int:
        return feed.output().count(sentence)

    with feed:
        eventually(lambda: said("does not answer"))
        with pytest.raises(subprocess.TimeoutExpired):
            feed.outcome(5)  # it does not give up
        assert said("This process waits for it.") == 1, "and does not repeat itself"
        with server:
            feed.wait_until_live(feed.nearest("NIFTY"))
            assert said("The cache answers now.") == 1


# The clock

# Python runs this at the start of every process that has it on its path: feed and socket child then follow a clock that
# is set by a file, while durations, which go by the monotonic clock, do not.
SETTABLE_CLOCK = """
import os, time
_wall, _wall_ns, _at = time.time, time.time_ns, os.environ["CLOCK_FILE"]
def _off():
    try:
        return os.stat(_at).st_size * 60.0 - 7200.0
    except OSError:
        return 0.0
time.time = lambda: _wall() + _off()
time.time_ns = lambda: _wall_ns() + int(_off() * 1e9)
"""


class SettableClock:
    """Off by whole minutes: the size of its file, as that can be read at once and by anybody."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        (folder / "sitecustomize.py").write_text(SETTABLE_CLOCK, encoding="utf-8")
        self.environment = {"PYTHONPATH": str(folder), "CLOCK_FILE": str(self._file)}
        self.off_s = 0.0
        self.set(0)

    def set(self, minutes: int) -> None:
        self._file.write_bytes(b"." * (120 + minutes))
        self.off_s = 60.0 * minutes

    def __call__(self) -> float:
        return time.time() + self.off_s


@pytest.mark.parametrize(
    ("minutes", "name"), [(61, "clock set forward by 61 minutes"), (-2, "clock set back by 2 minutes")]
)
def test_a_clock_that_jumps(sandbox, tmp_path, minutes, name):
    clock = SettableClock(tmp_path)
    environment = {**sandbox.environment, **clock.environment}
    with FeedProcess(tmp_path, environment, CHAINBOARD_UNDERLYINGS="NIFTY") as feed:
        series = feed.nearest("NIFTY")
        screen = LiveChains(open_store(feed.cache), clock=clock)
        with Watcher(screen, series, lambda: sandbox.control(truth_of(series))) as watcher:
            bench = FaultBench(watcher)
            bench.until(lambda: watcher.state is FeedState.LIVE and watcher.socket == "live", "live")
            with bench.fault(name):
                clock.set(minutes)
                bench.until(lambda: abs(clock() - watcher.health["heartbeat_ts"]) < 5, "the feed's clock has jumped")
            bench.until(lambda: watcher.health["rejects"].get("poll_backwards", 0) == 0, "polls count", within_s=1)
