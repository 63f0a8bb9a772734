"""`/frames/chain` and `/frames/board`: frames for pages that poll by themselves (the wall, `/board`).

    GET /frames/chain?underlying=NIFTY&expiry=near[&at=MOMENT][&have=KEY@VERSION]
    GET /frames/board?expiry=near[&at=MOMENT][&have=VERSION]
    GET /frames/coverage?at=MOMENT&scene=… (a wall's link): what was recorded of that day

200 with the published JSON, compressed once per version and not per screen; 204 when the screen has it already, or
there is no frame. Each answer, also an empty one, has the header `Chainboard-Status` (JSON) with the present state of
the numbers, the time, and the current build of the page. A request leases the series, as the board's callback does,
except for a recorded moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest

from dashboard.data.cache.memo import Latest
from dashboard.data.reader.chains import Chains
from dashboard.data.reader.time_machine import TimeMachine
from dashboard.layouts.wall.link import BadLink, plan_of
from dashboard.market.errors import FeedNotReady, MarketError
from dashboard.market.expiries import NEAR
from dashboard.market.instruments import Series
from dashboard.market.moments import EXPECTED
from dashboard.market.session import FeedState
from dashboard.routes.answers import answer_errors, json_answer
from dashboard.routes.asked import asked_moment
from dashboard.routes.frame_answers import (
    board_indices,
    board_version,
    compressed,
    frame_answer,
    has_version,
    no_frame,
    status_of,
)
from dashboard.routes.recorded_frames import RecordedFrames
from dashboard.web.viewer import viewer

BODIES_KEPT = 64


def blueprint(chains: Chains, time_machine: TimeMachine, *, build: str = "", indices: Sequence[str] = ()) -> Blueprint:
    """The routes. indices: names that come first among the six, as far as they exist."""
    routes = Blueprint("frames", __name__, url_prefix="/frames")
    bodies: Latest[tuple[bytes, bytes]] = Latest(kept=BODIES_KEPT)
    recorded = RecordedFrames(time_machine, chains.now, build=build, indices=indices)

    @routes.get("/chain")
    def chain() -> Response:
        underlying, when = request.args.get("underlying", ""), request.args.get("expiry", NEAR)
        if "at" in request.args:
            return recorded.chain(asked_moment(), underlying, when)
        try:
            series = chains.series(underlying, when)
        except MarketError as error:
            # For an unknown series the page removes its old numbers; while the feed is not ready it keeps them.
            refused = not isinstance(error, FeedNotReady)
            return no_frame(status_of(chains.status(), chains.now(), build) | _problem(error, refused=refused))
        status = status_of(chains.status(series), chains.now(), build)
        try:
            chains.watch(series, viewer())
        except MarketError as error:
            return no_frame(status | _problem(error, refused=False))
        frame = chains.frame(series)
        if frame is None:
            return no_frame(status | {"problem": _awaited(chains, series)})
        version = f"{series.key}@{frame.version}"
        if has_version(version):
            return no_frame(status)
        return frame_answer(bodies.value(series.key, version, lambda: compressed(frame.text.encode())), status)

    @routes.get("/board")
    def board() -> Response:
        when = request.args.get("expiry", NEAR)
        if "at" in request.args:
            return recorded.board(asked_moment(), when)
        status = status_of(chains.status(), chains.now(), build)
        try:
            tiles = [_tile(chains, name, when) for name in board_indices(chains, indices)]
        except MarketError as error:
            return no_frame(status | {"problem": error.message})
        version = board_version(tiles)
        if has_version(version):
            return no_frame(status)
        made = bodies.value("board", version, lambda: compressed(orjson.dumps({"have": version, "tiles": tiles})))
        return frame_answer(made, status)

    @routes.get("/coverage")
    def coverage() -> Response:
        try:
            plan = plan_of(request.query_string.decode())
        except (BadLink, UnicodeDecodeError) as error:
            raise BadRequest(str(error)) from None
        if plan.at_ts is None:
            raise BadRequest(f"{EXPECTED}.")
        segments = recorded.coverage(plan.at_ts, plan.scenes)
        return json_answer({"segments": [segment._asdict() for segment in segments]})

    answer_errors(routes)
    return routes


def _problem(error: MarketError, *, refused: bool) -> dict[str, Any]:
    return {"problem": error.message, "refused": refused}


def _tile(chains: Chains, name: str, when: str) -> dict[str, Any]:
    """The summary of an index, or why there is none yet."""
    series = chains.series(name, when)
    chains.watch(series, viewer())
    found = chains.summary(series)
    if found is not None:
        return found
    return {"key": series.key, "version": 0, "underlying": name, "state": FeedState.STALE} | {
        "problem": _awaited(chains, series)
    }


def _awaited(chains: Chains, series: Series) -> str:
    """Why there is no frame yet."""
    board = chains.status(series)
    waiting = f"Waiting for the first prices of {series.name} …"
    return board.problem_message or (waiting if board.state is FeedState.LIVE else board.message)
