"""Numbers over all expiries of an underlying: from its published series, and from a poll now and then of the others.

A term structure needs every expiry, a screen watches one. The others are asked for when nothing else is due, one at a
time, so eighteen expiries cost three calls a minute however many viewers there are.
"""

from __future__ import annotations

import threading
from datetime import date

from dashboard.analytics.all_expiries import AllExpiries, unexpired_totals
from dashboard.analytics.enriched import Enriched
from dashboard.analytics.term_structure import KEPT_S, TermStructure, term_structure
from dashboard.data.contract.published import PublishedChain
from dashboard.data.feed.leases import Wanted
from dashboard.data.feed.sinks import Sink
from dashboard.market.expiries import ListedSeries
from dashboard.market.instruments import Directory, Series, Underlying

SURVEY_EVERY_S = 20.0
FIRST_SURVEY_EVERY_S = 4.0  # until every expiry has been asked for once


class Survey:
    """Whose turn it is: expiries of watched underlyings that are not served themselves, the longest unasked first."""

    def __init__(self) -> None:
        self._asked: dict[Series, float] = {}
        self._last = float("-inf")

    def next(self, wanted: Wanted, directory: Directory | None, now: float) -> ListedSeries | None:
        """The series to ask for, or None while it is not time or there is none. Times are monotonic seconds."""
        if directory is None or now - self._last < FIRST_SURVEY_EVERY_S:
            return None
        served = set(wanted.series)
        names = {series.underlying for series in wanted.watched}
        candidates = [
            ListedSeries(underlying, expiry)
            for underlying in directory.underlyings
            if underlying.name in names
            for expiry in underlying.expiries
            if Series(underlying.name, expiry.date) not in served
        ]
        if not candidates:
            return None
        # The nearest first where none has been asked: that end of the curve moves.
        chosen = min(candidates, key=lambda listed: self._asked.get(listed.series, float("-inf")))
        if chosen.series in self._asked and now - self._last < SURVEY_EVERY_S:
            return None
        self._asked[chosen.series] = self._last = now
        return chosen


class TermStructures(Sink):
    """The newest enriched chain of every expiry seen, by underlying: a sink in memory. Safe for threads."""

    name = "term_structure"
    newest_only = True

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._chains: dict[str, dict[date, tuple[float, Enriched]]] = {}

    def take(self, published: PublishedChain) -> None:
        self.note(published.enriched, published.published_ts)

    def note(self, enriched: Enriched, now_ts: float) -> None:
        """Remember a chain, published or not."""
        series = enriched.chain.series
        with self._lock:
            self._chains.setdefault(series.underlying, {})[series.expiry] = (now_ts, enriched)

    def structure(self, underlying: str, now_ts: float) -> TermStructure:
        """Term structure of what is known and not too old; perhaps a single expiry, perhaps none."""
        return term_structure(self._known(underlying, now_ts))

    def totals(self, underlying: Underlying, market_ts: float, now_ts: float) -> AllExpiries:
        """Exposures and ratios summed over the same. market_ts: the exchange's clock, for what has expired."""
        return unexpired_totals(self._known(underlying.name, now_ts), underlying, market_ts)

    def _known(self, underlying: str, now_ts: float) -> list[Enriched]:
        with self._lock:
            known = self._chains.get(underlying, {})
            for expiry, (noted_ts, _) in list(known.items()):
                if abs(now_ts - noted_ts) > KEPT_S:
                    del known[expiry]
            return [enriched for _, enriched in known.values()]
