"""Open interest added or closed since the previous day's close."""

from dashboard.layouts.charts.base import BARS, Chart, Trace

CHART = Chart(
    key="oi_change",
    title="OI change",
    unit="lakh units, day",
    value_unit="lakh",
    traces=(
        Trace("call", "call.oi_change", "call", BARS, divide=1e5),
        Trace("put", "put.oi_change", "put", BARS, divide=1e5),
    ),
    empty="The previous day's open interest is not known for this expiry.",
)
