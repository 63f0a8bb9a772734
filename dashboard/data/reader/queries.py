"""The questions a screen asks. Answers come from the cache, never from the broker, and are memoised per version."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dashboard.data.cache.memo import Memo
from dashboard.data.cache.store import Store
from dashboard.data.contract import codec, keys
from dashboard.data.reader.leases import Leases
from dashboard.data.reader.state import BoardState, board_state
from dashboard.data.reader.summaries import Summaries
from dashboard.market.errors import FeedNotReady, MarketError, NoOptions
from dashboard.market.expiries import expiry_by_name, find_underlying, nearest_expiry, without_past_expiries
from dashboard.market.instruments import Directory, Expiry, Series, Underlying, UnderlyingKind
from dashboard.market.selection import Selection

FRAMES_KEPT = 128


@dataclass(frozen=True, slots=True)
class Frame:
    """One published chain, ready for the browser: JSON text with `version` as its first member.

    as_of_ts: our clock when the newest part of it arrived, None when it holds nothing yet.
    """

    version: int
    text: str
    as_of_ts: float | None


class Chains:
    """What the screen may ask. Cheap: one version poll per question, one decode per version and process.

    warm: underlyings whose nearest series anybody may watch, however many series are watched already.
    """

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.time, warm: Sequence[str] = ()) -> None:
        self._clock = clock
        self._store = store
        self._warm = frozenset(warm)
        self._leases = Leases(store, clock)
        self._listed: tuple[Directory | None, frozenset[Series]] = (None, frozenset())
        # What is lost with the cache goes on being true until its own date says otherwise.
        self._directory = Memo(store, lambda raw, version: codec.decode_directory(raw), kept=1, keep_lost=True)
        self._health = Memo(store, lambda raw, version: codec.decode_report(raw), kept=1, keep_lost=True)
        self._problems = Memo(store, lambda raw, version: codec.decode_report(raw), kept=FRAMES_KEPT)
        self._frames = Memo(
            store,
            lambda raw, version: Frame(version, codec.with_version(raw, version), codec.as_of_ts(raw)),
            kept=FRAMES_KEPT,
            keep_lost=True,
        )
        self._summaries = Summaries(store)

    @property
    def store(self) -> Store:
        """The cache behind the answers, for what web processes tell each other."""
        return self._store

    def now(self) -> float:
        """Our clock, UTC epoch seconds; pages count ages against it, so a wall screen's wrong clock does not matter."""
        return self._clock()

    def directory_version(self) -> int:
        """Grows when the list of underlyings or expiries changed; 0 before there is one."""
        return self._store.version(keys.DIRECTORY) or self._directory.known_version(keys.DIRECTORY)

    def directory(self) -> Directory:
        """All that can be chosen. Raises FeedNotReady until the feed has published it once."""
        directory = self._directory.latest(keys.DIRECTORY)
        if directory is None:
            raise FeedNotReady(
                "The list of underlyings has not arrived yet; the feed is starting or cannot reach the broker."
            )
        return directory

    def underlying(self, name: str) -> Underlying:
        """The underlying with today's and later expiries. Raises UnknownUnderlying, NoOptions or FeedNotReady."""
        found = without_past_expiries(find_underlying(self.directory(), name), self.market_ts())
        if not found.expiries:
            raise NoOptions(f"{found.name} has no option expiry left in today's list.")
        return found

    def nearest(self, underlying: Underlying) -> Expiry:
        """The next expiry to come; today's when it was the last one."""
        return nearest_expiry(underlying, self.market_ts())

    def underlyings(self) -> list[Underlying]:
        """All underlyings that `underlying` would give, in the directory's order."""
        market_ts = self.market_ts()
        every = (without_past_expiries(found, market_ts) for found in self.directory().underlyings)
        return [found for found in every if found.expiries]

    def indices(self) -> list[Underlying]:
        """Those of `underlyings` that are indices."""
        return [found for found in self.underlyings() if found.kind is UnderlyingKind.INDEX]

    def stocks(self, exchange: str, query: str, limit: int = 50) -> list[tuple[str, bool]]:
        """(name, has options) of stocks whose name starts with `query`, then of those that contain it.

        Each group is in alphabetical order. The names are what `underlying` takes.
        """
        directory, wanted = self.directory(), query.strip().upper()
        named = {
            found.name.removeprefix(f"{exchange}:"): (found.name, True)
            for found in directory.underlyings
            if found.kind is UnderlyingKind.STOCK and found.exchange == exchange
        }
        for plain in directory.without_options.get(exchange, ()):
            named.setdefault(plain, (plain if exchange == "NSE" else f"{exchange}:{plain}", False))
        matching = sorted((not plain.startswith(wanted), plain) for plain in named if wanted in plain)
        return [named[plain] for _, plain in matching[:limit]]

    def resolve(self, underlying: str, expiry_iso: str | None = None) -> tuple[Selection, str | None]:
        """The pair that can be shown for a wish, and a sentence when it is not what was wished.

        No expiry wished: the nearest, without a notice. Raises as `underlying` does.
        """
        found = self.underlying(underlying)
        nearest = self.nearest(found)
        selection = Selection(Series(found.name, nearest.date))
        if expiry_iso is None:
            return selection, None
        instead = f"showing the nearest, {nearest.date:%d-%b-%y}."
        try:
            day = date.fromisoformat(expiry_iso)
        except ValueError:
            return selection, f"That is not an expiry of {found.name}; {instead}"
        if found.expiry(day) is not None:
            return Selection(Series(found.name, day)), None
        return selection, f"{found.name} {day:%d-%b-%y} is not listed; {instead}"

    def is_listed(self, series: Series) -> bool:
        """Whether the directory has the series; not before there is a directory."""
        try:
            directory = self.directory()
        except FeedNotReady:
            return False
        known, listed = self._listed
        if known is not directory:
            listed = frozenset(
                Series(found.name, expiry.date) for found in directory.underlyings for expiry in found.expiries
            )
            self._listed = (directory, listed)
        return series in listed

    def series(self, name: str, when: str) -> Series:
        """The series that an underlying's name and `near`, `next`, `month` or an ISO date name at this moment.

        Raises as `underlying` and `expiry_by_name` do.
        """
        underlying = self.underlying(name)
        return Series(underlying.name, expiry_by_name(underlying, when, self.market_ts()).date)

    def watch(self, series: Series, viewer: str = "") -> None:
        """Say that somebody looks at the series, so that the feed keeps it fresh for another while.

        A series that is not listed is not leased. Raises TooManySeries when the viewer, or all together, watch as many
        as they may; the nearest series of the `warm` underlyings are never refused.
        """
        if self.is_listed(series):
            self._leases.renew(series, viewer, always=self._is_warm(series))

    def _is_warm(self, series: Series) -> bool:
        if series.underlying not in self._warm:
            return False
        try:
            return self.nearest(self.underlying(series.underlying)).date == series.expiry
        except MarketError:
            return False

    def frame(self, series: Series) -> Frame | None:
        """The latest frame; None until there is one. A frame once seen stays when the cache is lost."""
        return self._frames.latest(keys.frame(series))

    def summary(self, series: Series) -> dict[str, Any] | None:
        """Header numbers of the latest frame, with their state and the way of the spot; None until there is a frame."""
        return self._summaries.of(series, self.board_state(series))

    def board_state(self, series: Series | None = None) -> BoardState:
        """What the numbers of the series (None: the feed as a whole) are at this moment."""
        if series is None:
            return board_state(self.health(), None, self._clock())
        frame = self.frame(series)
        return board_state(
            self.health(),
            series,
            self._clock(),
            frame_as_of_ts=frame.as_of_ts if frame else None,
            problem=self._problems.latest(keys.problem(series)),
        )

    def health(self) -> dict[str, Any] | None:
        """What the feed last said of itself, however old; None when there is nothing to read."""
        return self._health.latest(keys.HEALTH)

    def market_ts(self) -> float | None:
        """The market's clock: ours, except in a replay, whose day may be any."""
        health = self.health() or {}
        if not health.get("replay"):
            return self._clock()
        told = health.get("market_ts")
        return float(told) if isinstance(told, int | float) else None
