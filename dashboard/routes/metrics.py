"""`/metrics` for Prometheus: the feed's report from the cache, and the counts of all web processes.

Any web process on any machine answers for all, so scrape only one. Unknown values are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Blueprint, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from dashboard.data.contract.report import HISTORY
from dashboard.data.contract.state import number
from dashboard.data.reader.chains import Chains
from dashboard.data.reader.state import SeriesStatus
from dashboard.market.session import FeedState
from dashboard.routes.answers import answer, answer_errors
from dashboard.routes.web_counts import WebCounts
from dashboard.routes.web_registry import WebRegistry

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

COUNTERS = {
    "ticks_total": ("chainboard_ticks", "Ticks received"),
    "frames_total": ("chainboard_frames", "Frames published"),
    "frames_failed": ("chainboard_frames_failed", "Frames that could not be computed"),
    "writes_failed": ("chainboard_writes_failed", "Frames that could not be written to the cache"),
    "polls_total": ("chainboard_polls", "Chain polls answered or refused"),
    "restarts": ("chainboard_socket_restarts", "Restarts of the socket process"),
}
HISTORY_COUNTERS = {
    "records": ("chainboard_history_records", "Chains recorded"),
    "bytes": ("chainboard_history_bytes", "Bytes of records written"),
    "not_written": ("chainboard_history_not_written", "Chains that could not be recorded"),
}
GAUGES = {
    "ticks_per_s": ("chainboard_ticks_per_second", "Ticks a second over the last seconds"),
    "frames_per_s": ("chainboard_frames_per_second", "Frames a second over the last seconds"),
    "symbols_left_out": ("chainboard_symbols_left_out", "Symbols for which the connection has no room"),
    "started_ts": ("chainboard_feed_start_time_seconds", "When the feed started"),
    "token_expires_ts": ("chainboard_token_expiry_time_seconds", "When the broker login ends"),
}


def blueprint(chains: Chains, web_registry: WebRegistry, counts: WebCounts) -> Blueprint:
    """The route, with answers from `chains` and `web_registry`."""
    routes = Blueprint("metrics", __name__)
    registry = CollectorRegistry()
    registry.register(BoardCollector(chains, web_registry))

    @routes.get("/metrics")
    def metrics() -> Response:
        counts.publish()  # so that the counts of this process are current
        return answer(generate_latest(registry), CONTENT_TYPE)

    answer_errors(routes)
    return routes


class BoardCollector(Collector):
    """Reads the numbers at each scrape: they are the feed's, and this process keeps none."""

    def __init__(self, chains: Chains, web_registry: WebRegistry) -> None:
        self._chains, self._web_registry = chains, web_registry

    def describe(self) -> list[Metric]:
        return []  # nothing is asked at registration

    def collect(self) -> Iterator[Metric]:
        now_ts, status = self._chains.now(), self._chains.status()
        report: Mapping[str, Any] = self._chains.health() or {}
        yield from _feed(status, report, now_ts)
        yield from _budget(report)
        yield from _sinks(report)
        yield from _series(report, now_ts)
        yield from _web(self._web_registry)


def _feed(status: SeriesStatus, report: Mapping[str, Any], now_ts: float) -> Iterator[Metric]:
    up = status.state is not FeedState.OFFLINE
    yield GaugeMetricFamily("chainboard_up", "1 while the feed reports", value=float(up))
    state = GaugeMetricFamily("chainboard_state", "1 for the state the board is in", labels=["state"])
    for each in FeedState:
        state.add_metric([each.value], float(each is status.state))
    yield state
    for name, text, stamp in (
        ("chainboard_tick_age_seconds", "Seconds since the newest tick", report.get("last_tick_ts")),
        ("chainboard_heartbeat_age_seconds", "Seconds since the last report of the feed", report.get("heartbeat_ts")),
    ):
        if (since := number(stamp)) is not None:
            yield GaugeMetricFamily(name, text, value=max(0.0, now_ts - since))
    for key, (name, text) in GAUGES.items():
        if (value := number(report.get(key))) is not None:
            yield GaugeMetricFamily(name, text, value=value)
    for key, (name, text) in COUNTERS.items():
        if (value := number(report.get(key))) is not None:
            yield CounterMetricFamily(name, text, value=value)
    rejects = CounterMetricFamily("chainboard_rejects", "Rejected values, by reason", labels=["reason"])
    for reason, count in sorted((report.get("rejects") or {}).items()):
        rejects.add_metric([str(reason)], float(count))
    yield rejects
    socket = report.get("socket") or {}
    link = GaugeMetricFamily("chainboard_socket_state", "1 for the state the socket is in", labels=["state"])
    if socket.get("state"):
        link.add_metric([str(socket["state"])], 1.0)
    yield link
    if (subscribed := number(socket.get("subscribed"))) is not None:
        yield GaugeMetricFamily("chainboard_symbols_subscribed", "Symbols on the socket", value=subscribed)


