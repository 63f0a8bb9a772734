"""What the feed asks of the broker over REST, in order of importance, and what it does with the answers."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from dashboard import logs
from dashboard.data.brokers.protocol import MarketData, StreamState
from dashboard.data.feed.chain_builder import ChainBuilder
from dashboard.data.feed.leases import Wanted
from dashboard.data.feed.polls import PollPlan, Retry
from dashboard.data.feed.rest_worker import Answer, Job, RestWorker
from dashboard.data.feed.term import Survey
from dashboard.data.feed.tick_book import TickBook
from dashboard.market.chain import Chain
from dashboard.market.errors import MarketError
from dashboard.market.expiries import ListedSeries
from dashboard.market.instruments import Contract, Directory, Series

log = logging.getLogger(__name__)

DIRECTORY_EVERY_S = 10.0  # the adapter keeps the day's lists; this is how soon new ones are seen
DIRECTORY_RETRY_S = 5.0  # nothing works without
LISTING_EVERY_S = 1_800.0  # exchanges list new strikes during the day
STATUS_EVERY_S = 5.0


class Listing(NamedTuple):
    """What has to be known of a series before it can be followed."""

    contracts: tuple[Contract, ...]
    future_symbol: str | None
    vix_symbol: str | None


class Status(NamedTuple):
    market_open: bool | None
    token_expires_ts: float | None


class Broker:
    """Asks one thing at a time: the directory, then listings of new series, then the status, then chain polls.

    The token comes before all of these: an adapter asks for it whenever it has none, as part of any question.
    """

    def __init__(
        self,
        provider: MarketData,
        worker: RestWorker,
        book: TickBook,
        monotonic: Callable[[], float],
        *,
        rate: float,
        replay: bool = False,
    ) -> None:
        """rate: annual fraction. replay: the market's clock is not ours."""
        self._provider, self._worker, self._book, self._monotonic = provider, worker, book, monotonic
        self._rate, self._replay = rate, replay
        self._plan = PollPlan()
        self._survey = Survey()
        self._surveyed: list[Chain] = []  # answers about expiries nobody watches, until the feed takes them
        self._directory_retry, self._status_retry = Retry(), Retry()
        self._listing_retries: dict[Series, Retry] = {}
        self._listing_errors: dict[Series, MarketError] = {}
        self._listings: dict[Series, Listing] = {}
        self.directory: Directory | None = None
        self.market_open: bool | None = None
        self.token_expires_ts: float | None = None
        self.rejects: Counter[str] = Counter()
        self.polls_total = 0
        self.chains_total = 0  # polls that were answered, of watched series or of others
        self.trouble: str | None = None
        self._trouble_with: object = None

    @property
    def errors(self) -> dict[Series, MarketError]:
        """Why a series cannot be had at the moment."""
        return self._plan.errors | self._listing_errors

    def login_needed(self, stream: StreamState) -> bool:
        return self._plan.login_needed or stream is StreamState.LOGIN_NEEDED

    def market_closed(self, closed: bool) -> None:
        """Poll at the pace of a market that does not trade, or of one that does."""
        self._plan.closed = closed

    def poll_every_s(self, wanted: Wanted) -> dict[Series, float]:
        """How often each wanted series is polled."""
        return self._plan.every_s(wanted.watched, [one for one in wanted.series if one not in wanted.watched])

    def ask_next(self, wanted: Wanted) -> None:
        """Give the worker its next job, if it is idle and one is due."""
        if not self._worker.idle:
            return
        job = self._next_job(wanted)
        if job is not None:
            self._worker.submit(job)

    def take_answers(self) -> None:
        for answer in self._worker.answers():
            kind = answer.about[0] if isinstance(answer.about, tuple) else answer.about
            kind = "chain" if kind == "survey" else kind  # the same question at the broker's
            self.chains_total += kind == "chain" and answer.error is None
            if answer.error is not None:
                self.rejects[answer.error.code] += 1
                self.trouble, self._trouble_with = answer.error.message, kind
                log.info("%s: %s", _named(answer.about), answer.error.message)
            elif kind == self._trouble_with:  # other kinds may be answered from memory
                self.trouble = None
            match answer.about:
                case "directory":
                    self._take_directory(answer)
                case "status":
                    self._take_status(answer)
                case ("listing", ListedSeries() as listed):
                    self._take_listing(listed, answer)
                case ("chain", Series() as series):
                    self._take_chain(series, answer)
                case ("survey", Series()) if answer.error is None:
                    self._surveyed.append(answer.value)

    def take_surveyed(self) -> list[Chain]:
        """Chains of unwatched expiries that were polled since the last call."""
        taken, self._surveyed = self._surveyed, []
        return taken

    def forget(self, series: Series) -> None:
        for known in (self._listing_retries, self._listing_errors, self._listings):
            known.pop(series, None)
        self._plan.forget(series)

    def close(self) -> None:
        self._worker.close()

    def _next_job(self, wanted: Wanted) -> Job | None:
        now, provider = self._monotonic(), self._provider
        if now >= self._directory_retry.due:
            return Job("directory", provider.directory)
        known = dict(zip(wanted.series, wanted.listed, strict=True))
        for series in wanted.by_need:
            if now >= self._listing_retries.setdefault(series, Retry()).due:
                return Job(("listing", known[series]), partial(_listing, provider, known[series]))
        if now >= self._status_retry.due:
            return Job("status", lambda: Status(provider.market_open(), provider.token_expires_ts()))
        ready = [series for series in wanted.series if series in self._book.series]
        watched = [series for series in ready if series in wanted.watched]
        warm = [series for series in ready if series not in wanted.watched]
        due = self._plan.next(watched, now, warm=warm)
        if due is None:
            return self._survey_job(wanted, now)
        self._plan.asked(due, now)
        return Job(("chain", due), partial(provider.fetch_chain, *known[due]))

    def _survey_job(self, wanted: Wanted, now: float) -> Job | None:
        """With nothing else to ask: an expiry nobody watches, for the term structure."""
        if not self._plan.has_room(now):
            return None
        listed = self._survey.next(wanted, self.directory, now)
        if listed is None:
            return None
        self._plan.counted(now)
        return Job(("survey", listed.series), partial(self._provider.fetch_chain, *listed))

    def _take_directory(self, answer: Answer) -> None:
        now = self._monotonic()
        if answer.error is not None:
            self._directory_retry.failed(now, DIRECTORY_RETRY_S)
            return
        self._directory_retry.succeeded(now, DIRECTORY_EVERY_S)
        if answer.value != self.directory:
            self.directory = answer.value
            for retry in self._listing_retries.values():
                retry.due = now  # a new day has new strikes

    def _take_status(self, answer: Answer) -> None:
        self._status_retry.succeeded(self._monotonic(), STATUS_EVERY_S)
        if answer.error is None:
            self.market_open, self.token_expires_ts = answer.value

    def _take_listing(self, listed: ListedSeries, answer: Answer) -> None:
        series, now = listed.series, self._monotonic()
        retry = self._listing_retries.setdefault(series, Retry())
        if answer.error is not None:
            retry.failed(now)
            if series not in self._book.series:
                self._listing_errors[series] = answer.error
            return
        retry.succeeded(now, LISTING_EVERY_S)
        self._listing_errors.pop(series, None)
        found: Listing = answer.value
        known = self._book.series.get(series)
        if known is None or known.expiry != listed.expiry or self._listings.get(series) != found:
            self._listings[series] = found
            self._book.follow(
                ChainBuilder(
                    *listed,
                    found.contracts,
                    rate=self._rate,
                    future_symbol=found.future_symbol,
                    vix_symbol=found.vix_symbol,
                )
            )
            self._plan.forget(series)  # polled at once

    def _take_chain(self, series: Series, answer: Answer) -> None:
        self.polls_total += 1
        if answer.error is not None:
            self._plan.failed(series, answer.error, self._monotonic())
            return
        self._plan.succeeded(series)
        chain_builder = self._book.series.get(series)
        if chain_builder is None:
            return
        market_ts: float | None = None
        if self._replay:
            market_ts = float("nan") if self._book.exchange_ts is None else self._book.exchange_ts
        reason = chain_builder.take_poll(answer.value, answer.asked_ts, market_ts=market_ts)
        if reason is not None:
            self.rejects[reason] += 1
            log.warning("a poll of %s was turned away: %s", series.key, reason)


def _named(about: object) -> str:
    """What was asked, for a line of the log: `chain NIFTY|2026-12-01`."""
    match about:
        case (str() as kind, ListedSeries(series=series) | (Series() as series)):
            return logs.field(f"{kind} {series.key}")
        case _:
            return logs.field(about)


def _listing(provider: MarketData, listed: ListedSeries) -> Listing:
    contracts: Sequence[Any] = provider.contracts(*listed)
    return Listing(tuple(contracts), provider.future_symbol(*listed), provider.vix_symbol())
