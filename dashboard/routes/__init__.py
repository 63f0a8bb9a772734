"""Flask routes beside the page. Each module offers `blueprint(chains)`; the login routes will be one more of them."""

from __future__ import annotations

from dash import Dash

from dashboard.data.queries import Chains
from dashboard.routes import api, health


def register(app: Dash, chains: Chains) -> None:
    """Add every route. Blueprints go before Dash's catch-all page because their paths are more specific."""
    for module in (health, api):
        app.server.register_blueprint(module.blueprint(chains))
