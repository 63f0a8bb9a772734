"""What a request asks for, where several routes ask for the same."""

from __future__ import annotations

from flask import request
from werkzeug.exceptions import BadRequest

from dashboard.market.moments import parse_moment


def asked_moment() -> float:
    """UTC epoch seconds of the request's `at`. Raises BadRequest, also without one."""
    try:
        return parse_moment(request.args.get("at", ""))
    except ValueError as error:
        raise BadRequest(f"{error}.") from None
