"""No number is ever cut: columns are as wide as the widest number of the series, in every preset and at every size."""

from __future__ import annotations

import pytest

from dashboard.layouts.chain_grid import PRESETS
from harness.screen import Screen

INDICES, STOCK = ("NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "SENSEX", "BANKEX"), "RELIANCE"

# Cells and headings whose text does not fit, in every preset; each preset is looked at after the page has painted it.
CUT = """async (presets) => {
    const painted = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    const cut = [];
    let seen = 0;
    for (const preset of presets) {
        document.querySelector(`[data-preset="${preset}"]`).click();
        await painted();
        for (const cell of document.querySelectorAll('#chain-grid .ag-cell, #chain-grid .ag-header-cell-text')) {
            if (getComputedStyle(cell).clipPath !== 'none') continue; // for screen readers alone: never seen, never cut
            seen += 1;
            if (cell.scrollWidth > cell.clientWidth)
                cut.push(`${preset} ${cell.getAttribute('col-id')}: ${cell.textContent} in ${cell.clientWidth} px`);
        }
    }
    return [seen, cut];
}"""
# A stock of 90,000 rupees, deep in the money, with crores of volume.
DEAR = """(frame) => {
    for (const side of ['call', 'put']) {
        for (const field of ['ltp', 'bid', 'ask', 'intrinsic', 'time_value', 'break_even', 'ltp_change'])
            frame[side][field] = frame[side][field].map(value => value === null ? null : 100 * value + 0.05);
        for (const field of ['volume', 'oi', 'oi_change'])
            frame[side][field] = frame[side][field].map(value => value === null ? null : -123 * value);
    }
    frame.row.straddle = frame.row.straddle.map(value => value === null ? null : 100 * value);
}"""


SHARED_QUERY = "?theme=dark"


@pytest.mark.parametrize("underlying", [*INDICES, STOCK])
def test_no_number_is_cut_in_any_preset_at_any_width(shared: Screen, underlying: str):
    """The page goes from underlying to underlying: widths of the one before must not be left."""
    if underlying == STOCK:
        shared.choose_stock(STOCK)
    elif underlying != shared.chosen_index:
        shared.choose_index(underlying)
    shared.page.wait_for_function("name => document.body.dataset.series?.startsWith(`${name}|`)", arg=underlying)
    shared.wait_painted()
    for width in (1280, 1440, 1920):
        shared.page.set_viewport_size({"width": width, "height": 900})
        seen, cut = shared.page.evaluate(CUT, list(PRESETS))
        assert seen > 1_000
        assert cut == [], f"{underlying} at {width} px"


def test_a_number_that_outgrows_its_column_widens_it_with_the_same_frame(screen: Screen):
    screen.page.set_viewport_size({"width": 1280, "height": 900})
    screen.open("?underlying=BANKNIFTY&preset=All")
    before = screen.page.evaluate("chainboard.grid().getColumn('call_ltp').getActualWidth()")
    screen.stop_frames()
    screen.show_changed(DEAR)
    assert screen.page.evaluate("chainboard.grid().getColumn('call_ltp').getActualWidth()") > before
    assert screen.page.evaluate(CUT, list(PRESETS))[1] == []


def test_widths_hold_still_while_numbers_shrink(screen: Screen):
    screen.open("?underlying=BANKNIFTY&preset=Price")
    screen.stop_frames()
    widths = "chainboard.grid().getAllDisplayedColumns().map(column => column.getActualWidth())"
    before = screen.page.evaluate(widths)
    screen.show_changed(
        "frame => { for (const side of ['call', 'put']) frame[side].ltp = frame[side].ltp.map(() => 1.05); }"
    )
    assert screen.page.evaluate(widths) == before


def test_a_dragged_width_stays_is_remembered_and_still_cuts_nothing(screen: Screen):
    screen.open("?preset=OI")
    width = "chainboard.grid().getColumn('call_oi').getActualWidth()"
    before = screen.page.evaluate(width)
    handle = screen.page.locator("#chain-grid .ag-header-cell[col-id='call_oi'] .ag-header-cell-resize")

    def drag(by: int) -> None:
        box = handle.bounding_box()
        assert box is not None
        screen.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 8)
        screen.page.mouse.down()
        screen.page.mouse.move(box["x"] + box["width"] / 2 + by, box["y"] + 8, steps=6)
        screen.page.mouse.up()
        screen.wait_grid()

    drag(60)
    assert screen.page.evaluate(width) == pytest.approx(before + 60, abs=3)
    screen.open("?preset=OI")
    screen.wait_grid()
    assert screen.page.evaluate(width) == pytest.approx(before + 60, abs=3)
    drag(-150)
    assert screen.page.evaluate(CUT, ["OI"])[1] == [], "narrower than its numbers is not possible"
    screen.open_menu("columns")
    screen.page.locator("[data-columns-reset]").click()
    screen.wait_grid()
    assert screen.page.evaluate(width) == pytest.approx(before, abs=3)


@pytest.mark.parametrize("width", [390, 1280])
def test_the_strike_stays_in_sight_while_a_wide_preset_scrolls(screen: Screen, width: int):
    screen.page.set_viewport_size({"width": width, "height": 844})
    screen.open("?preset=All")
    for share in (0, 0.3, 1):
        screen.page.evaluate(
            """share => {
                const view = document.querySelector('#chain-grid .ag-center-cols-viewport');
                view.scrollLeft = share * (view.scrollWidth - view.clientWidth);
            }""",
            share,
        )
        screen.wait_grid()
        inside = screen.page.evaluate(
            """() => {
                const view = document.querySelector('#chain-grid .ag-center-cols-viewport').getBoundingClientRect();
                const cells = [...document.querySelectorAll('#chain-grid [col-id="strike"]')];
                const boxes = cells.map(cell => cell.getBoundingClientRect());
                return [boxes.length, boxes.every(box => box.left >= view.left - 1 && box.right <= view.right + 1)];
            }"""
        )
        assert inside[0] > 10
        assert inside[1] is True, share
