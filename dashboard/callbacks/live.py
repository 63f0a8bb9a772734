"""One callback per viewer and interval: the latest frame, if it is newer than the one on screen, and the state."""

from __future__ import annotations

from functools import partial
from typing import Any

import orjson
from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from dashboard.data.reader.chains import Chains
from dashboard.layouts.ids import GridId, LiveId, SelectionId
from dashboard.market.errors import TooManySeries
from dashboard.market.instruments import Series
from dashboard.market.selection import Selection
from dashboard.web.viewer import viewer


def refresh_chain(
    _tick: int | None, _changed: int | None, chosen: dict[str, Any] | None, seen: dict[str, Any] | None, chains: Chains
) -> tuple[Any, str]:
    """(frame text or no_update, status text) for the chosen series; renews the lease on it.

    The frame is the published text itself, so nothing is serialised for a viewer.
    """
    selection = Selection.from_store(chosen)
    if selection is None:
        raise PreventUpdate
    if not chains.is_listed(selection.series):
        return no_update, status_text(None, chains, _not_listed(selection.series), key=selection.series.key)
    refused = ""
    try:
        chains.watch(selection.series, viewer())
    except TooManySeries as error:  # a series that others watch is shown nevertheless
        refused = error.message
    frame = chains.frame(selection.series)
    known = seen or {}
    stale = frame is None or (known.get("key") == selection.series.key and known.get("version") == frame.version)
    waiting = refused or _awaited(selection.series, chains) if frame is None else ""
    return (no_update if stale or frame is None else frame.text), status_text(selection.series, chains, waiting)


def status_text(series: Series | None, chains: Chains, waiting: str, *, key: str | None = None) -> str:
    """Small JSON for a page: its series (None: the whole feed), the state with a sentence, our clock.

    key: of the series that the page chose. recorded_ts: the clock of the recording in a replay, else None. waiting:
    the sentence for a page that has no frame yet.
    """
    board = chains.status(series)
    return orjson.dumps(
        {
            "key": series.key if series else key,
            "state": board.state,
            "message": board.message,
            "since_ts": board.since_ts,
            "server_ts": chains.now(),
            "market_ts": board.market_ts,
            "recorded_ts": board.recorded_ts,
            "token_expires_ts": board.token_expires_ts,
            "demo": board.demo,
            "directory": chains.directory_version(),
            "waiting": waiting,
        }
    ).decode()


def _awaited(series: Series, chains: Chains) -> str:
    return (
        chains.status(series).message
        or f"Waiting for the first prices of {series.underlying} {series.expiry:%d-%b-%y} …"
    )


def _not_listed(series: Series) -> str:
    return f"{series.underlying} {series.expiry:%d-%b-%y} is not listed, or the list has not arrived yet."


def register(app: Dash, chains: Chains) -> None:
    app.callback(
        Output(LiveId.FRAME, "data"),
        Output(LiveId.STATUS, "data"),
        Input(LiveId.TICK, "n_intervals"),
        Input(SelectionId.CHOSEN, "data"),
        State(SelectionId.STORE, "data"),  # not an Input: a pending lookup would delay this callback
        State(LiveId.SEEN, "data"),
        # With a slow server and a free-running interval no answer would arrive: Dash drops the pending answer at the
        # next request. The interval is disabled during a call, so the next call follows the answer.
        running=[(Output(LiveId.TICK, "disabled"), True, False)],
    )(partial(refresh_chain, chains=chains))
    app.clientside_callback(
        ClientsideFunction("chainboard", "applyFrame"),
        Output(LiveId.SEEN, "data"),
        Input(LiveId.FRAME, "data"),
        State(SelectionId.STORE, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("chainboard", "applyStatus"),
        Output(LiveId.APPLIED, "data"),
        Input(LiveId.STATUS, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("chainboard", "openView"),
        Output(GridId.OPENED, "data"),
        Input(GridId.CHOICES, "data"),
    )
