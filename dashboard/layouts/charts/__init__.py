"""The charts, one file each; the order here is the order on screen."""

from __future__ import annotations

from dashboard.layouts.charts import iv_smile, ltp, oi, oi_change
from dashboard.layouts.charts.base import Chart

CHARTS: tuple[Chart, ...] = (oi.CHART, ltp.CHART, oi_change.CHART, iv_smile.CHART)
