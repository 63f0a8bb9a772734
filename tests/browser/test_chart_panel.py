"""The column of charts: any number of them fills its room, one can be large, the column wider or folded away."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from playwright.sync_api import expect

from dashboard.layouts.charts import CHARTS
from harness.process import eventually
from harness.screen import Screen

ALL = "?charts=" + ",".join(chart.key for chart in CHARTS)

# Per chart: its box on screen relative to the page's column of charts, and whether its heading is cut.
LAYOUT = """() => {
    const box = (element) => {
        const {left, top, width, height} = element.getBoundingClientRect();
        return {left, top, width, height};
    };
    const cut = (part) => part.clientWidth > 0 && part.scrollWidth > part.clientWidth + 1;
    const overlapping = (texts) => {
        const boxes = texts.map(text => text.getBoundingClientRect()).sort((a, b) => a.left - b.left);
        return boxes.slice(1).some((text, index) => text.left < boxes[index].right);
    };
    const charts = [...document.querySelectorAll('.chart')].filter(chart => !chart.hidden);
    return {
        column: box(document.querySelector('.charts')),
        board: box(document.querySelector('.board')),
        chain: box(document.querySelector('.chain-panel')),
        charts: charts.map(chart => ({
            key: chart.dataset.key, ...box(chart), plot: box(chart.querySelector('.chart-body')).height,
            cut: [...chart.querySelectorAll('header > *')].some(cut),
        })),
        overlaps: charts.filter(chart => ['.xaxislayer-above text', '.annotation text']
            .some(kind => overlapping([...chart.querySelectorAll(kind)]))).map(chart => chart.dataset.key),
    };
}"""


def laid_out(screen: Screen, count: int) -> dict[str, Any] | None:
    """The layout, once it has so many charts and no label on another."""
    layout: dict[str, Any] = screen.page.evaluate(LAYOUT)
    return layout if len(layout["charts"]) == count and not layout["overlaps"] else None


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (2600, 1500)])
def test_any_number_of_charts_fills_its_room(screen: Screen, width: int, height: int):
    screen.page.set_viewport_size({"width": width, "height": height})
    screen.open(f"{ALL}&strikes=5")
    screen.wait_charts()
    for count in range(len(CHARTS), -1, -1):
        found = eventually(
            partial(laid_out, screen, count),
            within_s=5,
            what=f"{count} charts without labels on each other",
        )
        if count:
            covered = sum(chart["width"] * chart["height"] for chart in found["charts"])
            room = found["column"]["width"] * found["column"]["height"]
            assert covered == pytest.approx(room, rel=0.01), f"{count} charts leave a hole"
            assert not [chart["key"] for chart in found["charts"] if chart["cut"]]
            assert min(chart["plot"] for chart in found["charts"]) > 100
            screen.page.evaluate(
                "key => document.querySelector(`[data-chart='${key}']`).click()", CHARTS[count - 1].key
            )
            screen.page.wait_for_function(
                f"count => ({LAYOUT})().charts.length === count", arg=count - 1, timeout=20_000
            )
        else:
            assert found["chain"]["width"] == pytest.approx(found["board"]["width"], abs=2), "the chain takes the room"


def test_one_chart_large_and_back_by_button_and_by_key(screen: Screen):
    screen.open()
    screen.wait_charts()
    button = screen.page.locator('[data-maximise="iv_smile"]')
    before = screen.page.evaluate(LAYOUT)["charts"][-1]
    button.focus()
    screen.page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")
    layout = screen.page.evaluate(LAYOUT)
    large = next(chart for chart in layout["charts"] if chart["key"] == "iv_smile")
    assert large["width"] == pytest.approx(layout["board"]["width"], abs=2)
    assert large["height"] == pytest.approx(layout["board"]["height"], abs=2)
    assert len(screen.chart_points("iv_smile")["traces"][0]["x"]) > 40, "more strikes where there is room for them"
    screen.page.keyboard.press("Escape")
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(button).to_be_focused()
    after = next(chart for chart in screen.page.evaluate(LAYOUT)["charts"] if chart["key"] == "iv_smile")
    assert after["width"] == pytest.approx(before["width"], abs=1)


def test_the_column_of_charts_is_folded_widened_and_remembered(screen: Screen):
    screen.open()
    screen.wait_charts()

    def width() -> float:
        return float(screen.page.evaluate(LAYOUT)["column"]["width"])

    usual = width()
    handle = screen.page.locator("#charts-handle")
    handle.focus()
    for _ in range(4):
        screen.page.keyboard.press("ArrowLeft")
    wider = width()
    assert wider > usual + 80
    box = handle.bounding_box()
    assert box is not None
    screen.page.mouse.move(box["x"] + box["width"] / 2, 300)
    screen.page.mouse.down()
    screen.page.mouse.move(box["x"] - 60, 300, steps=4)
    screen.page.mouse.up()
    dragged = width()
    assert dragged == pytest.approx(wider + 64, abs=8)
    screen.page.locator("#charts-fold").click()
    expect(screen.page.locator("#charts")).to_be_hidden()
    screen.open()
    expect(screen.page.locator("#charts")).to_be_hidden()
    screen.page.locator("#charts-fold").click()
    assert width() == pytest.approx(dragged, abs=2)
    screen.wait_charts()
    handle.focus()
    screen.page.keyboard.press("Home")
    assert width() == pytest.approx(usual, abs=2)
