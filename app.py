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
from dashboard.data.reader.time_machine import TimeMachine
from dashboard.layouts.document import document
from dashboard.layouts.page import build_page
from dashboard.layouts.static import taken_out
from dashboard.layouts.wall.page import build_overview, build_wall
from dashboard.processes.supervisor import main
from dashboard.routes import frames
from dashboard.settings import Settings
from dashboard.web.build import build_of
from dashboard.web.light_page import LightDash
from dashboard.web.page_modules import IGNORED, PageModules

ROOT = Path(__file__).parent


def create_app(settings: Settings, chains: LiveChains) -> Dash:
    """A new app with each call: nothing is registered at import, so tests may build several."""
    modules = PageModules(ROOT / "assets")
    app = Dash(
        "chainboard",
        title="Chainboard",
        update_title=None,  # otherwise the tab says "Updating..." every second
        assets_folder=str(ROOT / "assets"),
        assets_ignore=IGNORED,
        external_scripts=modules.scripts("board"),
        compress=True,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )
    app.renderer = ""  # assets/board/main.mjs starts it, after it has registered what it calls
    # The fastest level of each: every frame is new, so compression costs time per viewer and second.
    app.server.config.update(COMPRESS_LEVEL=1, COMPRESS_BR_LEVEL=1, COMPRESS_ZSTD_LEVEL=1)
    app.layout = build_page(
        demo=settings.demo,
        interval_ms=settings.interval_ms,
        password=bool(settings.password),
        history=settings.history_dir is not None,
    )
    app.index_string = document(taken_out(app.layout))
    time_machine = TimeMachine(settings)
    callbacks.register(app, chains, time_machine)
    routes.register(app, chains, time_machine, settings)
    build = build_of(ROOT)
    app.server.register_blueprint(frames.blueprint(chains, time_machine, build=build, indices=settings.underlyings))
    app.server.register_blueprint(modules.blueprint())
    wall_page = create_wall(app.server, modules, settings, chains, build)
    accepted.refuse_malformed([app, wall_page, create_overview(app.server, modules, settings, build)])
    return app


def create_wall(server: Flask, modules: PageModules, settings: Settings, chains: LiveChains, build: str) -> Dash:
    """`/wall`, on the board's server: an app of its own, which does not load the grid."""
    app = _screen(server, modules, "wall", "Chainboard wall")
    app.layout = build_wall(demo=settings.demo, build=build)
    wall.register(app, chains, settings.underlyings)
    return app


def create_overview(server: Flask, modules: PageModules, settings: Settings, build: str) -> Dash:
    """`/board`: the six indices for analysts."""
    app = _screen(server, modules, "board", "Chainboard: six indices")
    app.layout = build_overview(demo=settings.demo, build=build)
    return app


def _screen(server: Flask, modules: PageModules, name: str, title: str) -> Dash:
    app = LightDash(
        f"chainboard-{name}",
        server=server,
        url_base_pathname=f"/{name}/",
        title=title,
        index_string=document(),
        update_title=None,
        assets_folder=str(ROOT / "assets"),
        assets_ignore=IGNORED,
        external_scripts=modules.scripts("wall"),
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )
    app.renderer = ""  # assets/wall/main.mjs starts it
    return app


if __name__ == "__main__":
    sys.exit(main())
