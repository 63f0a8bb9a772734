"""Thirty pages with twelve views for MINUTES (half a one in the suite), and a thousand forged views: memory stays.

MINUTES=20 python -m pytest -s tests/wire/test_views_memory.py
"""

from __future__ import annotations

import json
import os
import random
import time
from typing import Any

import pytest

from dashboard.layouts.chain_grid import COLUMNS
from dashboard.layouts.charts import CHARTS
from harness.board import BoardProcess
from harness.process import eventually
from tests.wire.test_faults_web import memory_mb
from tests.wire.web_attack import ForgedPage, port_of

MINUTES = float(os.environ.get("MINUTES", "0.5"))
VIEWERS, VIEWS, FORGED = 30, 12, 1_000
UNDERLYINGS = ("NIFTY", "BANKNIFTY", "SENSEX")
GROWTH_MB = 20.0  # of 128 kept cuts of a series to a view, three versions each, when all have come into use
pytestmark = [pytest.mark.wire, pytest.mark.timeout(MINUTES * 60 + 180)]


class Viewer:
    """A page with a view of its own choice that follows one series, and says what it has seen."""

    def __init__(self, board: BoardProcess, number: int, rng: random.Random) -> None:
        underlying = UNDERLYINGS[number % len(UNDERLYINGS)]
        status, chain = board.get(f"/api/chain?underlying={underlying}")
        assert status == 200, chain
        expiry = chain["expiry"]
        self._page = ForgedPage(port_of(board.url))
        self._selection = {"underlying": underlying, "expiry": expiry, "key": f"{underlying}|{expiry}"}
        self._view = any_view(random.Random(number % VIEWS))
        self._seen: dict[str, Any] | None = None
        self.changes = self.wholes = 0

    def ask(self) -> None:
        assert self._page.tick(self._selection, view=self._view, seen=self._seen) == 200
        answer = json.loads(json.loads(self._page.body)["response"]["answer"]["data"])
        numbers = answer.get("numbers")
        if numbers:
            self.changes += "base" in numbers
            self.wholes += "base" not in numbers
            self._seen = {name: numbers[name] for name in ("key", "view", "version")}

    def forge(self, rng: random.Random) -> None:
        assert self._page.tick(self._selection, view=any_view(rng)) == 200

    def close(self) -> None:
        self._page.close()


def any_view(rng: random.Random) -> dict[str, Any]:
    fields = [column.field for column in COLUMNS]
    return {
        "columns": ",".join(rng.sample(fields, rng.randint(1, len(fields)))),
        "charts": ",".join(rng.sample([chart.key for chart in CHARTS], rng.randint(0, 4))),
        "strikes": rng.choice([0, 5, 10, 20]),
    }


def test_memory_stays_while_many_pages_look_at_many_views() -> None:
    rng = random.Random(3)
    with BoardProcess("--demo") as board:
        eventually(board.is_well, within_s=60, what="the demo is well")
        web = board.child("dashboard.web")
        viewers = [Viewer(board, number, rng) for number in range(VIEWERS)]
        try:
            follow(viewers, 10.0)
            for _ in range(FORGED // VIEWERS):
                for viewer in viewers:
                    viewer.forge(rng)
            before_mb = memory_mb(web)
            follow(viewers, MINUTES * 60)
            after_mb = memory_mb(web)
        finally:
            for viewer in viewers:
                viewer.close()
        changes, wholes = (sum(getattr(viewer, kind) for viewer in viewers) for kind in ("changes", "wholes"))
        print(f"\nviews: {MINUTES:g} min, {changes:,} changes, {wholes:,} whole, {before_mb:.0f} → {after_mb:.0f} MB")
        assert after_mb - before_mb < GROWTH_MB
        assert changes > 5 * wholes, "pages get what has changed"


def follow(viewers: list[Viewer], seconds: float) -> None:
    """Each asks once a second."""
    until = time.monotonic() + seconds
    while (began := time.monotonic()) < until:
        for viewer in viewers:
            viewer.ask()
        time.sleep(max(0.0, 1.0 - (time.monotonic() - began)))
