"""What an analyst does with a chain: presets, columns, window, charts, export, explanations, keys."""

from __future__ import annotations

import csv
import json
import re
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import Download, expect

from dashboard.layouts.chain_grid import COLUMNS, PRESETS, STYLE_DIGITS
from dashboard.layouts.charts import CHARTS, FIRST_CHARTS
from dashboard.layouts.header import FIGURES
from harness.board import BoardProcess
from harness.process import eventually
from harness.screen import Screen, preset_columns

# Every leg field that a table can show, with the decimals of its column.
LEG_DIGITS = {"symbol": None} | {column.field: STYLE_DIGITS.get(column.style) for column in COLUMNS}


def as_shown(value: Any, digits: int | None) -> Any:
    return round(value, digits) if isinstance(value, float) and digits is not None else value


def visible_columns(screen: Screen) -> list[str]:
    """Column ids on screen, left to right."""
    ids: list[str] = screen.page.evaluate(
        "dash_ag_grid.getApi('chain-grid').getAllDisplayedColumns().map(column => column.getColId())"
    )
    return ids


def read(download: Download, folder: Path) -> str:
    path = folder / download.suggested_filename
    download.save_as(path)
    return path.read_text(encoding="utf-8")


def table_lines(text: str) -> list[str]:
    """A CSV without the lines that say what it is."""
    return [line for line in text.splitlines() if not line.startswith("#")]


def open_menu(screen: Screen, name: str) -> None:
    screen.page.locator(".toolbar .menu summary", has_text=name).click()


def test_a_preset_shows_its_columns_mirrored_and_is_remembered(screen: Screen):
    screen.open()
    for preset in PRESETS:
        screen.choose_preset(preset)
        columns = visible_columns(screen)
        assert set(columns) == {*preset_columns(preset), "strike"}
        calls = [name.removeprefix("call_") for name in columns if name.startswith("call_")]
        puts = [name.removeprefix("put_") for name in columns if name.startswith("put_")]
        assert calls == puts[::-1]
        screen.open()
        assert set(visible_columns(screen)) == set(columns)


def test_a_column_is_hidden_and_shown_by_itself_on_both_sides_and_remembered(screen: Screen):
    screen.open()
    open_menu(screen, "columns")
    screen.page.locator('[data-column="volume"]').click()
    assert not {"call_volume", "put_volume"} & set(visible_columns(screen))
    screen.page.locator('[data-column="delta"]').click()
    assert screen.page.locator('[data-column="delta"]').get_attribute("aria-checked") == "true"
    both = {"call_delta", "put_delta"}
    eventually(lambda: both <= set(visible_columns(screen)), what="the columns come with their numbers")
    screen.open()
    assert {"call_delta", "put_delta"} <= set(visible_columns(screen))


def test_a_dragged_column_stays_where_it_was_put(screen: Screen):
    screen.open()
    before = visible_columns(screen)
    assert before.index("call_iv") > before.index("call_volume")
    header = screen.page.locator("#chain-grid .ag-header-cell[col-id='call_iv']")
    target = screen.page.locator("#chain-grid .ag-header-cell[col-id='call_oi']")
    box, to = header.bounding_box(), target.bounding_box()
    assert box is not None
    assert to is not None
    mouse = screen.page.mouse
    mouse.move(box["x"] + box["width"] / 2, box["y"] + 10)
    mouse.down()
    mouse.move(to["x"] + to["width"] / 2, to["y"] + 10, steps=12)
    mouse.move(to["x"] + 4, to["y"] + 10, steps=4)
    mouse.up()
    eventually(
        lambda: visible_columns(screen).index("call_iv") < visible_columns(screen).index("call_volume"),
        within_s=3,
        what="the column moved",
    )
    moved = visible_columns(screen)
    screen.open()
    assert visible_columns(screen) == moved


