"""Payment to all option holders if the series settled at a strike; the minimum is max pain."""

from dashboard.layouts.charts.base import BOTH, HERE, LINE, MARK, Chart, Level, Trace

CHART = Chart(
    key="max_pain",
    title="Max pain",
    unit="crore paid to holders",
    value_unit="crore",
    traces=(Trace("pain", "row.max_pain_curve", BOTH, LINE),),
    empty="No open interest known yet for this expiry.",
    lines=(*HERE, Level("metrics.max_pain", "max pain", MARK)),
    hover=",.0f",
    across="Settlement at",
)
