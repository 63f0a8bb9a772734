"""A seeded market: every quote is a function of the seed and the time.

Spot follows a path with the underlying's own volatility, a forward carries it, a smile with skew and a term structure
prices the options with Black-76, and each contract quotes and trades at its own pace around that price.
"""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from dashboard.analytics import black76
from dashboard.sandbox import liquidity, noise
from dashboard.sandbox.clock import Clock, midnight_ts
from dashboard.sandbox.expiries import Expiry, listed_expiries
from dashboard.sandbox.instruments import Instrument, Kind, Rows, Universe
from dashboard.sandbox.market import OptionGreeks
from dashboard.sandbox.pricing import RATE, Contracts, Quotes
from dashboard.sandbox.wire import (
    ABSENT,
    ASK,
    ASK_SIZE,
    AVERAGE,
    BID,
    BID_SIZE,
    FEED_TIME,
    HIGH,
    LAST_QTY,
    LAST_TRADED_TIME,
    LOW,
    LOWER_CIRCUIT,
    LTP,
    OI,
    OPEN,
    PREV_CLOSE,
    SF_FIELDS,
    TOTAL_BUY,
    TOTAL_SELL,
    UPPER_CIRCUIT,
    VOLUME,
    YEAR_HIGH,
    YEAR_LOW,
    Fields,
)

DAY_S = 86_400.0
_TIME_QUANTUM_S = 0.05  # quotes are stamped on this grid, so one pricing serves all rows of a step
_LISTED_FUTURES = 3