def test_the_window_shows_so_many_strikes_each_side_and_labels_its_own_pcr(screen: Screen):
    screen.open()
    whole = len(screen.rows())
    assert whole > 60
    pcr = screen.figure("metrics.pcr_oi")
    screen.page.locator("#strike-window").select_option("10")
    eventually(lambda: len(screen.rows()) == 21, within_s=3, what="21 rows")
    assert screen.selection["strikes"] == "10"
    expect(screen.page.locator('[data-bind="window.pcr_oi"]').first).to_have_text(re.compile(r"^±10: \d"))
    assert abs(float(screen.figure("metrics.pcr_oi")) - float(pcr)) < 0.05, "the whole-chain PCR does not move with it"
    screen.page.locator("#strike-window").select_option("0")
    eventually(lambda: len(screen.rows()) == whole, within_s=3, what="all rows again")


def test_charts_are_picked_remembered_and_in_the_link(screen: Screen):
    screen.open()
    shown = screen.page.locator(".chart:visible")
    assert shown.evaluate_all("charts => charts.map(chart => chart.dataset.key)") == list(FIRST_CHARTS)
    open_menu(screen, "charts")
    screen.page.locator('[data-chart="gex"]').click()
    screen.page.locator('[data-chart="ltp"]').click()
    wanted = [chart.key for chart in CHARTS if chart.key in {*FIRST_CHARTS, "gex"} - {"ltp"}]
    assert shown.evaluate_all("charts => charts.map(chart => chart.dataset.key)") == wanted
    assert screen.selection["charts"].split(",") == wanted
    eventually(lambda: screen.chart_series("gex") == screen.series, within_s=6, what="the new chart is drawn")
    screen.open()
    assert shown.evaluate_all("charts => charts.map(chart => chart.dataset.key)") == wanted


def test_every_chart_draws_or_says_why_not(screen: Screen):
    screen.open("?charts=" + ",".join(chart.key for chart in CHARTS))
    screen.page.set_viewport_size({"width": 2600, "height": 1700})
    for chart in CHARTS:
        eventually(partial(screen.is_drawn, chart.key), within_s=8, what=f"{chart.key} is drawn")
        points = screen.page.evaluate(
            """id => document.querySelector(`#${id} .js-plotly-plot`).data
                .flatMap(trace => trace.y).filter(value => value !== null).length""",
            f"chart-{chart.key}",
        )
        is_empty = "is-empty" in (screen.page.locator(f'.chart[data-key="{chart.key}"]').get_attribute("class") or "")
        assert is_empty is (points == 0)
        if is_empty:
            expect(screen.page.locator(f'.chart[data-key="{chart.key}"] .chart-empty')).to_be_visible()


def test_a_chart_is_saved_as_png(screen: Screen, tmp_path: Path):
    screen.open()
    eventually(lambda: screen.chart_series("oi") == screen.series, within_s=6, what="the chart is drawn")
    screen.page.locator('.chart[data-key="oi"]').hover()
    with screen.page.expect_download() as download:
        screen.page.locator('[data-png="oi"]').click()
    path = tmp_path / "chart.png"
    download.value.save_as(path)
    assert path.read_bytes().startswith(b"\x89PNG")
    assert download.value.suggested_filename.endswith("_oi.png")


def test_csv_and_json_are_exactly_what_is_on_screen(screen: Screen, tmp_path: Path):
    screen.open("?strikes=5")
    eventually(lambda: len(screen.rows()) == 11, within_s=3, what="11 rows")
    open_menu(screen, "export")
    with screen.page.expect_download() as download:
        screen.page.locator('[data-export="csv"]').click()
    header, *rows = csv.reader(table_lines(read(download.value, tmp_path)))
    assert header == visible_columns(screen)
    assert len(rows) == 11
    strikes = [row[header.index("strike")] for row in rows]
    assert strikes == [row["id"] for row in screen.rows()]
    assert all(re.fullmatch(r"\d+(\.\d+)?|", row[header.index("call_ltp")]) for row in rows)
    open_menu(screen, "export")
    with screen.page.expect_download() as download:
        screen.page.locator('[data-export="json"]').click()
    document = json.loads(read(download.value, tmp_path))
    assert [row["strike"] for row in document["rows"]] == [float(strike) for strike in strikes]
    assert set(document["rows"][0]) == set(header)
    assert document["underlying"] == "NIFTY"


