"""What leaves the table says what it is, of when and in which unit, and holds numbers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas
import pytest
from playwright.sync_api import expect

from harness.screen import Screen


@pytest.mark.parametrize("clipboard", ["granted", "refused", "missing"])
def test_the_table_is_copied_with_headings(screen: Screen, clipboard: str):
    if clipboard == "granted":
        screen.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    elif clipboard == "missing":  # a board on plain http, seen from another computer
        screen.page.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    else:
        screen.page.add_init_script(
            "const writeText = () => Promise.reject(new Error('refused'));"
            "Object.defineProperty(navigator, 'clipboard', {value: {writeText}});"
            "document.execCommand = () => false"
        )
    if clipboard == "missing":
        screen.page.add_init_script(
            "addEventListener('copy', () => { window.copied = document.activeElement.value; }, true)"
        )
    screen.open("?strikes=5")
    screen.open_menu("export")
    screen.page.locator('[data-export="copy"]').click()
    if clipboard == "refused":
        area = screen.page.get_by_role("dialog", name="Copy by hand").get_by_role("textbox")
        expect(area).to_be_visible()
        text = area.input_value()
        assert screen.page.evaluate("document.activeElement.selectionEnd") > 100
    else:
        expect(screen.toast).to_contain_text("11 rows")
        text = screen.page.evaluate("window.copied || navigator.clipboard.readText()")
    about, heads, *rows = text.rstrip("\n").split("\n")
    assert re.match(r"DEMO · NIFTY · \d{4}-\d\d-\d\d · \S+\+05:30 · spot [\d.]+ · OI in units", about)
    assert heads.split("\t") == screen.columns
    assert len(rows) == 11
    assert all(len(row.split("\t")) == len(screen.columns) for row in rows)
    strike = heads.split("\t").index("strike")
    assert [row.split("\t")[strike] for row in rows] == [row["id"] for row in screen.rows()]


def test_exports_say_what_they_are_and_hold_numbers(screen: Screen, tmp_path: Path):
    screen.open("?strikes=5&oi=lots")
    screen.stop_frames()
    on_screen = {row["strike"]: row for row in screen.rows()}

    def saved(kind: str) -> str:
        screen.open_menu("export")
        with screen.page.expect_download() as download:
            screen.page.locator(f'[data-export="{kind}"]').click()
        path = tmp_path / kind
        download.value.save_as(path)
        return path.read_text(encoding="utf-8")

    text = saved("csv")
    about = dict(line[2:].split(": ", 1) for line in text.splitlines() if line.startswith("# "))
    table = pandas.read_csv(tmp_path / "csv", comment="#")
    assert about["mark"] == "DEMO"
    assert about["series"] == screen.series
    assert about["oi_unit"] == "lots"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+05:30", about["as_of_ist"])
    assert float(about["as_of_ts"]) > 1.7e9
    assert float(about["spot"]) > 0
    assert "rupees" in about["units"]
    assert list(table.columns) == screen.columns
    assert all(kind.kind in "fi" for name, kind in table.dtypes.items() if not str(name).endswith("build_up"))
    for _, row in table.iterrows():
        assert row["call_oi"] == pytest.approx(on_screen[row["strike"]]["call_oi"] / 65)
        assert row["call_ltp"] == on_screen[row["strike"]]["call_ltp"]
    document = json.loads(saved("json"))
    assert {key: document[key] for key in ("mark", "oi_unit", "series")} == {
        "mark": "DEMO", "oi_unit": "lots", "series": screen.series,
    }  # fmt: skip
    assert document["as_of_ist"] == about["as_of_ist"]
    assert document["rows"][0]["call_oi"] == pytest.approx(on_screen[document["rows"][0]["strike"]]["call_oi"] / 65)
    whole = saved("whole-csv")
    assert "# mark: DEMO\n" in whole
    assert "# oi_unit: units\n" in whole
    table = pandas.read_csv(tmp_path / "whole-csv", comment="#")
    assert len(table) > 60
    assert {"strike", "call_ltp", "put_oi", "straddle"} <= set(table.columns)
    assert json.loads(saved("whole-json"))["mark"] == "DEMO"
