"""A chart is data: a figure skeleton built once, with bindings from frame columns to trace arrays.

`live.js` applies any chart by its bindings; Python supplies every number, JavaScript only scales units for the axis.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dash import dcc, html

from dashboard.layouts.ids import chart_id


@dataclass(frozen=True, slots=True)
class Trace:
    """One trace. x, y: frame paths of equal-length columns. divide: unit of the axis (1e5 = lakh).

    colour: a colour token of the stylesheet. style: Plotly trace attributes without data or colour.
    """

    name: str
    y: str
    colour: str
    style: dict[str, Any]
    divide: float = 1.0
    x: str = "strikes"


@dataclass(frozen=True, slots=True)
class Chart:
    """key: its id is `chart-<key>`. unit: shown beside the title. empty: why there is nothing to draw.

    lines: vertical lines, (frame path, label, colour token). reach: strikes shown each side of the ATM.
    """

    key: str
    title: str
    unit: str
    traces: tuple[Trace, ...]
    empty: str
    lines: tuple[tuple[str, str, str], ...] = (("spot", "spot", "here"),)
    reach: int = 15
    hover: str = ",.2f"


def build_chart(chart: Chart) -> html.Section:
    legend = [html.Span([html.I(className=f"key key-{trace.colour}"), trace.name]) for trace in chart.traces]
    return html.Section(
        className="chart",
        children=[
            html.Header(
                [
                    html.H2(chart.title),
                    html.Small(chart.unit),
                    html.Span(legend if len(legend) > 1 else [], className="legend"),
                ]
            ),
            html.Div(
                className="chart-body",
                children=[
                    dcc.Graph(
                        id=chart_id(chart.key),
                        className="plot",
                        figure=skeleton(chart),
                        responsive=True,
                        config={"displaylogo": False, "displayModeBar": False, "doubleClick": "reset"},
                        style={"height": "100%"},
                    ),
                    html.Div(chart.empty, className="chart-empty"),
                ],
            ),
        ],
    )


def skeleton(chart: Chart) -> dict[str, Any]:
    """The figure without a number in it; `layout.meta` holds the bindings."""
    return {
        "data": [
            {**trace.style, "name": trace.name, "x": [], "y": [], "hovertemplate": f"%{{y:{chart.hover}}}"}
            for trace in chart.traces
        ],
        "layout": {
            "margin": {"l": 44, "r": 10, "t": 18, "b": 24},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "showlegend": False,
            "bargap": 0.25,
            "bargroupgap": 0.0,
            "hovermode": "x unified",
            "dragmode": False,
            "font": {"size": 11, "family": "inherit"},
            "xaxis": {"showgrid": False, "zeroline": False, "nticks": 7, "fixedrange": True, "tickformat": "d"},
            "yaxis": {"zeroline": False, "nticks": 6, "fixedrange": True, "gridwidth": 1},
            "meta": {
                "traces": [
                    {"x": trace.x, "y": trace.y, "divide": trace.divide, "colour": trace.colour}
                    for trace in chart.traces
                ],
                "lines": [{"at": path, "label": label, "colour": colour} for path, label, colour in chart.lines],
                "reach": chart.reach,
            },
        },
    }
