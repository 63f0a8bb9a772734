"""The board without a mouse: past the header, through menus and explanations, into a chart's table and back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from dashboard.layouts.charts import CHARTS
from harness.screen import Screen
from tests.browser.wall_stand_in import StandIn


@pytest.fixture(scope="module")
def market() -> Iterator[StandIn]:
    stand_in = StandIn()
    stand_in.publish()
    with stand_in.served():
        yield stand_in


@pytest.fixture
def page(context: BrowserContext, market: StandIn) -> Page:
    return Screen(context.new_page(), market.url).open("?underlying=NIFTY").page


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim()"))


def test_a_link_leads_past_the_header_to_the_money(page: Page):
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    cell = page.locator("#chain-grid .atm .ag-cell.strike")
    expect(cell).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#chain-grid .atm [col-id='put_ltp']")).to_be_focused()


def test_everything_has_a_name(page: Page):
    assert page.locator("html").get_attribute("lang") == "en"
    for name in ("Index NIFTY", "Exchange of the stocks NSE", "Stock Stock"):
        expect(page.get_by_role("button", name=name)).to_be_visible()
    expect(page.locator("#chain-grid .ag-root")).to_have_attribute("aria-label", "Option chain NSE NIFTY 01-Dec-26")
    for chart in CHARTS:
        assert (
            page.locator(f'.chart[data-key="{chart.key}"] [role="img"]').get_attribute("aria-label")
            == chart.description
        )
    expect(page.get_by_role("button", name="OI", exact=True)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Greeks").click()
    expect(page.get_by_role("button", name="Greeks")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="OI", exact=True)).to_have_attribute("aria-pressed", "false")
    theme = page.get_by_role("button", name="Light theme")
    expect(theme).to_have_attribute("aria-pressed", "false")
    theme.press("Enter")
    expect(theme).to_have_attribute("aria-pressed", "true")


def test_the_lists_of_the_top_bar_can_be_walked_both_ways(page: Page):
    names = ["index", "exchange", "stock"]
    page.get_by_role("button", name="Index NIFTY").focus()
    for name in names[1:]:
        page.keyboard.press("Tab")
        expect(page.locator(f"#{name}")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.locator("#exchange")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.locator("#underlying")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.locator(".skip")).to_be_focused()


def test_a_menu_follows_the_arrow_keys_and_esc_gives_the_focus_back(page: Page):
    summary = page.locator(".menu summary", has_text="columns")
    entries = page.locator(".menu[open] [role^=menuitem]")
    summary.focus()
    page.keyboard.press("ArrowDown")
    expect(entries.first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(entries.nth(1)).to_be_focused()
    page.keyboard.press("End")
    expect(entries.last).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(entries.first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(entries.last).to_be_focused()
    page.keyboard.press("Home")
    expect(entries.first).to_be_focused()
    page.keyboard.press("v")
    assert focused(page).startswith("V")
    before = page.evaluate("document.activeElement.getAttribute('aria-checked')")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.getAttribute('aria-checked')") != before
    page.keyboard.press("Escape")
    expect(summary).to_be_focused()
    assert page.locator("details[open]").count() == 0


def test_tabbing_out_closes_a_menu_and_an_explanation(page: Page):
    page.locator(".menu summary", has_text="columns").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(page.locator(".menu summary", has_text="charts")).to_be_focused()
    assert page.locator("details[open]").count() == 0
    page.locator(".figure summary").nth(2).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".figure[open] .explanation")).to_be_visible()
    page.keyboard.press("Tab")
    assert page.locator("details[open]").count() == 0
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.locator(".figure summary").nth(3)).to_be_focused()
    assert page.locator("details[open]").count() == 0


def test_every_chart_gives_its_numbers_as_a_table(context: BrowserContext, market: StandIn):
    every = ",".join(chart.key for chart in CHARTS)
    page = Screen(context.new_page(), market.url).open(f"?underlying=NIFTY&charts={every}").page
    for chart in CHARTS:
        gives_its_numbers_as_a_table(page, chart.key)


def gives_its_numbers_as_a_table(page: Page, key: str) -> None:
    page.wait_for_function(
        "key => document.querySelector(`#chart-${key} .js-plotly-plot`)?.dataset.key", arg=key, timeout=20_000
    )
    chart = page.locator(f'.chart[data-key="{key}"]')
    button = chart.locator("[data-table]")
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    expect(dialog).to_have_accessible_name(f"{chart.locator('h2').inner_text()}: NSE NIFTY 01-Dec-26")
    drawn = page.evaluate(
        """key => document.querySelector(`#chart-${key} .js-plotly-plot`).data
            .map(({name, x, y}) => ({name, points: x.filter((_, at) => (y[at] ?? null) !== null).length}))""",
        key,
    )
    if any(trace["points"] for trace in drawn):
        heads = dialog.locator("thead th").all_inner_texts()
        assert heads[1:] == [trace["name"] for trace in drawn]
        for column, trace in enumerate(drawn, start=2):
            known = dialog.locator(f"tbody tr :nth-child({column}):not(.unknown)")
            assert known.count() == trace["points"]
    else:
        expect(dialog).to_contain_text(chart.locator(".chart-empty").inner_text())
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()
