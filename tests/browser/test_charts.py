"""Charts: values under the pointer, points where they belong, room shared, pictures that say what they are."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from dashboard.layouts.charts import CHARTS
from tests.board_process import eventually
from tests.browser.screen import Screen

ALL = "?charts=" + ",".join(chart.key for chart in CHARTS)

# What a number is written in, on this page.
NUMBERS = ".ag-cell, .figure, .js-plotly-plot text, #selection-label, #status-state"

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


def wait_drawn(screen: Screen) -> None:
    """Every chart on screen shows the series of the page."""
    eventually(
        lambda: screen.page.evaluate(
            """() => [...document.querySelectorAll('.chart:not([hidden]) .plot')]
                .every(plot => plot.querySelector('.js-plotly-plot')?.dataset.key === document.body.dataset.series)"""
        ),
        within_s=10,
        what="all charts are drawn",
    )


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.key)
def test_the_pointer_shows_values_with_unit_and_strike(screen: Screen, chart):
    screen.page.set_viewport_size({"width": 1440, "height": 1000})
    screen.open(f"?charts=oi,{chart.key}")
    wait_drawn(screen)
    if chart.key == "term_structure":
        eventually(
            lambda: len(screen.chart_points(chart.key)["traces"][0]["x"]) > 2, within_s=40, what="expiries are surveyed"
        )
    points = screen.chart_points(chart.key)
    known = [x for x, y in zip(points["traces"][0]["x"], points["traces"][0]["y"], strict=True) if y is not None]
    place = known[len(known) // 2]

    def shown() -> list[str]:
        lines = screen.hover_chart(chart.key, place)
        return lines if lines and f"{place:,.10g}"[:5] in lines[0] else []

    head, *values = eventually(shown, within_s=8, what="the label of the place under the pointer")
    assert head.startswith(chart.across)
    expected = [trace["name"] for trace in points["traces"] if place in trace["x"]]
    assert [value.partition(" : ")[0] for value in values][: len(expected)] == expected
    for value in values:
        assert re.search(rf" : .*\d {re.escape(chart.value_unit)}", value), value

    def agrees() -> bool:
        """The label follows the numbers: what it says is what the chart shows at this very moment."""
        texts, now = screen.page.evaluate(
            """key => {
                const texts = document.querySelectorAll(`#chart-${key} .hoverlayer .legend text`);
                return [[...texts].map(text => text.textContent), chainboard.chartPoints(key)];
            }""",
            chart.key,
        )
        trace = now["traces"][0]
        value = dict(zip(trace["x"], trace["y"], strict=True)).get(place)
        digits = int(chart.hover[-2])
        said = f"{value:,.{digits}f}".replace("-", "−")
        return len(texts) > 1 and said in texts[1].replace("-", "−")

    eventually(agrees, within_s=8, what="the label has the chart's own value")


def test_a_25_delta_mark_is_shown_at_its_own_strike_only(screen: Screen):
    screen.open("?charts=iv_smile")
    wait_drawn(screen)
    points = screen.chart_points("iv_smile")
    (mark,) = (trace for trace in points["traces"] if trace["name"] == "25 delta")
    assert len(mark["x"]) == 2
    strikes = points["traces"][0]["x"]
    nearest = min(strikes, key=lambda strike: abs(strike - mark["x"][0]))
    near = eventually(
        lambda: [line for line in screen.hover_chart("iv_smile", nearest) if line.startswith("25 delta")],
        within_s=5,
        what="the mark at its strike",
    )
    assert re.fullmatch(r"25 delta : [\d.]+ % at [\d,]+", near[0])
    away = strikes[strikes.index(nearest) + 3]
    screen.page.mouse.move(5, 5)
    assert not [line for line in screen.hover_chart("iv_smile", away) if line.startswith("25 delta")]


def test_with_a_strike_window_no_mark_floats_outside_the_strikes(screen: Screen):
    screen.open("?charts=iv_smile&strikes=5")
    wait_drawn(screen)
    calls, _, _, mark = screen.chart_points("iv_smile")["traces"]
    assert len(calls["x"]) == 11
    assert all(calls["x"][0] <= strike <= calls["x"][-1] for strike in mark["x"])
    low, high = screen.page.evaluate(
        "() => document.querySelector('#chart-iv_smile .js-plotly-plot')._fullLayout.xaxis.range"
    )
    assert calls["x"][0] - 50 < low < calls["x"][0]
    assert calls["x"][-1] < high < calls["x"][-1] + 50


def test_what_was_moved_stands_where_its_numbers_belong(screen: Screen):
    """After many versions without a drawing from scratch, every bar, mark and line is where its axis puts it."""
    screen.open("?charts=oi,ltp,iv_smile,gex")
    wait_drawn(screen)
    first = screen.page.evaluate("() => Number(document.body.dataset.version)")
    eventually(
        lambda: screen.page.evaluate("() => Number(document.body.dataset.version)") - first > 8_000,
        within_s=40,
        what="eight seconds of versions",
    )
    wrong: list[Any] = screen.page.evaluate(
        """() => {
            const wrong = [];
            for (const plot of document.querySelectorAll('.chart:not([hidden]) .js-plotly-plot')) {
                const key = plot.closest('.chart').dataset.key;
                const {xaxis, yaxis} = plot._fullLayout;
                const area = plot.querySelector('.nsewdrag').getBoundingClientRect();
                const layers = [...plot.querySelectorAll('.overplot .xy :is(.barlayer, .scatterlayer) > .trace')];
                chainboard.chartPoints(key).traces.forEach(({name, x, y}, index) => {
                    const points = [...layers[index].querySelectorAll('.points > .point')];
                    const bars = layers[index].classList.contains('bars');
                    let place = 0;
                    y.forEach((value, at) => {
                        const point = bars ? points[at] : value === null ? null : points[place++];
                        if (!point || value === null) return;
                        const box = (point.querySelector('path') || point).getBoundingClientRect();
                        const [top, left] = [area.top + yaxis.c2p(value), area.left + xaxis.c2p(x[at])];
                        const drawn = bars ? (value >= 0 ? box.top : box.bottom) : box.top + box.height / 2;
                        const aside = bars ? 0 : box.left + box.width / 2 - left;
                        if (Math.max(Math.abs(drawn - top), Math.abs(aside)) > 1.5) wrong.push([key, name, x[at]]);
                    });
                });
                const marks = chainboard.chartPoints(key).marks.filter(({text}) => text).map(({text}) => text);
                const labels = [...plot.querySelectorAll('.annotation text')].map(text => text.textContent);
                if (marks.join() !== labels.join()) wrong.push([key, marks, labels]);
            }
            return wrong;
        }"""
    )
    assert wrong == []


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (2600, 1500)])
def test_any_number_of_charts_fills_its_room(screen: Screen, width: int, height: int):
    screen.page.set_viewport_size({"width": width, "height": height})
    screen.open(f"{ALL}&strikes=5")
    wait_drawn(screen)
    for count in range(len(CHARTS), -1, -1):
        found = eventually(
            lambda count=count: (
                (layout := screen.page.evaluate(LAYOUT))
                and len(layout["charts"]) == count
                and not layout["overlaps"]
                and layout
            ),
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
            eventually(
                lambda count=count: len(screen.page.evaluate(LAYOUT)["charts"]) == count - 1,
                within_s=3,
                what="one chart less",
            )
        else:
            assert found["chain"]["width"] == pytest.approx(found["board"]["width"], abs=2), "the chain takes the room"


def test_one_chart_large_and_back_by_button_and_by_key(screen: Screen):
    screen.open()
    wait_drawn(screen)
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
    wait_drawn(screen)

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
    wait_drawn(screen)
    handle.focus()
    screen.page.keyboard.press("Home")
    assert width() == pytest.approx(usual, abs=2)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_a_picture_of_a_chart_says_what_when_and_that_it_is_a_demo(screen: Screen, theme: str):
    screen.open(f"?theme={theme}")
    wait_drawn(screen)
    screen.page.evaluate(
        """() => {
            const made = Plotly.toImage;
            Plotly.toImage = (figure, options) => { window.picture = figure; return made(figure, options); };
        }"""
    )
    screen.page.locator('.chart[data-key="iv_smile"]').hover()
    with screen.page.expect_download() as download:
        screen.page.locator('[data-png="iv_smile"]').click()
    assert download.value.suggested_filename.endswith("_iv_smile.png")
    figure = screen.page.evaluate("() => window.picture")
    layout = figure["layout"]
    title = layout["title"]["text"]
    day = screen.label.inner_text().rpartition(" ")[2]
    for words in ("NIFTY", day, "IV smile", "% a year", "DEMO"):
        assert words in title
    assert re.search(r"\d\d-\w{3}-\d\d \d\d:\d\d:\d\d IST", title)
    assert layout["showlegend"] is True
    assert [trace["name"] for trace in figure["data"]] == ["call", "put", "OTM side", "25 delta"]
    assert [note["text"][:5] for note in layout["annotations"]] == ["spot "]
    assert layout["xaxis"]["title"]["text"] == "Strike"
    ground = screen.page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert layout["paper_bgcolor"] == ground
    assert layout["font"]["family"] != "inherit", "a picture has no page to inherit from"


def test_colours_that_mean_both_sides_are_not_the_calls(screen: Screen):
    screen.open(ALL)
    wait_drawn(screen)
    for theme in ("dark", "light"):
        if theme == "light":
            screen.page.locator("#theme-toggle").click()
        calls, *others = screen.page.evaluate(
            """() => ['ltp', 'straddle', 'max_pain', 'gex'].map(key => {
                const [trace] = document.querySelector(`#chart-${key} .js-plotly-plot`).data;
                const [r, g, b] = trace.marker.color.match(/[0-9a-f]{2}/g).map(pair => parseInt(pair, 16));
                return [r, g, b];
            })"""
        )
        assert max(calls) - min(calls) > 80, "calls have a colour"
        for colour in others:
            assert max(colour) - min(colour) < 25, "what belongs to both sides is grey"


def test_every_chart_of_several_traces_has_its_legend(screen: Screen):
    screen.open("?charts=iv_smile,gex")
    wait_drawn(screen)
    expect(screen.page.locator('.chart[data-key="iv_smile"] .chart-legend')).to_have_text("callputOTM side25 delta")
    expect(screen.page.locator('.chart[data-key="iv_smile"] .chart-legend')).to_be_in_viewport(ratio=0.99)


def test_weeklies_are_apart_on_the_term_structure(screen: Screen):
    screen.open("?charts=term_structure")
    wait_drawn(screen)
    eventually(
        lambda: len(screen.chart_points("term_structure")["traces"][0]["x"]) > 4,
        within_s=60,
        what="expiries are surveyed",
    )
    days = screen.chart_points("term_structure")["traces"][0]["x"]
    pixels = screen.page.evaluate(
        """days => { const {xaxis} = document.querySelector('#chart-term_structure .js-plotly-plot')._fullLayout;
            return days.map(day => xaxis.d2p(day) / xaxis._length); }""",
        days,
    )
    weekly = [after - before for before, after, day in zip(pixels, pixels[1:], days, strict=False) if day < 22]
    assert min(weekly) > 0.02
    ticks = screen.page.locator("#chart-term_structure .xaxislayer-above text").all_text_contents()
    assert len(ticks) >= 2
    assert all(re.fullmatch(r"\d+ [hdwmy]", tick) for tick in ticks)


def test_the_note_of_a_choice_stands_over_no_number(screen: Screen):
    screen.open()
    wait_drawn(screen)
    screen.choose_index("BANKNIFTY")
    expect(screen.toast).to_contain_text("lot 30")
    covered = screen.page.evaluate(
        """numbers => {
            const note = document.querySelector('#toast').getBoundingClientRect();
            const hits = (element) => {
                const {left, right, top, bottom, width} = element.getBoundingClientRect();
                return width && left < note.right && right > note.left && top < note.bottom && bottom > note.top;
            };
            return [...document.querySelectorAll(numbers)].filter(hits).map(element => element.textContent);
        }""",
        NUMBERS,
    )
    assert covered == []
