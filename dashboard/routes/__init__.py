"""Flask routes beside the page, and what guards every answer of the server."""

from __future__ import annotations

from dash import Dash

from dashboard.data.queries import Chains
from dashboard.data.web_desk import WebDesk
from dashboard.routes import api, health, login, metrics
from dashboard.routes.security import protect
from dashboard.routes.web_counts import WebCounts, count_requests
from dashboard.settings import Settings


def register(app: Dash, chains: Chains, settings: Settings) -> None:
    """Add every route. Blueprints go before Dash's catch-all page because their paths are more specific."""
    desk = WebDesk(chains.store)
    counts = WebCounts(desk)
    count_requests(app.server, counts)  # before the guards: refusals are requests, too
    protect(app, settings, desk)
    for blueprint in (
        health.blueprint(chains),
        api.blueprint(chains),
        login.blueprint(settings, desk),
        metrics.blueprint(chains, desk, counts),
    ):
        app.server.register_blueprint(blueprint)