def test_the_whole_chain_is_exported_too(screen: Screen, tmp_path: Path):
    screen.open("?strikes=5")
    open_menu(screen, "export")
    with screen.page.expect_download() as download:
        screen.page.locator('[data-export="whole-csv"]').click()
    rows = list(csv.DictReader(table_lines(read(download.value, tmp_path))))
    assert len(rows) > 60
    assert {"strike", "call_ltp", "put_oi"} <= set(rows[0])


def test_every_header_number_explains_itself(screen: Screen):
    screen.open()
    for figure in FIGURES:
        cell = screen.page.locator(".figure", has=screen.page.get_by_text(figure.label, exact=True))
        cell.locator("summary").click()
        explanation = cell.locator(".explanation")
        expect(explanation).to_be_visible()
        expect(explanation).to_contain_text(figure.formula)
        box = explanation.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 1440
        screen.page.keyboard.press("Escape")
        expect(explanation).to_be_hidden()


def test_hovering_a_cell_tells_source_and_age_or_why_it_is_blank(screen: Screen):
    screen.open()
    strike = screen.page.locator("#chain-grid .ag-row.atm").first.get_attribute("row-id")
    assert strike is not None
    screen.cell(strike, "call_ltp").hover()
    tooltip = screen.page.locator(".ag-tooltip:not(.ag-tooltip-hiding)")
    expect(tooltip).to_contain_text(
        re.compile(r"NSE:NIFTY\S+CE\s+.*confirmed \d+\.\d s ago by (stream|chain poll)", re.S)
    )
    # Which cell is blank changes with the quotes, so the words for each reason are asked for directly.
    said = screen.page.evaluate(
        """() => {
            const page = {frame: chainboard.shownFrame(), now_s: chainboard.now_s(), market_s: chainboard.market_s()};
            const hint = status => chainboard.hintLines(
                {call_symbol: 'X', call_iv_status: status}, 'call_iv', null, page).join('\\n');
            const statuses = ['near_intrinsic', 'no_price', 'stale', 'wide_quote', 'expired'];
            return Object.fromEntries(statuses.map(status => [status, hint(status)]));
        }"""
    )
    assert "noise" in said["near_intrinsic"]
    assert "no quote and no recent trade" in said["no_price"]
    assert "too old" in said["stale"]
    assert "too wide" in said["wide_quote"]
    assert "expired" in said["expired"]


def test_more_columns_than_fit_open_at_the_strike(screen: Screen):
    screen.open()
    screen.page.locator('[data-preset="All"]').click()

    def off_centre() -> float:
        grid = screen.page.locator("#chain-grid").bounding_box()
        strike = screen.page.locator("#chain-grid .ag-header-cell[col-id='strike']").bounding_box()
        assert grid
        assert strike
        return abs(strike["x"] + strike["width"] / 2 - grid["x"] - grid["width"] / 2)

    eventually(lambda: off_centre() < 30, within_s=5, what="the strike stands in the middle")


def test_what_rounds_to_zero_has_no_sign(screen: Screen):
    screen.open()
    shown = screen.page.evaluate(
        """() => {
            const texts = [];
            chainboard.grid().forEachNode(({data}) => {
                for (const side of ['call', 'put'])
                    for (const field of ['delta', 'gamma'])
                        texts.push(chainboard.text(field, data[`${side}_${field}`]));
            });
            return [...texts, chainboard.text('delta', -0.001), chainboard.text('signed_percent', -0.01)];
        }"""
    )
    assert "0.00" in shown, "far strikes have no delta to speak of"
    assert not [text for text in shown if re.fullmatch(r"[-+]0\.0+%?", text)]


