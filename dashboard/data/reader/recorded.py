"""`Chains` as of a recorded moment: answered from the history, and computed again by today's code and settings."""

from __future__ import annotations

from typing import Any

from dashboard.analytics.all_expiries import unexpired_totals
from dashboard.analytics.enriched import Enriched
from dashboard.analytics.term_structure import KEPT_S, term_structure
from dashboard.data.cache.memo import Latest
from dashboard.data.contract import codec
from dashboard.data.contract.numbers import Numbers
from dashboard.data.contract.published import PublishedChain
from dashboard.data.contract.report import FeedReport
from dashboard.data.history.journal import Found
from dashboard.data.history.reading import History, enriched
from dashboard.data.reader.chains import LatestFrame
from dashboard.data.reader.directory import DirectoryQueries
from dashboard.data.reader.recorded_trail import recorded_trail
from dashboard.data.reader.state import SeriesStatus, sentence
from dashboard.data.reader.summaries import head_of, trail_of
from dashboard.market.errors import NotRecorded
from dashboard.market.instruments import Directory, Series
from dashboard.market.session import FeedState, ist_date


class RecordedChains(DirectoryQueries):
    """What was on screen at `at_ts` (our clock, UTC epoch seconds). Nothing is leased, and the feed is not asked.

    now_ts: the present, against which a page counts ages. frames: those computed for any moment so far.
    """

    def __init__(
        self, history: History, numbers: Numbers, at_ts: float, *, now_ts: float, frames: Latest[LatestFrame]
    ) -> None:
        super().__init__()
        self._history, self._numbers, self._at_ts, self._now_ts = history, numbers, at_ts, now_ts
        self._frames = frames
        self._day = ist_date(at_ts)

    def now(self) -> float:
        return self._now_ts

    def market_ts(self) -> float | None:
        return self._at_ts

    def directory_version(self) -> int:
        return self._day.toordinal()

    def directory(self) -> Directory:
        """What was recorded on that day. Raises NotRecorded."""
        return self._history.directory(self._day)

    def watch(self, series: Series, viewer: str = "") -> None:
        """A recorded series needs no lease."""

    def version(self, series: Series) -> int:
        """Version of the frame that stood at the moment, without computing it. Raises NotRecorded."""
        return self._history.found(series, self._at_ts).at_ms

    def frame(self, series: Series) -> LatestFrame:
        """The frame that stood at the moment. Raises NotRecorded."""
        found = self._history.found(series, self._at_ts)
        return self._frames.value((series, found.at_ms), 0, lambda: self._frame(series, found))

    def _frame(self, series: Series, found: Found) -> LatestFrame:
        moment, chain = found.moment, found.moment.chain
        computed = enriched(moment, self._numbers)
        published = PublishedChain(
            computed,
            FeedState.RECORDED,
            found.at_ms,
            found.at_ms / 1000,
            moment.old,
            moment.old_after_s,
            moment.facts.day_move,
            moment.recorded_shift_s,
        )
        known = [computed, *self._other_expiries(series, found.at_ms / 1000)]
        raw = codec.encode_frame(
            published,
            demo=moment.facts.demo,
            term=term_structure(known),
            totals=unexpired_totals(known, chain.underlying, chain.market_ts),
        )
        return LatestFrame(found.at_ms, codec.with_version(raw, found.at_ms), chain.as_of_ts)

    def summary(self, series: Series) -> dict[str, Any]:
        """Header numbers of that frame with state and the spot's way until then. Raises NotRecorded."""
        frame, status = self.frame(series), self.status(series)
        trail = trail_of(recorded_trail(self._history, series, frame.version / 1000))
        shown = {"state": status.state, "message": status.message, "since_ts": status.since_ts}
        return {"version": frame.version} | head_of(frame.text.encode()) | trail | shown

    def status(self, series: Series | None = None) -> SeriesStatus:
        """Always recorded. Raises NotRecorded for a series that was not."""
        found = None if series is None else self._history.found(series, self._at_ts)
        as_of_ts = self._at_ts if found is None else found.moment.chain.as_of_ts
        demo = found is not None and found.moment.facts.demo
        return SeriesStatus(
            state=FeedState.RECORDED,
            message=sentence(FeedState.RECORDED, as_of_ts, self._now_ts, demo=demo),
            since_ts=None if found is None else found.at_ms / 1000,
            as_of_ts=as_of_ts,
            demo=demo,
            market_ts=self._at_ts,
            recorded_ts=self._at_ts,
        )

    def health(self) -> FeedReport | None:
        """None: the feed's report of that moment is not kept."""
        return None

    def _other_expiries(self, series: Series, at_ts: float) -> list[Enriched]:
        """The newest chains of the underlying's other expiries, as far as they stood shortly before `at_ts`.

        That is the record's own time, not the moment asked for: so one record gives one frame.
        """
        found = []
        for other in self._history.recorded(self._day):
            if other.underlying == series.underlying and other != series:
                try:
                    record = self._history.found(other, at_ts)
                except NotRecorded:
                    continue
                if at_ts - record.at_ms / 1000 <= KEPT_S:
                    found.append(enriched(record.moment, self._numbers))
        return found
