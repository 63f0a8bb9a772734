"""The chain under somebody's hands: sides, phone, keys, explanations, the way back to the money, lots, walls, help."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from dashboard.layouts.chain_grid import PRESETS
from harness.process import eventually
from harness.screen import Screen, preset_columns


def side_of(column: str) -> str:
    return column.partition("_")[0] if column.startswith(("call_", "put_")) else "centre"


def drag(page: Page, start: str, end: str) -> None:
    """Drag one heading onto another, both given as selectors inside the grid."""
    first, last = (page.locator(f"#chain-grid {selector}").bounding_box() for selector in (start, end))
    assert first is not None
    assert last is not None
    page.mouse.move(first["x"] + first["width"] / 2, first["y"] + first["height"] / 2)
    page.mouse.down()
    page.mouse.move(last["x"] + last["width"] / 2, last["y"] + last["height"] / 2, steps=12)
    page.mouse.move(last["x"] + last["width"] - 4, last["y"] + last["height"] / 2, steps=4)
    page.mouse.up()


def test_sides_stay_sides_whatever_is_dragged_where_and_a_reset_undoes_it(screen: Screen):
    screen.open("?preset=OI")
    declared = screen.columns
    head = ".ag-header-cell[col-id='{}']".format
    for start, end in [
        (head("call_iv"), head("put_oi")),
        (head("strike"), head("put_build_up")),
        (".side-heading.calls", head("put_oi")),
        (head("put_ltp"), head("call_oi")),
        (head("put_iv"), head("put_oi")),
    ]:
        drag(screen.page, start, end)
        screen.wait_grid()
        sides = [side_of(column) for column in screen.columns]
        assert sides == ["call"] * 7 + ["centre"] + ["put"] * 7, (start, end)
    calls = [name.removeprefix("call_") for name in screen.columns[:7]]
    assert calls == [name.removeprefix("put_") for name in screen.columns[:-8:-1]], "mirrored"
    assert screen.columns != declared
    screen.open_menu("columns")
    screen.page.locator("[data-columns-reset]").click()
    screen.wait_grid()
    assert screen.columns == declared
    screen.open()
    assert screen.columns == declared


def test_calls_and_puts_are_headed_for_eyes_and_screen_readers(screen: Screen):
    screen.open()
    for name, side in (("CALLS", "call"), ("PUTS", "put")):
        heading = screen.page.get_by_role("columnheader", name=name, exact=True)
        expect(heading).to_be_visible()
        assert heading.get_attribute("aria-colspan") == "7"
        box = heading.bounding_box()
        first = screen.page.locator(f"#chain-grid .ag-header-cell[col-id='{side}_ltp']").bounding_box()
        assert box is not None
        assert first is not None
        assert box["x"] <= first["x"] + 1
        assert first["x"] + first["width"] <= box["x"] + box["width"] + 1


def test_presets_and_columns_work_on_a_phone(screen: Screen):
    screen.page.set_viewport_size({"width": 390, "height": 844})
    screen.open()
    assert screen.columns == ["call_oi", "call_ltp", "strike", "put_ltp", "put_oi"]
    for preset in PRESETS:
        screen.choose_preset(preset)
        assert set(screen.columns) == {*preset_columns(preset), "strike"}
    screen.choose_preset("OI")
    screen.open_menu("columns")
    screen.page.locator('[data-column="volume"]').click()
    screen.wait_grid()
    assert not {"call_volume", "put_volume"} & set(screen.columns)
    assert screen.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_keys_work_after_a_dropdown_was_used_and_type_into_none(screen: Screen):
    screen.open()
    screen.choose_index("BANKNIFTY")
    screen.page.wait_for_function("() => document.body.dataset.series?.startsWith('BANKNIFTY')")
    dates = screen.listed_expiries
    opened = screen.page.locator(".dash-dropdown-search")
    screen.page.locator("#underlying").focus()
    screen.page.keyboard.press("]")
    screen.wait_series(f"BANKNIFTY|{dates[1]}")
    expect(opened).to_have_count(0)
    screen.page.locator("#strike-window").focus()
    screen.page.keyboard.press("[")
    screen.wait_series(f"BANKNIFTY|{dates[0]}")
    screen.page.locator("#underlying").click()  # its list is open now, and has the focus
    opened.wait_for()
    screen.page.keyboard.press("/")
    expect(screen.page.locator("#stock")).to_have_attribute("aria-expanded", "true")
    expect(screen.page.locator("#underlying")).to_have_attribute("aria-expanded", "false")
    expect(opened).to_have_value("")


# What opens outside of the window, or not at all: every explanation and menu in turn.
OPENED_OUTSIDE = """async () => {
    const wrong = [];
    for (const details of document.querySelectorAll('details.figure, details.menu')) {
        const summary = details.querySelector('summary');
        summary.scrollIntoView({inline: 'center', block: 'nearest'});
        summary.click();
        await new Promise(done => setTimeout(done, 60));
        const panel = details.querySelector('.explanation, [role=menu]');
        const box = panel.getBoundingClientRect();
        const seen = getComputedStyle(panel).visibility === 'visible' && box.width > 100 && box.height > 40;
        if (!seen || box.left < 0 || box.right > innerWidth || box.top < 0 || box.bottom > innerHeight)
            wrong.push(`${summary.textContent}: ${JSON.stringify(box)}`);
        details.open = false;
    }
    return wrong;
}"""


def test_explanations_and_menus_open_inside_the_window(screen: Screen):
    screen.open()
    found = {}
    for width in (390, 1024, 1440):
        screen.page.set_viewport_size({"width": width, "height": 844})
        screen.wait_grid()
        found[width] = screen.page.evaluate(OPENED_OUTSIDE)
    assert found == {390: [], 1024: [], 1440: []}


def test_the_table_goes_back_to_the_money_by_key_by_button_and_by_itself(screen: Screen):
    screen.open()
    way_back = screen.page.locator("#back-to-atm")
    atm = screen.page.locator("#chain-grid .ag-row.atm").first
    expect(way_back).to_be_hidden()
    for back in (lambda: screen.page.keyboard.press("a"), way_back.click):
        screen.page.locator("#chain-grid").hover()
        screen.page.mouse.wheel(0, 4_000)
        expect(way_back).to_be_visible()
        expect(way_back).to_contain_text(re.compile(r"↑ ATM \d+"))
        back()
        expect(atm).to_be_in_viewport()
        expect(way_back).to_be_hidden()
    # The money itself leaves: nobody scrolls and nobody has the focus here, so the table follows after five seconds.
    screen.stop_frames()
    screen.page.evaluate("() => { window.now = performance.now(); performance.now = () => window.now; }")
    pass_time = "milliseconds => { window.now += milliseconds; }"
    move = "(frame, place) => { frame.atm_strike = frame.strikes[place]; }"
    screen.page.locator("#chain-grid").hover()
    screen.page.mouse.wheel(0, 10)
    screen.wait_grid()
    screen.show_changed(move, 2)
    expect(way_back).to_contain_text("↑ ATM")
    screen.page.evaluate(pass_time, 4_900)
    screen.show_changed(move, 2)
    expect(way_back).to_be_visible()
    screen.page.evaluate(pass_time, 200)
    screen.show_changed(move, 2)
    expect(way_back).to_be_hidden()
    expect(atm).to_be_in_viewport()
    # A cell in use holds it, for a minute.
    screen.page.locator("#chain-grid .ag-row.atm [col-id='call_ltp']").click()
    screen.show_changed(move, 60)
    screen.page.evaluate(pass_time, 6_000)
    screen.show_changed(move, 60)
    expect(way_back).to_contain_text("↓ ATM")
    screen.page.evaluate(pass_time, 60_000)
    screen.show_changed(move, 60)
    expect(way_back).to_be_hidden()


def test_the_help_panel_names_keys_and_abbreviations_and_gives_the_focus_back(screen: Screen):
    screen.open()
    opener = screen.page.locator("#help-open")
    panel = screen.page.get_by_role("dialog", name="Keys and abbreviations")
    opener.click()
    expect(panel).to_be_visible()
    for word in ("long build-up", "short covering", "put/call ratio", "gamma exposure", "back to the ATM strike"):
        expect(panel).to_contain_text(word)
    assert screen.page.evaluate("document.getElementById('help').contains(document.activeElement)")
    screen.page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(opener).to_be_focused()
    screen.page.keyboard.press("?")
    expect(panel).to_be_visible()
    keys = panel.get_by_role("switch")
    keys.click()
    expect(keys).to_have_attribute("aria-checked", "false")
    screen.page.keyboard.press("Escape")
    before = screen.selection
    screen.page.keyboard.press("u")
    screen.page.keyboard.press("]")
    assert screen.selection == before, "single keys are off"
    screen.page.keyboard.press("?")
    expect(panel).to_be_visible()


def test_oi_and_volume_are_shown_in_lots_or_units(screen: Screen):
    screen.open()
    screen.stop_frames()
    row = next(row for row in screen.rows() if "atm" in row["place"])
    cell = screen.cell(row["id"], "call_oi")
    units, header = cell.inner_text(), screen.figure("metrics.call_oi")
    screen.page.keyboard.press("u")
    shown = screen.page.evaluate("value => chainboard.text('compact', value)", row["call_oi"])
    expect(cell).to_have_text(shown)
    assert shown != units
    lots = row["call_oi"] / 65
    assert shown.startswith(f"{lots / 1e3:.1f}k" if 1e3 <= lots < 1e5 else f"{lots / 1e5:.2f}L" if lots >= 1e5 else "")
    assert screen.figure("metrics.call_oi") != header
    assert screen.selection["oi"] == "lots"
    assert screen.page.evaluate("chainboard.view.oiUnit") == "lots"


def test_the_walls_are_marked_on_their_oi_cells(screen: Screen):
    screen.open()
    screen.stop_frames()
    for side in ("call", "put"):
        wall = str(int(screen.page.evaluate(f"chainboard.shownFrame().metrics.{side}_wall")))
        oi = {row["id"]: row[f"{side}_oi"] or 0 for row in screen.rows()}
        assert oi[wall] == max(oi.values())
        screen.page.evaluate(
            "id => { const api = chainboard.grid(); api.ensureNodeVisible(api.getRowNode(id), 'middle'); }", wall
        )
        outlined = "getComputedStyle(document.querySelector(`#chain-grid [row-id='%s'] [col-id='%s_oi']`)).boxShadow"
        assert "inset" in screen.page.evaluate(outlined % (wall, side))
        other = next(key for key in (str(int(wall) + 50), str(int(wall) - 50)) if key in oi)
        assert screen.page.evaluate(outlined % (other, side)) == "none"
        screen.cell(wall, f"{side}_oi").hover()
        expect(screen.page.locator(".ag-tooltip:not(.ag-tooltip-hiding)")).to_contain_text(f"{side} wall")


def test_hints_name_true_sources_and_their_age_goes_on(screen: Screen):
    screen.open("?preset=All")
    said = screen.page.evaluate(
        """async () => {
            const frame = chainboard.shownFrame();
            await new Promise(done => chainboard.explain(frame.atm_strike, done));
            const shown = chainboard.grid().getRowNode(String(frame.atm_strike)).data;
            const row = {...chainboard.explained(frame.atm_strike), ...shown};
            const now = chainboard.market_s();
            const page = {frame, now_s: chainboard.now_s(), market_s: now};
            const hint = (field, change = {}) => chainboard.hintLines(
                {...row, ...change}, `call_${field}`, ({...row, ...change})[`call_${field}`], page).join('\\n');
            return {
                build_up: hint('build_up', {call_build_up: 'long_build_up'}),
                intrinsic: hint('intrinsic', {call_intrinsic: 5}),
                break_even: hint('break_even', {call_price_source: 'mid'}), iv: hint('iv', {call_price_source: 'ltp'}),
                smile: hint('delta', {call_iv_source: 'smile'}), other: hint('delta', {call_iv_source: 'other leg'}),
                traded: hint('ltp', {call_trade_ts: now - 125, call_tick_ts: chainboard.now_s() - 2}),
                untraded: hint('ltp', {call_trade_ts: null}), oi: hint('oi', {call_oi: 6500}),
            };
        }"""
    )
    assert "Black-76" not in said["build_up"] + said["intrinsic"] + said["break_even"] + said["traded"] + said["oi"]
    assert "direction of the price and of OI" in said["build_up"]
    assert re.search(r"distance of the strike from the forward [\d,.]+ \((parity|future|spot)\)", said["intrinsic"])
    assert "strike and the middle of its quote" in said["break_even"]
    assert "Black-76 from its last trade and the forward" in said["iv"]
    assert "settle on the closing value of the index" in said["iv"]
    assert "IV of the smile between accepted strikes" in said["smile"]
    assert "IV of the other side at this strike" in said["other"]
    times = r"last trade \d\d:\d\d:\d\d IST, 2 min ago\nconfirmed 2\.\d s ago by (stream|chain poll)"
    assert re.search(times, said["traded"])
    assert "time of the last trade not known" in said["untraded"]
    assert "6,500 units, 100 lots" in said["oi"]
    strike = screen.page.locator("#chain-grid .ag-row.atm").first.get_attribute("row-id")
    assert strike is not None
    screen.stop_frames()
    screen.cell(strike, "call_ltp").hover()
    tooltip = screen.page.locator(".ag-tooltip:not(.ag-tooltip-hiding)")
    expect(tooltip).to_contain_text("confirmed")
    first = tooltip.inner_text()
    eventually(lambda: tooltip.inner_text() != first, within_s=5, what="the age in the hint goes on")


def test_the_list_of_stocks_follows_the_exchange_on_the_label(screen: Screen):
    screen.open()
    exchange = screen.page.locator("#exchange")
    expect(exchange).to_have_text("NSE")
    screen.choose_index("SENSEX")
    expect(screen.label).to_contain_text("BSE | SENSEX")
    expect(exchange).to_have_text("BSE")
    screen.page.locator("#stock").click()
    options = screen.page.locator(".dash-dropdown-option")
    expect(options.first).to_be_visible()
    assert {text.strip() for text in options.all_inner_texts()} == {"SENSEX", "BANKEX"}
    screen.page.locator(".dash-dropdown-search").fill("RELIANCE")
    options.get_by_text("RELIANCE", exact=True).click()
    expect(screen.label).to_contain_text("NSE | RELIANCE")
    expect(exchange).to_have_text("NSE")


def test_an_expiry_that_passes_while_it_is_on_screen_is_called_expired(screen: Screen):
    screen.open()
    screen.stop_frames()
    button = screen.expiry_button(0)
    expect(button).not_to_contain_text("expired")
    # A recording whose clock has passed the cutoff, as a replay shows it after its last minute.
    screen.show_changed("frame => { frame.market_ts = frame.expiry_ts + 1; }")
    expect(button).to_contain_text("expired")
    expect(screen.expiry_button(1)).not_to_contain_text("expired")


def test_gamma_shows_enough_digits_to_be_compared(screen: Screen):
    screen.open("?underlying=SENSEX&preset=Greeks")
    strike = screen.page.locator("#chain-grid .ag-row.atm").first.get_attribute("row-id")
    assert strike is not None
    text = screen.cell(strike, "call_gamma").inner_text()
    assert len(text.replace(".", "").lstrip("0")) >= 3, text


def test_a_side_fades_when_the_feed_calls_it_old(screen: Screen):
    screen.open()
    screen.stop_frames()
    atm = screen.page.locator("#chain-grid .ag-center-cols-container .ag-row.atm")
    for side, other in (("call", "put"), ("put", "call")):
        place = "frame.strikes.indexOf(frame.atm_strike)"
        for old in (True, False):
            change = (
                f"frame => {{ frame.{side}.old[{place}] = {str(old).lower()}; frame.{other}.old[{place}] = false; }}"
            )
            screen.show_changed(change)
            classes = (atm.get_attribute("class") or "").split()
            assert (f"old-{side}" in classes) is old
            assert f"old-{other}" not in classes
