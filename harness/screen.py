"""Page object of the board: what a user sees and does, in the field's words."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, expect

from dashboard.layouts.chain_grid import column_choices
from dashboard.layouts.ids import GridId, SelectionId, StatusId, chart_id

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
FIRST_PAINT_MS = 60_000  # an upper limit for a busy machine; no timing decides a test
CHANGE_MS = 20_000

# The exports of the page's modules as `chainboard`, for questions that the page itself answers to nobody.
MODULES = """addEventListener('DOMContentLoaded', async () => {
    const {modules} = await import(document.querySelector('script[type=module][src$="/main.mjs"]').src);
    window.chainboard = Object.assign({}, ...Object.values(modules));
})"""

ROWS = """() => {
    const api = window.dash_ag_grid && window.dash_ag_grid.getApi('chain-grid');
    const rows = [];
    if (api) api.forEachNodeAfterFilter(node => rows.push({...node.data}));
    return rows;
}"""


def preset_columns(preset: str) -> set[str]:
    """Ids of the columns that a preset shows, without the strike's."""
    choices = column_choices()
    sides = {field: ("call_", "put_") if field in choices["legs"] else ("",) for field in choices["presets"][preset]}
    return {f"{side}{field}" for field, of in sides.items() for side in of}


class Screen:
    """One browser tab on the board."""

    def __init__(self, page: Page, base_url: str) -> None:
        self.page = page
        self.base_url = base_url
        self.problems: list[str] = []
        page.add_init_script(MODULES)
        page.on("pageerror", lambda error: self.problems.append(f"page error: {error}"))
        page.on("console", self._note_console)

    def _note_console(self, message: Any) -> None:
        if message.type == "error":
            self.problems.append(f"console: {message.text}")

    def open(self, query: str = "", *, painted: bool = True) -> Screen:
        self.page.goto(f"{self.base_url}/{query}")
        if painted:
            self.wait_painted(timeout_ms=FIRST_PAINT_MS)
            self.wait_plots(timeout_ms=FIRST_PAINT_MS)
        return self

    # --- what is chosen -------------------------------------------------------------------------------------
    def choose_index(self, name: str) -> None:
        self.page.locator(f"#{SelectionId.UNDERLYING}").click()
        self.page.locator(".dash-dropdown-option", has_text=re.compile(f"^{re.escape(name)}$")).click()

    def choose_stock(self, name: str, *, exchange: str = "NSE") -> None:
        if self.page.locator(f"#{SelectionId.EXCHANGE}").inner_text().strip() != exchange:
            self.page.locator(f"#{SelectionId.EXCHANGE}").click()
            self.page.locator(".dash-dropdown-option", has_text=exchange).click()
        self.page.locator(f"#{SelectionId.STOCK}").click()
        self.page.locator(".dash-dropdown-search").fill(name)
        self.page.locator(
            ".dash-dropdown-option", has_text=re.compile(rf"^{re.escape(name)}( \(no options\))?$")
        ).click()

    @property
    def expiry_buttons(self) -> Locator:
        return self.page.locator(f"#{SelectionId.EXPIRIES} button")

    def expiry_button(self, position: int) -> Locator:
        return self.expiry_buttons.nth(position)

    @property
    def listed_expiries(self) -> list[str]:
        dates: list[str] = self.expiry_buttons.evaluate_all("buttons => buttons.map(b => b.dataset.expiry)")
        return dates

    @property
    def chosen_expiry(self) -> str | None:
        return self.page.locator(f"#{SelectionId.EXPIRIES} button.chosen").get_attribute("data-expiry")

    @property
    def label(self) -> Locator:
        return self.page.locator(f"#{SelectionId.LABEL}")

    @property
    def toast(self) -> Locator:
        return self.page.locator(f"#{SelectionId.TOAST}")

    @property
    def chosen_index(self) -> str:
        return self.page.locator(f"#{SelectionId.UNDERLYING}").inner_text().strip()

    @property
    def selection(self) -> dict[str, str]:
        """Underlying and expiry in the address bar."""
        return {key: values[0] for key, values in parse_qs(urlsplit(self.page.url).query).items()}

    # --- what is shown --------------------------------------------------------------------------------------
    @property
    def series(self) -> str | None:
        """Key of the series whose frame is on screen (`NIFTY|2026-12-01`), None while there is none."""
        key: str | None = self.page.evaluate("document.body.dataset.series || null")
        return key

    def wait_series(self, key: str, timeout_ms: int = CHANGE_MS) -> None:
        self.page.wait_for_function("key => document.body.dataset.series === key", arg=key, timeout=timeout_ms)

    def wait_painted(self, timeout_ms: int = CHANGE_MS) -> None:
        """Rows with an LTP are on screen."""
        self.page.wait_for_function(
            """() => {
                const ltps = [...document.querySelectorAll('#chain-grid [col-id="call_ltp"].ag-cell')];
                return document.body.dataset.series && ltps.some(cell => /\\d/.test(cell.textContent));
            }""",
            timeout=timeout_ms,
        )

    def cell(self, strike: float | str, column: str) -> Locator:
        return self.page.locator(f'#{GridId.GRID} .ag-row[row-id="{strike}"] [col-id="{column}"]')

    @property
    def columns(self) -> list[str]:
        """Column ids on screen, left to right."""
        ids: list[str] = self.page.evaluate(
            "dash_ag_grid.getApi('chain-grid').getAllDisplayedColumns().map(column => column.getColId())"
        )
        return ids

    def wait_grid(self) -> None:
        """Columns are arranged as the view says and as wide as the frame on screen needs."""
        self.page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def choose_preset(self, name: str) -> None:
        """Click it and wait for its columns, which come with their numbers."""
        self.page.locator(f'[data-preset="{name}"]').click()
        self.page.wait_for_function(
            """wanted => {
                const api = dash_ag_grid.getApi('chain-grid');
                const ids = api.getAllDisplayedColumns().map(column => column.getColId()).filter(id => id !== 'strike');
                return ids.sort().join() === wanted;
            }""",
            arg=",".join(sorted(preset_columns(name))),
            timeout=CHANGE_MS,
        )
        self.wait_grid()

    def open_menu(self, name: str) -> None:
        self.page.locator(".toolbar .menu summary", has_text=name).click()

    def stop_frames(self) -> None:
        """Keep what is on screen: from now on no frame is shown but through `show_changed`."""
        self.page.evaluate(
            """() => {
                const apply = window.showFrame ||= dash_clientside.chainboard.applyAnswer;
                dash_clientside.chainboard.applyAnswer = (text, selection) =>
                    apply(JSON.stringify({status: JSON.parse(text).status}), selection);
            }"""
        )

    def show_changed(self, change: str, *arguments: Any) -> None:
        """After `stop_frames`: show the frame on screen through a change (JavaScript), as if published so."""
        self.page.evaluate(
            f"""(args) => {{
                const frame = structuredClone(chainboard.shownFrame());
                ({change})(frame, ...args);
                frame.version += 1;
                window.showFrame(JSON.stringify({{numbers: frame}}), {{key: frame.key}});
            }}""",
            list(arguments),
        )

    def rows(self) -> list[dict[str, Any]]:
        """All rows of the grid, also those scrolled out of sight."""
        found: list[dict[str, Any]] = self.page.evaluate(ROWS)
        return found

    def ltp_texts(self) -> dict[str, str]:
        """Row id -> text of the call LTP cell, for the rows in sight."""
        texts: dict[str, str] = self.page.evaluate(
            """() => Object.fromEntries([...document.querySelectorAll('#chain-grid .ag-row')].map(row => [
                row.getAttribute('row-id'), row.querySelector('[col-id="call_ltp"]')?.textContent]))"""
        )
        return texts

    def chart_series(self, key: str) -> str | None:
        """Series whose numbers a chart draws."""
        drawn: str | None = self.page.evaluate(
            "id => document.querySelector(`#${id} .js-plotly-plot`)?.dataset.key || null", chart_id(key)
        )
        return drawn

    def is_drawn(self, key: str) -> bool:
        """Whether a chart shows the series of the page."""
        return self.chart_series(key) == self.series

    def wait_charts(self, timeout_ms: int = 10_000) -> None:
        """Every chart on screen shows the series of the page."""
        self.page.wait_for_function(
            """() => [...document.querySelectorAll('.chart:not([hidden]) .plot')]
                .every(plot => plot.querySelector('.js-plotly-plot')?.dataset.key === document.body.dataset.series)""",
            timeout=timeout_ms,
        )

    def wait_plots(self, timeout_ms: int = CHANGE_MS) -> None:
        """Every chart in sight is drawn: the plots come after the chain."""
        self.page.wait_for_function(
            """() => [...document.querySelectorAll('.chart:not([hidden])')].every(chart => {
                const box = chart.getBoundingClientRect();
                const isSeen = box.width > 0 && box.top < innerHeight && box.bottom > 0 && box.left < innerWidth;
                return !isSeen || chart.querySelector('.js-plotly-plot')?.dataset.key;
            })""",
            timeout=timeout_ms,
        )

    def chart_points(self, key: str) -> dict[str, Any]:
        """What a chart shows: title, unit, what x counts, and per trace its name, x and y in the unit of the chart."""
        found: dict[str, Any] = self.page.evaluate("key => chainboard.chartPoints(key)", key)
        return found

    def hover_chart(self, key: str, x: float) -> list[str]:
        """Put the pointer on a place of a chart's x axis; the lines of the label that opens there."""
        where = self.page.evaluate(
            """([id, x]) => {
                const plot = document.querySelector(`#${id} .js-plotly-plot`);
                const box = plot.querySelector('.nsewdrag').getBoundingClientRect();
                return [box.left + plot._fullLayout.xaxis.d2p(x), box.top + box.height / 2];
            }""",
            [chart_id(key), x],
        )
        self.page.mouse.move(where[0] + 3, where[1] + 2)
        self.page.mouse.move(where[0], where[1])
        label = self.page.locator(f"#{chart_id(key)} .hoverlayer .legend")
        label.wait_for()
        return label.locator("text").all_text_contents()

    def figure(self, path: str) -> str:
        return self.page.locator(f'[data-bind="{path}"]').first.inner_text()

    @property
    def state(self) -> Locator:
        return self.page.locator(f"#{StatusId.STATE}")

    @property
    def band(self) -> Locator:
        return self.page.locator(f"#{StatusId.BAND}")

    def wait_state(self, word: str, timeout_ms: int = CHANGE_MS) -> None:
        expect(self.state).to_have_text(word, timeout=timeout_ms)

    def assert_whole(self, underlying: str, expiry: str, symbols: set[str]) -> None:
        """Label, buttons, grid, charts and address agree on one series, and every row carries its symbols."""
        key = f"{underlying}|{expiry}"
        assert self.series == key
        assert self.selection["underlying"] == underlying
        assert self.selection["expiry"] == expiry
        assert self.chosen_expiry == expiry
        rows = self.rows()
        shown = {row[side] for row in rows for side in ("call_symbol", "put_symbol") if row[side]}
        assert shown, "no symbol on screen"
        assert shown <= symbols, f"foreign symbols on screen: {sorted(shown - symbols)[:3]}"
