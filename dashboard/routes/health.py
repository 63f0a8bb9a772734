"""`/healthz`: the board's health, for monitors. 200 while its numbers are usable, 503 otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, g

from dashboard.data.reader.chains import Chains
from dashboard.market.session import FeedState
from dashboard.routes.answers import answer_errors, json_answer

STATUS = {
    FeedState.LIVE: "ok",
    FeedState.REPLAY: "ok",
    FeedState.CLOSED: "ok",
    FeedState.STALE: "degraded",
    FeedState.LOGIN_NEEDED: "degraded",
    FeedState.OFFLINE: "down",
}


def blueprint(chains: Chains) -> Blueprint:
    """The route, with answers from `chains`."""
    routes = Blueprint("health", __name__)

    @routes.get("/healthz")
    def healthz() -> Response:
        report = health_report(chains)
        if not g.get("admitted", True):  # a load balancer needs the status only
            report = {"status": report["status"]}
        return json_answer(report, 503 if report["status"] == "down" else 200)

    answer_errors(routes)
    return routes


def health_report(chains: Chains) -> dict[str, Any]:
    """The board's state in one object; unknown is None. Everything the feed says of itself, at its present age."""
    now_ts = chains.now()
    said: Mapping[str, Any] = chains.health() or {}
    board = chains.status()

    def age(stamp: Any) -> float | None:
        return round(max(0.0, now_ts - stamp), 3) if isinstance(stamp, int | float) else None

    expires_ts = board.token_expires_ts
    return {
        "status": STATUS[board.state],
        "message": board.message,
        "demo": board.demo,
        "recording": board.recording,
        "feed": {
            "state": board.state,
            "heartbeat_age_s": age(said.get("heartbeat_ts")),
            "last_tick_age_s": age(said.get("last_tick_ts")),
            "silent": said.get("silent"),
            "market_ts": said.get("market_ts"),
            "recorded_ts": said.get("recorded_ts"),
            "socket": said.get("socket"),
            "rest_budget": said.get("rest_budget"),
            "restarts": said.get("restarts"),
            "sinks": said.get("sinks"),
            "token_expires_in_s": None if expires_ts is None else round(expires_ts - now_ts),
        },
        "series": [series | {"age_s": age(series.get("as_of_ts"))} for series in said.get("series") or ()],
    }
