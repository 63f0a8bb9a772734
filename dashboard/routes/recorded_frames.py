"""`/frames/…` as of a recorded moment. Nothing is leased, and the feed is not asked."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

import orjson
from flask import Response

from dashboard.data.cache.memo import Latest
from dashboard.data.history.journal import HistoryError
from dashboard.data.history.reading import Segment
from dashboard.data.reader.recorded import RecordedChains
from dashboard.data.reader.state import SeriesStatus, sentence
from dashboard.data.reader.time_machine import TimeMachine
from dashboard.layouts.wall.link import Scene
from dashboard.market.errors import MarketError, NotRecorded, UnknownUnderlying
from dashboard.market.instruments import Series
from dashboard.market.session import FeedState, ist, ist_date
from dashboard.routes.frame_answers import (
    board_indices,
    board_version,
    compressed,
    frame_answer,
    has_version,
    no_frame,
    status_of,
)

BODIES_KEPT = 64

log = logging.getLogger(__name__)


class RecordedFrames:
    """The answers. indices: names that come first among the six, as far as they were recorded."""

    def __init__(
        self, time_machine: TimeMachine, clock: Callable[[], float], *, build: str, indices: Sequence[str]
    ) -> None:
        self._time_machine, self._clock, self._build, self._indices = time_machine, clock, build, indices
        self._bodies: Latest[tuple[bytes, bytes]] = Latest(kept=BODIES_KEPT)

    def chain(self, at_ts: float, underlying: str, when: str) -> Response:
        """The frame of a series as it stood; without one, the reason and the nearest recorded moments."""
        try:
            past = self._time_machine.at(at_ts)
            series = past.series(underlying, when)
            version = f"{series.key}@{past.version(series)}"
            if has_version(version):
                return no_frame(self._status(at_ts))
            made = self._bodies.value(version, 0, lambda: compressed(past.frame(series).text.encode()))
        except (MarketError, HistoryError) as error:
            return self._refusal(at_ts, _reason(error, at_ts))
        return frame_answer(made, self._status(at_ts))

    def board(self, at_ts: float, when: str) -> Response:
        """The summaries of the six indices as they stood; a tile without one says why."""
        try:
            past = self._time_machine.at(at_ts)
            tiles = [_tile(past, name, when) for name in board_indices(past, self._indices)]
        except (MarketError, HistoryError) as error:
            return self._refusal(at_ts, _reason(error, at_ts))
        if all("problem" in tile for tile in tiles):
            nothing = NotRecorded(f"None of the six indices was recorded at {_words(at_ts)}.", *_nearest(tiles))
            return self._refusal(at_ts, _reason(nothing, at_ts))
        version = board_version(tiles)
        if has_version(version):
            return no_frame(self._status(at_ts))
        document = {"have": version, "tiles": tiles}
        return frame_answer(
            self._bodies.value(version, 0, lambda: compressed(orjson.dumps(document))), self._status(at_ts)
        )

    def coverage(self, at_ts: float, scenes: Sequence[Scene]) -> list[Segment]:
        """What was recorded of the moment's day: of at least one series of the scenes. Raises HistoryError."""
        try:
            past = self._time_machine.at(at_ts)
            shown = {series for scene in scenes for series in _series_of(past, scene, self._indices)}
        except MarketError:
            return []
        return self._time_machine.coverage_of_any(shown, ist_date(at_ts))

    def _status(self, at_ts: float) -> dict[str, Any]:
        now_ts = self._clock()
        words = sentence(FeedState.RECORDED, at_ts, now_ts, demo=False)
        shown = SeriesStatus(FeedState.RECORDED, words, market_ts=at_ts, recorded_ts=at_ts)
        return status_of(shown, now_ts, self._build)

    def _refusal(self, at_ts: float, problem: str) -> Response:
        return no_frame(self._status(at_ts) | {"problem": problem, "refused": True})


def _series_of(past: RecordedChains, scene: Scene, indices: Sequence[str]) -> list[Series]:
    """The series that a scene shows at the moment, as far as they were recorded."""
    found = []
    for name in board_indices(past, indices) if scene.kind == "board" else [scene.underlying]:
        try:
            found.append(past.series(name, scene.when))
        except MarketError:
            continue
    return found


def _tile(past: RecordedChains, name: str, when: str) -> dict[str, Any]:
    series = past.series(name, when)
    try:
        return past.summary(series)
    except NotRecorded as error:
        return {"key": series.key, "version": 0, "underlying": name, "state": FeedState.RECORDED} | {
            "problem": "not recorded at this moment." + _nearest_words(error),
            "before_ts": error.before_ts,
            "after_ts": error.after_ts,
        }


def _nearest(tiles: Sequence[dict[str, Any]]) -> tuple[float | None, float | None]:
    before = [tile["before_ts"] for tile in tiles if tile["before_ts"] is not None]
    after = [tile["after_ts"] for tile in tiles if tile["after_ts"] is not None]
    return max(before, default=None), min(after, default=None)


def _reason(error: MarketError | HistoryError, at_ts: float) -> str:
    """Why nothing can be shown, with the nearest recorded moments where there are any."""
    if isinstance(error, HistoryError):
        log.error("%s", error)
        return "The history cannot be read; the server's log says why."
    if isinstance(error, UnknownUnderlying):
        return f"That underlying was not recorded on {ist(at_ts):%d-%b-%y}."
    if not isinstance(error, NotRecorded):
        return error.message
    return error.message + _nearest_words(error)


def _nearest_words(error: NotRecorded) -> str:
    moments = [_words(moment) for moment in (error.before_ts, error.after_ts) if moment is not None]
    return f" Recorded nearest to it: {' and '.join(moments)}." if moments else ""


def _words(at_ts: float) -> str:
    return f"{ist(at_ts):%d-%b-%y %H:%M:%S} IST"
