"""Open interest by strike, both sides."""

from dashboard.layouts.charts.base import BARS, Chart, Trace

CHART = Chart(
    key="oi",
    title="Open interest",
    unit="lakh units",
    value_unit="lakh",
    traces=(
        Trace("call", "call.oi", "call", BARS, divide=1e5),
        Trace("put", "put.oi", "put", BARS, divide=1e5),
    ),
    empty="No open interest known yet for this expiry.",
)
