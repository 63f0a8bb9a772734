"""The scenes of a wall, as its link names them: empty elements, which `assets/wall/` fills."""

from __future__ import annotations

from dataclasses import replace

from dash import html

from dashboard.layouts.charts import CHARTS
from dashboard.layouts.charts.base import Chart, drawing, legend_of, skeleton
from dashboard.layouts.wall.bound import Stat, age, bound, spot_block, stat
from dashboard.layouts.wall.ids import wall_chart_id
from dashboard.layouts.wall.link import Plan, Scene
from dashboard.layouts.wall.table import build_table
from dashboard.layouts.wall.tile import DAY_MOVE_USED, build_tile

TILES = 6
EXPIRY_WORDS = {"near": "nearest expiry", "next": "next expiry", "month": "nearest monthly expiry"}
HEADLINE = (
    Stat("Forward", "forward", "price", ("basis", "basis")),
    Stat("Straddle", "metrics.straddle", "price", ("metrics.expected_move_percent", "plus_minus_percent")),
    replace(DAY_MOVE_USED, detail=("metrics.day_move_percent", "of_implied")),
    Stat("ATM IV, %", "metrics.atm_iv", "percent", ("years_to_expiry", "time_left")),
    Stat("PCR", "metrics.pcr_oi", "ratio", ("metrics.pcr_volume", "by_volume")),
    Stat("Max pain", "metrics.max_pain", "strike", ("metrics.max_pain_distance", "from_spot")),
    Stat("Put wall", "metrics.put_wall", "strike", ("metrics.put_wall_oi", "compact")),
    Stat("Call wall", "metrics.call_wall", "strike", ("metrics.call_wall_oi", "compact")),
    Stat("Net GEX, cr", "metrics.net_gex_crore", "signed_whole", ("metrics.zero_gamma", "zero_gamma")),
)


def build_scenes(plan: Plan) -> html.Div:
    """All scenes of the plan in one place; the first is visible. Attributes give the rest of the plan to the page."""
    recorded = {} if plan.at_ts is None else {"data-at": str(plan.at_ts), "data-play": str(plan.play)}
    return html.Div(
        className="scenes",
        children=[_scene(scene, number) for number, scene in enumerate(plan.scenes)],
        **{"data-dwell": str(plan.dwell_s), "data-theme": plan.theme, **recorded},
    )


def build_refusal(message: str) -> html.Div:
    """The message of a wall whose link is invalid."""
    return html.Div(
        className="refusal",
        role="alert",
        children=[
            html.H1("This wall's link cannot be shown"),
            html.P(message),
            html.P(["Make one at ", html.B("/wall/builder"), ", or open ", html.B("/wall"), " for the six indices."]),
        ],
    )


def _scene(scene: Scene, number: int) -> html.Section:
    inside = {"board": _board, "chain": _chain, "charts": _charts}[scene.kind](scene, number)
    return html.Section(
        className=f"scene scene-{scene.kind}{' on' if number == 0 else ''}",
        children=[*inside, html.Div(className="scene-problem", role="status", hidden=True)],
        **{"data-kind": scene.kind, "data-source": scene.source, "data-caption": _caption(scene)},
    )


def _caption(scene: Scene) -> str:
    when = EXPIRY_WORDS.get(scene.when, scene.when)
    return f"six indices · {when}" if scene.kind == "board" else f"{scene.underlying} {scene.kind} · {when}"


def _board(scene: Scene, number: int) -> list[html.Div]:
    return [html.Div([build_tile(slot) for slot in range(TILES)], className="tiles")]


def _chain(scene: Scene, number: int) -> list[html.Div]:
    return [_panel([_headline(), build_table()])]


def _charts(scene: Scene, number: int) -> list[html.Div]:
    by_key = {chart.key: chart for chart in CHARTS}
    charts = [_chart(by_key[key], number) for key in scene.charts]
    return [_panel([_headline(), html.Div(charts, className="wall-charts", **{"data-count": str(len(charts))})])]


def _panel(children: list[html.Div]) -> html.Div:
    return html.Div(
        [*children, html.Div(className="panel-problem", hidden=True)], className="panel", **{"data-panel": "0"}
    )


def _headline() -> html.Div:
    """Name, spot and header numbers of one series."""
    return html.Div(
        className="headline",
        children=[
            html.Div(
                className="headline-spot",
                children=[
                    html.Header([html.H2(bound("underlying", "text")), bound("expiry", "day", "expiry-text"), age()]),
                    spot_block(),
                ],
            ),
            html.Div([stat(given) for given in HEADLINE], className="stats"),
        ],
    )


def _chart(chart: Chart, number: int) -> html.Section:
    """A chart as on the board, but without hover and buttons, which a wall cannot use."""
    figure = skeleton(chart)
    figure["layout"] |= {"hovermode": False}
    return html.Section(
        className="chart wall-chart",
        **{"data-key": chart.key},
        children=[
            html.Header(
                [
                    html.H3(chart.title),
                    html.Small(chart.unit),
                    legend_of(chart),
                ]
            ),
            drawing(chart, wall_chart_id(number, chart.key), figure, {"staticPlot": True, "displayModeBar": False}),
            html.Div(chart.empty, className="chart-empty"),
        ],
    )
