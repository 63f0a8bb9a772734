"""Call + put by strike: the cheapest straddle marks the forward."""

from dashboard.layouts.charts.base import BOTH, LINE, Chart, Trace

CHART = Chart(
    key="straddle",
    title="Straddle",
    unit="rupees",
    value_unit="rupees",
    traces=(Trace("straddle", "row.straddle", BOTH, LINE),),
    empty="No strike has a believable price on both sides.",
)
