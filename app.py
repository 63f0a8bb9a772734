"""Chainboard: `create_app` builds the page; run as a script, it starts feed, web and (in demo) the sandbox."""

from __future__ import annotations

import sys
from pathlib import Path

import dashboard  # noqa: F401  (refuses a Python that is too old, before anything newer is imported)

# isort: split
from dash import Dash
from flask import Flask

from dashboard import callbacks, routes
from dashboard.callbacks import accepted, wall
from dashboard.data.reader.live import LiveChains
from dashboard.layouts.document import DOCUMENT
from dashboard.layouts.page import build_page
from dashboard.layouts.wall.page import build_overview, build_wall
from dashboard.processes.supervisor import main
from dashboard.routes import frames
from dashboard.settings import Settings
from dashboard.web.build import build_of
from dashboard.web.light_page import LightDash

ROOT = Path(__file__).parent
# Scripts that a wall does not use.
OF_THE_BOARD_PAGE = (
    r"^(address|chart_table|columns|export|hints|keys|live|menus|panel|popovers|selection|sight|status|widths)\.js$"
)


def create_app(settings: Settings, chains: LiveChains) -> Dash:
    """A new app with each call: nothing is registered at import, so tests may build several."""
    app = Dash(
        "chainboard",
        title="Chainboard",
        index_string=DOCUMENT,
        update_title=None,  # otherwise the tab says "Updating..." every second
        assets_folder=str(ROOT / "assets"),
        assets_path_ignore=["wall"],
        compress=True,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )
    # The fastest level of each: every frame is new, so compression costs time per viewer and second.
    app.server.config.update(COMPRESS_LEVEL=1, COMPRESS_BR_LEVEL=1, COMPRESS_ZSTD_LEVEL=1)
    app.layout = build_page(demo=settings.demo, interval_ms=settings.interval_ms, password=bool(settings.password))
    callbacks.register(app, chains)
    routes.register(app, chains, settings)
    build = build_of(ROOT)
    app.server.register_blueprint(frames.blueprint(chains, build=build, indices=settings.underlyings))
    accepted.refuse_malformed(
        [app, create_wall(app.server, settings, chains, build), create_overview(app.server, settings, build)]
    )
    return app


def create_wall(server: Flask, settings: Settings, chains: LiveChains, build: str) -> Dash:
    """`/wall`, on the board's server: an app of its own, which does not load the grid."""
    app = _screen(server, "wall", "Chainboard wall")
    app.layout = build_wall(demo=settings.demo, build=build)
    wall.register(app, chains, settings.underlyings)
    return app


def create_overview(server: Flask, settings: Settings, build: str) -> Dash:
    """`/board`: the six indices for analysts."""
    app = _screen(server, "board", "Chainboard: six indices")
    app.layout = build_overview(demo=settings.demo, build=build)
    return app


def _screen(server: Flask, name: str, title: str) -> Dash:
    return LightDash(
        f"chainboard-{name}",
        server=server,
        url_base_pathname=f"/{name}/",
        title=title,
        index_string=DOCUMENT,
        update_title=None,
        assets_folder=str(ROOT / "assets"),
        assets_ignore=OF_THE_BOARD_PAGE,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )


if __name__ == "__main__":
    sys.exit(main())
