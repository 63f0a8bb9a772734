"""`/frames/chain` and `/frames/board`: frames for pages that poll by themselves (the wall, `/board`).

    GET /frames/chain?underlying=NIFTY&expiry=near[&have=KEY@VERSION]
    GET /frames/board?expiry=near[&have=VERSION]

200 with the published JSON, compressed once per version and not per screen; 204 when the screen has it already, or
there is no frame. Each answer, also an empty one, has the header `Chainboard-Status` (JSON) with the present state of
the numbers, the time, and the current build of the page. A request leases the series, as the board's callback does.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from typing import Any

import orjson
from flask import Blueprint, Response, request

from dashboard.data.cache.memo import Latest
from dashboard.data.reader.chains import Chains
from dashboard.market.errors import FeedNotReady, MarketError
from dashboard.market.expiries import NEAR
from dashboard.market.instruments import Series
from dashboard.market.session import FeedState, ist
from dashboard.routes.answers import answer_errors
from dashboard.web.viewer import viewer

STATUS_HEADER = "Chainboard-Status"
TILES = 6
BODIES_KEPT = 64
DAY_HOURS = range(8, 18)  # IST; outside, a closed market is dimmed for the night


def blueprint(chains: Chains, *, build: str = "", indices: Sequence[str] = ()) -> Blueprint:
    """The routes. indices: names that come first among the six, as far as they exist."""
    routes = Blueprint("frames", __name__, url_prefix="/frames")
    bodies: Latest[tuple[bytes, bytes]] = Latest(kept=BODIES_KEPT)

    @routes.get("/chain")
    def chain() -> Response:
        try:
            series = chains.series(request.args.get("underlying", ""), request.args.get("expiry", NEAR))
        except MarketError as error:
            # For an unknown series the page removes its old numbers; while the feed is not ready it keeps them.
            refused = not isinstance(error, FeedNotReady)
            return _empty(_status(chains, None, build) | {"problem": error.message, "refused": refused})
        status = _status(chains, series, build)
        try:
            chains.watch(series, viewer())
        except MarketError as error:
            return _empty(status | {"problem": error.message, "refused": False})
        frame = chains.frame(series)
        if frame is None:
            return _empty(status | {"problem": _awaited(chains, series)})
        version = f"{series.key}@{frame.version}"
        if _has(version):
            return _empty(status)
        return _answer(bodies.value(series.key, version, lambda: _compressed(frame.text.encode())), status)

    @routes.get("/board")
    def board() -> Response:
        status = _status(chains, None, build)
        try:
            names = board_indices(chains, indices)
            tiles = [_tile(chains, name, request.args.get("expiry", NEAR)) for name in names]
        except MarketError as error:
            return _empty(status | {"problem": error.message})
        version = "board@" + ",".join(f"{tile['key']}{tile['version']}{tile['state'][:2]}" for tile in tiles)
        if _has(version):
            return _empty(status)
        made = bodies.value("board", version, lambda: _compressed(orjson.dumps({"have": version, "tiles": tiles})))
        return _answer(made, status)

    answer_errors(routes)
    return routes


def board_indices(chains: Chains, first: Sequence[str]) -> list[str]:
    """Up to six indices with options: those configured, then others of the list. Raises FeedNotReady."""
    listed = [found.name for found in chains.indices()]
    chosen = [name for name in first if name in listed]
    return [*chosen, *(name for name in listed if name not in chosen)][:TILES]


def _compressed(body: bytes) -> tuple[bytes, bytes]:
    return body, gzip.compress(body, 6, mtime=0)


def _answer(bodies: tuple[bytes, bytes], status: dict[str, Any]) -> Response:
    """bodies: as it is, and compressed."""
    headers = _headers(status) | {"Content-Type": "application/json", "Vary": "Accept-Encoding"}
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        return Response(bodies[0], 200, headers)
    return Response(bodies[1], 200, headers | {"Content-Encoding": "gzip"})


def _has(version: str) -> bool:
    return version == request.args.get("have")


def _empty(status: dict[str, Any]) -> Response:
    return Response(b"", 204, _headers(status))


def _headers(status: dict[str, Any]) -> dict[str, str]:
    return {STATUS_HEADER: json.dumps(status), "Cache-Control": "no-store"}


def _status(chains: Chains, series: Series | None, build: str) -> dict[str, Any]:
    """Present state of the numbers, of a series or of the whole feed."""
    board, now_ts = chains.status(series), chains.now()
    return {
        "state": board.state,
        "message": board.message,
        "since_ts": board.since_ts,
        "server_ts": now_ts,
        "market_ts": board.market_ts,
        "recorded_ts": board.recorded_ts,
        "build": build,
        "demo": board.demo,
        "night": board.state is FeedState.CLOSED and ist(now_ts).hour not in DAY_HOURS,
    }


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
