"""The page that makes a wall's link: choose scenes, copy the link, put it into the kiosk's start page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from dashboard.layouts.time_bar import SPEEDS
from dashboard.layouts.wall.ids import BuilderId
from dashboard.layouts.wall.link import DWELL_S, LONGEST_DWELL_S, SHORTEST_DWELL_S, THEMES

ROWS = 6
KINDS = (
    ("", "–"),
    ("board", "six indices"),
    ("chain", "chain"),
    ("charts", "four charts"),
    ("charts2", "two charts"),
)
EXPIRIES = (("near", "nearest expiry"), ("next", "next expiry"), ("month", "nearest monthly"))
MOMENT = "2026-11-23T11:42:05"  # the form of one
PLAYS = (("", "not at all"), *((str(speed), f"{speed}× as fast") for speed in SPEEDS))
FIRST = (("board", ""), ("chain", "NIFTY"), ("charts", "BANKNIFTY"))


def build_builder(indices: list[str]) -> html.Div:
    """The form. indices: names suggested while typing; any other underlying may be typed too."""
    first = [*FIRST, *[("", "")] * (ROWS - len(FIRST))]
    return html.Div(
        id=BuilderId.FORM,
        className="builder",
        children=[
            html.H1("A link for the wall"),
            html.P(
                "Scenes follow each other in this order. Nearest, next and monthly roll over by themselves after "
                "expiry. One scene alone stays on."
            ),
            html.Div([_row(number, kind, name) for number, (kind, name) in enumerate(first)], className="builder-rows"),
            html.Div(
                className="builder-row",
                children=[
                    html.Label(
                        [
                            "Seconds for each scene ",
                            _field("number", "dwell", str(DWELL_S), min=SHORTEST_DWELL_S, max=LONGEST_DWELL_S),
                        ]
                    ),
                    html.Label(["Theme ", _choices("theme", [(theme, theme) for theme in THEMES])]),
                ],
            ),
            html.Div(
                className="builder-row",
                children=[
                    html.Label(["Recorded moment, IST (empty: now) ", _field("text", "at", "", placeholder=MOMENT)]),
                    html.Label(["goes on ", _choices("play", PLAYS)]),
                ],
            ),
            html.Code("", id=BuilderId.LINK, className="builder-link"),
            html.Div(
                className="builder-row",
                children=[
                    html.Button("Copy", id=BuilderId.COPY),
                    html.A("Open the wall", id=BuilderId.OPEN, href="/wall"),
                    html.Span("", id=BuilderId.MESSAGE, role="status"),
                ],
            ),
            html.P(
                "On the wall: space pauses, ← and → (or the page keys of a remote) show the previous and next scene."
            ),
            html.Datalist([html.Option(value=name) for name in indices], id=BuilderId.NAMES),
        ],
    )


def _row(number: int, kind: str, underlying: str) -> html.Div:
    name = f"Scene {number + 1}"
    return html.Div(
        className="builder-row scene-row",
        role="group",
        **{"aria-label": name},
        children=[
            html.Span(f"{number + 1}", className="builder-number", **{"aria-hidden": "true"}),
            _choices("kind", KINDS, chosen=kind, label=f"{name}: what it shows"),
            html.Label(
                [
                    html.Span(f"{name}: underlying", className="visually-hidden"),
                    _field("text", "underlying", underlying, placeholder="NIFTY", list=BuilderId.NAMES),
                ]
            ),
            _choices("when", EXPIRIES, label=f"{name}: expiry"),
        ],
    )


def _choices(name: str, options: Sequence[tuple[str, str]], *, chosen: str = "", label: str = "") -> html.Select:
    """label: its name for screen readers, where no visible label stands around it."""
    named = {"aria-label": label} if label else {}
    return html.Select(
        [html.Option(text, value=value, selected=value == chosen) for value, text in options],
        **{"data-field": name, **named},
    )


def _field(kind: str, name: str, value: str, **more: Any) -> html.Span:
    given = dcc.Input(type=kind, value=value, autoComplete="off", **more)
    return html.Span(given, className="field", **{"data-field": name})
