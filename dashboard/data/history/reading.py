"""What was recorded, for readers: days, coverage, and the chain of a series as of a moment."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from datetime import date
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from dashboard.analytics.enriched import Enriched
from dashboard.data.cache.memo import Latest
from dashboard.data.contract.numbers import Numbers
from dashboard.data.history.days import DailyJournals
from dashboard.data.history.journal import Found, Journal
from dashboard.data.history.record import DamagedRecord, Facts, Moment
from dashboard.market.errors import NotRecorded
from dashboard.market.instruments import Directory, Series, Underlying
from dashboard.market.session import FeedState, ist, ist_date

MOMENTS_KEPT = 512
SPOTS_KEPT = 4_096
DAYS_KEPT = 8
FACTS_FOR_S = 5.0
SETTLED_S = 10.0  # younger moments may still get a record


class Segment(NamedTuple):
    """A stretch of a day. kind: "recorded" or "missing". Times are UTC epoch seconds."""

    from_ts: float
    to_ts: float
    kind: str


def enriched(moment: Moment, numbers: Numbers) -> Enriched:
    """The numbers of a recorded chain, computed as the feed did it then, by the code and settings of now."""
    closed = moment.state is FeedState.CLOSED
    return numbers.enriched(moment.chain, closed=closed, old=moment.old, day_move=moment.facts.day_move)


class History:
    """Answers from the recorded days. Raises HistoryError from every method. Safe for threads."""

    def __init__(self, directory: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._journals = DailyJournals(directory)
        self._moments: Latest[Found] = Latest(kept=MOMENTS_KEPT)
        self._spots: Latest[tuple[float, float] | None] = Latest(kept=SPOTS_KEPT)
        self._known: Latest[list[Facts]] = Latest(kept=DAYS_KEPT)

    def days(self) -> list[date]:
        """Recorded days (IST), ascending."""
        return self._journals.days()

    def directory(self, day: date) -> Directory:
        """Underlyings recorded on that day, with the expiries that were listed then. Raises NotRecorded."""
        newest: dict[str, Underlying] = {}
        for facts in self._facts(day):
            newest[facts.underlying.name] = facts.underlying
        return Directory(tuple(newest[name] for name in sorted(newest)), {})

    def recorded(self, day: date) -> list[Series]:
        """Series with at least one record on that day. Raises NotRecorded."""
        return [Series(facts.underlying.name, facts.expiry.date) for facts in self._facts(day)]

    def found(self, series: Series, at_ts: float) -> Found:
        """The record that stands at the moment. Raises NotRecorded with the nearest moments before and after."""
        at_ms = int(at_ts * 1000)
        journal = self._journal(ist_date(at_ts))
        try:
            if not self._is_settled(at_ts):
                return self._standing(journal, series, at_ms)
            return self._moments.value((series, at_ms), 0, lambda: self._standing(journal, series, at_ms))
        except DamagedRecord as error:
            raise self._gap(journal, series, at_ms, f"the record cannot be read ({error})") from error

    def spot(self, series: Series, at_ts: float) -> tuple[float, float] | None:
        """(market time, spot) of the record that stands at the moment; None without one, or while nothing traded."""
        if not self._is_settled(at_ts):
            return self._traded(series, at_ts)
        return self._spots.value((series, at_ts), 0, lambda: self._traded(series, at_ts))

    def began(self, series: Series, day: date) -> float | None:
        """When the day's first record of the series was made, UTC epoch seconds; None without one."""
        journal = self._journals.reader(day)
        first_ms = None if journal is None else journal.around(series.key, 0)[1]
        return None if first_ms is None else first_ms / 1000

    def coverage(self, series: Series, day: date) -> list[Segment]:
        """The day from the first to the last record of the series, in stretches; empty where there is none.

        What was deleted because the history may take no more room is missing.
        """
        return self.coverage_of_any([series], day)

    def coverage_of_any(self, every: Sequence[Series], day: date) -> list[Segment]:
        """As `coverage`, of several series at once: missing is what was recorded of none of them."""
        journal = self._journals.reader(day)
        if journal is None:
            return []
        stretches = sorted(stretch for series in every for stretch in _stood(journal.times(series.key)))
        if not stretches:
            return []
        segments: list[Segment] = []
        began = ended = stretches[0][0]
        dropped_ms = [found for series in every if (found := journal.dropped_from_ms(series.key)) is not None]
        if dropped_ms and min(dropped_ms) < began:
            segments.append(Segment(min(dropped_ms) / 1000, began / 1000, "missing"))
        for from_ms, to_ms in stretches:
            if from_ms > ended:
                segments.append(Segment(began / 1000, ended / 1000, "recorded"))
                segments.append(Segment(ended / 1000, from_ms / 1000, "missing"))
                began = from_ms
            ended = max(ended, to_ms)
        return [*segments, Segment(began / 1000, stretches[-1][0] / 1000, "recorded")]

    def _is_settled(self, at_ts: float) -> bool:
        """Whether no record of the moment can follow any more."""
        return self._clock() - at_ts >= SETTLED_S

    def _traded(self, series: Series, at_ts: float) -> tuple[float, float] | None:
        try:
            moment = self._standing(self._journal(ist_date(at_ts)), series, int(at_ts * 1000)).moment
        except (NotRecorded, DamagedRecord):
            return None
        market_ts, spot = moment.chain.market_ts, moment.chain.spot
        traded = moment.state in (FeedState.LIVE, FeedState.REPLAY)
        return (market_ts, spot) if traded and math.isfinite(market_ts) and math.isfinite(spot) else None

    def _facts(self, day: date) -> list[Facts]:
        """What the series of the day have in common, at most `FACTS_FOR_S` old."""
        return self._known.value(day, int(self._clock() / FACTS_FOR_S), lambda: self._journal(day).facts())

    def _journal(self, day: date) -> Journal:
        journal = self._journals.reader(day)
        if journal is None:
            raise NotRecorded(f"Nothing was recorded on {day:%d-%b-%y}.", *self._around(day))
        return journal

    def _around(self, day: date) -> tuple[float | None, float | None]:
        """Ends of the nearest recorded days before and after."""
        spans = {known: journal.span() for known in self.days() if (journal := self._journals.reader(known))}
        before = [until_ms / 1000 for known, (_, until_ms) in spans.items() if known < day]
        after = [from_ms / 1000 for known, (from_ms, _) in spans.items() if known > day]
        return max(before, default=None), min(after, default=None)

    def _standing(self, journal: Journal, series: Series, at_ms: int) -> Found:
        found = journal.before(series.key, at_ms)
        if found is None or at_ms > found.stands_until_ms:
            dropped_from_ms = None if found is not None else journal.dropped_from_ms(series.key)
            deleted = dropped_from_ms is not None and at_ms >= dropped_from_ms
            reason = "its record was deleted to make room for later ones" if deleted else "it was not recorded"
            raise self._gap(journal, series, at_ms, reason)
        return found

    def _gap(self, journal: Journal, series: Series, at_ms: int, reason: str) -> NotRecorded:
        before_ms, after_ms = journal.around(series.key, at_ms)
        when = f"{ist(at_ms / 1000):%d-%b-%y %H:%M:%S} IST"
        return NotRecorded(
            f"{series.name} at {when}: {reason}.",
            None if before_ms is None else before_ms / 1000,
            None if after_ms is None else after_ms / 1000,
        )


def _stood(times: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """From when until when each record of a series stood: at most until the next one. Ascending, in milliseconds."""
    following = [at_ms for at_ms, _ in times[1:]]
    return [
        (at_ms, until_ms if next_ms is None else min(until_ms, next_ms))
        for (at_ms, until_ms), next_ms in zip_longest(times, following)
    ]
