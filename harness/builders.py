"""Values for tests and benchmarks, in the field's terms: by default a NIFTY as listed in November 2026."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dashboard.analytics.black76 import price
from dashboard.analytics.enriched import Enriched
from dashboard.data.contract.published import PublishedChain
from dashboard.data.contract.report import FeedReport, SeriesReport
from dashboard.market.chain import POLL, STREAM, Array, Chain, Legs
from dashboard.market.instruments import (
    Contract,
    Directory,
    Expiry,
    Series,
    Side,
    Underlying,
    UnderlyingKind,
)
from dashboard.market.session import IST, FeedState
from dashboard.market.tick import Tick
from dashboard.settings import Settings

MONDAY_11_IST = 1_795_412_100.0  # 2026-11-23 11:05:00 IST, in market hours
NEAREST, SECOND, MONTHLY = date(2026, 12, 1), date(2026, 12, 8), date(2026, 12, 29)
RATE = 0.065
SIGMA = 0.14


def make_settings(**overrides: Any) -> Settings:
    """Settings that read no environment and point nowhere."""
    return Settings(**({"cache_url": "disk:///nowhere", "underlyings": ("NIFTY",)} | overrides))


def make_expiry(day: date = NEAREST, *, kind: str = "W", lot_size: int = 65) -> Expiry:
    """An expiry with its cutoff at 15:40 IST of the day."""
    cutoff = datetime.combine(day, time(15, 40), IST)
    return Expiry(day, int(cutoff.timestamp()), kind, lot_size)


def make_underlying(
    name: str = "NIFTY",
    *,
    symbol: str | None = None,
    exchange: str = "NSE",
    kind: UnderlyingKind = UnderlyingKind.INDEX,
    expiries: Sequence[Expiry] | None = None,
) -> Underlying:
    if expiries is None:
        expiries = (make_expiry(NEAREST), make_expiry(SECOND), make_expiry(MONTHLY, kind="M"))
    plain = name.removeprefix(f"{exchange}:")
    if symbol is None:
        symbol = f"{exchange}:{plain}-{'INDEX' if kind is UnderlyingKind.INDEX else 'EQ'}"
    return Underlying(name, symbol, exchange, kind, 0.05, tuple(expiries))


def make_directory(*underlyings: Underlying, without_options: dict[str, tuple[str, ...]] | None = None) -> Directory:
    """NIFTY, BANKNIFTY, SENSEX and RELIANCE with options; a few stocks without."""
    if not underlyings:
        monthly = (make_expiry(MONTHLY, kind="M", lot_size=30),)
        underlyings = (
            make_underlying("NIFTY", symbol="NSE:NIFTY50-INDEX"),
            make_underlying("BANKNIFTY", symbol="NSE:NIFTYBANK-INDEX", expiries=monthly),
            make_underlying("SENSEX", exchange="BSE", expiries=(make_expiry(date(2026, 12, 3), lot_size=20),)),
            make_underlying("RELIANCE", kind=UnderlyingKind.STOCK, expiries=monthly),
        )
    return Directory(underlyings, without_options or {"NSE": ("TINYCO", "RELINFRA2"), "BSE": ("RELIANCE", "INFY")})


def make_strikes(spot: float = 24_010.0, n: int = 11, step: float = 50.0) -> Array:
    """n strikes around the one nearest to spot."""
    middle = round(spot / step) * step
    strikes: Array = middle + step * (np.arange(n, dtype=float) - n // 2)
    return strikes


def make_chain(
    *,
    spot: float = 24_010.0,
    n: int = 11,
    step: float = 50.0,
    underlying: Underlying | None = None,
    expiry: Expiry | None = None,
    as_of: float = MONDAY_11_IST,
    market_ts: float | None = None,
    **overrides: Any,
) -> Chain:
    """A full chain of n strikes at 14 % volatility, priced on a forward 20 points above spot; put-call parity holds."""
    underlying = underlying or make_underlying()
    expiry = expiry or underlying.expiries[0]
    strikes = make_strikes(spot, n, step)
    when = as_of if market_ts is None else market_ts
    years = max((expiry.cutoff_ts - when) / (365 * 86_400), 1e-6)
    return Chain(
        underlying=underlying,
        expiry=expiry,
        as_of_ts=as_of,
        market_ts=when,
        strikes=strikes,
        call=_legs(underlying, expiry, strikes, Side.CALL, spot + 20.0, years, as_of),
        put=_legs(underlying, expiry, strikes, Side.PUT, spot + 20.0, years, as_of),
        **({"spot": spot, "spot_change": 110.5, "spot_ts": as_of, "vix": 13.2, "vix_change": -0.4} | overrides),
    )


def _legs(
    underlying: Underlying, expiry: Expiry, strikes: Array, side: Side, forward: float, years: float, as_of: float
) -> Legs:
    fair = price(forward, strikes, years, RATE, SIGMA, side is Side.CALL)
    ltp = np.maximum(np.round(fair / 0.05) * 0.05, 0.05)
    count = len(strikes)
    lots: Array = np.arange(count, dtype=float) + 10.0
    oi = lots * 100 * expiry.lot_size
    prev_oi = lots * 90 * expiry.lot_size
    return Legs(
        symbol=tuple(option_symbol(underlying, expiry, strike, side) for strike in strikes),
        ltp=ltp,
        ltp_change=np.full(count, -1.5),
        bid=np.maximum(ltp - 0.05, 0.05),
        ask=ltp + 0.05,
        bid_qty=lots * expiry.lot_size,
        ask_qty=lots * 2 * expiry.lot_size,
        volume=lots * 1_000 * expiry.lot_size,
        oi=oi,
        oi_change=oi - prev_oi,
        prev_oi=prev_oi,
        tick_ts=np.full(count, as_of),
        oi_ts=np.full(count, as_of),
        price_from=np.full(count, STREAM),
        oi_from=np.full(count, POLL),
        trade_ts=np.full(count, as_of),
    )


def option_symbol(underlying: Underlying, expiry: Expiry, strike: float, side: Side) -> str:
    """`NSE:NIFTY26DEC0124000CE`: unique per contract; not FYERS' own grammar, which only its adapter may know."""
    plain = underlying.name.removeprefix(f"{underlying.exchange}:")
    suffix = "CE" if side is Side.CALL else "PE"
    return f"{underlying.exchange}:{plain}{expiry.date:%y%b%d}".upper() + f"{strike:g}{suffix}"