def _budget(report: Mapping[str, Any]) -> Iterator[Metric]:
    meter = report.get("rest_budget") or {}
    used = GaugeMetricFamily("chainboard_rest_calls", "REST calls in the present window", labels=["window"])
    limits = GaugeMetricFamily("chainboard_rest_calls_limit", "Our own limits of REST calls", labels=["window"])
    for window in ("second", "minute", "day"):
        for family, value in ((used, meter.get(window)), (limits, (meter.get("limits") or {}).get(window))):
            if (calls := number(value)) is not None:
                family.add_metric([window], calls)
    yield used
    yield limits


def _sinks(report: Mapping[str, Any]) -> Iterator[Metric]:
    taken = CounterMetricFamily("chainboard_sink_taken", "Published chains a sink has handled", labels=["sink"])
    failed = CounterMetricFamily("chainboard_sink_failed", "Published chains a sink could not handle", labels=["sink"])
    dropped = CounterMetricFamily(
        "chainboard_sink_dropped", "Published chains a sink was too slow for", labels=["sink"]
    )
    lags = GaugeMetricFamily("chainboard_sink_lag_seconds", "How long the oldest chain waits for it", labels=["sink"])
    problems = GaugeMetricFamily("chainboard_sink_problem", "1 while a sink stands still", labels=["sink", "problem"])
    for name, sink in sorted((report.get("sinks") or {}).items()):
        if (lag_s := number(sink.get("lag_s"))) is not None:
            lags.add_metric([str(name)], lag_s)
        if sink.get("problem"):
            problems.add_metric([str(name), str(sink["problem"])], 1.0)
        for family, key in ((taken, "taken"), (failed, "failed"), (dropped, "dropped")):
            if (count := number(sink.get(key))) is not None:
                family.add_metric([str(name)], count)
    yield from (taken, failed, dropped, lags, problems)
    counts = ((report.get("sinks") or {}).get(HISTORY) or {}).get("counts") or {}
    for key, (name, text) in HISTORY_COUNTERS.items():
        if (count := number(counts.get(key))) is not None:
            yield CounterMetricFamily(name, text, value=count)


def _series(report: Mapping[str, Any], now_ts: float) -> Iterator[Metric]:
    states = GaugeMetricFamily("chainboard_series_state", "1 for the state of a series", labels=["series", "state"])
    ages = GaugeMetricFamily("chainboard_series_age_seconds", "Age of its newest number", labels=["series"])
    for series in report.get("series") or ():
        states.add_metric([str(series.get("key")), str(series.get("state"))], 1.0)
        if (as_of_ts := number(series.get("as_of_ts"))) is not None:
            ages.add_metric([str(series.get("key"))], max(0.0, now_ts - as_of_ts))
    yield states
    yield ages


def _web(web_registry: WebRegistry) -> Iterator[Metric]:
    yield GaugeMetricFamily("chainboard_series_watched", "Series with a lease", value=web_registry.leased())
    requests = CounterMetricFamily("chainboard_web_requests", "Requests answered", labels=["worker", "kind", "status"])
    seconds = CounterMetricFamily("chainboard_web_seconds", "Seconds spent answering", labels=["worker", "kind"])
    viewers: set[str] = set()
    for worker, report in sorted(web_registry.reports().items()):
        viewers.update(report.get("viewers") or ())
        for kind, status, count in report.get("requests") or ():
            requests.add_metric([worker, kind, status], float(count))
        for kind, total in (report.get("seconds") or {}).items():
            seconds.add_metric([worker, kind], float(total))
    yield GaugeMetricFamily("chainboard_viewers", "Browsers that asked in the last half minute", value=len(viewers))
    yield requests
    yield seconds
