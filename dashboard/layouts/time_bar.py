"""The time bar: a slider over the recorded day, with what of it was recorded; time_bar.mjs moves it."""

from __future__ import annotations

from dash import html

from dashboard.layouts.ids import TimeId
from dashboard.layouts.static import static

SPEEDS = (1, 5, 10, 30, 60)


def build_time_bar() -> html.Section:
    """Its place is there from the start, so that no number moves when the first record arrives."""
    return html.Section(
        id=TimeId.BAR,
        className="time-bar",
        children=[
            html.Select(id=TimeId.DAY, className="quiet", title="Recorded day", **{"aria-label": "Recorded day"}),
            html.Button(
                "▶", id=TimeId.PLAY, className="quiet", title="Play", **{"aria-label": "Play", "aria-pressed": "false"}
            ),
            html.Select(
                [html.Option(f"{speed}×", value=str(speed)) for speed in SPEEDS],
                id="time-speed",
                className="quiet",
                title="Speed of playing",
                **{"aria-label": "Speed of playing"},
            ),
            html.Div(
                [
                    html.Div(id=TimeId.COVERAGE, className="time-coverage", **{"aria-hidden": "true"}),
                    html.Div(className="time-rail"),  # for #time-slider: Dash has no plain range input
                ],
                className="time-track",
            ),
            html.Span("", id=TimeId.RECORDING, className="time-recording", role="status"),
            html.Span("", id=TimeId.LABEL, className="time-label"),
            html.Button("LIVE", id=TimeId.LIVE, className="quiet chosen", title="Back to the market of now"),
        ],
        **{"aria-label": "Recorded day", **static("time-bar")},
    )
