"""Who watches what: from the warm list and the leases of viewers to the series to serve, and to a subscription."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from dashboard.data.brokers.protocol import TickStream
from dashboard.data.contract import keys
from dashboard.market.errors import MarketError
from dashboard.market.expiries import (
    ListedSeries,
    listed_series,
    nearest_expiry,
    without_past_expiries,
)
from dashboard.market.instruments import Directory, Series

LONGEST_KEY = len(keys.LEASE_PREFIX) + 64
MOST_SYMBOLS = 4_800  # brokers take about 5,000 per connection
SHRINK_OVER = 200  # symbols nobody needs any more …
SHRINK_AFTER_S = 180.0  # … for this long make a new connection worth its gap of a second or two


class Problem(NamedTuple):
    """Why a watched series cannot be served: what `problem/` keys hold."""

    code: str
    message: str

    @classmethod
    def from_error(cls, error: MarketError) -> Problem:
        return cls(error.code, error.message)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What has to be served now, the warm series first, and what was asked for in vain. watched: by a viewer.

    series: of `listed`. by_need: watched ones before those that are only kept warm, where there is not room for all.
    """

    listed: tuple[ListedSeries, ...] = ()
    problems: tuple[tuple[Series, Problem], ...] = ()
    watched: frozenset[Series] = frozenset()
    series: tuple[Series, ...] = field(init=False)
    by_need: tuple[Series, ...] = field(init=False)

    def __post_init__(self) -> None:  # asked for many times a second, of hundreds of series
        series = tuple(item.series for item in self.listed)
        object.__setattr__(self, "series", series)
        object.__setattr__(self, "by_need", tuple(sorted(series, key=lambda one: one not in self.watched)))


def wanted(directory: Directory, warm: Sequence[str], lease_keys: Iterable[str], now_ts: float | None) -> Wanted:
    """Warm underlyings at their nearest expiry, then leased series in order of their keys.

    now_ts: the market's clock; None when it is unknown (a replay before its first tick): nothing has expired then.
    """
    found: dict[Series, ListedSeries] = {}
    problems: dict[Series, Problem] = {}
    watched: set[Series] = set()
    for name in warm:
        underlying = directory.find(name)
        if underlying is None:
            continue
        listed = without_past_expiries(underlying, now_ts)
        if listed.expiries:
            nearest = nearest_expiry(listed, now_ts)
            found.setdefault(Series(name, nearest.date), ListedSeries(underlying, nearest))
    for key in sorted(lease_keys):
        if len(key) > LONGEST_KEY:
            continue  # nor is any series named like that
        try:
            series = Series.from_key(key.removeprefix(keys.LEASE_PREFIX))
        except ValueError:
            continue  # nothing of ours writes such a key
        try:
            found.setdefault(series, listed_series(directory, series, now_ts))
            watched.add(series)
        except MarketError as error:
            problems[series] = Problem.from_error(error)
    return Wanted(tuple(found.values()), tuple(problems.items()), frozenset(watched))


class Subscription:
    """Keeps a stream carrying what is needed: adds at once, and shrinks by starting over, seldom.

    The broker's unsubscribe cannot be trusted, so a symbol nobody needs any more stays until enough of them have been
    useless for long enough, or until there is no room for new ones.
    """

    def __init__(self, stream: TickStream, monotonic: Callable[[], float]) -> None:
        self._stream = stream
        self._monotonic = monotonic
        self._carried: set[str] = set()
        self._bloated_since: float | None = None

    def carry(self, groups: Iterable[frozenset[str]]) -> int:
        """Have the stream carry these groups of symbols, first come first served; gives how many had no room."""
        needed: set[str] = set()
        left_out = 0
        for group in groups:
            more = group - needed
            if len(needed) + len(more) <= MOST_SYMBOLS:
                needed |= more
            else:
                left_out += len(more)
        new, useless = needed - self._carried, len(self._carried - needed)
        if len(self._carried) + len(new) > MOST_SYMBOLS or self._bloated(useless):
            self._carried, self._bloated_since = set(needed), None
            self._stream.recycle(sorted(needed))
        elif new:
            self._carried |= new
            self._stream.subscribe(sorted(new))
        return left_out

    def _bloated(self, useless: int) -> bool:
        now = self._monotonic()
        if useless <= SHRINK_OVER:
            self._bloated_since = None
        elif self._bloated_since is None:
            self._bloated_since = now
        return self._bloated_since is not None and now - self._bloated_since >= SHRINK_AFTER_S
