"""Turn an intent into a selection: underlying -> lookup -> expiry buttons, in one answer.

One callback writes all values that depend on the selection (store, buttons, label, lot) in one answer, so they cannot
contradict each other. Dash drops the answer of a call when a newer intent follows; an intent has a number and the
answer repeats it, so the page knows whether the newest intent has been answered.

No input of `formIntent` may be an output of the lookup: Dash delays a callback while one of its inputs may still
change, so a slow lookup would lose the clicks in the meantime. Therefore `showSelection` sets the values of the
dropdowns through `set_props`, and clicks on expiries arrive in a store of their own.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update

from dashboard.data.reader.chains import Chains
from dashboard.layouts.ids import SelectionId
from dashboard.layouts.page import CONFIRMED_MS, PROBLEM_MS
from dashboard.layouts.selection_bar import EXCHANGES, NO_STOCK, build_expiry_buttons
from dashboard.market.errors import FeedNotReady, MarketError
from dashboard.market.instruments import Underlying, UnderlyingKind
from dashboard.market.selection import Intent, Selection, selection_label

Answer = dict[str, Any]
STOCKS_OFFERED = 50
EVERY_STOCK = 100_000  # a limit before stocks without options are removed would hide some that have options
OUTPUTS = {
    "store": Output(SelectionId.STORE, "data"),
    "expiries": Output(SelectionId.EXPIRIES, "children"),
    "indices": Output(SelectionId.UNDERLYING, "options"),
    "stock_shown": Output(SelectionId.STOCK, "placeholder"),
    "label": Output(SelectionId.LABEL, "children"),
    "lot": Output(SelectionId.LOT, "children"),
    "toast_title": Output(SelectionId.TOAST, "header"),
    "toast_text": Output(SelectionId.TOAST, "children"),
    "toast_open": Output(SelectionId.TOAST, "is_open"),
    "toast_ms": Output(SelectionId.TOAST, "duration"),
    "retry_off": Output(SelectionId.RETRY, "disabled"),
}


def answer_intent(stored: dict[str, Any] | None, shown: dict[str, Any] | None, chains: Chains) -> Answer:
    """Everything the selection bar shows for an intent; an intent that names no series keeps the last selection."""
    intent = Intent.from_store(stored)
    if intent is None:
        return _unchanged()
    how = str((stored or {}).get("how") or "choice")
    try:
        chosen, notice = _resolved(intent, how, chains)
        return _selected(chosen, intent.number, how, notice, chains)
    except FeedNotReady as error:
        return _unchanged() | _toast("Starting", error.message) | {"retry_off": False}
    except MarketError as error:
        return _refused(error, intent, Selection.from_store(shown), chains)


def offer_underlyings(typed: str | None, exchange: str | None, chains: Chains) -> list[dict[str, str]]:
    """Underlyings with options whose name matches the typed text; without a text, those of the exchange.

    A search covers the indices and both exchanges, the chosen one first. An exchange on which no stock has options
    lists its indices.
    """
    exchange, typed = exchange or EXCHANGES[0], (typed or "").strip().upper()
    try:
        indices = [index for index in chains.indices() if typed in index.name]
        names = _with_options(exchange, typed, chains)
        if typed:
            names += [name for other in EXCHANGES if other != exchange for name in _with_options(other, typed, chains)]
        else:
            indices = [index for index in indices if index.exchange == exchange and not names]
    except FeedNotReady:
        return []
    return [
        *_index_options(indices),
        *({"label": name.removeprefix(f"{exchange}:"), "value": name} for name in names[:STOCKS_OFFERED]),
    ]


def _with_options(exchange: str, typed: str, chains: Chains) -> list[str]:
    return [name for name, has_options in chains.stocks(exchange, typed, limit=EVERY_STOCK) if has_options]


def register(app: Dash, chains: Chains) -> None:
    app.clientside_callback(
        ClientsideFunction("chainboard", "formIntent"),
        Output(SelectionId.INTENT, "data"),
        Input(SelectionId.UNDERLYING, "value"),
        Input(SelectionId.STOCK, "value"),
        Input(SelectionId.CLICKED, "data"),
        Input(SelectionId.ADDRESS, "data"),
        Input(SelectionId.RETRY, "n_intervals"),
        State(SelectionId.STORE, "data"),
        State(SelectionId.INTENT, "data"),
        State(SelectionId.REMEMBERED, "data"),
    )
    app.callback(
        output=OUTPUTS,
        inputs={"stored": Input(SelectionId.INTENT, "data"), "shown": State(SelectionId.STORE, "data")},
    )(partial(answer_intent, chains=chains))
    app.callback(
        Output(SelectionId.STOCK, "options"),
        Input(SelectionId.STOCK, "search_value"),
        Input(SelectionId.EXCHANGE, "value"),
        Input(SelectionId.CHOSEN, "data"),
    )(lambda typed, exchange, _selection: offer_underlyings(typed, exchange, chains))
    app.clientside_callback(
        ClientsideFunction("chainboard", "showSelection"),
        Output(SelectionId.REMEMBERED, "data"),
        Input(SelectionId.STORE, "data"),
        State(SelectionId.REMEMBERED, "data"),
        prevent_initial_call=True,
    )


def _resolved(intent: Intent, how: str, chains: Chains) -> tuple[Selection, str | None]:
    """A link without a name selects the first index; a remembered expiry that is not listed any more is dropped."""
    name = intent.underlying or chains.indices()[0].name
    selection, notice = chains.resolve(name, intent.expiry)
    return selection, notice if how in ("link", "refresh") or notice is None else None


def _selected(selection: Selection, number: int, how: str, notice: str | None, chains: Chains) -> Answer:
    series = selection.series
    underlying = chains.underlying(series.underlying)
    expiry = underlying.expiry(series.expiry)
    assert expiry is not None, "resolve() answers with listed expiries only"
    is_index = underlying.kind is UnderlyingKind.INDEX
    label = selection_label(underlying.exchange, underlying.name, series.expiry)
    market_ts = chains.market_ts() or chains.now()
    answer = {
        "store": selection.to_store()
        | {
            "number": number,
            "how": how,
            "index": underlying.name if is_index else None,
            "exchange": underlying.exchange,
            "notice": notice,
        },
        "expiries": build_expiry_buttons(underlying, series.expiry, market_ts),
        "indices": _index_options(chains.indices()),
        "stock_shown": NO_STOCK if is_index else underlying.name,
        "label": label,
        "lot": f"lot {expiry.lot_size}",
        "retry_off": True,
    }
    if notice:
        return answer | _toast("Not listed", notice)
    if how == "choice":
        return answer | _toast(label, f"lot {expiry.lot_size} · {underlying.symbol}", CONFIRMED_MS)
    return answer | _no_toast()


def _refused(error: MarketError, intent: Intent, shown: Selection | None, chains: Chains) -> Answer:
    """Give the reason, and keep (or open) a selection that works, so that the address bar is corrected too."""
    fallback = shown or chains.resolve(chains.indices()[0].name, None)[0]
    answer = _selected(fallback, intent.number, "link", error.message, chains)
    return answer | _toast("Not available", error.message)


def _index_options(indices: list[Underlying]) -> list[dict[str, str]]:
    return [{"label": index.name, "value": index.name} for index in indices]


def _unchanged() -> Answer:
    return dict.fromkeys(OUTPUTS, no_update)


def _toast(title: str, text: str, shown_ms: int = PROBLEM_MS) -> Answer:
    return {"toast_title": title, "toast_text": text, "toast_open": True, "toast_ms": shown_ms}


def _no_toast() -> Answer:
    return {"toast_title": no_update, "toast_text": no_update, "toast_open": False, "toast_ms": no_update}
