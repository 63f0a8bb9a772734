"""What a page shows, as columns of the frame: from the fields and charts that its viewer has chosen."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from dashboard.data.reader.views import COLUMN_GROUPS, View
from dashboard.layouts.chain_grid import CENTRE, COLUMNS, PRESETS, STYLE_DIGITS
from dashboard.layouts.charts import CHARTS, FIRST_CHARTS
from dashboard.layouts.toolbar import WINDOWS

ALWAYS = ("ltp",)  # its changes flash
VIEWS_REMEMBERED = 512


def view_of(chosen: dict[str, Any] | None) -> View:
    """The view for a page's {"columns", "charts": names with commas between, "strikes": each side of the ATM strike}.

    None, and members that are missing: what a new page shows. Names that do not exist ask for nothing.
    """
    chosen = chosen or {}
    columns, charts = chosen.get("columns"), chosen.get("charts")
    return _view(
        frozenset(_preset() if columns is None else columns.split(",")),
        frozenset(FIRST_CHARTS if charts is None else charts.split(",")),
        next((reach for reach in WINDOWS if reach == chosen.get("strikes")), 0),
    )


@lru_cache(maxsize=VIEWS_REMEMBERED)
def _view(fields: frozenset[str], charts: frozenset[str], reach: int) -> View:
    digits: dict[str, int | None] = {}
    for column in COLUMNS:
        if column.field in fields or column.field in ALWAYS:
            digits |= {f"{side}.{column.field}": STYLE_DIGITS.get(column.style) for side in ("call", "put")}
    digits |= {f"row.{column.field}": STYLE_DIGITS.get(column.style) for column in CENTRE if column.field in fields}
    digits |= dict.fromkeys(_chart_paths(charts))  # as published: a number rounded twice may be another one
    return View(tuple(sorted(digits.items())), reach)


def _chart_paths(keys: frozenset[str]) -> set[str]:
    """Columns that charts draw; header numbers come with every view."""
    shown = [chart for chart in CHARTS if chart.key in keys]
    paths = {path for chart in shown for trace in chart.traces for path in (trace.x, trace.y) if path}
    return {path for path in paths if path.partition(".")[0] in COLUMN_GROUPS}


def _preset() -> list[str]:
    return [column.field for column in (*COLUMNS, *CENTRE) if PRESETS[0] in column.presets]
