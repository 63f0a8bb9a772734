"""Receivers of published chains: none delays or stops another."""

from __future__ import annotations

import logging
import threading
import time

import pytest

from dashboard.data.cache.store import CacheError
from dashboard.data.contract.published import PublishedChain
from dashboard.data.feed.sinks import CAPACITY, CLOSE_WITHIN_S, Sink, Sinks
from harness.builders import make_chain, make_published, make_underlying


class Recorder(Sink):
    """A sink that keeps what it takes. hold: it hangs until released; error: it raises that instead."""

    def __init__(self, name: str, *, newest_only: bool = False, hold: bool = False, error: Exception | None = None):
        self.name, self.newest_only, self.error = name, newest_only, error
        self.versions: list[int] = []
        self.entered, self.released = threading.Event(), threading.Event()
        if not hold:
            self.released.set()

    def take(self, published: PublishedChain) -> None:
        self.entered.set()
        assert self.released.wait(10)
        if self.error is not None:
            raise self.error
        self.versions.append(published.version)


@pytest.fixture(scope="module")
def nifty() -> PublishedChain:
    return make_published(make_chain(n=3))


@pytest.fixture(scope="module")
def banknifty() -> PublishedChain:
    return make_published(make_chain(n=3, underlying=make_underlying("BANKNIFTY")))


def numbered(published: PublishedChain, version: int) -> PublishedChain:
    return make_published(published.enriched, version=version)


def test_a_sink_that_hangs_holds_no_other_up(nifty: PublishedChain) -> None:
    hanging, healthy, memory = Recorder("hanging", hold=True), Recorder("healthy"), Recorder("memory")
    sinks = Sinks(in_memory=[memory], threaded=[hanging, healthy])
    for version in (1, 2, 3):
        sinks.emit(numbered(nifty, version))
    assert memory.versions == [1, 2, 3]
    assert not sinks.flush(0.2)
    assert healthy.versions == [1, 2, 3]
    assert hanging.versions == []
    hanging.released.set()
    assert sinks.flush()
    assert hanging.versions == [1, 2, 3]


def test_a_sink_that_fails_is_counted_and_stops_no_other(
    nifty: PublishedChain, caplog: pytest.LogCaptureFixture
) -> None:
    refused = CacheError("The cache is out of reach.")
    sinks = Sinks(
        in_memory=[Recorder("broken", error=ZeroDivisionError())],
        threaded=[Recorder("refused", error=refused), healthy := Recorder("healthy")],
    )
    with caplog.at_level(logging.WARNING):
        for version in (1, 2):
            sinks.emit(numbered(nifty, version))
            assert sinks.flush()
    assert healthy.versions == [1, 2]
    failed = {name: report["failed"] for name, report in sinks.report().items()}
    assert failed == {"broken": 2, "refused": 2, "healthy": 0}
    assert [record.message for record in caplog.records].count(str(refused)) == 1
    assert sum("the sink broken failed" in record.message for record in caplog.records) == 1


def test_of_what_waits_for_a_newest_only_sink_the_newest_of_each_series_is_left(
    nifty: PublishedChain, banknifty: PublishedChain
) -> None:
    sink = Recorder("cache", newest_only=True, hold=True)
    sinks = Sinks(in_memory=[], threaded=[sink])
    sinks.emit(numbered(nifty, 1))
    assert sink.entered.wait(5)
    for version in (2, 3, 4):
        sinks.emit(numbered(nifty, version))
        sinks.emit(numbered(banknifty, 10 + version))
    report = sinks.report()["cache"]
    assert report == report | {"taken": 0, "failed": 0, "dropped": 4, "waiting": 2}
    sink.released.set()
    assert sinks.flush()
    assert sink.versions == [1, 4, 14]


def test_a_queue_is_bounded_and_its_oldest_goes_first(nifty: PublishedChain) -> None:
    sink = Recorder("recorder", hold=True)
    sinks = Sinks(in_memory=[], threaded=[sink])
    sinks.emit(numbered(nifty, 0))
    assert sink.entered.wait(5)
    for version in range(1, CAPACITY + 4):
        sinks.emit(numbered(nifty, version))
    assert sinks.report()["recorder"]["waiting"] == CAPACITY
    assert sinks.report()["recorder"]["dropped"] == 3
    sink.released.set()
    assert sinks.flush()
    assert sink.versions == [0, *range(4, CAPACITY + 4)]


def test_how_long_the_oldest_waits_is_reported_until_nothing_waits(nifty: PublishedChain) -> None:
    sink = Recorder("recorder", hold=True)
    sinks = Sinks(in_memory=[Recorder("memory")], threaded=[sink])
    assert sinks.report()["recorder"]["lag_s"] == 0.0
    sinks.emit(numbered(nifty, 1))
    assert sink.entered.wait(5)
    time.sleep(0.05)
    sinks.emit(numbered(nifty, 2))
    assert sinks.report()["recorder"]["lag_s"] >= 0.05, "also while the sink is at work on it"
    assert sinks.report()["memory"]["lag_s"] == 0.0
    sink.released.set()
    assert sinks.flush()
    assert sinks.report()["recorder"]["lag_s"] == 0.0


def test_a_sink_s_own_problem_and_counts_are_in_its_report(nifty: PublishedChain) -> None:
    class Full(Recorder):
        def problem(self) -> str | None:
            return "no_room"

        def counts(self) -> dict[str, int]:
            return {"records": 3}

    reports = Sinks(in_memory=[Recorder("memory")], threaded=[Full("history")]).report()
    assert (reports["history"]["problem"], reports["history"]["counts"]) == ("no_room", {"records": 3})
    assert (reports["memory"]["problem"], reports["memory"]["counts"]) == (None, {})


def test_closing_waits_for_what_is_left_and_not_for_a_sink_that_hangs(nifty: PublishedChain) -> None:
    healthy, hanging = Recorder("healthy"), Recorder("hanging", hold=True)
    sinks = Sinks(in_memory=[], threaded=[healthy, hanging])
    sinks.emit(nifty)
    closing = threading.Thread(target=sinks.close, daemon=True)
    closing.start()
    closing.join(CLOSE_WITHIN_S + 5)
    assert not closing.is_alive()
    assert healthy.versions == [nifty.version]
    hanging.released.set()
