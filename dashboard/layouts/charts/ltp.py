"""Last traded price by strike; calls and puts cross near the forward."""

from dashboard.layouts.charts.base import LINE, Chart, Trace

CHART = Chart(
    key="ltp",
    title="LTP",
    unit="rupees",
    value_unit="rupees",
    traces=(Trace("call", "call.ltp", "call", LINE), Trace("put", "put.ltp", "put", LINE)),
    empty="Nothing has traded yet in this expiry.",
)
