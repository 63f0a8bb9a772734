"""A feed over a fake broker, and a screen that reads its cache: shared by the tests of the loop."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from dashboard.data.feed.loop import Feed
from dashboard.data.reader.live import LiveChains
from dashboard.market.instruments import Series
from dashboard.market.session import FeedState
from harness.builders import (
    MONTHLY,
    NIFTY_WEEKLY,
    make_chain,
    make_directory,
    make_settings,
    make_tick,
)
from tests.fakes import FakeClock, FakeLock, FakeMarketData, FakeStore, InlineWorker

BANKNIFTY = Series("BANKNIFTY", MONTHLY)
CALL = "NSE:NIFTY26DEC0124000CE"
SPOT = "NSE:NIFTY50-INDEX"


class Desk:
    """A feed over a fake broker, and a screen that reads its cache."""

    def __init__(self, *, store: FakeStore | None = None, clock: FakeClock | None = None, **settings: Any) -> None:
        self.clock: Any = (clock or FakeClock()) if store is None else store.clock
        self.store = store or FakeStore(self.clock)
        self.broker = FakeMarketData(listing=make_directory(), vix="NSE:INDIAVIX-INDEX")
        for underlying in make_directory().underlyings:
            for expiry in underlying.expiries:
                chain = make_chain(n=5, underlying=underlying, expiry=expiry, as_of=self.clock())
                self.broker.chains[chain.series] = chain
        self.lock, self.worker = FakeLock(), InlineWorker(self.clock)
        self.feed = Feed(
            make_settings(**settings),
            self.store,
            self.broker,
            self.lock,
            clock=self.clock,
            monotonic=getattr(self.clock, "monotonic", self.clock),
            worker=self.worker,  # type: ignore[arg-type]
        )
        self.screen = LiveChains(self.store, clock=self.clock)

    @property
    def stream(self) -> Any:
        return self.broker.stream

    def run(self, seconds: float, *, ticking: bool = False, watching: Series | None = None) -> None:
        """Turn ten times a second. The broker's polls are always of now; ticking: a trade with each turn."""
        for turn in range(round(seconds * 10)):
            for series, chain in self.broker.chains.items():
                if not isinstance(chain, Exception):
                    self.broker.chains[series] = replace(chain, as_of_ts=self.clock())
            if ticking:
                self.trade(ltp=100.0 + turn)
            if watching is not None:
                self.screen.watch(watching)
            self.feed.turn()
            self.feed.flush()
            self.clock.advance(seconds=0.1)

    def trade(self, symbol: str = CALL, **fields: Any) -> None:
        self.stream.push(make_tick(symbol, received_ts=self.clock(), **fields))

    def frame(self, series: Series = NIFTY_WEEKLY) -> dict[str, Any]:
        frame = self.screen.frame(series)
        assert frame is not None, f"no frame of {series.key}"
        found: dict[str, Any] = json.loads(frame.text)
        return found

    def state(self, series: Series = NIFTY_WEEKLY) -> FeedState:
        return self.screen.status(series).state
