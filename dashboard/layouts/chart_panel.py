"""The column of charts beside the chain. `assets/board/panel.mjs` changes its width and folds it away."""

from __future__ import annotations

from dash import html

from dashboard.layouts.charts import CHARTS
from dashboard.layouts.charts.base import build_chart
from dashboard.layouts.ids import PanelId


def build_chart_panel() -> list[html.Div | html.Aside]:
    """The divider and the charts, in the order of the page."""
    return [
        html.Div(
            className="divider",
            children=[
                html.Div(
                    id=PanelId.HANDLE,
                    className="divider-handle",
                    role="separator",
                    tabIndex=0,
                    title="Drag, or use the arrow keys, to share the room between chain and charts; Home goes back",
                    **{"aria-orientation": "vertical", "aria-label": "Width of the charts"},
                ),
                html.Button(
                    "›",
                    id=PanelId.FOLD,
                    className="quiet",
                    title="Fold the charts away",
                    **{"aria-label": "Fold the charts away", "aria-expanded": "true", "aria-controls": PanelId.CHARTS},
                ),
            ],
        ),
        html.Aside(
            [build_chart(chart) for chart in CHARTS],
            id=PanelId.CHARTS,
            className="charts",
            **{"aria-label": "Charts"},
        ),
    ]
