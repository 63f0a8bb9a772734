"""Chainboard: `create_app` builds the page; run as a script, it starts feed, web and (in demo) the sandbox."""

from __future__ import annotations

import sys
from pathlib import Path

import dashboard  # noqa: F401  (refuses a Python too old, in words, before anything newer is imported)

# isort: split
from dash import Dash

from dashboard import callbacks, routes
from dashboard.data.queries import Chains
from dashboard.layouts.page import build_page
from dashboard.settings import Settings
from dashboard.supervisor import main


def create_app(settings: Settings, chains: Chains) -> Dash:
    """A fresh app each call: nothing is registered at import, so tests may build as many as they like."""
    app = Dash(
        "chainboard",
        title="Chainboard",
        update_title=None,  # otherwise the tab says "Updating..." every second
        assets_folder=str(Path(__file__).parent / "assets"),
        compress=True,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )
    # The fastest level of each: a frame differs every time, so every millisecond is paid per viewer and second.
    app.server.config.update(COMPRESS_LEVEL=1, COMPRESS_BR_LEVEL=1, COMPRESS_ZSTD_LEVEL=1)
    app.layout = build_page(demo=settings.demo, interval_ms=settings.interval_ms)
    callbacks.register(app, chains)
    routes.register(app, chains, settings)
    return app


if __name__ == "__main__":
    sys.exit(main())
