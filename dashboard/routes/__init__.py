"""Flask routes beside the pages, and the guards of every answer of the server."""

from __future__ import annotations

from dash import Dash

from dashboard.data.brokers.registry import broker_of, open_login
from dashboard.data.reader.live import LiveChains
from dashboard.data.reader.time_machine import TimeMachine
from dashboard.routes import api, health, legs, login, metrics
from dashboard.routes.security.headers import protect
from dashboard.routes.web_counts import WebCounts, count_requests
from dashboard.routes.web_registry import WebRegistry
from dashboard.settings import Settings


def register(app: Dash, chains: LiveChains, time_machine: TimeMachine, settings: Settings) -> None:
    """Add every route. Blueprints go before Dash's catch-all page because their paths are more specific."""
    web_registry = WebRegistry(chains.store)
    counts = WebCounts(web_registry)
    count_requests(app.server, counts)  # before the guards: refused requests count, too
    protect(app, settings, web_registry)
    for blueprint in (
        health.blueprint(chains),
        api.blueprint(chains, time_machine),
        legs.blueprint(chains, time_machine),
        metrics.blueprint(chains, web_registry, counts),
    ):
        app.server.register_blueprint(blueprint)
    broker, broker_login = broker_of(settings).name, open_login(settings)
    app.server.register_blueprint(
        login.no_login(broker)
        if broker_login is None
        else login.blueprint(settings, web_registry, broker, broker_login)
    )
