"""FYERS as the feed sees it: `MarketData` over the symbol masters, REST and the socket."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from dashboard.data.brokers.fyers.auth.access_token import TokenSource
from dashboard.data.brokers.fyers.auth.login import obtain_demo_token
from dashboard.data.brokers.fyers.endpoints import assert_loopback, assert_sdk_installed
from dashboard.data.brokers.fyers.rest.budget import CallBudget
from dashboard.data.brokers.fyers.rest.client import RestClient
from dashboard.data.brokers.fyers.rest.parse import (
    SeriesRows,
    parse_chain,
    parse_expiry_epochs,
    parse_market_open,
    parse_recorded_shift,
)
from dashboard.data.brokers.fyers.stream.socket import FyersTickStream
from dashboard.data.brokers.fyers.stream.topics import topic
from dashboard.data.brokers.fyers.symbols.directory import MASTER_FILES, Universe, load_universe
from dashboard.data.brokers.fyers.symbols.master import FIRST_RETRY_S, RETRY_S, MasterFolder
from dashboard.data.brokers.protocol import BudgetMeter, TickStream
from dashboard.market.calendar import load_calendar
from dashboard.market.chain import Chain
from dashboard.market.errors import MarketError, ProviderUnavailable, WireChanged
from dashboard.market.instruments import Contract, Directory, Expiry, Underlying
from dashboard.settings import Settings

log = logging.getLogger(__name__)

STRIKE_COUNT = 50  # the most FYERS gives: 50 either side of the money
MARKET_STATUS_S = 60.0
MARKET_TURNS_S = 10.0  # while the calendar expects another word than the one we have: at the opening and at the close
MARKET_STATUS_KEPT_S = 300.0


class FyersMarketData:
    """`MarketData` for FYERS; in demo mode for the sandbox on loopback, which is the same but for the addresses."""

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = time.time) -> None:
        assert_loopback(settings)
        assert_sdk_installed()
        self._settings = settings
        self._clock = clock
        # A recorded day's expiries may have passed by our clock, not by its own, which only the feed knows: all stay.
        self._listing_clock: Callable[[], float] = (lambda: 0.0) if settings.replay else clock
        obtain = (lambda: obtain_demo_token(settings)) if settings.demo else None
        self._tokens = TokenSource(settings, obtain=obtain, clock=clock)
        counters = "rest-budget-demo.json" if settings.demo else "rest-budget.json"
        self._budget = CallBudget(settings.data_dir / counters, clock=clock)
        self._rest = RestClient(settings, self._tokens, self._budget, clock=clock)
        self._masters = MasterFolder(settings, clock=clock)
        self._lock = threading.RLock()
        self._universe: Universe | None = None
        self._reload_ts = 0.0
        self._reloading = threading.Event()
        self._layouts: dict[tuple[str, int], SeriesRows] = {}
        self._epochs: dict[tuple[str, int], int] = {}  # where a chain knows an expiry by another epoch than the master
        self._market_open: bool | None = None
        self._recorded_shift_s: float | None = None
        self._market_asked_ts = self._market_told_ts = float("-inf")
        # The demo's market keeps no hours; it says of itself that it is open.
        self._calendar = None if settings.demo else load_calendar(settings.data_dir)
        self._rejects: Counter[str] = Counter()
        self._streams: list[FyersTickStream] = []

    def directory(self) -> Directory:
        """Underlyings with options and stocks without; new masters come once a day. Raises ProviderUnavailable."""
        return self._current_universe().directory()

    def contracts(self, underlying: Underlying, expiry: Expiry) -> Sequence[Contract]:
        """All listed contracts of the series. Raises UnknownExpiry, ProviderUnavailable."""
        return tuple(self._current_universe().contracts(underlying, expiry))

    def future_symbol(self, underlying: Underlying, expiry: Expiry) -> str | None:
        return self._current_universe().future_symbol(underlying, expiry)

    def vix_symbol(self) -> str | None:
        return self._current_universe().vix_symbol()

    def fetch_chain(self, underlying: Underlying, expiry: Expiry) -> Chain:
        """One poll, at the broker's own epoch of the expiry. Raises MarketError."""
        layout = self._layout(underlying, expiry)
        try:
            return self._poll(layout)
        finally:
            if layout.newcomers:
                self._learn(layout)

    def _poll(self, layout: SeriesRows) -> Chain:
        underlying, expiry = layout.underlying, layout.expiry
        key = (underlying.name, expiry.cutoff_ts)
        epoch = self._epochs.get(key, expiry.cutoff_ts)
        answer = self._rest.option_chain(underlying.symbol, str(epoch), STRIKE_COUNT)
        try:
            return parse_chain(answer, layout, self._clock())
        except WireChanged:
            offered = parse_expiry_epochs(answer).get(expiry.date.toordinal())
            if offered is None or offered == epoch:
                raise
            # The chain knows this date by another epoch than the master does; its own word counts when asking it.
            log.warning("The chain of %s gives epoch %d for %s.", underlying.name, offered, expiry.date)
            answer = self._rest.option_chain(underlying.symbol, str(offered), STRIKE_COUNT)
            chain = parse_chain(answer, layout, self._clock())
            self._epochs[key] = offered
            return chain

    def open_stream(self) -> TickStream:
        """A stream of its own child process; FYERS allows one at a time."""
        stream = FyersTickStream(self._settings, self._tokens, self.topic_of, trading=self.trading)
        self._streams.append(stream)
        return stream

    def budget(self) -> BudgetMeter:
        return self._budget.meter()

    def token_expires_ts(self) -> float | None:
        try:
            token = self._tokens.current()
        except MarketError:
            return None
        return token.expires_ts if token else None

    def rejects(self) -> Mapping[str, int]:
        return dict(self._rejects)

    def market_open(self) -> bool | None:
        """FYERS' own word on NSE F&O, asked about once a minute and good for five; None when it cannot be had."""
        now = self._clock()
        pause_s = MARKET_STATUS_S if self._market_open is self._expected_open() else MARKET_TURNS_S
        if not 0 <= now - self._market_asked_ts < pause_s:  # below 0: the clock was set back
            self._market_asked_ts = now
            try:
                answer = self._rest.market_status()
                self._market_open, self._recorded_shift_s = parse_market_open(answer), parse_recorded_shift(answer)
                self._market_told_ts = now
            except MarketError as error:
                log.info("Market status unknown: %s", error)
        return self._market_word()

    def recorded_shift_s(self) -> float | None:
        return self._recorded_shift_s if self._settings.replay else None

    def _market_word(self) -> bool | None:
        """What FYERS said last, while that is not too long ago."""
        return self._market_open if self._clock() - self._market_told_ts < MARKET_STATUS_KEPT_S else None

    def _expected_open(self) -> bool | None:
        """The calendar's opinion; the last word itself where there is no calendar or it does not know."""
        opinion = self._calendar.opinion(self._clock()).open if self._calendar else None
        return self._market_open if opinion is None else opinion

    def trading(self) -> bool:
        """Whether silence of the stream would be strange. Asks nobody: the stream's supervisor must not wait."""
        word = self._market_word()
        if word is None and self._calendar is not None:
            word = self._calendar.opinion(self._clock()).open
        return word is True

    def close(self) -> None:
        for stream in self._streams:
            stream.close()
        self._rest.close()
        self._budget.close()

    def _current_universe(self) -> Universe:
        with self._lock:
            if self._universe is None:
                self._reload_universe()
            elif self._clock() >= self._reload_ts and not self._reloading.is_set():
                self._reloading.set()  # in the background: nobody waits for a download while there is a universe
                threading.Thread(target=self._reload_universe, name="symbol-masters", daemon=True).start()
            assert self._universe is not None
            return self._universe

    def _reload_universe(self) -> None:
        try:
            universe = load_universe(self._masters, clock=self._listing_clock)
        except ProviderUnavailable:
            if self._universe is None:
                raise
            log.warning("The symbol masters cannot be had; the universe stays as it was.")
            self._reload_ts = self._clock() + RETRY_S
        else:
            with self._lock:
                self._universe = universe
                self._layouts = {}
                self._epochs = {}
                complete = self._masters.is_complete(MASTER_FILES)
                if complete:
                    self._reload_ts = self._masters.next_turnover_ts()
                else:
                    lacking = not self._masters.has_all(MASTER_FILES)  # not even an older one
                    self._reload_ts = self._clock() + (FIRST_RETRY_S if lacking else RETRY_S)
        finally:
            self._reloading.clear()

    def _layout(self, underlying: Underlying, expiry: Expiry) -> SeriesRows:
        universe = self._current_universe()
        key = (underlying.name, expiry.cutoff_ts)
        with self._lock:
            layout = self._layouts.get(key)
            if layout is None:
                contracts = universe.contracts(underlying, expiry)
                future_expiry = universe.nearest_future_expiry(underlying)
                layout = SeriesRows(underlying, expiry, contracts, self._rejects, future_expiry)
                self._layouts[key] = layout
            return layout

    def _learn(self, layout: SeriesRows) -> None:
        """From the next poll on, strikes that this one was the first to tell of belong to the series."""
        log.info("%s has %d contracts that are newer than the master.", layout.series_name, len(layout.newcomers))
        with self._lock:
            assert self._universe is not None
            self._universe.learn(layout.underlying, layout.expiry, layout.newcomers.values())
            self._layouts.pop((layout.underlying.name, layout.expiry.cutoff_ts), None)

    def topic_of(self, symbol: str) -> str | None:
        """What the socket calls a symbol; None for one that no master lists."""
        universe = self._universe  # never a download here: the stream asks while it holds its lock
        token = universe.fy_token(symbol) if universe else None
        return topic(symbol, token, universe.index_names) if universe and token else None
