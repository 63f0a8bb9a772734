"""JSON answers of our routes: fast, never cached by anyone, and without a traceback when something fails."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, Response
from werkzeug.exceptions import HTTPException

from dashboard.market.errors import MarketError


def json_answer(value: Any, status: int = 200) -> Response:
    return answer(orjson.dumps(value), "application/json", status)


def answer(body: bytes, content_type: str, status: int = 200) -> Response:
    return Response(body, status, {"Content-Type": content_type, "Cache-Control": "no-store"})


def error_answer(code: str, message: str, status: int) -> Response:
    return json_answer({"error": {"code": code, "message": message}}, status)


def answer_errors(blueprint: Blueprint) -> None:
    """Turn what goes wrong in the blueprint's routes into `{"error": {"code", "message"}}`."""

    @blueprint.errorhandler(MarketError)
    def market_error(error: MarketError) -> Response:
        return error_answer(error.code, error.message, error.status)

    @blueprint.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        status = error.code or 500
        if status >= 500:  # Flask has logged the cause; the caller gets no part of it
            return error_answer("internal_error", "Something went wrong here; the server's log says what.", status)
        return error_answer(error.name.lower().replace(" ", "_"), error.description or error.name, status)
