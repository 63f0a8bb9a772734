"""Top bar, right half: state of the numbers (live, stale, …), their age, and the clock; and the warning band."""

from __future__ import annotations

from dash import html

from dashboard.layouts.ids import StatusId
from dashboard.layouts.static import static


def build_status_strip(*, demo: bool, password: bool = False) -> html.Div:
    """password: whether the viewer has a session that can be ended."""
    log_out = html.Form(
        html.Button("log out", type="submit", className="quiet", title="End this browser's session"),
        action="/logout",
        method="post",
    )
    return html.Div(
        className="status-strip",
        children=[
            html.Span("DEMO" if demo else "", id=StatusId.DEMO, className="badge-demo", hidden=not demo),
            html.Span(className="status-dot", **{"aria-hidden": "true"}),
            html.Span("starting", id=StatusId.STATE, className="status-state", role="status"),
            html.A("log in", href="/login", className="status-login"),  # visible while a login is needed
            html.Span("", id=StatusId.AGE, className="status-age", title="Age of the newest number on screen"),
            html.Span(
                "", id=StatusId.TOKEN, className="status-token", title="Time until the broker asks for a new login"
            ),
            html.Span("", id=StatusId.CLOCK, className="status-clock"),
            html.A("board", href="/board", title="Six indices at a glance"),
            html.A("wall", href="/wall/builder", title="Make the link for a wall screen"),
            html.Button(
                "◐",
                id=StatusId.THEME,
                className="quiet",
                title="Dark or light",
                **{"aria-label": "Light theme", "aria-pressed": "false"},  # spoken.mjs writes it
            ),
            *([log_out] if password else []),
        ],
        **static("status"),
    )


def build_band() -> html.Section:
    """Full-width warning, empty and hidden while the numbers are live; status.mjs writes its text."""
    return html.Section(id=StatusId.BAND, className="band", hidden=True, **{"aria-label": "State of the numbers"})


def build_spoken() -> html.Div:
    """Where spoken.mjs writes each new state once; the band changes every second, too often to be read out."""
    return html.Div(id=StatusId.SPOKEN, className="visually-hidden", role="status")
