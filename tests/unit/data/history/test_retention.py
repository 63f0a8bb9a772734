"""The history stays within its bounds, and says what it deleted."""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from dashboard.data.contract.published import PublishedChain
from dashboard.data.history.days import DailyJournals
from dashboard.data.history.reading import History
from dashboard.data.history.recorder import Recorder
from dashboard.data.reader.time_machine import TimeMachine
from dashboard.market.errors import NotRecorded
from harness.builders import NIFTY_WEEKLY, make_chain, make_published, make_settings, make_underlying
from tests.fakes import MONDAY_11_IST as NOON

TODAY = date(2026, 11, 23)
BOUND = 400_000
MINUTES = 90


def session(minutes: int = MINUTES, began_s: float = 0.0) -> Iterator[PublishedChain]:
    """A chain every ten seconds, of two series, with numbers that zstd cannot pack."""
    rng = random.Random(3)
    bases = [make_published(make_chain(n=41, underlying=make_underlying(name))) for name in ("NIFTY", "BANKNIFTY")]
    for step in range(minutes * 6):
        for offset, base in enumerate(bases):
            at = NOON + began_s + 10.0 * step + 3.0 * offset
            noise = np.array([float(rng.randrange(10**6)) for _ in range(41)])
            chain = replace(
                base.chain,
                spot=24_000.0 + rng.randrange(400),
                as_of_ts=at,
                market_ts=at,
                call=replace(base.chain.call, oi=noise),
                put=replace(base.chain.put, volume=noise[::-1]),
            )
            enriched = replace(base.enriched, chain=chain)  # what is recorded is the chain alone
            yield replace(base, enriched=enriched, version=int(1000 * at), published_ts=at)


def recorder(directory: Path, keep_bytes: float = BOUND) -> Recorder:
    return Recorder(directory, keep_days=10, keep_bytes=keep_bytes, demo=True, software="test")


def record(directory: Path, chains: Iterator[PublishedChain], keep_bytes: float = BOUND) -> None:
    writer = recorder(directory, keep_bytes)
    for chain in chains:
        writer.take(chain)
    writer.close()


def frame_spot(directory: Path, seconds: float) -> float:
    machine = TimeMachine(make_settings(history=f"sqlite:///{directory}", demo=True), clock=lambda: NOON + 86_400)
    found: float = json.loads(machine.at(NOON + seconds).frame(NIFTY_WEEKLY).text)["spot"]
    return found


def test_today_s_oldest_minutes_make_room_and_that_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    chains = list(session())
    with caplog.at_level(logging.WARNING):
        record(tmp_path, iter(chains))
    assert DailyJournals(tmp_path).bytes(TODAY) < 1.5 * BOUND, "freed pages are used again"
    assert sum("oldest minutes of today are deleted" in line.message for line in caplog.records) == 1
    missing, *others = History(tmp_path).coverage(NIFTY_WEEKLY, TODAY)
    assert (missing.kind, missing.from_ts) == ("missing", NOON)
    assert {segment.kind for segment in others} == {"recorded"}
    assert others[-1].to_ts == chains[-2].published_ts
    assert missing.to_ts > NOON + 600, "the bound was small enough for this test"
    with pytest.raises(NotRecorded, match="was deleted to make room") as caught:
        frame_spot(tmp_path, 60.0)
    assert caught.value.after_ts == missing.to_ts
    kept = [chain for chain in chains if chain.series == NIFTY_WEEKLY and chain.published_ts >= missing.to_ts]
    for chain in kept:  # whole and difference alike, right after each deletion too
        assert frame_spot(tmp_path, chain.published_ts - NOON) == chain.chain.spot


def test_what_is_not_beyond_the_bound_is_all_there(tmp_path: Path) -> None:
    record(tmp_path, session(minutes=4), keep_bytes=10 * BOUND)
    assert [segment.kind for segment in History(tmp_path).coverage(NIFTY_WEEKLY, TODAY)] == ["recorded"]


def test_the_oldest_days_go_before_anything_of_today(tmp_path: Path) -> None:
    record(tmp_path, (chain for day in range(4) for chain in session(45, 86_400.0 * day)), keep_bytes=1e9)
    one_day = DailyJournals(tmp_path).bytes(TODAY)
    record(tmp_path, session(2, 4 * 86_400.0), keep_bytes=2.6 * one_day)
    assert DailyJournals(tmp_path).days() == [date(2026, 11, 25), date(2026, 11, 26), date(2026, 11, 27)]
    segments = History(tmp_path).coverage(NIFTY_WEEKLY, date(2026, 11, 27))
    assert [segment.kind for segment in segments] == ["recorded"]


@pytest.mark.parametrize("replaced", [False, True])
def test_a_file_that_somebody_deleted_or_replaced_is_begun_anew(
    tmp_path: Path, replaced: bool, caplog: pytest.LogCaptureFixture
) -> None:
    history = History(tmp_path, clock=lambda: NOON + 86_400)
    writer, chains = recorder(tmp_path), list(session(2))
    for chain in chains[:6]:
        writer.take(chain)
    assert history.found(NIFTY_WEEKLY, NOON + 10).at_ms == 1000 * (NOON + 10)
    (tmp_path / f"{TODAY}.sqlite").unlink()
    if replaced:
        record(tmp_path, iter(chains[:2]))
    for chain in chains[6:]:
        writer.take(chain)
    writer.close()
    assert sum("deleted or replaced" in line.message for line in caplog.records) == 1
    assert history.found(NIFTY_WEEKLY, NOON + 60).at_ms == 1000 * (NOON + 60)
    first = NOON if replaced else NOON + 30
    assert history.coverage(NIFTY_WEEKLY, TODAY)[0].from_ts == first
