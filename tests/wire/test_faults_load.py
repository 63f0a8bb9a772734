"""Fault matrix: more series than the budget can poll, and strikes that neither source reaches; `live` stays true."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest

from dashboard.market.instruments import Series
from harness.board import BoardProcess
from tests.wire.fault_bench import FaultBench, watched_demo
from tests.wire.watcher import Watcher

pytestmark = [pytest.mark.wire, pytest.mark.timeout(240)]

EXTRA = 27
SILENT_S = 10.0  # docs/reliability.md: nothing is live when nothing has arrived for so long
SEEN_WITHIN_S = SILENT_S + 3.0  # the report is a second old at most, and this machine is busy


class LoadBench(FaultBench):
    def __init__(self, watcher: Watcher, board: BoardProcess) -> None:
        super().__init__(watcher)
        self.board = board
        self.extra = self._others()

    def _others(self) -> list[tuple[str, str]]:
        """(underlying, expiry) of series that are not kept warm: later expiries of the indices."""
        _, listed = self.board.get("/api/underlyings")
        return [(entry["name"], expiry["date"]) for entry in listed for expiry in entry["expiries"][1:]][:EXTRA]

    def health(self) -> dict[str, Any]:
        status, body = self.board.get("/healthz", timeout_s=5)
        return body if status else {"status": "no answer", "feed": {}, "series": []}

    def entry(self, series: Series) -> dict[str, Any]:
        return next((entry for entry in self.health()["series"] if entry["key"] == series.key), {})

    @contextmanager
    def viewers_of_the_others(self) -> Iterator[None]:
        """A viewer on each of the other series: one viewer alone may not watch so many."""
        over = threading.Event()

        def look() -> None:
            while not over.is_set():
                for number, (underlying, expiry) in enumerate(self.extra):
                    self.watcher.chains.watch(Series(underlying, date.fromisoformat(expiry)), f"viewer {number}")
                over.wait(5.0)

        walls = threading.Thread(target=look, daemon=True)
        walls.start()
        try:
            yield
        finally:
            over.set()
            walls.join(20)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoadBench]:
    with watched_demo(tmp_path_factory.mktemp("load")) as (board, watcher):
        yield LoadBench(watcher, board)


def test_a_total_outage_below_many_viewers_is_not_called_live(bench: LoadBench) -> None:
    with bench.viewers_of_the_others():
        keys = {f"{name}|{expiry}" for name, expiry in bench.extra}
        bench.until(lambda: keys <= {entry["key"] for entry in bench.health()["series"]}, "all are served", within_s=60)
        with bench.fault(f"everything silent below {EXTRA} more series", remark="socket frozen and refused, REST 503"):
            bench.board.sandbox("faults", {"freeze_sockets": True, "refuse_upgrades": True, "rest_html": True})
            bench.until(
                lambda: bench.health()["status"] != "ok", "/healthz says that nothing arrives", within_s=SEEN_WITHIN_S
            )
            health = bench.health()
            assert health["feed"]["state"] == "stale"
            assert [entry["key"] for entry in health["series"] if entry["state"] == "live"] == []
            bench.board.sandbox("faults", method="DELETE")


def test_wings_beyond_both_sources_count_as_old(bench: LoadBench) -> None:
    frame = bench.watcher.frame
    assert not any(frame["call"]["old"] + frame["put"]["old"]), "socket and polls together reach every strike"

    bench.until(lambda: bench.entry(bench.watcher.series)["poll_every_s"] == 5.0, "leases end", within_s=60)

    def wings_are_old() -> bool:
        return any(bench.watcher.frame["call"]["old"])

    with bench.fault(
        "plan limit of 10 symbols, strikes beyond the polls",
        recovered=lambda: not wings_are_old(),
        remark="they are old on their rows and missing in every coverage",
    ):
        bench.board.sandbox("faults", {"plan_limit": {"limit": 10}, "kill_sockets": True})
        bench.until(wings_are_old, "strikes that no source reaches are old", within_s=40)
        frame = bench.watcher.frame
        call, strikes = frame["call"], len(frame["strikes"])
        old = [row for row in range(strikes) if call["old"][row]]
        polled = [row for row in range(strikes) if not call["old"][row] and call["symbol"][row]]
        assert frame["state"] == "live"
        assert all(frame["as_of_ts"] - call["tick_ts"][row] > frame["old_after_s"] for row in old)
        assert all(frame["as_of_ts"] - call["tick_ts"][row] <= frame["old_after_s"] for row in polled)
        assert {call["iv"][row] for row in old} == {None}
        assert max(frame["coverage"]["quoted"][0], frame["coverage"]["pcr_oi"][0]) <= strikes - len(old)
        bench.until(lambda: bench.entry(bench.watcher.series)["old_legs"] >= len(old), "the report counts them")
        bench.board.sandbox("faults", method="DELETE")
        bench.board.sandbox("faults", {"kill_sockets": True})  # the plan is looked at anew with the next connection


def test_a_series_that_is_polled_too_seldom_is_stale_and_says_why(bench: LoadBench) -> None:
    chains = bench.watcher.chains
    others = [Series(name, date.fromisoformat(expiry)) for name, expiry in bench.extra]
    with bench.viewers_of_the_others():
        slow = f"because {EXTRA + 6} series are watched"

        def said() -> bool:
            return any(slow in chains.status(series).message for series in others)

        with bench.fault(f"plan limit of 10 symbols below {EXTRA} more series", remark="those polled seldom are stale"):
            bench.board.sandbox("faults", {"plan_limit": {"limit": 10}, "kill_sockets": True})
            bench.until(said, "a series says that it is polled too seldom", within_s=60)
            slow_ones = [entry for entry in bench.health()["series"] if entry["slow"]]
            assert len(slow_ones) >= EXTRA
            assert all(entry["poll_every_s"] > 15 for entry in slow_ones)
            assert bench.health()["feed"]["state"] == "live", "the others are served"
            bench.board.sandbox("faults", method="DELETE")
            bench.board.sandbox("faults", {"kill_sockets": True})
