"""The plots of the charts, once the chain stands: Plotly would keep the first numbers of a page waiting a second."""

from __future__ import annotations

from dash import Dash, Input, Output, dcc
from dash.exceptions import PreventUpdate

from dashboard.layouts.charts import CHARTS
from dashboard.layouts.charts.base import build_plot
from dashboard.layouts.ids import PanelId, chart_body_id


def open_charts(wanted: int | None) -> list[dcc.Graph]:
    """A plot for the body of each chart."""
    if not wanted:
        raise PreventUpdate
    return [build_plot(chart) for chart in CHARTS]


def register(app: Dash) -> None:
    app.callback(
        [Output(chart_body_id(chart.key), "children") for chart in CHARTS],
        Input(PanelId.WANTED, "data"),
        prevent_initial_call=True,
    )(open_charts)
