"""Open interest by strike: where writers and buyers stand."""

from dashboard.layouts.charts.base import Chart, Trace

CHART = Chart(
    key="oi",
    title="Open interest",
    unit="lakh units, by strike",
    traces=(
        Trace("call", "call.oi", "call", {"type": "bar"}, divide=1e5),
        Trace("put", "put.oi", "put", {"type": "bar"}, divide=1e5),
    ),
    empty="No open interest known yet for this expiry.",
)
