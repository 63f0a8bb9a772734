"""Charts: values under the pointer, points where they belong, room shared, pictures that say what they are."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from dashboard.layouts.charts import CHARTS
from harness.process import eventually
from harness.screen import Screen

ALL = "?charts=" + ",".join(chart.key for chart in CHARTS)

# What a number is written in, on this page.
NUMBERS = ".ag-cell, .figure, .js-plotly-plot text, #selection-label, #status-state"


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.key)
def test_the_pointer_shows_values_with_unit_and_strike(screen: Screen, chart):
    screen.page.set_viewport_size({"width": 1440, "height": 1000})
    screen.open(f"?charts=oi,{chart.key}")
    screen.wait_charts()
    if chart.key == "term_structure":
        eventually(
            lambda: len(screen.chart_points(chart.key)["traces"][0]["x"]) > 2, within_s=40, what="expiries are surveyed"
        )

    def shown() -> tuple[list[str], list[str]] | None:
        points = screen.chart_points(chart.key)  # days to expiry pass while the pointer moves
        known = [x for x, y in zip(points["traces"][0]["x"], points["traces"][0]["y"], strict=True) if y is not None]
        place = known[len(known) // 2]
        lines = screen.hover_chart(chart.key, place)
        names = [trace["name"] for trace in points["traces"] if place in trace["x"]]
        return (lines, names) if lines and f"{place:,.10g}"[:5] in lines[0] else None

    (head, *values), expected = eventually(shown, within_s=8, what="the label of the place under the pointer")
    assert head.startswith(chart.across)
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
        known = [y for y in trace["y"] if y is not None]
        value = known[len(known) // 2]
        digits = int(chart.hover[-2])
        said = f"{value:,.{digits}f}".replace("-", "−")
        return len(texts) > 1 and said in texts[1].replace("-", "−")

    eventually(agrees, within_s=8, what="the label has the chart's own value")


def test_a_25_delta_mark_is_shown_at_its_own_strike_only(screen: Screen):
    screen.open("?charts=iv_smile")
    screen.wait_charts()
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
    screen.wait_charts()
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
    screen.wait_charts()
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


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_a_picture_of_a_chart_says_what_when_and_that_it_is_a_demo(screen: Screen, theme: str):
    screen.open(f"?theme={theme}")
    screen.wait_charts()
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
    screen.wait_charts()
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
    screen.wait_charts()
    expect(screen.page.locator('.chart[data-key="iv_smile"] .chart-legend')).to_have_text("callputOTM side25 delta")
    expect(screen.page.locator('.chart[data-key="iv_smile"] .chart-legend')).to_be_in_viewport(ratio=0.99)


def test_weeklies_are_apart_on_the_term_structure(screen: Screen):
    screen.open("?charts=term_structure")
    screen.wait_charts()
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
    screen.wait_charts()
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
