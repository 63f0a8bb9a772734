"""A wall for weeks: thousands of updates over all scenes leave no more behind than the first did."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import orjson
import pytest
from playwright.sync_api import BrowserContext

from dashboard.data.reader.summaries import head_of
from tests.browser.wall_screen import WallScreen
from tests.browser.wall_stand_in import MARKET, StandIn

UPDATES = int(os.environ.get("UPDATES", "3000"))  # `make soak-wall`: 100,000
LINK = "?scene=board&scene=chain:NIFTY:near&scene=charts:NIFTY:near&dwell=3600"

# Applies documents as an answer of the server would, `rounds` times round all scenes, as fast as they go. Charts are
# drawn at most every two seconds, as on a wall; a short breath now and then lets timers and the collector work.
DRIVE = """async ([chains, boards, rounds]) => {
    const {apply, show, showState, stage} = chainboard;
    const breathe = () => new Promise(done => setTimeout(done, 0));
    for (let round = 0; round < rounds; round++) {
        for (const [number, scene] of stage.scenes.entries()) {
            if (round % 50 === 0) { show(number); await breathe(); }
            const text = (scene.kind === 'board' ? boards : chains)[round % chains.length];
            apply(scene, JSON.parse(text));
        }
        showState();
        if (round % 10 === 0) await breathe();
    }
}"""

# Plotly's own code and caches settle over its first few hundred drawings; what counts is what comes after.
WARM = """async ([chains, drawings]) => {
    const {drawCharts, show, stage} = chainboard;
    const charts = stage.scenes.findIndex(({kind}) => kind === 'charts');
    show(charts);
    for (let drawing = 0; drawing < drawings; drawing++) {
        const frame = JSON.parse(chains[drawing % chains.length]);
        drawCharts(frame, {now: true, within: stage.scenes[charts].element});
        if (drawing % 10 === 0) await new Promise(done => setTimeout(done, 0));
    }
}"""


@pytest.fixture
def market() -> Iterator[StandIn]:
    stand_in = StandIn()
    stand_in.publish()
    with stand_in.served():
        yield stand_in


def documents(market: StandIn, count: int = 20) -> tuple[list[str], list[str]]:
    """Frames of a moving NIFTY, and boards of six moving indices."""
    chains, boards = [], []
    for step in range(count):
        moved = 3.7 * step
        chains.append(market.frame_text("NIFTY", moved=moved, version=step + 1))
        tiles = [
            head_of(market.frame_text(name, moved=moved, version=step + 1).encode())
            | {"state": "live", "message": "", "since_ts": None, "trail_since": "spot since 09:15"}
            | {"trail": [[market.clock() - 60 * back, 24_000.0 + back % 7] for back in range(200, 0, -1)]}
            for name in MARKET
        ]
        boards.append(orjson.dumps({"have": f"board@{step}", "tiles": tiles}).decode())
    return chains, boards


def soak(wall: WallScreen, market: StandIn, updates: int) -> list[tuple[float, int]]:
    """(heap MB, DOM nodes) after a warm-up and after each quarter of the updates."""
    chains, boards = documents(market)
    rounds = updates // 3 // 4
    wall.page.evaluate(WARM, [chains, min(400, updates // 100)])
    wall.page.evaluate(DRIVE, [chains, boards, 60])
    measured = [wall.memory()]
    for _ in range(4):
        wall.page.evaluate(DRIVE, [chains, boards, rounds])
        measured.append(wall.memory())
    return measured


def assert_flat(measured: list[tuple[float, int]]) -> None:
    (heap, nodes), (heap_after, nodes_after) = measured[0], measured[-1]
    told = json.dumps(measured)
    assert heap_after <= 1.10 * heap, told
    assert nodes_after == pytest.approx(nodes, rel=0.01), told


@pytest.mark.timeout(240 + UPDATES // 10)
def test_memory_stays_flat_over_thousands_of_updates(context: BrowserContext, market: StandIn):
    wall = WallScreen(context.new_page(), market.url).open(LINK)
    measured = soak(wall, market, UPDATES)
    print(f"{UPDATES} updates; (heap MB, nodes): {measured}")
    assert_flat(measured)
    assert wall.page.evaluate("chainboard.stage.faults") == 0
    assert wall.problems == []
