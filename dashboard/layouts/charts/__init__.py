"""The charts, one file each; the order here is the order on screen."""

from __future__ import annotations

from dashboard.layouts.charts import gex, iv_smile, ltp, max_pain, oi, oi_change, straddle, term_structure
from dashboard.layouts.charts.base import Chart

CHARTS: tuple[Chart, ...] = (
    oi.CHART,
    ltp.CHART,
    oi_change.CHART,
    iv_smile.CHART,
    straddle.CHART,
    max_pain.CHART,
    gex.CHART,
    term_structure.CHART,
)

# On screen until the viewer chooses others: they fit beside the chain without scrolling.
FIRST_CHARTS: tuple[str, ...] = ("oi", "ltp", "oi_change", "iv_smile")
