"""Whom the present request is from, as far as limits are concerned: a session, or an address."""

from __future__ import annotations

from flask import g, has_request_context


def viewer() -> str:
    """What `dashboard.routes.security.headers` found; "" outside a request."""
    return str(g.get("viewer", "")) if has_request_context() else ""
