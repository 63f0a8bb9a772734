"""`/frames/legs`: everything a frame says of both sides of one strike, for the hint of a cell.

    GET /frames/legs?underlying=NIFTY&expiry=2026-12-01&strike=24000[&at=EPOCH]

200 with `{"key", "version", "call": {…}, "put": {…}}`, the fields of `contract.frame.LegColumns`; errors as in the API.
Nothing is leased.
"""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest

from dashboard.data.cache.memo import Latest
from dashboard.data.reader.chains import Chains
from dashboard.data.reader.time_machine import TimeMachine
from dashboard.market.errors import FeedNotReady
from dashboard.market.instruments import Side
from dashboard.routes.answers import answer_errors, json_answer
from dashboard.routes.asked import asked_moment

FRAMES_KEPT = 16


def blueprint(chains: Chains, time_machine: TimeMachine) -> Blueprint:
    routes = Blueprint("legs", __name__, url_prefix="/frames")
    decoded: Latest[dict[str, Any]] = Latest(kept=FRAMES_KEPT)

    @routes.get("/legs")
    def legs() -> Response:
        past = "at" in request.args
        source: Chains = time_machine.at(asked_moment()) if past else chains
        series = source.series(request.args.get("underlying", ""), request.args.get("expiry", ""))
        latest = source.frame(series)
        if latest is None:
            raise FeedNotReady(f"There are no numbers of {series.name} yet.")
        frame = decoded.value((series, past), latest.version, lambda: dict(orjson.loads(latest.text)))
        strike = request.args.get("strike", type=float)
        if strike not in frame["strikes"]:
            raise BadRequest(f"{series.name} has no such strike.")
        place = frame["strikes"].index(strike)
        sides = {side.value: {name: column[place] for name, column in frame[side.value].items()} for side in Side}
        return json_answer({"key": frame["key"], "version": latest.version} | sides)

    answer_errors(routes)
    return routes
