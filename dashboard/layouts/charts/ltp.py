"""Last traded price by strike; calls and puts cross near the forward."""

from dashboard.layouts.charts.base import Chart, Trace

LINE = {"type": "scatter", "mode": "lines+markers", "line": {"width": 2}, "marker": {"size": 4}, "connectgaps": False}

CHART = Chart(
    key="ltp",
    title="LTP",
    unit="rupees, by strike",
    traces=(Trace("call", "call.ltp", "call", LINE), Trace("put", "put.ltp", "put", LINE)),
    empty="Nothing has traded yet in this expiry.",
)