class MarketModel:
    """The market of the demo; open at any hour of any day."""

    def __init__(self, universe: Universe, clock: Clock, seed: int) -> None:
        self.universe = universe
        self.clock = clock
        self.seed = seed
        self.contracts = Contracts(universe, seed)
        self.fields: Fields = np.full((len(universe), SF_FIELDS), ABSENT, np.int32)
        self.prev_oi = np.zeros(len(universe), np.int64)
        self._pace = 1.0
        # An expired contract keeps its last quote.
        self._last_instant = np.where(self.contracts.expiry_ts > 0, self.contracts.expiry_ts, np.inf)
        self._day: date | None = None
        self._open_day(clock.today())

    def set_pace(self, multiplier: float) -> None:
        if multiplier != self._pace:
            self._pace = multiplier
            self._quote_number[:] = -1

    def natural_rate(self, rows: Rows) -> float:
        return float((1.0 / self.profile.quote_period_s[rows]).sum())

    def expiries(self, symbol: str) -> tuple[Expiry, ...]:
        now = self.clock.now()
        spec = self.universe.by_symbol[symbol].spec
        if spec.plan is None:
            return ()
        listed = listed_expiries(spec.plan, self.clock.today())
        return tuple(e for e in listed if e.expiry_ts > now and e.day in self.universe.series[symbol])

    def futures(self, symbol: str) -> tuple[Instrument, ...]:
        months = [e for e in self.expiries(symbol) if e.monthly][:_LISTED_FUTURES]
        return tuple(self.universe.futures[symbol][e.day] for e in months)

    def refresh(self, rows: Rows) -> None:
        now = self.clock.now()
        if self.clock.today() != self._day:
            self._open_day(self.clock.today())
        period = self.profile.quote_period_s[rows] / self._pace
        phase = self._phase[rows] * period
        until = np.minimum(now, self._last_instant[rows])
        number = np.floor((until - phase) / period).astype(np.int64)
        # A slot's instant is jittered within it, so a contract does not tick like a clock.
        when = phase + (number + 0.9 * noise.uniform(self.seed, self.contracts.pair[rows], number)) * period
        early = when > until
        number = number - early
        changed = number != self._quote_number[rows]
        if not changed.any():
            return
        rows, number = rows[changed], number[changed]
        every = self.profile.trade_every[rows]
        traded = number // every * every
        self._write_quotes(rows, self._instant(rows, number))
        fresh = (traded != self._trade_number[rows]) & self.profile.traded[rows]
        self._write_trades(rows[fresh], self._instant(rows[fresh], traded[fresh]), traded[fresh])
        self._quote_number[rows], self._trade_number[rows] = number, traded

    def greeks(self, rows: Rows) -> OptionGreeks | None:
        at = np.full(len(rows), self.clock.now())
        forward, years, sigma = self.contracts.inputs(rows, at)
        strike, is_call = self.contracts.strike[rows], self.contracts.is_call[rows]
        return OptionGreeks(black76.greeks(forward, strike, years, RATE, sigma, is_call), sigma)

    def _open_day(self, day: date) -> None:
        """Fix what holds all day: previous close, previous open interest, how busy each contract is."""
        self._day = day
        self._open_ts = midnight_ts(day)
        everything = np.arange(len(self.universe), dtype=np.intp)
        at_open = np.full(len(everything), self._open_ts)
        self.profile = self._build_profile(everything, at_open)
        lots = self.contracts.lot.astype(np.int64)
        self.prev_oi = self.profile.prev_oi_lots * lots
        self._quote_number = np.full(len(everything), -1, np.int64)
        self._trade_number = np.full(len(everything), -1, np.int64)
        self._phase = noise.uniform(self.seed, self.contracts.pair, 3)
        close = self.contracts.quotes(everything, at_open, self.profile.liquidity)
        has_close = self.profile.traded
        self.fields[:] = ABSENT
        self.fields[:, PREV_CLOSE] = np.where(has_close, close.mid, ABSENT)
        opening = close.mid + 5 * np.round(0.02 * close.mid / 5 * (noise.uniform(self.seed, everything, 4) - 0.5) * 0.2)
        self.fields[:, YEAR_HIGH] = np.where(has_close, close.mid * 1.2, ABSENT)
        self.fields[:, YEAR_LOW] = np.where(has_close, close.mid * 0.8, ABSENT)
        self.fields[:, OPEN] = np.where(has_close, np.maximum(opening, 5), ABSENT)
        derivative = self.contracts.kind >= Kind.FUTURE
        band = np.where(self.contracts.kind == Kind.OPTION, 0.2 * self.contracts.spot_level * 100, 0.1 * close.mid)
        is_index = self.contracts.kind == Kind.INDEX
        floor = np.maximum(close.mid - band, 5)
        self.fields[:, LOWER_CIRCUIT] = np.where(is_index, ABSENT, np.round(floor / 5) * 5)
        self.fields[:, UPPER_CIRCUIT] = np.where(is_index, ABSENT, np.round((close.mid + band) / 5) * 5)
        self.fields[:, OI] = np.where(derivative, self.prev_oi, ABSENT)
        self.fields[:, VOLUME] = np.where(is_index, ABSENT, 0)

    def _build_profile(self, rows: Rows, at: NDArray[np.float64]) -> liquidity.Profile:
        contracts = self.contracts
        forward, years, sigma = contracts.inputs(rows, at)
        strike = np.maximum(contracts.strike, 0.01)
        profile = liquidity.option_profile(
            self.seed, rows, np.log(strike / forward), contracts.is_call, strike, contracts.step, years * 365.0,
            np.maximum(sigma * np.sqrt(years), 0.015),
            (contracts.oi_peak, contracts.volume_peak, contracts.lot, contracts.activity),
        )  # fmt: skip
        option = contracts.kind == Kind.OPTION
        future = contracts.kind == Kind.FUTURE
        volume = np.where(future, contracts.oi_peak * 0.4, contracts.volume_peak) / contracts.lot
        oi = np.where(future, contracts.oi_peak * 2.5 / (1.0 + years * 40.0) / contracts.lot, 0.0)
        return liquidity.Profile(
            prev_oi_lots=np.where(option, profile.prev_oi_lots, np.round(oi)).astype(np.int64),
            oi_drift_lots=np.where(option, profile.oi_drift_lots, 0.03 * oi),
            day_volume_lots=np.where(option, profile.day_volume_lots, volume),
            quote_period_s=np.where(option, profile.quote_period_s, np.where(future, 0.6, 0.5)),
            trade_every=np.where(option, profile.trade_every, 1),
            liquidity=np.where(option, profile.liquidity, 1.0),
            traded=np.where(option, profile.traded, True),
        )

    def _instant(self, rows: Rows, number: NDArray[np.int64]) -> NDArray[np.float64]:
        period = self.profile.quote_period_s[rows] / self._pace
        jitter = 0.9 * noise.uniform(self.seed, self.contracts.pair[rows], number)
        when = (self._phase[rows] + number + jitter) * period
        return np.maximum(np.floor(when / _TIME_QUANTUM_S) * _TIME_QUANTUM_S, self._open_ts)

    def _write_quotes(self, rows: Rows, at: NDArray[np.float64]) -> None:
        fields = self.fields
        fields[rows, FEED_TIME] = at
        priced = rows[self.contracts.kind[rows] != Kind.INDEX]
        at = at[self.contracts.kind[rows] != Kind.INDEX]
        if len(priced) == 0:
            return
        quotes = self.contracts.quotes(priced, at, self.profile.liquidity[priced])
        lot = self.contracts.lot[priced]
        moment = np.floor(at * 2).astype(np.int64)
        fields[priced, BID], fields[priced, ASK] = quotes.bid, quotes.ask
        depth = 1 + 60 * self.profile.liquidity[priced]
        bid_size = np.ceil(depth * noise.uniform(self.seed, priced, moment, 5)) * lot
        fields[priced, BID_SIZE] = np.where(quotes.bid > 0, bid_size, 0)
        fields[priced, ASK_SIZE] = np.ceil(depth * noise.uniform(self.seed, priced, moment, 6)) * lot
        book = 40 * depth * lot
        fields[priced, TOTAL_BUY] = (
            np.floor(book / lot * (0.6 + noise.uniform(self.seed, priced, moment // 4, 7))) * lot
        )
        fields[priced, TOTAL_SELL] = (
            np.floor(book / lot * (0.6 + noise.uniform(self.seed, priced, moment // 4, 8))) * lot
        )
        derivative = self.contracts.kind[priced] >= Kind.FUTURE
        lots = self._oi_lots(priced, at)
        fields[priced, OI] = np.where(derivative, np.minimum(lots * lot, 2**31 - 1), ABSENT)

    def _write_trades(self, rows: Rows, at: NDArray[np.float64], number: NDArray[np.int64]) -> None:
        if len(rows) == 0:
            return
        fields = self.fields
        quotes = self.contracts.quotes(rows, at, self.profile.liquidity[rows])
        lifted = noise.uniform(self.seed, rows, number, 9) < 0.5
        ltp = self._trade_price(rows, quotes, lifted)
        fields[rows, LTP] = ltp
        fields[rows, LAST_TRADED_TIME] = at
        self._widen_range(rows, ltp)
        priced = self.contracts.kind[rows] != Kind.INDEX
        rows, at, ltp, number = rows[priced], at[priced], ltp[priced], number[priced]
        lot = self.contracts.lot[rows]
        share = 0.25 + 0.75 * (at - self._open_ts) / DAY_S
        lots = np.floor(self.profile.day_volume_lots[rows] * share) + self._trades_today(rows, number)
        fields[rows, VOLUME] = np.minimum(lots * lot, 2**31 - 1)
        fields[rows, LAST_QTY] = np.ceil(8 * noise.uniform(self.seed, rows, number, 10) ** 3 + 0.01) * lot
        fields[rows, AVERAGE] = (fields[rows, OPEN].astype(np.int64) + ltp) // 2

    def _trades_today(self, rows: Rows, number: NDArray[np.int64]) -> NDArray[np.float64]:
        """One lot with each trade, so that volume and last traded time agree; at a forced pace with one in several."""
        period = self.profile.quote_period_s[rows] / self._pace
        at_open = np.floor(self._open_ts / period - self._phase[rows]).astype(np.int64)
        every = self.profile.trade_every[rows]
        return np.floor(np.maximum(number // every - at_open // every, 0) / max(self._pace, 1.0))

    def _trade_price(self, rows: Rows, quotes: Quotes, lifted: NDArray[np.bool_]) -> NDArray[np.int64]:
        at_bid = np.where(quotes.bid > 0, quotes.bid, quotes.ask)
        traded = np.where(lifted, quotes.ask, at_bid)
        return np.where(self.contracts.kind[rows] == Kind.INDEX, quotes.mid, traded)

    def _widen_range(self, rows: Rows, ltp: NDArray[np.int64]) -> None:
        fields = self.fields
        new = rows[fields[rows, HIGH] == ABSENT]
        if len(new):
            moments = np.linspace(self._open_ts, self.clock.now(), 5, endpoint=False)
            thin = self.profile.liquidity[new]
            earlier = np.stack([self.contracts.quotes(new, np.full(len(new), when), thin).mid for when in moments])
            fields[new, HIGH] = np.maximum(earlier.max(axis=0), fields[new, OPEN])
            fields[new, LOW] = np.minimum(earlier.min(axis=0), fields[new, OPEN])
        fields[rows, HIGH] = np.maximum(fields[rows, HIGH], ltp)
        fields[rows, LOW] = np.minimum(fields[rows, LOW], ltp)

    def _oi_lots(self, rows: Rows, at: NDArray[np.float64]) -> NDArray[np.int64]:
        """Open interest drifts through the day and breathes; the exchange publishes it every three seconds."""
        published = np.floor(at / 3.0) * 3.0
        share = (published - self._open_ts) / DAY_S
        base = self.profile.prev_oi_lots[rows]
        breath = 0.012 * base * np.sin(published / (90.0 + 300.0 * self._phase[rows]) + 6.28 * self._phase[rows])
        lots = np.round(base + self.profile.oi_drift_lots[rows] * share + breath).astype(np.int64)
        return np.maximum(lots, 0)
