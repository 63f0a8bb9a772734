"""The client of the present request for limits: a session, or an address."""

from __future__ import annotations

from flask import g, has_request_context


def viewer() -> str:
    """The client that `dashboard.routes.security.headers` found; "" outside a request."""
    return str(g.get("viewer", "")) if has_request_context() else ""
