"""JSON answers of our routes: fast, never cached, and without a traceback after an error."""

from __future__ import annotations

import logging
from typing import Any

import orjson
from dash.exceptions import DependencyException, InvalidResourceError
from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import HTTPException

from dashboard.data.history.journal import HistoryError
from dashboard.market.errors import MarketError, NotRecorded

FAULT = "Something went wrong here; the server's log says what."

log = logging.getLogger(__name__)


def json_answer(value: Any, status: int = 200) -> Response:
    return answer(orjson.dumps(value), "application/json", status)


def answer(body: bytes, content_type: str, status: int = 200) -> Response:
    return Response(body, status, {"Content-Type": content_type, "Cache-Control": "no-store"})


def error_answer(code: str, message: str, status: int) -> Response:
    return json_answer({"error": {"code": code, "message": message}}, status)


def answer_faults(server: Flask) -> None:
    """Answer uncaught exceptions without a traceback; the log names the route, not the request.

    A file that Dash does not have is a 404 in plain text, as for every other path.
    """

    @server.errorhandler(DependencyException)
    @server.errorhandler(InvalidResourceError)
    def no_such_file(error: Exception) -> Response:
        return answer(b"There is no such file.\n", "text/plain; charset=utf-8", 404)

    @server.errorhandler(Exception)
    def fault(error: Exception) -> HTTPException | Response:
        if isinstance(error, HTTPException):
            return error
        log.error("a request to %s failed", request.url_rule, exc_info=error)
        return error_answer("internal_error", FAULT, 500)


def answer_errors(blueprint: Blueprint) -> None:
    """Answer errors of the blueprint's routes with `{"error": {"code", "message"}}`."""

    @blueprint.errorhandler(MarketError)
    def market_error(error: MarketError) -> Response:
        return error_answer(error.code, error.message, error.status)

    @blueprint.errorhandler(NotRecorded)
    def not_recorded(error: NotRecorded) -> Response:
        reason = {"code": error.code, "message": error.message}
        nearest = {"before_ts": error.before_ts, "after_ts": error.after_ts}
        return json_answer({"error": reason | nearest}, error.status)

    @blueprint.errorhandler(HistoryError)
    def history_error(error: HistoryError) -> Response:
        log.error("%s", error)
        return error_answer("history_unavailable", "The history cannot be read; the server's log says why.", 503)

    @blueprint.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        status = error.code or 500
        if status >= 500:  # Flask has logged the cause; the caller does not get it
            return error_answer("internal_error", FAULT, status)
        return error_answer(error.name.lower().replace(" ", "_"), error.description or error.name, status)
