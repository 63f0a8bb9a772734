"""What option holders would be paid if the series settled at a strike; writers hope for the lowest point."""

from dashboard.layouts.charts.base import HERE, LINE, Chart, Trace

CHART = Chart(
    key="max_pain",
    title="Max pain",
    unit="crore paid to holders, by settlement",
    traces=(Trace("pain", "row.max_pain_curve", "accent", LINE),),
    empty="No open interest known yet for this expiry.",
    lines=(*HERE, ("metrics.max_pain", "", "accent")),
    hover=",.0f",
)
