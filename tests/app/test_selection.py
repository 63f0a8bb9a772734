"""From a wish to a selection, over HTTP where the wiring matters, by the plain handler where only the answer does."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from dash import no_update

from app import create_app
from dashboard.callbacks.accepted import is_value
from dashboard.callbacks.selection import answer_intent, offer_underlyings
from dashboard.data.contract import codec, keys
from dashboard.data.reader.live import LiveChains
from harness.builders import MONTHLY, NEAREST, SECOND, make_directory, make_settings
from tests.fakes import FakeStore


def wish(underlying: str, expiry: str | None = None, number: int = 1, how: str = "choice") -> dict[str, Any]:
    return {"underlying": underlying, "expiry": expiry, "number": number, "how": how}


def buttons(answer: dict[str, Any]) -> dict[str, str]:
    """Expiry -> underlying the button belongs to."""
    attributes = [button.to_plotly_json()["props"] for button in answer["expiries"]]
    return {props["data-expiry"]: props["data-underlying"] for props in attributes}


def test_an_index_opens_at_its_nearest_expiry_with_lot_and_label(chains):
    answer = answer_intent(wish("BANKNIFTY"), None, chains)
    assert answer["store"]["key"] == f"BANKNIFTY|{MONTHLY}"
    assert answer["label"] == "NSE | BANKNIFTY | 29-Dec-26"
    assert answer["lot"] == "lot 30"
    assert answer["store"]["index"] == "BANKNIFTY"
    assert answer["retry_off"] is True


def test_every_button_carries_the_underlying_it_belongs_to_and_its_date(chains):
    answer = answer_intent(wish("NIFTY", SECOND.isoformat()), None, chains)
    assert buttons(answer) == dict.fromkeys([day.isoformat() for day in (NEAREST, SECOND, MONTHLY)], "NIFTY")
    pressed = [button.to_plotly_json()["props"]["aria-pressed"] for button in answer["expiries"]]
    assert pressed == ["false", "true", "false"]


def test_the_answer_repeats_the_number_of_its_wish(chains):
    assert answer_intent(wish("NIFTY", number=7), None, chains)["store"]["number"] == 7


def test_a_link_to_an_expiry_that_is_gone_shows_the_nearest_and_says_so(chains):
    answer = answer_intent(wish("NIFTY", "2026-11-24", how="link"), None, chains)
    assert answer["store"]["expiry"] == NEAREST.isoformat()
    assert "24-Nov-26 is not listed" in answer["toast_text"]
    assert answer["toast_open"] is True


@pytest.mark.parametrize("nonsense", ["tomorrow", "2026-99-01", "<script>", ""])
def test_a_malformed_expiry_never_reaches_the_store(chains, nonsense):
    answer = answer_intent(wish("NIFTY", nonsense, how="link"), None, chains)
    assert answer["store"]["expiry"] == NEAREST.isoformat()


def test_an_unknown_underlying_keeps_what_is_shown_and_says_why(chains):
    shown = answer_intent(wish("NIFTY", SECOND.isoformat()), None, chains)["store"]
    answer = answer_intent(wish("NIFTEE", number=2, how="link"), shown, chains)
    assert answer["store"]["key"] == shown["key"]
    assert answer["store"]["number"] == 2, "the page must know that its newest wish was answered"
    assert "NIFTEE" in answer["toast_text"]


def test_a_stock_without_options_keeps_what_is_shown_and_says_why(chains):
    shown = answer_intent(wish("SENSEX"), None, chains)["store"]
    answer = answer_intent(wish("TINYCO", number=2), shown, chains)
    assert answer["store"]["key"] == shown["key"]
    assert answer["toast_text"] == "TINYCO has no options on NSE."


def test_a_stock_with_options_is_a_selection_like_any_other(chains):
    answer = answer_intent(wish("RELIANCE"), None, chains)
    assert answer["store"]["underlying"] == "RELIANCE"
    assert answer["store"]["index"] is None
    assert answer["stock_shown"] == "RELIANCE"


def test_before_the_feed_has_spoken_the_wish_waits_and_is_asked_again(clock):
    answer = answer_intent(wish("NIFTY"), None, LiveChains(FakeStore(clock), clock=clock))
    assert answer["store"] is no_update
    assert answer["retry_off"] is False
    assert "feed is starting" in answer["toast_text"]


def test_an_expiry_whose_hour_has_passed_is_not_offered(chains, clock):
    clock.advance(seconds=9 * 86_400)  # Wednesday 2 December
    answer = answer_intent(wish("NIFTY", NEAREST.isoformat(), how="link"), None, chains)
    assert NEAREST.isoformat() not in buttons(answer)
    assert answer["store"]["expiry"] == SECOND.isoformat()


def test_only_what_has_options_is_offered(chains):
    assert [option["value"] for option in offer_underlyings("RELI", "NSE", chains)] == ["RELIANCE"]
    assert offer_underlyings("INF", "BSE", chains) == []
    assert offer_underlyings("TINYCO", "NSE", chains) == []


def test_stocks_with_options_are_offered_however_many_come_before_them_without(store, clock):
    many = tuple(f"AAA{number:03}" for number in range(200))
    store.put(keys.DIRECTORY, codec.encode_directory(make_directory(without_options={"NSE": many})))
    chains = LiveChains(store, clock=clock)
    assert [option["value"] for option in offer_underlyings("", "NSE", chains)] == ["RELIANCE"]


def test_an_exchange_without_stock_options_offers_its_indices(chains):
    assert [option["value"] for option in offer_underlyings("", "BSE", chains)] == ["SENSEX"]


def test_a_search_finds_indices_and_stocks_of_either_exchange(chains):
    assert [option["value"] for option in offer_underlyings("nif", "BSE", chains)] == ["NIFTY", "BANKNIFTY"]
    assert [option["value"] for option in offer_underlyings("reli", "BSE", chains)] == ["RELIANCE"]
    assert "NIFTY" not in [option["value"] for option in offer_underlyings("", "NSE", chains)]


def test_the_answer_says_which_exchange_the_list_should_show(chains):
    assert answer_intent(wish("SENSEX"), None, chains)["store"]["exchange"] == "BSE"
    assert answer_intent(wish("RELIANCE"), None, chains)["store"]["exchange"] == "NSE"


def test_what_a_link_was_refused_is_in_the_store_for_the_page_to_repeat(chains):
    assert "not listed" in answer_intent(wish("NIFTY", "2020-01-07", how="link"), None, chains)["store"]["notice"]
    assert "NIFTEE" in answer_intent(wish("NIFTEE", how="link"), None, chains)["store"]["notice"]
    assert answer_intent(wish("NIFTY"), None, chains)["store"]["notice"] is None


@pytest.mark.parametrize("expiry", [None, "2026-11-24", "x" * 4_000])
def test_the_page_may_send_back_what_it_was_given(chains, expiry):
    """The store comes back with every tick: a part that the server refuses there would stop the page."""
    answer = answer_intent(wish("NIFTY", expiry, how="link"), None, chains)
    assert is_value("selection.data", answer["store"])


def test_no_wish_changes_nothing(chains):
    assert set(answer_intent(None, None, chains).values()) == {no_update}


def test_two_apps_in_one_process_each_answer_their_own_page(chains):
    settings = make_settings(demo=True)
    for app in (create_app(settings, chains), create_app(settings, chains)):
        outputs = [callback["output"] for callback in app.server.test_client().get("/_dash-dependencies").json]
        assert any("selection.data" in output for output in outputs)


def test_the_lookup_answers_over_http(chains):
    app = create_app(make_settings(demo=True), chains)
    client = app.server.test_client()
    output = next(c["output"] for c in client.get("/_dash-dependencies").json if "expiries.children" in c["output"])
    names = output.strip(".").split("...")
    body = {
        "output": output,
        "outputs": [dict(zip(("id", "property"), name.rsplit(".", 1), strict=True)) for name in names],
        "inputs": [{"id": "intent", "property": "data", "value": wish("SENSEX")}],
        "state": [{"id": "selection", "property": "data", "value": None}],
        "changedPropIds": ["intent.data"],
    }
    answer = client.post("/_dash-update-component", json=body).json["response"]
    assert answer["selection"]["data"]["expiry"] == date(2026, 12, 3).isoformat()
    assert answer["selection-label"]["children"] == "BSE | SENSEX | 03-Dec-26"
    assert answer["expiries"]["children"][0]["props"]["data-expiry"] == "2026-12-03"
