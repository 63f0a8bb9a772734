"""A link reproduces the view: what it names, and the default for what it leaves out; never the receiver's own taste."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from harness.board import BoardProcess
from harness.screen import Screen

VIEW = """() => ({
    columns: chainboard.grid().getAllDisplayedColumns().map(column => column.getColId()),
    rows: (() => { let count = 0; chainboard.grid().forEachNodeAfterFilter(() => count++); return count; })(),
    window: document.getElementById('strike-window').value,
    charts: [...document.querySelectorAll('.chart')].filter(chart => !chart.hidden).map(chart => chart.dataset.key),
    theme: document.documentElement.dataset.theme,
    ground: getComputedStyle(document.body).backgroundColor,
    unit: chainboard.view.oiUnit,
    presets: [...document.querySelectorAll('[data-preset].chosen')].map(button => button.dataset.preset),
    label: document.getElementById('selection-label').textContent,
})"""


@pytest.fixture
def stranger(chromium: Browser, demo: BoardProcess) -> Iterator[Callable[[], Screen]]:
    """Opens the board in a browser of somebody else, who has a taste of their own."""
    contexts = []

    def new_screen() -> Screen:
        contexts.append(chromium.new_context(viewport={"width": 1440, "height": 900}))
        screen = Screen(contexts[-1].new_page(), demo.url)
        screen.open("?underlying=SENSEX")
        screen.choose_preset("Greeks")
        screen.open_menu("columns")
        screen.page.locator('[data-column="volume"]').click()
        screen.page.locator("#strike-window").select_option("20")
        screen.page.locator("#theme-toggle").click()
        return screen

    yield new_screen
    for context in contexts:
        context.close()


def view_of(screen: Screen) -> dict:
    screen.wait_grid()
    view: dict = screen.page.evaluate(VIEW)
    return view


def query_of(screen: Screen) -> str:
    return screen.page.url.partition("/?")[2]


def test_a_link_gives_a_stranger_the_same_view(screen: Screen, stranger: Callable[[], Screen]):
    screen.open("?underlying=BANKNIFTY")
    plain, plain_view = query_of(screen), view_of(screen)
    screen.open_menu("columns")
    screen.page.locator('[data-column="delta"]').click()
    screen.page.locator('[data-column="straddle"]').click()
    screen.page.locator('[data-oi-unit="lots"]').click()
    screen.page.locator("#strike-window").select_option("10")
    screen.open_menu("charts")
    screen.page.locator('[data-chart="gex"]').click()
    # What a drag leaves behind; dragging itself is tested in test_table.
    screen.page.evaluate(
        """() => {
            const api = chainboard.grid();
            api.moveColumns(['call_iv'], 0);
            const column = api.getColumn('call_iv');
            api.dispatchEvent({type: 'columnMoved', finished: true, source: 'uiColumnMoved', column});
        }"""
    )
    screen.page.locator("#theme-toggle").click()
    arranged, arranged_view = query_of(screen), view_of(screen)
    assert arranged_view["columns"][0] == "call_iv"
    assert arranged_view["columns"][-1] == "put_iv", "the order is mirrored"
    assert arranged_view["theme"] == "light"
    other = stranger()
    other.open(f"?{arranged}")
    assert view_of(other) == arranged_view
    other.open(f"?{plain}")
    assert view_of(other) == plain_view, "also what stands at its default"


def test_a_plain_address_opens_what_this_viewer_chose_last(stranger: Callable[[], Screen]):
    screen = stranger()
    own = view_of(screen)
    screen.open("?underlying=SENSEX&preset=Price&theme=dark")
    linked = view_of(screen)
    assert linked["presets"] == ["Price"], "columns chosen earlier do not beat the preset of a link"
    assert linked["theme"] == "dark"
    assert linked["window"] == "0"
    assert "preset=Price" in query_of(screen)
    screen.page.reload()
    screen.wait_painted(timeout_ms=20_000)
    assert view_of(screen) == linked, "a reload shows the link again"
    screen.open("?underlying=SENSEX")
    assert view_of(screen) == own, "looking at somebody's link changed nothing"


def test_the_theme_of_a_link_survives_a_reload(screen: Screen):
    for _ in range(2):
        screen.open("?theme=light") if screen.page.url == "about:blank" else screen.page.reload()
        screen.wait_painted(timeout_ms=20_000)
        assert view_of(screen)["theme"] == "light"
        assert screen.selection["theme"] == "light"


def test_a_link_with_parts_that_do_not_exist_shows_what_it_can_and_says_what_it_could_not(screen: Screen):
    screen.open("?underlying=NIFTY&charts=oi,foo&preset=Pricey&strikes=10&expiry=2020-01-07")
    view = view_of(screen)
    assert view["charts"] == ["oi"]
    assert view["window"] == "10"
    assert view["presets"] == ["OI"]
    expect(screen.toast).to_contain_text("07-Jan-20 is not listed; showing the nearest")
    expect(screen.toast).to_contain_text("there is no preset “Pricey”; there is no chart “foo”.")
    assert "foo" not in query_of(screen), "the address says what is shown"


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?charts=foo", "there is no chart “foo”"),
        ("?columns=<script>", "there is no column “<script>”"),
        ("?strikes=-7", "there is no window of strikes “-7”"),
        ("?stikes=10", "the board does not know “stikes”"),
    ],
)
def test_a_link_of_which_nothing_exists_opens_a_whole_board(screen: Screen, query: str, sentence: str):
    screen.open(query)
    view = view_of(screen)
    assert len(view["charts"]) == 4
    assert len(view["columns"]) == 15
    assert view["rows"] > 60
    expect(screen.toast).to_contain_text(f"Not all of this link can be shown: {sentence}.")
