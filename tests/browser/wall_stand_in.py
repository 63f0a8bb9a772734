"""The web server on a cache a test fills by hand: any state, any hour, any series, without a feed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler, make_server

from app import create_app
from dashboard.analytics.black76 import price
from dashboard.data.contract import codec, keys
from dashboard.data.history.recorder import Recorder
from dashboard.data.reader.live import LiveChains
from dashboard.market.chain import Chain, Legs
from dashboard.market.instruments import Series, Side, Underlying
from dashboard.market.session import FeedState
from dashboard.settings import DEFAULT_UNDERLYINGS
from harness.builders import (
    MONTHLY,
    NEAREST,
    RATE,
    SECOND,
    make_chain,
    make_directory,
    make_expiry,
    make_frame,
    make_published,
    make_settings,
    make_underlying,
)
from tests.fakes import MONDAY_11_IST, FakeClock, FakeStore

# name -> (spot, strike step, exchange, lot, expiries)
MARKET = {
    "NIFTY": (25_802.2, 50.0, "NSE", 65, ((NEAREST, "W"), (SECOND, "W"), (MONTHLY, "M"))),
    "BANKNIFTY": (60_041.3, 100.0, "NSE", 30, ((MONTHLY, "M"),)),
    "FINNIFTY": (27_688.1, 50.0, "NSE", 60, ((MONTHLY, "M"),)),
    "MIDCPNIFTY": (13_422.85, 25.0, "NSE", 120, ((MONTHLY, "M"),)),
    "SENSEX": (83_739.13, 100.0, "BSE", 20, ((date(2026, 12, 3), "W"), (date(2026, 12, 31), "M"))),
    "BANKEX": (67_310.55, 100.0, "BSE", 30, ((date(2026, 12, 31), "M"),)),
}


def _lifelike(chain: Chain, side: Side, *, peak: float, step: float) -> Legs:
    """Open interest with a wall, most of it at round strikes, and prices on a smile."""
    legs, strikes, spot = chain.legs(side), chain.strikes, chain.spot
    apart = np.log(strikes / spot)
    sigma = 0.13 - 0.25 * apart + 6.0 * apart**2
    years = (chain.expiry.cutoff_ts - chain.as_of_ts) / (365 * 86_400)
    ltp = np.maximum(np.round(price(spot + 12.0, strikes, years, RATE, sigma, side is Side.CALL) / 0.05) * 0.05, 0.05)
    round_strike = np.where(
        np.isclose(strikes % (10 * step), 0), 2.6, np.where(np.isclose(strikes % (2 * step), 0), 1.2, 0.6)
    )
    lots = np.round(90_000 * round_strike * np.exp(-(((strikes - peak) / (spot * 0.02)) ** 2)) + 300)
    oi = lots * chain.expiry.lot_size
    oi_change = np.round(oi * 0.3 * np.sin(strikes / step))
    change = np.round((0.4 if side is Side.CALL else -0.4) * chain.spot_change * np.exp(-((apart / 0.02) ** 2)), 2)
    return replace(
        legs,
        ltp=ltp,
        ltp_change=np.round(change / 0.05) * 0.05,
        bid=np.maximum(ltp - 0.05, 0.05),
        ask=ltp + 0.05,
        oi=oi,
        oi_change=oi_change,
        prev_oi=oi - oi_change,
        volume=np.round(oi * 14.3),
    )


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: object) -> None: ...


class StandIn:
    """A market of six indices whose clock, states and numbers the test moves; `url` once it is served."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = FakeStore(self.clock)
        self.state = FeedState.LIVE
        self.states: dict[str, FeedState] = {}
        self.since_ts = self.clock() - 60
        self.speaking = True
        self.recorded_ts: float | None = None  # the recording's clock, in a replay
        self.url = ""
        self.underlyings: dict[str, Underlying] = {
            name: make_underlying(
                name,
                exchange=exchange,
                expiries=[make_expiry(day, kind=kind, lot_size=lot) for day, kind in expiries],
            )
            for name, (_, _, exchange, lot, expiries) in MARKET.items()
        }
        self.refill()

    def refill(self) -> None:
        """What the feed puts into an empty cache before its first frame."""
        self.store.put(keys.DIRECTORY, codec.encode_directory(make_directory(*self.underlyings.values())))
        for name, (spot, *_) in MARKET.items():
            self._trail(name, spot)

    def chain(self, name: str, *, position: int = 0, moved: float = 0.0) -> Chain:
        spot, step, *_ = MARKET[name]
        underlying = self.underlyings[name]
        chain = make_chain(
            underlying=underlying,
            expiry=underlying.expiries[position],
            spot=round(spot + moved, 2),
            step=step,
            n=101,
            as_of=self.clock(),
            market_ts=self.recorded_ts,
            spot_change=round(spot * 0.0068, 2),
            vix=12.9,
            vix_change=-1.1,
        )
        return replace(
            chain,
            call=_lifelike(chain, Side.CALL, peak=spot * 1.018, step=step),
            put=_lifelike(chain, Side.PUT, peak=spot * 0.984, step=step),
        )

    def publish(self, *, moved: float = 0.0, positions: dict[str, int] | None = None) -> None:
        """A frame of every index (and of one more expiry where asked), and the feed's word about them."""
        for name in MARKET:
            for position in {0, (positions or {}).get(name, 0)}:
                chain = self.chain(name, position=position, moved=moved)
                self.store.put(keys.frame(chain.series), make_frame(chain, state=self.state))
        self.speak()

    def speak(self) -> None:
        """The feed's health report, as of now."""
        entries = [
            {
                "key": Series(name, expiry.date).key,
                "state": self.states.get(name, self.state),
                "since_ts": self.since_ts,
                "as_of_ts": self.as_of(Series(name, expiry.date)),
            }
            for name, underlying in self.underlyings.items()
            for expiry in underlying.expiries
        ]
        report: dict[str, Any] = {
            "heartbeat_ts": self.clock(),
            "broker": "FYERS",
            "state": self.state,
            "since_ts": self.since_ts,
            "replay": self.state is FeedState.REPLAY,
            "market_ts": self.clock(),
            "series": entries,
        }
        self.store.put(keys.HEALTH, codec.encode_report(report))

    def as_of(self, series: Series) -> float | None:
        raw = self.store.read(keys.frame(series))
        return codec.as_of_ts(raw) if raw else None

    def frame_text(self, name: str, *, moved: float, version: int) -> str:
        """A frame as the server would send it."""
        return codec.with_version(make_frame(self.chain(name, moved=moved)), version)

    def record(self, recorder: Recorder, at_ts: float, *, moved: float = 0.0) -> None:
        """A record of every index at a moment, whatever the clock says now."""
        now_ts = self.clock()
        self.clock.advance(seconds=at_ts - now_ts)
        for name in MARKET:
            recorder.take(make_published(self.chain(name, moved=moved)))
        self.clock.advance(seconds=now_ts - at_ts)

    def _trail(self, name: str, spot: float) -> None:
        rng = np.random.default_rng(len(name) + int(spot))
        way = spot + np.cumsum(rng.normal(0, spot * 2e-4, 110))
        way += spot - way[-1]
        start = MONDAY_11_IST - 110 * 60
        points = [[start + 60 * minute, round(float(at), 2)] for minute, at in enumerate(way)]
        self.store.put(keys.trail(name), codec.encode_report({"step_s": 60.0, "points": points}))

    @contextmanager
    def served(self, port: int = 0, *, password: str = "", history: Path | None = None) -> Iterator[str]:
        """Serve it from a thread; at the end nothing answers any more. history: the directory of recorded days."""
        app = create_app(
            make_settings(
                demo=True,
                underlyings=DEFAULT_UNDERLYINGS,
                password=password,
                history="off" if history is None else f"sqlite:///{history}",
            ),
            LiveChains(self.store, clock=self.clock),
        )
        app.server.config["COMPRESS_STREAMS"] = False  # its wrapper never closes an asset's file
        server = make_server("127.0.0.1", port, app.server, threaded=True, request_handler=_Quiet)
        assert isinstance(server, ThreadedWSGIServer)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield self.url
        finally:
            server.shutdown()
            server.server_close()
            thread.join(5)
