"""Every number that a place on screen names is one that the frame has: a misspelt path shows a blank."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import orjson
import pytest
from dash.development.base_component import Component

from dashboard.analytics.all_expiries import AllExpiries
from dashboard.analytics.day_move import DayMove
from dashboard.data.reader.summaries import head_of
from dashboard.layouts.charts import CHARTS
from dashboard.layouts.charts.base import skeleton
from dashboard.layouts.page import build_page
from dashboard.layouts.wall.link import plan_of
from dashboard.layouts.wall.page import build_overview
from dashboard.layouts.wall.scenes import build_scenes
from harness.builders import make_frame
from tests.components import components

BOUND = ("data-bind", "data-gauge")
OF_THE_SPOT_HISTORY = {"trail", "trail_since"}  # added to a summary once there are points


@pytest.fixture(scope="module")
def frame() -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(make_frame())
    return found


def paths_of(component: Any) -> Iterator[str]:
    """The frame paths that a component tree names."""
    if not isinstance(component, Component):
        return
    for below in components(component):
        given = below.to_plotly_json()["props"]
        yield from (given[name] for name in BOUND if name in given)


def missing(paths: Iterator[str], frame: dict[str, Any]) -> set[str]:
    return {path for path in paths if not _has(path, frame)}


def _has(path: str, frame: dict[str, Any]) -> bool:
    first, *rest = path.split(".")
    if first == "all_expiries":  # null until another expiry has been asked for
        return rest[0] in AllExpiries._fields
    if first == "day_move":  # null until the day's move is fixed
        return rest[0] in {item.name for item in fields(DayMove)}
    if first == "reasons":  # only of what is unknown
        return rest[0] in frame["metrics"] or rest[0] in frame
    value: Any = next(iter(frame["window_metrics"].values())) if first == "window" else frame
    for key in rest if first == "window" else [first, *rest]:
        if not isinstance(value, dict) or key not in value:
            return False
        value = value[key]
    return True


def test_the_header_names_numbers_of_the_frame(frame):
    paths = set(paths_of(build_page(demo=True, interval_ms=1000)))
    assert len(paths) > 30
    assert missing(iter(paths), frame) == set()


def test_the_walls_name_numbers_of_the_frame_or_its_summary(frame):
    link = "?scene=board&scene=chain:NIFTY&scene=charts:NIFTY"
    overview = build_overview(demo=True, build="x")
    paths = {*paths_of(build_scenes(plan_of(link))), *paths_of(overview)} - OF_THE_SPOT_HISTORY
    assert len(paths) > 15
    assert missing(iter(paths), frame | head_of(make_frame())) == set()


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.key)
def test_charts_name_columns_of_the_frame(chart, frame):
    meta = skeleton(chart)["layout"]["meta"]
    named = {line["at"] for line in meta["lines"]}
    for trace in meta["traces"]:
        named |= {path for path in (trace["x"], trace["y"]) if path and not trace["points"]}
        named |= {path for point in trace["points"] for path in point}
    assert named
    assert missing(iter(named), frame) == set()


def test_a_misspelt_path_is_noticed(frame):
    assert missing(iter(["metrics.atm_iv", "metrics.atm_vi", "window.pcr"]), frame) == {"metrics.atm_vi", "window.pcr"}
