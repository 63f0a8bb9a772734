"""The tile of one index: spot, its history, and numbers of its options."""

from __future__ import annotations

from dash import html

from dashboard.layouts.wall.bound import Stat, age, bound, spot_block, stat

DAY_MOVE_USED = Stat(
    "Day move used",
    "metrics.expected_move_used_percent",
    "whole_percent",
    gauge=True,
    hint="Today's change of the spot, up or down, as a share of the move that options implied for this one day",
)
STATS = (
    Stat("ATM IV, %", "metrics.atm_iv", "percent"),
    Stat("Straddle", "metrics.straddle", "price"),
    Stat("Expected, %", "metrics.expected_move_percent", "plus_minus"),
    DAY_MOVE_USED,
    Stat("Basis", "basis", "signed"),
    Stat("PCR", "metrics.pcr_oi", "ratio"),
    Stat("Max pain", "metrics.max_pain", "strike"),
    Stat("Net GEX, cr", "metrics.net_gex_crore", "signed_whole"),
)


def build_tile(slot: int, *, linked: bool = False) -> html.Section | html.A:
    """An empty tile for the slot-th index. linked: a link to its chain, whose address comes with the frame."""
    parts = [
        html.Header([html.H2(bound("underlying", "text")), bound("expiry_text", "text", "expiry-text"), age()]),
        spot_block(),
        html.Div([html.Div(className="spark-plot"), html.Small(bound("trail_since", "text"))], className="spark"),
        build_range(),
        html.Div([stat(given) for given in STATS], className="stats"),
        html.Div(className="panel-band", hidden=True),
        html.Div(className="panel-problem", hidden=True),
    ]
    data = {"data-panel": str(slot)}
    return (
        html.A(parts, className="tile panel", **data) if linked else html.Section(parts, className="tile panel", **data)
    )


def build_range() -> html.Div:
    """A bar between the OI walls, with the spot and max pain on it."""
    return html.Div(
        className="range",
        title="OI walls: most put OI (P), most call OI (C); the spot is the widest mark, max pain the lowest",
        children=[
            html.Div(className="track"),
            html.I(className="mark put-wall"),
            html.I(className="mark call-wall"),
            html.I(className="mark pain"),
            html.I(className="mark here"),
            html.Div(
                [html.Span("P "), bound("metrics.put_wall", "strike")],
                className="range-label put-wall",
            ),
            html.Div(
                [html.Span("C "), bound("metrics.call_wall", "strike")],
                className="range-label call-wall",
            ),
        ],
    )