def test_keys_step_expiries_and_search_an_underlying(screen: Screen):
    screen.open()
    dates = screen.listed_expiries
    screen.page.keyboard.press("]")
    screen.wait_series(f"NIFTY|{dates[1]}")
    screen.page.keyboard.press("[")
    screen.wait_series(f"NIFTY|{dates[0]}")
    screen.page.keyboard.press("/")
    screen.page.keyboard.type("RELI")
    screen.page.locator(".dash-dropdown-option", has_text="RELIANCE").first.wait_for()
    screen.page.keyboard.press("ControlOrMeta+a")
    screen.page.keyboard.type("sense")  # an index, of the other exchange
    screen.page.locator(".dash-dropdown-option", has_text="SENSEX").click()
    expect(screen.label).to_contain_text("BSE | SENSEX |")


def test_arrows_move_through_the_chain(screen: Screen):
    screen.open()
    strike = screen.page.locator("#chain-grid .ag-row.atm").first.get_attribute("row-id")
    assert strike is not None
    screen.cell(strike, "strike").click()
    screen.page.keyboard.press("ArrowDown")
    screen.page.keyboard.press("ArrowRight")
    where = screen.page.evaluate(
        "(cell => [cell.closest('.ag-row').getAttribute('row-id'), cell.getAttribute('col-id')])"
        "(document.querySelector('.ag-cell-focus'))"
    )
    assert where == [str(int(strike) + 50), "put_ltp"]


def test_the_api_tells_what_the_table_shows_cell_by_cell(screen: Screen, demo: BoardProcess):
    screen.open("?preset=All&charts=none")
    underlying, expiry = (screen.series or "|").split("|")
    told: dict[int, dict] = {}  # what the API said, by version: the page is always a moment behind

    def matching() -> tuple[dict, dict] | None:
        """One version as the page shows it and as the API told it."""
        status, chain = demo.get(f"/api/chain?underlying={underlying}&expiry={expiry}")
        assert status == 200, chain
        told[chain["version"]] = chain
        version, rows = screen.page.evaluate(
            """() => {
                const rows = [];
                dash_ag_grid.getApi('chain-grid').forEachNode(node => rows.push({...node.data}));
                return [window.chainboard.shownFrame().version, rows];
            }"""
        )
        return (told[version], {row["strike"]: row for row in rows}) if version in told else None

    chain, rows = eventually(matching, within_s=40, what="page and API show the same version")
    assert {row["strike"] for row in chain["rows"]} == set(rows)
    differing = [
        f"{row['strike']} {side} {field}: {rows[row['strike']][f'{side}_{field}']} != {row[side][field]}"
        for row in chain["rows"]
        for side in ("call", "put")
        for field, digits in LEG_DIGITS.items()
        if rows[row["strike"]][f"{side}_{field}"] != as_shown(row[side][field], digits)
    ]
    assert differing == []


def test_nothing_shifts_while_numbers_change(screen: Screen):
    screen.page.add_init_script(
        """window.shifts = 0;
        new PerformanceObserver(list => { for (const entry of list.getEntries()) window.shifts += entry.value; })
            .observe({type: 'layout-shift', buffered: true});"""
    )
    screen.open()
    eventually(lambda: screen.chart_series("iv_smile") == screen.series, within_s=8, what="all charts are drawn")
    screen.page.wait_for_timeout(1_500)  # the last of the opening
    before = screen.page.evaluate("window.shifts")
    texts = screen.ltp_texts()
    eventually(lambda: len(texts.items() - screen.ltp_texts().items()) > 10, within_s=8, what="many LTPs changed")
    screen.page.wait_for_timeout(4_000)
    assert screen.page.evaluate("window.shifts") - before < 0.001


def test_every_column_of_the_contract_can_be_shown(screen: Screen):
    screen.open("?preset=All")
    shown = set(visible_columns(screen))
    assert {f"{side}_{column.field}" for side in ("call", "put") for column in COLUMNS} <= shown

    def missing() -> list[str]:
        row = next(row for row in screen.rows() if "atm" in row["place"])
        return [column.field for column in COLUMNS if row.get(f"call_{column.field}") is None]

    eventually(lambda: not missing(), what=lambda: f"every column has a number: {missing()}")
