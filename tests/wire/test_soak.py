"""Minutes of a busy market with a fault every 20 s: everything recovers, and nothing grows.

Two minutes are part of the suite; `make soak` runs thirty (MINUTES=). The sandbox counts the calls, not we ourselves.
"""

from __future__ import annotations

import contextlib
import os
import signal
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle

import psutil
import pytest

from dashboard.market.session import FeedState
from harness.board import BoardProcess
from harness.process import eventually
from tests.wire.fault_bench import FOUND, SOAK, watched_demo
from tests.wire.test_faults_processes import socket_child
from tests.wire.watcher import Watcher

MINUTES = float(os.environ.get("MINUTES") or 2)
TICKS_PER_S = 3_000
EVERY_S, LASTS_S = 20.0, 4.0
RECOVERED_WITHIN_S = 20.0
SETTLED_S = 20.0  # before the first measurement: caches fill, buffers take their size
MEASURE_S = 1.0
FLAT = 0.10
SMALL_MB = 4.0  # ten per cent of a small process are a few pages

pytestmark = [pytest.mark.wire, pytest.mark.soak, pytest.mark.timeout(60 * MINUTES + 240)]

# In turn; each is on for a few seconds, or strikes once.
FAULTS: list[dict[str, object]] = [
    {"kill_sockets": True},
    {"rest_html": {"status": 503, "for_s": LASTS_S}},
    {"garbage_frame": True, "truncated_frame": True, "unknown_record": True},
    {"spot_spike": {"factor": 1.1, "for_s": LASTS_S}},
    {"close_sockets": True},
    {"rest_hang": {"for_s": LASTS_S}},
    {"freeze_sockets": {"for_s": 0.5}},
    {"wrong_expiry": {"for_s": LASTS_S}, "duplicate_strikes": {"for_s": LASTS_S}},
    {"refuse_upgrades": {"for_s": LASTS_S}, "kill_sockets": True},
    {"index_interleaving": {"for_s": LASTS_S}},
    {"kill_child": True},
    {"slow_upgrade": {"seconds": 3, "for_s": LASTS_S}, "kill_sockets": True},
    {"missing_fields": {"for_s": LASTS_S}},
    {"expire_tokens": True},
    {"rest_429": {"count": 1}},
]


@dataclass
class Measured:
    """What one process took over time, with its workers where it has some."""

    rss_mb: list[float] = field(default_factory=list)
    threads: list[int] = field(default_factory=list)
    fds: list[int] = field(default_factory=list)

    def add(self, *processes: psutil.Process) -> None:
        self.rss_mb.append(sum(process.memory_info().rss for process in processes) / 1e6)
        self.threads.append(sum(process.num_threads() for process in processes))
        self.fds.append(sum(process.num_fds() for process in processes))

    def ends(self, values: list[float] | list[int]) -> tuple[float, float]:
        """Medians of the first and of the last fifth: single measurements catch a buffer at its fullest."""
        share = max(3, len(values) // 5)
        return statistics.median(values[:share]), statistics.median(values[-share:])


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[BoardProcess, Watcher]]:
    with watched_demo(tmp_path_factory.mktemp("soak")) as (running, watcher):
        running.sandbox("pace", {"ticks_per_s": TICKS_PER_S})
        yield running, watcher


