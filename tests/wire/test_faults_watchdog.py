"""Fault matrix: processes that live and do nothing, and processes that die while Redis is away."""

from __future__ import annotations

import contextlib
import signal
from functools import partial
from pathlib import Path

import psutil
import pytest

from dashboard.data.cache.store import open_store
from dashboard.data.reader.live import LiveChains
from dashboard.market.session import FeedState
from harness.board import BoardProcess
from harness.feed import nearest
from harness.process import eventually, gone
from harness.redis import RedisProcess
from harness.sandbox import SandboxProcess
from tests.wire.fault_bench import BoardBench
from tests.wire.watcher import Watcher, truth_of

pytestmark = [pytest.mark.wire, pytest.mark.timeout(240)]

REPLACED_WITHIN_S = 40.0  # 15 s of silence, 3 s to leave, 2 s until the next start, and a busy machine


def family_of(board: BoardProcess, module: str) -> list[psutil.Process]:
    process = board.child(module)
    return [process, *process.children(recursive=True)]


def stop(family: list[psutil.Process]) -> None:
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGSTOP)


def is_replaced(board: BoardProcess, module: str, before: psutil.Process) -> bool:
    try:
        return board.child(module).pid != before.pid
    except (LookupError, psutil.NoSuchProcess, psutil.ZombieProcess):
        return False


def assert_said_once(board: BoardProcess, name: str) -> None:
    said = [line for line in board.output().splitlines() if f"The {name} " in line]
    assert len([line for line in said if "gave no sign of life for" in line and "it starts again in" in line]) == 1, (
        said
    )


def test_a_feed_that_hangs(bench):
    feed, *others = family_of(bench.board, "dashboard.data.feed")
    with bench.fault("feed hangs", recovered=bench.well, remark="SIGSTOP until it is replaced, after 15 s"):
        stop([feed])
        bench.until(lambda: bench.watcher.state is FeedState.OFFLINE, "offline is said")
        bench.until(
            lambda: is_replaced(bench.board, "dashboard.data.feed", feed), "a new feed", within_s=REPLACED_WITHIN_S
        )
    eventually(lambda: gone([feed, *others]), within_s=5, what="nothing is left of the old feed")
    assert_said_once(bench.board, "feed")


def test_a_web_process_that_hangs(bench):
    web = family_of(bench.board, "dashboard.web")
    with bench.fault("web hangs", recovered=bench.well, remark="SIGSTOP until it is replaced, after 15 s"):
        stop(web)
        bench.until(
            lambda: is_replaced(bench.board, "dashboard.web", web[0]), "a new web process", within_s=REPLACED_WITHIN_S
        )
    eventually(lambda: gone(web), within_s=5, what="nothing is left of the old web process")
    assert_said_once(bench.board, "web process")


def test_a_sandbox_that_hangs(bench):
    sandbox = family_of(bench.board, "dashboard.sandbox")
    stop(sandbox)
    bench.until(
        lambda: is_replaced(bench.board, "dashboard.sandbox", sandbox[0]), "a new sandbox", within_s=REPLACED_WITHIN_S
    )
    bench.until(bench.well, "the board is live on the new sandbox")
    assert_said_once(bench.board, "sandbox")


@pytest.mark.redis
def test_feed_and_web_die_while_redis_is_away(tmp_path: Path, free_port: int):
    redis = RedisProcess(free_port, tmp_path / "redis")
    with SandboxProcess(seed=11, rate_limits=True) as sandbox, redis:
        environment = {
            **sandbox.environment,
            "CHAINBOARD_DEMO": "1",
            "CHAINBOARD_CACHE": redis.url,
            "CHAINBOARD_DATA_DIR": str(tmp_path / "data"),
            "CHAINBOARD_UNDERLYINGS": "NIFTY",
        }
        with BoardProcess("--live", environment=environment) as board:
            chains = LiveChains(open_store(redis.url))
            series = nearest(chains)
            with Watcher(chains, series, lambda: sandbox.control(truth_of(series))) as watcher:
                bench = BoardBench(watcher, board)
                bench.until(lambda: bench.well() and watcher.socket == "live", "the board is live")
                with bench.fault("feed and web SIGKILL while Redis is away", recovered=bench.well):
                    redis.kill()
                    before = {name: board.child(name) for name in ("dashboard.data.feed", "dashboard.web")}
                    for process in before.values():
                        process.kill()
                    for name, process in before.items():
                        bench.until(partial(is_replaced, board, name, process), f"{name} tries again")
                    bench.until(lambda: "cannot" in board.output() or "waits for it" in board.output(), "it is said")
                    bench.until(lambda: board.supervisor().is_running(), "the board goes on", within_s=1)
                    redis.start().wait_until_ready()


@pytest.mark.redis
def test_a_board_started_before_redis_waits_and_says_so(tmp_path: Path, free_port: int):
    redis = RedisProcess(free_port, tmp_path / "redis")
    with SandboxProcess(seed=11) as sandbox:
        environment = {
            **sandbox.environment,
            "CHAINBOARD_DEMO": "1",
            "CHAINBOARD_CACHE": redis.url,
            "CHAINBOARD_DATA_DIR": str(tmp_path / "data"),
            "CHAINBOARD_UNDERLYINGS": "NIFTY",
            "CHAINBOARD_PASSWORD": "a long enough one",
        }
        board = BoardProcess("--live", environment=environment)
        board.start()
        try:
            eventually(
                lambda: "This process waits for it." in board.output(), within_s=30, what="it says that it waits"
            )
            with redis:
                board.wait_until_ready()
                eventually(board.is_well, within_s=30, what="the board is live")
                assert_each_has_its_own_secrets(board)
                board.stop()  # while its Redis is there
        finally:
            board.stop()


def assert_each_has_its_own_secrets(board: BoardProcess) -> None:
    assert board.child("dashboard.data.feed").environ()["FYERS_ACCESS_TOKEN"]
    for process in family_of(board, "dashboard.web"):
        assert "FYERS_ACCESS_TOKEN" not in process.environ()
    assert "CHAINBOARD_PASSWORD" not in board.child("dashboard.data.feed").environ()
