"""When to ask the broker for what: pacing, priorities and back-off of the chain polls and of everything else."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass, field

from dashboard.data.contract.state import POLL_EVERY_S
from dashboard.market.errors import (
    LoginNeeded,
    MarketError,
    NoOptions,
    ProviderUnavailable,
    RequestRefused,
    UnknownExpiry,
    UnknownUnderlying,
)
from dashboard.market.instruments import Series

POLL_CLOSED_EVERY_S = 60.0
# For any number of series, with room for the market status and a second question. A broker allows 200 requests a minute
# and blocks for the day after three excesses.
POLLS_PER_MINUTE = 100
ROOM_SHARE = 0.9
WARM_WAITS = 3.0  # when the minute is short, a series nobody looks at is polled this much more seldom
FIRST_BACK_OFF_S, LAST_BACK_OFF_S = 2.0, 15.0
HOPELESS_S = 60.0  # asking for what does not exist
REFUSED_S = 10.0  # when a refusal does not say how long
LOGIN_EVERY_S = 5.0  # an adapter without a usable token answers from its own knowledge, so this costs no request


class Retry:
    """Growing waits after failures of one kind of question."""

    def __init__(self) -> None:
        self.failures = 0
        self.due = float("-inf")  # monotonic

    def failed(self, now: float, least_s: float | None = None) -> None:
        wait = min(FIRST_BACK_OFF_S * 2**self.failures, LAST_BACK_OFF_S) if least_s is None else least_s
        self.failures += 1
        self.due = now + wait

    def succeeded(self, now: float, again_in_s: float) -> None:
        self.failures, self.due = 0, now + again_in_s


@dataclass
class PollPlan:
    """Which series to poll next. Times are monotonic seconds, given by the caller.

    Series that somebody looks at come before those that are only kept warm; among these the one that has waited longest
    is next. All together stay below `POLLS_PER_MINUTE`, whatever their number.
    """

    closed: bool = False
    login_needed: bool = False
    errors: dict[Series, MarketError] = field(default_factory=dict)
    _asked: dict[Series, float] = field(default_factory=dict)
    _retries: dict[Hashable, Retry] = field(default_factory=dict)
    _recent: deque[float] = field(default_factory=deque)
    _cool_until: float = float("-inf")

    def period_s(self, watched: int, warm: int = 0) -> float:
        """How often a watched series is polled, beside so many that are only kept warm."""
        if self.login_needed:
            return LOGIN_EVERY_S
        least = POLL_CLOSED_EVERY_S if self.closed else POLL_EVERY_S
        if (watched + warm) * 60.0 / POLLS_PER_MINUTE <= least:
            return least
        return max(least, (watched + warm / WARM_WAITS) * 60.0 / POLLS_PER_MINUTE)

    def warm_period_s(self, watched: int, warm: int) -> float:
        """How often a series is polled that nobody looks at."""
        period_s = self.period_s(watched, warm)
        least = POLL_CLOSED_EVERY_S if self.closed else POLL_EVERY_S
        roomy = self.login_needed or (watched + warm) * 60.0 / POLLS_PER_MINUTE <= least
        return period_s if roomy else period_s * WARM_WAITS

    def every_s(self, watched: Collection[Series], warm: Collection[Series]) -> dict[Series, float]:
        """How often each of these is polled."""
        counts = len(watched), len(warm)
        return dict.fromkeys(warm, self.warm_period_s(*counts)) | dict.fromkeys(watched, self.period_s(*counts))

    def next(self, watched: Iterable[Series], now: float, *, warm: Iterable[Series] = ()) -> Series | None:
        """The series to poll now; None when none is due or the minute is used up."""
        groups = list(watched), list(warm)
        for gone in self._asked.keys() - set(groups[0]) - set(groups[1]):
            self.forget(gone)
        while self._recent and now - self._recent[0] >= 60.0:
            self._recent.popleft()
        if now < self._cool_until or len(self._recent) >= POLLS_PER_MINUTE:
            return None
        counts = len(groups[0]), len(groups[1])
        periods = self.period_s(*counts), self.warm_period_s(*counts)
        if self.login_needed and self._asked and now - max(self._asked.values()) < periods[0]:
            return None  # one probe is enough for all
        for series, period in zip(groups, periods, strict=True):
            due = [one for one in series if now >= self._due(one, period)]
            if due:
                return min(due, key=lambda one: self._asked.get(one, float("-inf")))
        return None

    def _due(self, series: Series, period_s: float) -> float:
        if series in self._retries:
            return self._retries[series].due
        return self._asked.get(series, float("-inf")) + period_s

    def has_room(self, now: float) -> bool:
        """Whether a call that can wait may be made: everything is well, and a good part of the minute is unused."""
        calm = not self.closed and not self.login_needed and now >= self._cool_until
        return calm and len(self._recent) < POLLS_PER_MINUTE * ROOM_SHARE

    def counted(self, now: float) -> None:
        """Note a call outside the polls of wanted series."""
        self._recent.append(now)

    def asked(self, series: Series, now: float) -> None:
        self._asked[series] = now
        self._recent.append(now)

    def succeeded(self, series: Series) -> None:
        self._retries.pop(series, None)
        self.errors.pop(series, None)
        self.login_needed = False

    def failed(self, series: Series, error: MarketError, now: float) -> None:
        self.errors[series] = error
        if isinstance(error, LoginNeeded):
            self.login_needed = True
            return
        if isinstance(error, RequestRefused):
            self._cool_until = now + (REFUSED_S if error.retry_after_s is None else error.retry_after_s)
            return
        least_s = error.retry_after_s if isinstance(error, ProviderUnavailable) else None
        if isinstance(error, UnknownExpiry | UnknownUnderlying | NoOptions):
            least_s = HOPELESS_S
        self._retries.setdefault(series, Retry()).failed(now, least_s)

    def forget(self, series: Series) -> None:
        for known in (self._asked, self._retries, self.errors):
            known.pop(series, None)
