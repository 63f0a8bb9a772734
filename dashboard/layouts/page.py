"""The board: selection, header numbers, chain and charts on one page, and the stores that carry its state."""

from __future__ import annotations

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashboard.layouts.chain_grid import build_grid, column_choices
from dashboard.layouts.chart_panel import build_chart_panel
from dashboard.layouts.charts import CHARTS, FIRST_CHARTS
from dashboard.layouts.header import build_header
from dashboard.layouts.help_panel import build_copy_panel, build_help_panel
from dashboard.layouts.ids import GridId, LiveId, PanelId, SelectionId, TimeId
from dashboard.layouts.selection_bar import build_selection_bar
from dashboard.layouts.status_strip import build_band, build_spoken, build_status_strip
from dashboard.layouts.time_bar import build_time_bar
from dashboard.layouts.toolbar import WINDOWS, build_toolbar
from dashboard.market.session import SILENCE_LIMIT_S

CONFIRMED_MS = 4_000  # a confirmation, long enough to be read; it covers no number
PROBLEM_MS = 20_000  # a page that loads slowly shows its first numbers seconds after the answer


def build_page(*, demo: bool, interval_ms: int, password: bool = False, history: bool = True) -> html.Div:
    return html.Div(
        className="page",
        children=[
            html.A("Skip to the chain", href=f"#{GridId.GRID}", className="skip"),
            html.Header(
                className="topbar",
                children=[
                    html.Div([html.Span("Chain"), html.Span("board")], className="brand"),
                    build_selection_bar(),
                    build_status_strip(demo=demo, password=password),
                ],
            ),
            build_band(),
            build_spoken(),
            *([build_time_bar()] if history else []),
            build_header(),
            html.Main(
                className="board",
                children=[
                    html.Section(
                        className="chain-panel",
                        children=[build_toolbar(), build_grid()],
                        **{"aria-label": "Option chain"},
                    ),
                    *build_chart_panel(),
                    dbc.Toast(
                        id=SelectionId.TOAST,
                        header="",
                        is_open=False,
                        dismissable=True,
                        duration=CONFIRMED_MS,
                        class_name="toast-note",
                    ),
                ],
            ),
            build_help_panel(),
            build_copy_panel(),
            *_stores(interval_ms),
        ],
        **{
            "data-silence-limit-s": SILENCE_LIMIT_S,
            "data-confirmed-ms": CONFIRMED_MS,
            "data-problem-ms": PROBLEM_MS,
        },
    )


def _stores(interval_ms: int) -> list[dcc.Store | dcc.Interval]:
    return [
        dcc.Store(id=SelectionId.ADDRESS),
        dcc.Store(id=SelectionId.CLICKED),
        dcc.Store(id=SelectionId.CHOSEN),
        dcc.Store(id=SelectionId.INTENT),
        dcc.Store(id=SelectionId.STORE),
        dcc.Store(id=SelectionId.REMEMBERED, storage_type="session"),
        dcc.Interval(id=SelectionId.RETRY, interval=1000, disabled=True),
        dcc.Interval(id=LiveId.TICK, interval=interval_ms),
        dcc.Store(id=LiveId.VIEW),
        dcc.Store(id=PanelId.WANTED),
        dcc.Store(id=LiveId.ANSWER),
        dcc.Store(id=LiveId.SEEN),
        dcc.Store(id=TimeId.MOMENT),
        dcc.Store(
            id=GridId.CHOICES,
            data=column_choices()
            | {"charts": [chart.key for chart in CHARTS], "first_charts": FIRST_CHARTS, "windows": WINDOWS},
        ),
        dcc.Store(id=GridId.OPENED),
    ]