def test_a_market_in_trouble(board: tuple[BoardProcess, Watcher]) -> None:
    running, watcher = board
    names = {"feed": "dashboard.data.feed", "web": "dashboard.web", "sandbox": "dashboard.sandbox"}
    processes = {name: running.child(module) for name, module in names.items()}
    workers = processes["web"].children(recursive=True)  # the feed's child is another one after each fault
    measured = {name: Measured() for name in processes}
    family = len(family_of(running))

    def measure() -> None:
        for name, process in processes.items():
            measured[name].add(process, *(workers if name == "web" else ()))
        status, _ = running.get("/healthz")
        assert status == 200

    watch_for(SETTLED_S, lambda: None)
    watcher.forget()
    began_ts, recoveries, rates = time.monotonic(), [], []
    for fault in cycle(FAULTS):
        if time.monotonic() - began_ts > 60 * MINUTES - EVERY_S:
            break
        started = time.monotonic()
        recoveries.append((strike(running, watcher, dict(fault)), " + ".join(fault)))
        rates.append(float(watcher.health["ticks_per_s"]))
        watch_for(EVERY_S - (time.monotonic() - started), measure)
    budget = running.sandbox("state")["rate"]
    eventually(lambda: len(family_of(running)) == family, within_s=15, what=f"{family} processes again")
    report(measured, recoveries, rates, budget, watcher)

    slow = [(round(seconds, 1), name) for seconds, name in recoveries if seconds > RECOVERED_WITHIN_S]
    assert slow == []
    assert watcher.seen.wrong == []
    assert budget["peak_minute"] <= 120, budget
    assert not any(budget["breaches"].values()), budget
    for name, found in measured.items():
        assert processes[name].is_running(), f"the {name} is another process"
        before, after = found.ends(found.rss_mb)
        assert after - before <= max(FLAT * before, SMALL_MB), f"{name}: {before:.0f} MB became {after:.0f}"
        for what, values in (("threads", found.threads), ("file descriptors", found.fds)):
            first, last = found.ends(values)
            assert last <= first + 3, f"{name}: {first:.0f} {what} became {last:.0f}"


def strike(running: BoardProcess, watcher: Watcher, fault: dict[str, object]) -> float:
    """Break something, wait for its end, and give the seconds from there to live numbers."""
    if fault.pop("kill_child", False):
        socket_child(running.child("dashboard.data.feed")).send_signal(signal.SIGKILL)
    if fault:
        running.sandbox("faults", fault)
    lasts = any(isinstance(what, dict) and "for_s" in what for what in fault.values())
    watch_for(LASTS_S if lasts else 0.5, lambda: None)
    ended, ended_ts = time.monotonic(), watcher.chains.now()

    def live_again() -> bool:
        return (
            watcher.state is FeedState.LIVE
            and watcher.socket == "live"
            and watcher.frame.get("as_of_ts", 0.0) > ended_ts
            and (watcher.health.get("last_tick_ts") or 0.0) > ended_ts
        )

    eventually(live_again, within_s=3 * RECOVERED_WITHIN_S, what=f"live again after {fault}")
    return time.monotonic() - ended


def watch_for(seconds: float, each: Callable[[], None]) -> None:
    """Let time pass, as a market does; `each` is done about once a second."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        each()
        time.sleep(max(0.0, min(MEASURE_S, left)))


def family_of(running: BoardProcess) -> list[psutil.Process]:
    supervisor = running.child("dashboard.data.feed").parent()
    assert supervisor is not None
    found = []
    for process in supervisor.children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def report(
    measured: dict[str, Measured],
    recoveries: list[tuple[float, str]],
    rates: list[float],
    budget: dict[str, object],
    watcher: Watcher,
) -> None:
    seconds = sorted(second for second, _ in recoveries)
    worst = max(recoveries)
    lines = [
        f"{MINUTES:g} minutes, {len(recoveries)} faults, {statistics.median(rates):,.0f} ticks/s in the book, "
        f"{watcher.seen.frames:,} frames looked at, {len(watcher.seen.wrong)} wrong numbers",
        f"recovery: median {statistics.median(seconds):.1f} s, longest {worst[0]:.1f} s ({worst[1]})",
        f"calls to FYERS: at most {budget['peak_minute']} in a minute, breaches {budget['breaches']}",
    ]
    for name, found in measured.items():
        (rss, rss_end), (threads, threads_end), (fds, fds_end) = (
            found.ends(values) for values in (found.rss_mb, found.threads, found.fds)
        )
        lines.append(
            f"{name}: {rss:.0f} → {rss_end:.0f} MB, {threads:.0f} → {threads_end:.0f} threads, "
            f"{fds:.0f} → {fds_end:.0f} file descriptors"
        )
    FOUND[SOAK].extend(lines)
