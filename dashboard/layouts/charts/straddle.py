"""Call + put by strike: the cheapest straddle marks the forward."""

from dashboard.layouts.charts.base import LINE, Chart, Trace

CHART = Chart(
    key="straddle",
    title="Straddle",
    unit="rupees, by strike",
    traces=(Trace("straddle", "row.straddle", "accent", LINE),),
    empty="No strike has a believable price on both sides.",
)
