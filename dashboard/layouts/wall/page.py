"""The page around a wall's scenes, and the page of six indices for analysts."""

from __future__ import annotations

from dash import dcc, html

from dashboard.layouts.status_strip import build_spoken
from dashboard.layouts.wall.ids import WallId
from dashboard.layouts.wall.scenes import TILES
from dashboard.layouts.wall.tile import build_tile
from dashboard.market.session import SILENCE_LIMIT_S

BOARD_SOURCE = "/frames/board?expiry=near"


def build_wall(*, demo: bool, build: str) -> html.Div:
    """A wall before its link is read."""
    return html.Div(
        className="wall",
        children=[
            dcc.Location(id=WallId.ADDRESS, refresh=False),
            _top(demo=demo),
            _band(),
            build_spoken(),
            html.Main(id=WallId.STAGE, className="stage"),
            html.Div(id=WallId.NOTE, className="wall-note", role="status", hidden=True),
            html.Div(className="night"),
        ],
        **{"data-build": build, "data-mode": "wall", "data-silence-limit-s": SILENCE_LIMIT_S},
    )


def build_overview(*, demo: bool, build: str) -> html.Div:
    """`/board`: the six indices; each tile opens its chain."""
    tiles = html.Div([build_tile(slot, linked=True) for slot in range(TILES)], className="tiles")
    scene = html.Section(
        [tiles, html.Div(className="scene-problem", role="status", hidden=True)],
        className="scene scene-board on",
        **{"data-kind": "board", "data-source": BOARD_SOURCE, "data-caption": "six indices · nearest expiry"},
    )
    return html.Div(
        className="wall overview",
        children=[
            _top(demo=demo, links=(("chain", "/"), ("wall", "/wall/builder"))),
            _band(),
            build_spoken(),
            html.Main(html.Div(scene, className="scenes"), id=WallId.STAGE, className="stage"),
        ],
        **{"data-build": build, "data-mode": "overview", "data-silence-limit-s": SILENCE_LIMIT_S},
    )


def _top(*, demo: bool, links: tuple[tuple[str, str], ...] = ()) -> html.Header:
    vix = html.Span(
        ["India VIX ", html.Span("·", **{"data-top": "vix"}), " ", html.Span("", **{"data-top": "vix_change"})],
        className="wall-vix",
    )
    return html.Header(
        className="wall-top",
        children=[
            html.Div([html.Span("Chain"), html.Span("board")], className="brand"),
            html.Span("", id=WallId.CAPTION, className="wall-caption"),
            html.Span("", id=WallId.DOTS, className="wall-dots", **{"aria-hidden": "true"}),
            html.Nav([html.A(name, href=target) for name, target in links], className="wall-links"),
            vix,
            html.Span("DEMO", className="badge-demo", hidden=not demo),
            html.Span(className="status-dot", **{"aria-hidden": "true"}),
            html.Span("starting", id=WallId.STATE, className="status-state", role="status"),
            html.Span("", id=WallId.CLOCK, className="wall-clock"),
        ],
    )


def _band() -> html.Section:
    """Full-width warning, hidden while the numbers are live; never dimmed with the numbers."""
    return html.Section(id=WallId.BAND, className="wall-band", hidden=True, **{"aria-label": "State of the numbers"})
