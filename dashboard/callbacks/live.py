"""One callback per viewer and interval: the state, and what has changed of the numbers since those on screen."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

import orjson
from dash import ClientsideFunction, Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from dashboard.data.history.journal import HistoryError
from dashboard.data.reader.chains import Chains
from dashboard.data.reader.state import SeriesStatus
from dashboard.data.reader.time_machine import TimeMachine
from dashboard.data.reader.views import Seen, View, Views, view_key
from dashboard.layouts.ids import GridId, LiveId, SelectionId, TimeId
from dashboard.layouts.view import view_of
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
    shown: dict[str, Any] | None,
    chosen: dict[str, Any] | None,
    seen: dict[str, Any] | None,
    chains: Chains,
    time_machine: TimeMachine,
    views: Views,
) -> str:
    """JSON text {"status": …, "numbers": …} for the chosen series, numbers when they are new; renews the lease on it.

    moment: {"at": epoch seconds} for a recorded moment, which leases nothing. shown: what the page shows, as
    `layouts.view.view_of` takes it. seen: {"key", "view", "version"} of the frame on screen. The numbers are made once
    for all pages with the same view, so a viewer costs no serialisation.
    """
    selection = Selection.from_store(chosen)
    if selection is None:
        raise PreventUpdate
    series, view = selection.series, view_of(shown)
    if moment and moment.get("at") is not None:
        return _recorded_chain(series, moment["at"], view, _seen(seen), chains, time_machine, views)
    if not chains.is_listed(series):
        return _answer(status_text(chains.status(), chains, series.key, _not_listed(series)))
    refused = ""
    try:
        chains.watch(series, viewer())
    except TooManySeries as error:  # what others watch is shown all the same
        refused = error.message
    frame = chains.frame(series)
    waiting = refused or chains.status(series).message if frame is None else ""
    status = status_text(chains.status(series), chains, series.key, waiting)
    if frame is None or _seen(seen) == Seen(series.key, view_key(view), frame.version):
        return _answer(status)
    return _answer(status, views.text(series, frame, view, _seen(seen)))


def _recorded_chain(
    series: Series,
    at_ts: float,
    view: View,
    seen: Seen | None,
    chains: Chains,
    time_machine: TimeMachine,
    views: Views,
) -> str:
    try:
        past = time_machine.at(at_ts)
        status = status_text(past.status(series), chains, series.key, "")
        if seen == Seen(series.key, view_key(view, past=True), past.version(series)):
            return _answer(status)
        return _answer(status, views.text(series, past.frame(series), view, seen, past=True))
    except (MarketError, HistoryError) as error:
        if isinstance(error, HistoryError):
            log.error("%s", error)
        sentence = error.message if isinstance(error, MarketError) else "The history cannot be read."
        said = SeriesStatus(FeedState.RECORDED, sentence, market_ts=at_ts, recorded_ts=at_ts)
        return _answer(status_text(said, chains, series.key, sentence, gap=True))


def _answer(status: str, numbers: str | None = None) -> str:
    """numbers: a frame, or the change of one, which has a "base"."""
    if numbers is None:
        return f'{{"status":{status}}}'
    return f'{{"status":{status},"numbers":{numbers}}}'


def _seen(seen: dict[str, Any] | None) -> Seen | None:
    """None when the page shows nothing, or does not say so completely."""
    if not seen or None in (parts := (seen.get("key"), seen.get("view"), seen.get("version"))):
        return None
    key, view, version = parts
    return Seen(str(key), str(view), version)


def status_text(status: SeriesStatus, chains: Chains, key: str, waiting: str, *, gap: bool = False) -> str:
    """Small JSON for a page: the state with a sentence, our clock, and whether recording has a problem.

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
            "recording": status.recording,
            "directory": chains.directory_version(),
            "waiting": waiting,
            "gap": gap,
        }
    ).decode()


def _not_listed(series: Series) -> str:
    return f"{series.name} is not listed, or the list has not arrived yet."


def register(app: Dash, chains: Chains, time_machine: TimeMachine) -> None:
    app.callback(
        Output(LiveId.ANSWER, "data"),
        Input(LiveId.TICK, "n_intervals"),
        Input(SelectionId.CHOSEN, "data"),
        Input(TimeId.MOMENT, "data"),
        Input(LiveId.VIEW, "data"),
        State(SelectionId.STORE, "data"),  # not an Input: a pending lookup would delay this callback
        State(LiveId.SEEN, "data"),
        # With a slow server and a free-running interval no answer would arrive: Dash drops the pending answer at the
        # next request. The interval is disabled during a call, so the next call follows the answer.
        running=[(Output(LiveId.TICK, "disabled"), True, False)],
    )(partial(refresh_chain, chains=chains, time_machine=time_machine, views=Views()))
    app.clientside_callback(
        ClientsideFunction("chainboard", "applyAnswer"),
        Output(LiveId.SEEN, "data"),
        Input(LiveId.ANSWER, "data"),
        State(SelectionId.STORE, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("chainboard", "openView"),
        Output(GridId.OPENED, "data"),
        Input(GridId.CHOICES, "data"),
    )
