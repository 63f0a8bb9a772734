"""`/api/underlyings` and `/api/chain`: the numbers of the board, for programs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any, TypeVar

from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest

from dashboard.data.cache.memo import Latest
from dashboard.data.reader.chains import Chains, LatestFrame
from dashboard.data.reader.time_machine import TimeMachine
from dashboard.market.errors import FeedNotReady, MarketError, UnknownExpiry
from dashboard.market.instruments import Series, Underlying
from dashboard.market.session import FeedState
from dashboard.routes.answers import answer, answer_errors, error_answer, json_answer
from dashboard.routes.asked import asked_moment
from dashboard.routes.chain_document import as_csv, document_of
from dashboard.web.viewer import viewer

WAIT_S = 5.0
LOOK_EVERY_S = 0.05
DOCUMENTS_KEPT = 64
WAITING_AT_ONCE = 3  # of a worker's eight threads; the others keep serving boards
HELP = "Try /api/underlyings or /api/chain?underlying=NIFTY&expiry=2026-12-01."

Found = TypeVar("Found")


def blueprint(chains: Chains, time_machine: TimeMachine) -> Blueprint:
    """The routes, answering from `chains`, and as of a moment from `time_machine`."""
    routes = Blueprint("api", __name__, url_prefix="/api")
    documents: Latest[dict[str, Any]] = Latest(kept=DOCUMENTS_KEPT)  # shared, so not to be changed
    frame_wait = FrameWait()

    @routes.get("/underlyings")
    def underlyings() -> Response:
        frame_wait.wait(chains.directory_version)
        return json_answer([listed(found) for found in chains.underlyings()])

    @routes.get("/chain")
    def chain() -> Response:
        wants_csv = _wants_csv()
        name, expiry = _asked_pair()
        if "at" in request.args:
            past = time_machine.at(asked_moment())
            series = _series(past, name, expiry)
            return _chain_answer(series, document_of(past.frame(series)) | _state(past, series), wants_csv)
        frame_wait.wait(chains.directory_version)
        series = _series(chains, name, expiry)
        chains.watch(series, viewer())
        frame = frame_wait.wait(lambda: _carried_frame(chains, series)) or chains.frame(series)
        if frame is None:
            raise _reason(chains, series)
        document = documents.value(series, frame.version, partial(document_of, frame)) | _state(chains, series)
        return _chain_answer(series, document, wants_csv)

    @routes.get("/days")
    def days() -> Response:
        return json_answer({"days": time_machine.days()})

    @routes.get("/coverage")
    def coverage() -> Response:
        name, expiry = _asked_pair()
        day = date_of(request.args.get("day", ""), "day")
        if expiry is None:
            raise BadRequest(f"No expiry is given. {HELP}")
        found = time_machine.coverage(Series(name, expiry), day)
        return json_answer({"segments": [segment._asdict() for segment in found]})

    @routes.get("/<path:anything>")
    def unknown(anything: str) -> Response:
        return error_answer("not_found", HELP, 404)

    answer_errors(routes)
    return routes


class FrameWait:
    """Waits for frames that the feed has not published yet, for a few callers at once."""

    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(WAITING_AT_ONCE)

    def wait(self, question: Callable[[], Found | None]) -> Found | None:
        """The first answer that is neither None nor 0; None after five seconds, or at once when too many wait."""
        found = question()
        if found or not self._places.acquire(blocking=False):
            return found
        try:
            deadline = time.monotonic() + WAIT_S
            while not (found := question()) and time.monotonic() < deadline:
                time.sleep(LOOK_EVERY_S)
            return found
        finally:
            self._places.release()


def _chain_answer(series: Series, document: dict[str, Any], wants_csv: bool) -> Response:
    if not wants_csv:
        return json_answer(document)
    response = answer(as_csv(document), "text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{series.key.replace("|", "-")}.csv"'
    return response


def listed(underlying: Underlying) -> dict[str, Any]:
    """An underlying as `/api/underlyings` gives it."""
    return {
        "name": underlying.name,
        "symbol": underlying.symbol,
        "exchange": underlying.exchange,
        "kind": underlying.kind,
        "lot_size": underlying.lot_size,
        "tick_size": underlying.tick_size,
        "expiries": [
            {"date": expiry.date, "expiry_ts": expiry.cutoff_ts, "kind": expiry.kind, "lot_size": expiry.lot_size}
            for expiry in underlying.expiries
        ],
    }


def _wants_csv() -> bool:
    wanted = request.args.get("format", "json")
    if wanted not in ("json", "csv"):
        raise BadRequest("format is json or csv.")
    return wanted == "csv"


def _asked_pair() -> tuple[str, date | None]:
    name, day = request.args.get("underlying", "").strip(), request.args.get("expiry", "").strip()
    if not name:
        raise BadRequest(f"No underlying is given. {HELP}")
    try:
        return name, date.fromisoformat(day) if day else None
    except ValueError:
        raise BadRequest("expiry is a date such as 2026-12-01.") from None


def date_of(text: str, name: str) -> date:
    """Raises BadRequest. name: of the parameter."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRequest(f"{name} is a date such as 2026-11-23.") from None


def _series(chains: Chains, name: str, expiry: date | None) -> Series:
    """The requested series, or the nearest one without an expiry; never another series, unlike a page."""
    underlying = chains.underlying(name)
    if expiry is not None and underlying.expiry(expiry) is None:
        raise UnknownExpiry(f"{underlying.name} has no expiry {expiry.isoformat()}.")
    return Series(underlying.name, expiry or chains.nearest(underlying).date)


def _carried_frame(chains: Chains, series: Series) -> LatestFrame | None:
    """The frame, once the feed follows the series: an earlier frame may be hours old."""
    state = chains.status(series)
    if state.problem_code is not None and chains.frame(series) is None:
        raise _reason(chains, series)
    return chains.frame(series) if state.as_of_ts is not None else None


def _state(chains: Chains, series: Series) -> dict[str, Any]:
    """State of the numbers at this moment, which the frame does not contain."""
    now = chains.status(series)
    left_over = now.as_of_ts is None and now.state is FeedState.LIVE
    return {"state": FeedState.STALE if left_over else now.state, "demo": now.demo}


def _reason(chains: Chains, series: Series) -> MarketError:
    """Why there is no frame."""
    state = chains.status(series)
    kind = next((kind for kind in _kinds(MarketError) if kind.code == state.problem_code), FeedNotReady)
    return kind(state.problem_message or f"{series.key} has not been published yet. {state.message}")


def _kinds(base: type[MarketError]) -> list[type[MarketError]]:
    return [base, *(kind for below in base.__subclasses__() for kind in _kinds(below))]
