"""A chart is data: a figure skeleton built once, with bindings from frame columns to trace arrays.

`charts.mjs` draws any chart from its bindings; Python computes every number, JavaScript only scales units for the axis.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from dash import dcc, html

from dashboard.layouts.ids import chart_body_id, chart_id
from dashboard.layouts.static import static


@dataclass(frozen=True, slots=True)
class Trace:
    """One trace. x, y: frame paths of equal-length columns. divide: unit of the axis (1e5 = lakh).

    colour: a colour token of the stylesheet. style: Plotly trace attributes without data or colour, sizes in px
    at a font size of 13 px.
    points: marks instead of columns, each an (x, y) pair of header numbers; on hover a mark names its own x.
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

    @property
    def key_class(self) -> str:
        """Class of its key in a legend: the colour, and the shape where that is not a square."""
        return f"key key-{self.colour}{' key-diamond' if self.style is MARKS else ''}"


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

# Colours besides those of the two sides: for values of calls and puts together, and for marks.
BOTH, MARK = "both", "mark"


@dataclass(frozen=True, slots=True)
class Level:
    """A vertical line. at: path of a header number. label: written above with its value in `digits` decimals, or ""."""

    at: str
    label: str
    colour: str
    digits: int = 0


# In every chart by strike: ATM and forward as faint lines, the spot with its value.
HERE = (Level("atm_strike", "", "hairline"), Level("forward", "", "muted"), Level("spot", "spot", "here", digits=2))


@dataclass(frozen=True, slots=True)
class Axis:
    """The x axis of a chart that is not by strike. log: whether the axis is logarithmic.

    ticks: (value, text) pairs, thinned to the width; none means the listed strikes.
    """

    log: bool = False
    ticks: tuple[tuple[float, str], ...] = ()


BY_STRIKE = Axis()


@dataclass(frozen=True, slots=True)
class Chart:
    """key: its id is `chart-<key>`. unit: shown beside the title. empty: why there is nothing to draw.

    lines: vertical lines, two labelled ones at most. reach: strikes shown each side of the ATM.
    hover: how a value is written, in the notation of d3; value_unit: the unit behind it in the hover label.
    across: name of x in the hover label and in the head of a table's first column.
    """

    key: str
    title: str
    unit: str
    value_unit: str
    traces: tuple[Trace, ...]
    empty: str
    lines: tuple[Level, ...] = HERE
    reach: int = 15
    hover: str = ",.2f"
    across: str = "Strike"
    axis: Axis = BY_STRIKE

    @property
    def description(self) -> str:
        """The name of the drawing for a screen reader."""
        return f"{self.title}, {self.unit}: chart"


def legend_of(chart: Chart) -> html.Span:
    """The legend of the chart's colours; empty where there is only one trace."""
    entries = [html.Span([html.I(className=trace.key_class), trace.name]) for trace in chart.traces]
    return html.Span(entries if len(entries) > 1 else [], className="chart-legend")


def build_chart(chart: Chart) -> html.Section:
    return html.Section(
        className="chart",
        **{"data-key": chart.key},
        children=[
            html.Header(
                [
                    html.H2(chart.title),
                    html.Small(chart.unit),
                    legend_of(chart),
                    html.Span(_buttons(chart), className="chart-buttons"),
                ],
                **static(f"chart-{chart.key}"),
            ),
            _frame_of(chart, [], id=chart_body_id(chart.key)),
            html.Div(chart.empty, className="chart-empty"),
        ],
    )


def build_plot(chart: Chart) -> dcc.Graph:
    """The plot of a chart, which comes into its body once the chain stands (callbacks/charts.py)."""
    config = {"displaylogo": False, "displayModeBar": False, "doubleClick": "reset"}
    return _plot(chart_id(chart.key), skeleton(chart), config)


def drawing(chart: Chart, graph_id: str, figure: dict[str, Any], config: dict[str, Any]) -> html.Div:
    """The plot, one named picture for a screen reader. figure, config: Plotly's."""
    return _frame_of(chart, _plot(graph_id, figure, config))


def _plot(graph_id: str, figure: dict[str, Any], config: dict[str, Any]) -> dcc.Graph:
    return dcc.Graph(
        id=graph_id, className="plot", figure=figure, responsive=True, config=config, style={"height": "100%"}
    )


def _frame_of(chart: Chart, plot: dcc.Graph | list[Any], **more: Any) -> html.Div:
    return html.Div(plot, className="chart-body", role="img", **{"aria-label": chart.description, **more})


def _buttons(chart: Chart) -> list[html.Button]:
    """The buttons of one chart, for `assets/board/panel.mjs`."""
    return [
        html.Button(
            "⤢",
            className="quiet",
            title=f"Show {chart.title} large; Esc goes back",
            **{"data-maximise": chart.key, "aria-label": f"Show {chart.title} large", "aria-pressed": "false"},
        ),
        html.Button(
            "table",
            className="quiet",
            title=f"The numbers of {chart.title} as a table",
            **{"data-table": chart.key, "aria-haspopup": "dialog"},
        ),
        html.Button("PNG", className="quiet", title=f"Save {chart.title} as PNG", **{"data-png": chart.key}),
    ]


def skeleton(chart: Chart) -> dict[str, Any]:
    """The figure without a number in it; `layout.meta` holds the bindings."""
    return {
        "data": [
            {**trace.style, "name": trace.name, "x": [], "y": [], "hovertemplate": _hover(chart, trace)}
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
                "type": "log" if chart.axis.log else "linear",
                "showgrid": False,
                "zeroline": False,
                "tickangle": 0,
                "fixedrange": True,
                "hoverformat": ",~r",
                "unifiedhovertitle": {"text": f"{chart.across} %{{x:,~r}}"},
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
                        "width": trace.style.get("line", {}).get("width"),
                        "size": trace.style.get("marker", {}).get("size"),
                    }
                    for trace in chart.traces
                ],
                "lines": [asdict(level) for level in chart.lines],
                "reach": chart.reach,
                "ticks": chart.axis.ticks,
                "title": chart.title,
                "unit": chart.unit,
                "across": chart.across,
                "hover": chart.hover,
            },
        },
    }


def _hover(chart: Chart, trace: Trace) -> str:
    """A value with its unit; a mark stands between strikes and has its x in the label."""
    value = f"%{{y:{chart.hover}}} {chart.value_unit}"
    return f"{value} at %{{x:,.0f}}" if trace.points else value
