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
    points: marks instead of columns, each an (x, y) pair of header numbers.
    by_strike: whether x are strikes, cut to the chart's reach.
    """

    name: str
    y: str | None
    colour: str
    style: dict[str, Any]
    divide: float = 1.0
    x: str = "strikes"
    points: tuple[tuple[str, str], ...] = ()
    by_strike: bool = True


# Shared styles of traces.
LINE: dict[str, Any] = {
    "type": "scatter",
    "mode": "lines+markers",
    "line": {"width": 2},
    "marker": {"size": 4},
    "connectgaps": False,
}
BARS: dict[str, Any] = {"type": "bar"}
MARKS: dict[str, Any] = {"type": "scatter", "mode": "markers", "marker": {"size": 9, "symbol": "diamond"}}

# "Where we are" in every chart by strike: ATM and forward as faint lines, the spot with its value.
HERE = (("atm_strike", "", "hairline"), ("forward", "", "muted"), ("spot", "spot", "here"))


@dataclass(frozen=True, slots=True)
class Chart:
    """key: its id is `chart-<key>`. unit: shown beside the title. empty: why there is nothing to draw.

    lines: vertical lines, (frame path, label or "", colour token). reach: strikes shown each side of the ATM.
    hover: how a value is written, in the notation of d3. across: what x counts, as the head of a table's first column.
    """

    key: str
    title: str
    unit: str
    traces: tuple[Trace, ...]
    empty: str
    lines: tuple[tuple[str, str, str], ...] = HERE
    reach: int = 15
    hover: str = ",.2f"
    across: str = "Strike"

    @property
    def spoken(self) -> str:
        """The name of the drawing for a screen reader."""
        return f"{self.title}, {self.unit}: chart"


def build_chart(chart: Chart) -> html.Section:
    legend = [html.Span([html.I(className=f"key key-{trace.colour}"), trace.name]) for trace in chart.traces]
    return html.Section(
        className="chart",
        **{"data-key": chart.key},
        children=[
            html.Header(
                [
                    html.H2(chart.title),
                    html.Small(chart.unit),
                    html.Span(legend if len(legend) > 1 else [], className="legend"),
                    html.Span([_table_button(chart), _png_button(chart)], className="chart-tools"),
                ]
            ),
            drawing(
                chart,
                chart_id(chart.key),
                skeleton(chart),
                {"displaylogo": False, "displayModeBar": False, "doubleClick": "reset"},
            ),
            html.Div(chart.empty, className="chart-empty"),
        ],
    )


def _table_button(chart: Chart) -> html.Button:
    return html.Button(
        "table",
        className="quiet png",
        title=f"The numbers of {chart.title} as a table",
        **{"data-table": chart.key, "aria-haspopup": "dialog"},
    )


def _png_button(chart: Chart) -> html.Button:
    return html.Button("PNG", className="quiet png", title=f"Save {chart.title} as PNG", **{"data-png": chart.key})


def drawing(chart: Chart, graph_id: str, figure: dict[str, Any], config: dict[str, Any]) -> html.Div:
    """The plot, which a screen reader takes as one named picture. figure, config: of Plotly."""
    plot = dcc.Graph(
        id=graph_id, className="plot", figure=figure, responsive=True, config=config, style={"height": "100%"}
    )
    return html.Div(plot, className="chart-body", role="img", **{"aria-label": chart.spoken})


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
            "xaxis": {
                "showgrid": False,
                "zeroline": False,
                "nticks": 6,
                "tickangle": 0,
                "fixedrange": True,
                "tickformat": "d",
            },
            "yaxis": {"zeroline": False, "nticks": 6, "fixedrange": True, "gridwidth": 1},
            "meta": {
                "traces": [
                    {
                        "x": trace.x,
                        "y": trace.y,
                        "divide": trace.divide,
                        "colour": trace.colour,
                        "points": trace.points,
                        "byStrike": trace.by_strike,
                    }
                    for trace in chart.traces
                ],
                "lines": [{"at": path, "label": label, "colour": colour} for path, label, colour in chart.lines],
                "reach": chart.reach,
                "across": chart.across,
                "hover": chart.hover,
            },
        },
    }
