"""One callback per viewer and interval: the latest frame, if it is newer than the one on screen, and the state."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

import orjson
from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from dashboard.data.history.journal import HistoryError
from dashboard.data.reader.chains import Chains
from dashboard.data.reader.state import SeriesStatus
from dashboard.data.reader.time_machine import TimeMachine
from dashboard.layouts.ids import GridId, LiveId, SelectionId, TimeId
from dashboard.market.errors import MarketError, TooManySeries
from dashboard.market.instruments import Series
from dashboard.market.selection import Selection
from dashboard.market.session import FeedState
from dashboard.web.viewer import viewer

log = logging.getLogger(__name__)


def refresh_chain(
    _tick: int | None,
    _changed: int | None,
    moment: dict[str, Any] | None,
    chosen: dict[str, Any] | None,
    seen: dict[str, Any] | None,
    chains: Chains,
    time_machine: TimeMachine,
) -> tuple[Any, str]:
    """(frame text or no_update, status text) for the chosen series; renews the lease on it.

    moment: {"at": epoch seconds} for a recorded moment, which leases nothing. The frame is the published text itself,
    unchanged, so a viewer costs no serialisation.
    """
    selection = Selection.from_store(chosen)
    if selection is None:
        raise PreventUpdate
    series, known = selection.series, seen or {}
    if moment and moment.get("at") is not None:
        return _recorded_chain(series, moment["at"], known, chains, time_machine)
    if not chains.is_listed(series):
        return no_update, status_text(chains.status(), chains, series.key, _not_listed(series))
    refused = ""
    try:
        chains.watch(series, viewer())
    except TooManySeries as error:  # what others watch is shown all the same
        refused = error.message
    frame = chains.frame(series)
    waiting = refused or chains.status(series).message if frame is None else ""
    text = no_update if frame is None or _has(known, series, frame.version) else frame.text
    return text, status_text(chains.status(series), chains, series.key, waiting)


def _recorded_chain(
    series: Series, at_ts: float, known: dict[str, Any], chains: Chains, time_machine: TimeMachine
) -> tuple[Any, str]:
    try:
        past = time_machine.at(at_ts)
        frame = None if _has(known, series, past.version(series)) else past.frame(series)
    except (MarketError, HistoryError) as error:
        if isinstance(error, HistoryError):
            log.error("%s", error)
        sentence = error.message if isinstance(error, MarketError) else "The history cannot be read."
        status = SeriesStatus(FeedState.RECORDED, sentence, market_ts=at_ts, recorded_ts=at_ts)
        return no_update, status_text(status, chains, series.key, sentence, gap=True)
    return no_update if frame is None else frame.text, status_text(past.status(series), chains, series.key, "")


def _has(known: dict[str, Any], series: Series, version: int) -> bool:
    """Whether the page shows this version of the series already."""
    return known.get("key") == series.key and known.get("version") == version


def status_text(status: SeriesStatus, chains: Chains, key: str, waiting: str, *, gap: bool = False) -> str:
    """Small JSON for a page: the state with a sentence, our clock.

    key: of the series that the page chose. recorded_ts: the clock of the recording in a replay, and the chosen moment
    of a recorded page, else None. waiting: the sentence for a page that has no frame yet. gap: nothing was recorded at
    the chosen moment, so nothing may stand on screen.
    """
    return orjson.dumps(
        {
            "key": key,
            "state": status.state,
            "message": status.message,
            "since_ts": status.since_ts,
            "server_ts": chains.now(),
            "market_ts": status.market_ts,
            "recorded_ts": status.recorded_ts,
            "token_expires_ts": status.token_expires_ts,
            "demo": status.demo,
            "directory": chains.directory_version(),
            "waiting": waiting,
            "gap": gap,
        }
    ).decode()


def _not_listed(series: Series) -> str:
    return f"{series.name} is not listed, or the list has not arrived yet."


def register(app: Dash, chains: Chains, time_machine: TimeMachine) -> None:
    app.callback(
        Output(LiveId.FRAME, "data"),
        Output(LiveId.STATUS, "data"),
        Input(LiveId.TICK, "n_intervals"),
        Input(SelectionId.CHOSEN, "data"),
        Input(TimeId.MOMENT, "data"),
        State(SelectionId.STORE, "data"),  # not an Input: a pending lookup would delay this callback
        State(LiveId.SEEN, "data"),
        # With a slow server and a free-running interval no answer would arrive: Dash drops the pending answer at the
        # next request. The interval is disabled during a call, so the next call follows the answer.
        running=[(Output(LiveId.TICK, "disabled"), True, False)],
    )(partial(refresh_chain, chains=chains, time_machine=time_machine))
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
