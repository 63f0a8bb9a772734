"""The feed as a process, against the sandbox, over real sockets: what a desk sees of it in the morning and at night."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from dashboard.data.cache.redis import connect
from dashboard.data.contract import keys
from dashboard.market.instruments import Series
from dashboard.market.session import FeedState
from harness.feed import FeedProcess, report_of
from harness.process import REPOSITORY, eventually, gone
from harness.sandbox import SandboxProcess

pytestmark = pytest.mark.wire


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    with SandboxProcess(seed=11) as running:
        yield running


@pytest.fixture(scope="module")
def feed(sandbox: SandboxProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FeedProcess]:
    """A feed that tests only look at; those that harm one start their own."""
    with FeedProcess(tmp_path_factory.mktemp("feed"), sandbox.environment) as running:
        yield running


# Frames


def test_warm_series_are_on_screen_and_move(feed: FeedProcess) -> None:
    for name in ("NIFTY", "SENSEX"):
        series = feed.nearest(name)
        frame = feed.wait_until_live(series)
        assert frame["demo"] is True
        assert frame["forward_source"] == "parity"
        assert sum(value is not None for value in frame["call"]["ltp"]) > 80
        assert sum(value is not None for value in frame["put"]["oi"]) > 80
        assert abs(frame["spot"] - frame["atm_strike"]) < 200
        eventually(partial(newer, feed, series, frame), within_s=3)


def newer(feed: FeedProcess, series: Series, before: dict[str, Any]) -> bool:
    """Whether a later frame has later numbers: on a busy machine one may come without a tick since the last."""
    frame = feed.frame(series)
    return bool(frame and frame["version"] > before["version"] and frame["as_of_ts"] > before["as_of_ts"])


def test_a_trade_on_the_wire_is_in_the_next_frame(feed: FeedProcess, sandbox: SandboxProcess) -> None:
    series = feed.nearest("NIFTY")
    frame = feed.wait_until_live(series)
    row = frame["strikes"].index(frame["atm_strike"])
    symbol = frame["call"]["symbol"][row]
    eventually(lambda: report_of(feed.screen)["socket"]["state"] == "live")

    def shown() -> dict[str, Any] | None:
        latest = feed.frame(series)
        return latest if latest and latest["call"]["ltp"][row] == 777.35 else None

    sandbox.trade(symbol, ltp=777.35, oi=65_065, hold_s=8)
    started = time.monotonic()
    latest = eventually(shown, within_s=5)
    assert time.monotonic() - started < 3
    assert latest["call"]["oi"][row] == 65_065
    assert latest["call"]["oi_change"][row] == 65_065 - latest["call"]["prev_oi"][row]


def test_a_lease_on_a_cold_series_publishes_within_three_seconds(feed: FeedProcess) -> None:
    feed.wait_until_live(feed.nearest("NIFTY"))
    series = feed.nearest("RELIANCE")
    assert feed.frame(series) is None
    feed.screen.watch(series)
    frame = eventually(lambda: feed.frame(series), within_s=3)
    assert frame["kind"] == "stock"
    day = f"{series.expiry:%y%b}".upper()
    assert all(symbol is None or day in symbol for symbol in frame["call"]["symbol"])


def test_each_expiry_has_its_own_numbers(feed: FeedProcess) -> None:
    near, far = feed.nearest("NIFTY"), feed.nearest("NIFTY", 2)
    feed.screen.watch(far)
    one, other = feed.wait_until_live(near), feed.wait_until_live(far)
    assert one["expiry_ts"] < other["expiry_ts"]
    assert not set(one["call"]["symbol"]) & set(other["call"]["symbol"]) - {None}
    assert one["metrics"]["straddle"] < other["metrics"]["straddle"]


def test_a_lease_on_an_expiry_that_does_not_exist_is_answered(feed: FeedProcess) -> None:
    feed.nearest("NIFTY")
    nonsense = Series("NIFTY", date(2031, 1, 1))
    feed.screen.store.put(keys.lease(nonsense), b"", ttl_s=30.0)  # left from a day on which it was listed
    assert eventually(lambda: feed.screen.status(nonsense).problem_code, within_s=5) == "unknown_expiry"


def test_the_budget_is_kept(feed: FeedProcess, sandbox: SandboxProcess) -> None:
    feed.wait_until_live(feed.nearest("NIFTY"))
    budget = report_of(feed.screen)["rest_budget"]
    assert 0 < budget["minute"] <= 120
    assert budget["minute"] <= budget["limits"]["minute"]


# One at a time


def test_a_second_feed_is_refused_with_one_sentence(feed: FeedProcess, tmp_path: Path) -> None:
    feed.nearest("NIFTY")
    second = FeedProcess(tmp_path, feed.variables, cache=feed.cache).start()
    assert second.outcome() == 3
    words = second.output()
    assert words.strip().startswith("Another feed already serves the cache in ")
    assert len(words.strip().splitlines()) == 1
    assert feed.state(feed.nearest("NIFTY")) is FeedState.LIVE


@pytest.mark.redis
def test_the_same_feed_serves_through_redis(sandbox: SandboxProcess, tmp_path: Path, redis_url: str) -> None:
    connect(redis_url).flushdb()
    with FeedProcess(tmp_path, sandbox.environment, cache=redis_url) as feed:
        feed.wait_until_live(feed.nearest("NIFTY"))
        second = FeedProcess(tmp_path, sandbox.environment, cache=redis_url).start()
        assert second.outcome() == 3
        assert "Another feed already serves the cache at 127.0.0.1" in second.output()
        assert feed.state(feed.nearest("NIFTY")) is FeedState.LIVE


# Ending


@pytest.mark.parametrize("asked_by", [signal.SIGTERM, signal.SIGINT])
def test_a_feed_asked_to_stop_ends_within_two_seconds_and_leaves_no_process(
    sandbox: SandboxProcess, tmp_path: Path, asked_by: signal.Signals
) -> None:
    with FeedProcess(tmp_path, sandbox.environment) as feed:
        feed.wait_until_live(feed.nearest("NIFTY"))
        children = feed.descendants()
        assert children
        started = time.monotonic()
        feed.send(asked_by)
        assert feed.outcome(10) == 0
        assert time.monotonic() - started < 4  # two seconds, and two more where the processor is shared by many
        eventually(lambda: gone(children), within_s=2)


def test_a_killed_feed_is_said_to_be_offline_its_last_frame_stays_and_the_next_one_takes_over(
    sandbox: SandboxProcess, tmp_path: Path
) -> None:
    with FeedProcess(tmp_path, sandbox.environment) as feed:
        series = feed.nearest("NIFTY")
        feed.wait_until_live(series)
        children = feed.descendants()
        feed.kill()
        eventually(lambda: feed.state(series) is FeedState.OFFLINE, within_s=8)
        state = feed.screen.status(series)
        assert state.message.startswith("The feed is not running; numbers are those of ")
        last = feed.frame(series)
        assert last is not None
        eventually(lambda: gone(children), within_s=20)

        feed.start()
        frame = feed.wait_until_live(series)
        assert frame["version"] > last["version"]


# Starting


def nowhere() -> dict[str, str]:
    """Addresses of a broker at which nobody listens."""
    return {f"FYERS_{name}_URL": "http://127.0.0.1:9/" for name in ("API", "DATA", "PUBLIC")} | {
        "FYERS_SOCKET_URL": "ws://127.0.0.1:9/"
    }


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"CHAINBOARD_PUBLISH_MS": "soon"}, "CHAINBOARD_PUBLISH_MS is 'soon', which is not allowed"),
        ({"CHAINBOARD_CACHE": "memory://"}, "CHAINBOARD_CACHE has a value that is not allowed"),
        ({"CHAINBOARD_PROVIDER": "zerodha"}, "CHAINBOARD_PROVIDER is 'zerodha'; known: fyers,"),
        ({"FYERS_DATA_URL": "https://api-t1.fyers.in/data"}, "Demo mode talks to this machine only"),
        ({"CHAINBOARD_LOG_LEVEL": "loud"}, "CHAINBOARD_LOG_LEVEL is 'loud'"),
    ],
)
def test_a_feed_that_cannot_start_says_why_in_one_sentence(
    tmp_path: Path, settings: dict[str, str], sentence: str
) -> None:
    feed = FeedProcess(tmp_path, nowhere(), **settings).start()
    assert feed.outcome() == 2
    assert sentence in feed.output()
    assert len(feed.output().strip().splitlines()) == 1


def test_a_cache_directory_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    feed = FeedProcess(tmp_path, nowhere(), cache=f"disk://{tmp_path / 'file' / 'cache'}").start()
    assert feed.outcome() == 2
    assert "cannot be made" in feed.output()


def test_a_broker_that_is_not_there_yet_is_waited_for(tmp_path: Path, free_port: int) -> None:
    with SandboxProcess(port=free_port, seed=11) as yesterday:
        environment = yesterday.environment
    del environment["FYERS_ACCESS_TOKEN"]  # the demo logs in to its sandbox by itself
    with FeedProcess(tmp_path, environment) as feed:
        health = eventually(lambda: (found := report_of(feed.screen)).get("broker_error") and found)
        assert health["state"] == "stale"
        assert feed.screen.status().message == "Waiting for the first numbers."
        with SandboxProcess(port=free_port, seed=11):
            feed.wait_until_live(feed.nearest("NIFTY"))


def test_importing_the_app_s_side_starts_no_feed() -> None:
    code = "import dashboard.data.reader.live, dashboard.data.feed.loop, threading; print(threading.active_count())"
    ran = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "1"