def contracts_of(chain: Chain) -> list[Contract]:
    """The contracts that the chain's rows are."""
    return [
        Contract(symbol, float(strike), side)
        for side in Side
        for symbol, strike in zip(chain.legs(side).symbol, chain.strikes, strict=True)
        if symbol is not None
    ]


def make_tick(symbol: str, *, received_ts: float = MONDAY_11_IST, **fields: Any) -> Tick:
    return Tick(symbol, received_ts, **fields)


def make_published(
    chain: Chain | Enriched | None = None,
    *,
    state: FeedState = FeedState.LIVE,
    version: int = 1,
    old: NDArray[np.bool_] | None = None,
    old_after_s: float = 15.0,
    **fields: Any,
) -> PublishedChain:
    """A published chain: enriched with the tests' rate at its own time, unless it is enriched already."""
    from dashboard.analytics.enrich import enrich

    chain = chain or make_chain()
    enriched = chain if isinstance(chain, Enriched) else enrich(chain, rate=RATE, now_ts=chain.market_ts)
    fresh = np.zeros((2, len(enriched.chain.strikes)), bool)
    return PublishedChain(
        enriched, state, version, enriched.chain.as_of_ts, fresh if old is None else old, old_after_s, **fields
    )


def make_frame(
    chain: Chain | None = None, *, state: FeedState = FeedState.LIVE, demo: bool = True, **chain_fields: Any
) -> bytes:
    """The published bytes of a chain (of `make_chain(**chain_fields)`): enriched and encoded as the feed does it."""
    from dashboard.data.contract.codec import encode_frame

    return encode_frame(make_published(chain or make_chain(**chain_fields), state=state), demo=demo)


def make_series_report(series: Series, now_ts: float, **fields: Any) -> SeriesReport:
    """A live series of the feed's report."""
    report: SeriesReport = {
        "key": series.key,
        "version": 1,
        "as_of_ts": now_ts,
        "state": "live",
        "since_ts": now_ts - 60,
        "rows": 11,
        "poll_every_s": 5.0,
        "slow": False,
        "old_legs": 0,
    }
    report.update(fields)  # type: ignore[typeddict-item]
    return report


def make_report(now_ts: float, *series: SeriesReport, **fields: Any) -> FeedReport:
    """A live feed's report about itself."""
    report: FeedReport = {
        "pid": 1,
        "started_ts": now_ts - 100,
        "heartbeat_ts": now_ts,
        "state": "live",
        "since_ts": now_ts - 90,
        "market_ts": now_ts,
        "recorded_ts": None,
        "demo": False,
        "broker": "FYERS",
        "replay": False,
        "market": {"open": True, "said_by": "broker", "reason": "", "opens_ts": None},
        "socket": {
            "state": "live",
            "reason": "",
            "restarts": 0,
            "last_frame_ts": now_ts,
            "subscribed": 812,
            "unanswered": [],
            "unanswered_total": 0,
            "damaged_frames": 0,
            "since_ts": now_ts - 90,
        },
        "last_tick_ts": now_ts,
        "ticks_per_s": 0.0,
        "frames_per_s": 0.0,
        "ticks_total": 0,
        "frames_total": 0,
        "frames_failed": 0,
        "writes_failed": 0,
        "polls_total": 0,
        "symbols_left_out": 0,
        "rest_budget": {
            "second": 0,
            "minute": 0,
            "day": 0,
            "limits": {"second": 8, "minute": 180, "day": 90_000},
        },
        "restarts": 0,
        "token_expires_ts": None,
        "broker_error": None,
        "rejects": {},
        "silent": False,
        "polled_series": len(series),
        "sinks": {},
        "series": list(series),
    }
    report.update(fields)  # type: ignore[typeddict-item]
    return report


NIFTY_WEEKLY = Series("NIFTY", NEAREST)
