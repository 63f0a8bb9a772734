"""Why a watched series is not published, written for its viewers and taken back afterwards."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from dashboard import logs
from dashboard.data.cache.store import CacheError, Store
from dashboard.data.contract import codec, keys
from dashboard.data.feed.leases import Problem
from dashboard.market.instruments import Series

log = logging.getLogger(__name__)

PROBLEM_TTL_S = 15.0
RENEW_AFTER_S = 5.0
TAKEN_BACK_TTL_S = 1.0  # an empty report for a moment: a store cannot delete


class Problems:
    """The `problem/` keys of the cache. They vanish by themselves when nobody renews them."""

    def __init__(self, store: Store, monotonic: Callable[[], float]) -> None:
        self._store = store
        self._monotonic = monotonic
        self._written: dict[Series, tuple[Problem, float]] = {}

    def write(self, problems: Mapping[Series, Problem]) -> None:
        """Have exactly these problems in the cache."""
        now = self._monotonic()
        for series in self._written.keys() - problems.keys():
            del self._written[series]
            self._put(series, {}, TAKEN_BACK_TTL_S)
        for series, problem in problems.items():
            written, at = self._written.get(series, (None, float("-inf")))
            if problem != written or now - at >= RENEW_AFTER_S:
                self._written[series] = (problem, now)
                self._put(series, problem._asdict(), PROBLEM_TTL_S)

    def _put(self, series: Series, report: dict[str, str], ttl_s: float) -> None:
        try:
            self._store.put(keys.problem(series), codec.encode_report(report), ttl_s=ttl_s)
        except CacheError as error:
            log.warning("problem of %s not written: %s", logs.field(series.key), error)
