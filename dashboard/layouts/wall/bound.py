"""Elements that `assets/wall/write.mjs` fills from a frame: each names the path of its number and a format."""

from __future__ import annotations

from dataclasses import dataclass

from dash import html


@dataclass(frozen=True, slots=True)
class Stat:
    """A labelled number. detail: (path, format) below it. gauge: a bar from 0 to 100 % under the value.

    hint: a sentence that explains a short label.
    """

    label: str
    path: str
    style: str
    detail: tuple[str, str] | None = None
    gauge: bool = False
    hint: str = ""


def bound(path: str, style: str, class_name: str = "") -> html.Span:
    return html.Span("·", className=class_name, **{"data-bind": path, "data-format": style})


def signed(path: str, style: str, class_name: str = "") -> html.Span:
    """A change, coloured and with an arrow, so that it does not depend on colour."""
    return html.Span("·", className=class_name, **{"data-bind": path, "data-format": style, "data-signed": "yes"})


def stat(given: Stat) -> html.Div:
    value = bound(given.path, given.style)
    parts = [html.Div(given.label, className="stat-label"), html.Div(value, className="stat-value")]
    if given.gauge:
        parts.append(html.Div(html.I(**{"data-gauge": given.path}), className="gauge"))
    if given.detail:
        parts.append(html.Div(bound(*given.detail), className="stat-detail"))
    return html.Div(parts, className="stat", title=given.hint or None)


def spot_block(class_name: str = "spot-block") -> html.Div:
    """The spot, large, and its change."""
    return html.Div(
        className=class_name,
        children=[
            bound("spot", "price", "spot"),
            html.Div(
                [signed("spot_change", "signed"), signed("metrics.spot_change_percent", "signed_two_percent", "plain")],
                className="change",
            ),
        ],
    )


def age() -> html.Span:
    """Age of the panel's newest number, by the browser's own clock."""
    return html.Span("", className="age")
