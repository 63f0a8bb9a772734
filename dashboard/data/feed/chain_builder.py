"""One series while it lives: socket ticks and chain polls merged, column by column, the fresher source winning.

Rows are stacked: (2n,) with the n calls first, then the n puts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from dashboard.data.feed.closes import SessionCloses
from dashboard.data.feed.last_trades import LastTrades
from dashboard.data.feed.sanity import ASK, BID, LTP, OI, QUOTE, VOLUME, SpotGuard, implied_spot, make_unknown
from dashboard.market.chain import POLL, STREAM, Array, Chain, Legs
from dashboard.market.instruments import Contract, Expiry, Series, Side, Underlying
from dashboard.market.tick import Tick

Mask = NDArray[np.bool_]
Rows = NDArray[np.intp]

NAN = float("nan")
ASIDE = -1  # position of the spot, the future and the VIX: they have no row
LATE_S = 300.0  # see book.py
TICK_FIELDS = ("ltp", "bid", "ask", "bid_qty", "ask_qty", "volume", "oi", "prev_close", "received_ts")
POLL_FIELDS = ("ltp", "bid", "ask", "bid_qty", "ask_qty", "volume", "oi", "prev_oi", "oi_change", "ltp_change")
YEAR_S = 365 * 86_400.0
# The places shared by both are named in sanity.py; then they differ.
PREV_CLOSE, RECEIVED = 7, 8
PREV_OI, OI_CHANGE, LTP_CHANGE = 7, 8, 9


class ChainBuilder:
    """Everything known of one series. pending: newest tick per row since the last `chain()`, filled by `TickBook`.

    A poll is dated with the moment it was asked for: its answer may be older than a tick that arrived while it
    was on its way, never older than the question. OI is different: a tick repeats the last OI it knows with each price,
    so the source whose OI *changed* last is the fresher one.
    """

    def __init__(
        self,
        underlying: Underlying,
        expiry: Expiry,
        contracts: Sequence[Contract],
        *,
        rate: float,
        future_symbol: str | None = None,
        vix_symbol: str | None = None,
    ) -> None:
        """rate: annual fraction. future_symbol: the future that expires with the series, None where none is listed."""
        self.underlying, self.expiry = underlying, expiry
        self.series = Series(underlying.name, expiry.date)
        self.contracts = tuple(contracts)
        self._rate = rate
        self.strikes: Array = np.array(sorted({contract.strike for contract in contracts}))
        self.pending: dict[int, Tick] = {}
        self.polled_ts: float | None = None  # arrival of the last poll
        self.ticked_ts = NAN  # arrival of the newest row of a tick, our clock
        self.newest_ts = NAN  # arrival of the newest row or poll, our clock
        self._aside = {"spot": underlying.symbol, "future": future_symbol, "vix": vix_symbol}
        self._symbols: list[str | None] = [None] * (2 * len(self.strikes))
        for contract in contracts:
            row = int(np.searchsorted(self.strikes, contract.strike)) + (contract.side is Side.PUT) * len(self.strikes)
            self._symbols[row] = self._symbols[row] or contract.symbol
        self.symbols = frozenset(symbol for symbol, _ in self.places())
        rows = len(self._symbols)
        self._ticks = np.full((len(TICK_FIELDS), rows), NAN)
        self._polls = np.full((len(POLL_FIELDS), rows), NAN)
        self._asked = np.full(rows, NAN)
        self._arrived = np.full(rows, NAN)
        self._confirmed = np.full(rows, NAN)  # when a connection that carries the row was last well
        self._tick_oi_changed = np.full(rows, NAN)
        self._poll_oi_changed = np.full(rows, NAN)
        self._poll: Chain | None = None
        self._poll_asked = NAN
        self._trades = LastTrades(rows)
        self._poll_on_our_clock = True
        self._crossed = np.zeros(rows, dtype=np.bool_)  # the newest tick's quote was crossed: nothing stands
        self._closes = SessionCloses(rows + 2)  # the last two: spot and VIX
        self._guard = SpotGuard()
        self.rejects: Counter[str] = self._guard.rejects
        self._changed = False

    def places(self) -> Iterator[tuple[str, int]]:
        """Every symbol the series reads, with its row (`ASIDE` for those that have none)."""
        yield from ((symbol, row) for row, symbol in enumerate(self._symbols) if symbol is not None)
        yield from ((symbol, ASIDE) for symbol in self._aside.values() if symbol is not None)

    @property
    def changed(self) -> bool:
        """Whether `chain()` would give something new."""
        return self._changed or bool(self.pending)

    def count_rejects_in(self, rejects: Counter[str]) -> None:
        """Count from now on what is turned away here, by reason, in a counter of the caller's."""
        self.rejects = self._guard.rejects = rejects

    def mark_changed(self) -> None:
        """Have the series published again although nothing new came, after a lost cache or a failed write."""
        self._changed = True

    def take_poll(self, poll: Chain, asked_ts: float, *, market_ts: float | None = None) -> str | None:
        """Merge a chain poll; gives the reason when it is rejected. Rows it does not have keep their values.

        market_ts: the exchange's clock in a replay (NaN: not known yet); None takes ours.
        """
        if poll.series != self.series:
            return "poll_foreign"
        if self.polled_ts is not None and 0.0 < self.polled_ts - poll.as_of_ts <= LATE_S:
            return "poll_backwards"
        theirs, ours = self._matching_rows(poll)
        symbols = (*poll.call.symbol, *poll.put.symbol)
        if any(symbols[i] != self._symbols[j] for i, j in zip(theirs.tolist(), ours.tolist(), strict=True)):
            return "poll_foreign"
        columns = np.array([_stacked(poll, name)[theirs] for name in POLL_FIELDS])
        make_unknown(columns, np.fmax(self._ticks[VOLUME, ours], self._polls[VOLUME, ours]), self.rejects)
        polled_oi = columns[OI]
        changed = np.isfinite(polled_oi) & (polled_oi != self._polls[OI, ours])
        self._poll_oi_changed[ours[changed]] = asked_ts
        self._poll_on_our_clock = market_ts is None
        self._trades.note_poll(ours, columns[VOLUME], poll.as_of_ts if market_ts is None else market_ts)
        self._polls[:, ours] = columns
        self._asked[ours], self._arrived[ours] = asked_ts, poll.as_of_ts
        self._poll, self._poll_asked, self.polled_ts = poll, asked_ts, poll.as_of_ts
        self.newest_ts, self._changed = poll.as_of_ts, True
        return None

    def chain(self, latest: dict[str, Tick], *, market_ts: float | None = None) -> Chain:
        """The series as it stands. market_ts: the exchange's clock in a replay; None takes ours, at the newest part."""
        self._take_pending()
        as_of = self.newest_ts
        when = as_of if market_ts is None else market_ts
        spot, spot_close, spot_ts = self._aside_quote("spot", latest)
        vix, vix_close, _ = self._aside_quote("vix", latest)
        future, future_expiry = self._future(latest)

        ticks, polls = self._ticks, self._polls
        tick_wins = ~(ticks[RECEIVED] < self._asked) & np.isfinite(ticks[RECEIVED])
        ltp = _first_known(tick_wins, ticks[LTP], polls[LTP])
        # Quotes come in pairs: if only an ask is present, there are no bids, and the bid is not merely unknown.
        quoted = tick_wins & (np.isfinite(ticks[BID]) | np.isfinite(ticks[ASK]) | self._crossed)
        bid, ask, bid_qty, ask_qty = np.where(quoted, ticks[QUOTE], polls[QUOTE])
        volume = _first_known(tick_wins, ticks[VOLUME], polls[VOLUME])
        oi, oi_ts, oi_from = self._open_interest()
        prev_oi = polls[PREV_OI]
        close = _first_known(np.isfinite(ticks[PREV_CLOSE]), ticks[PREV_CLOSE], polls[LTP] - polls[LTP_CHANGE])
        closes = self._closes.settle(np.append(close, (spot_close, vix_close)), when)
        tick_ltp = tick_wins & np.isfinite(ticks[LTP]) | ~np.isfinite(polls[LTP])
        columns = {
            "ltp": ltp,
            "ltp_change": _known_or(ltp - closes[:-2], polls[LTP_CHANGE]),
            "bid": bid,
            "ask": ask,
            "bid_qty": bid_qty,
            "ask_qty": ask_qty,
            "volume": volume,
            "oi": oi,
            "oi_change": _known_or(oi - prev_oi, polls[OI_CHANGE]),
            "prev_oi": prev_oi,
            "tick_ts": np.where(tick_ltp, ticks[RECEIVED], self._arrived),
            "oi_ts": oi_ts,
            "price_from": np.where(np.isfinite(ltp), np.where(tick_ltp, STREAM, POLL), NAN),
            "oi_from": oi_from,
            "trade_ts": np.where(np.isfinite(ltp), self._trades.settled(), NAN),
        }
        count = len(self.strikes)
        years = max(self.expiry.cutoff_ts - when, 0.0) / YEAR_S
        call, put = ((bid[half], ask[half]) for half in (slice(count), slice(count, None)))
        implied = implied_spot(self.strikes, call, put, years, self._rate)
        spot, spot_ts = self._guard.judged(spot, spot_ts, implied, self.strikes, years)
        return Chain(
            underlying=self.underlying,
            expiry=self.expiry,
            as_of_ts=as_of,
            market_ts=when,
            strikes=self.strikes,
            call=Legs(
                symbol=tuple(self._symbols[:count]), **{name: column[:count] for name, column in columns.items()}
            ),
            put=Legs(symbol=tuple(self._symbols[count:]), **{name: column[count:] for name, column in columns.items()}),
            spot=spot,
            spot_change=spot - float(closes[-2]),
            spot_ts=spot_ts,
            future=future,
            future_expiry=future_expiry,
            vix=vix,
            vix_change=vix - float(closes[-1]),
        )

    def _take_pending(self) -> None:
        pending = self.pending
        pending.pop(ASIDE, None)  # read from `latest`
        self._changed = False
        if not pending:
            return
        rows = np.fromiter(pending, dtype=np.intp, count=len(pending))
        reported = np.array(
            [
                (t.ltp, t.bid, t.ask, t.bid_qty, t.ask_qty, t.volume, t.oi, t.prev_close, t.received_ts, *t[-2:])
                for t in pending.values()
            ],
            dtype=np.float64,
        ).T
        reported, (exchange_ts, trade_ts) = reported[: len(TICK_FIELDS)], reported[len(TICK_FIELDS) :]
        before = np.fmax(self._ticks[VOLUME, rows], self._polls[VOLUME, rows])
        self._crossed[rows] = make_unknown(reported, before, self.rejects)
        changed = np.isfinite(reported[OI]) & (reported[OI] != self._ticks[OI, rows])
        self._tick_oi_changed[rows[changed]] = reported[RECEIVED][changed]
        self._trades.note_ticks(rows, reported[VOLUME], trade_ts, _known_or(exchange_ts, reported[RECEIVED]))
        self._ticks[:, rows] = reported
        self.ticked_ts = float(reported[RECEIVED].max())
        if not 0.0 < self.newest_ts - self.ticked_ts <= LATE_S:  # a poll may have come since
            self.newest_ts = self.ticked_ts
        pending.clear()

    def clock_set_back(self, by_s: float) -> None:
        """Follow a clock that was set back: what arrived before must not count as newer than what comes now."""
        changed = self._tick_oi_changed, self._poll_oi_changed
        for times in (self._ticks[RECEIVED], self._asked, self._arrived, self._confirmed, *changed):
            times -= by_s
        self.newest_ts -= by_s
        self.ticked_ts -= by_s
        self._poll_asked -= by_s
        if self._poll is not None:
            self._poll = replace(self._poll, as_of_ts=self._poll.as_of_ts - by_s)
            self.polled_ts = self._poll.as_of_ts
        for row, tick in self.pending.items():
            self.pending[row] = tick._replace(received_ts=tick.received_ts - by_s)
        if self._poll_on_our_clock:
            self._trades.clock_set_back(by_s)
        self._guard.clock_set_back(by_s)
        self._changed = True

    def confirm(self, since_ts: float, until_ts: float) -> None:
        """Note that a connection begun at `since_ts` worked until `until_ts`: values it delivered stand until then."""
        self._confirmed[self._ticks[RECEIVED] >= since_ts] = until_ts

    def old_legs(self, after_s: float) -> Mask:
        """(2, n), calls then puts: legs that no source had confirmed for `after_s` when the newest part arrived."""
        known = np.fmax(self._ticks[RECEIVED], self._arrived)
        age = self.newest_ts - np.fmax(known, self._confirmed)
        return np.asarray(np.isfinite(known) & (age > after_s)).reshape(2, -1)

    def _open_interest(self) -> tuple[Array, Array, Array]:
        tick_oi, poll_oi = self._ticks[OI], self._polls[OI]
        tick_wins = ~(self._tick_oi_changed < self._poll_oi_changed) & np.isfinite(tick_oi)
        oi = np.where(tick_wins, tick_oi, poll_oi)
        oi_ts = np.where(tick_wins, self._ticks[RECEIVED], self._arrived)
        both_ts = np.fmax(self._ticks[RECEIVED], self._arrived)
        oi_ts = np.where(tick_oi == poll_oi, both_ts, oi_ts)
        known = np.isfinite(oi)
        oi_from = np.where(oi_ts == self._ticks[RECEIVED], STREAM, POLL)
        return oi, np.where(known, oi_ts, NAN), np.where(known, oi_from, NAN)

    def _future(self, latest: dict[str, Tick]) -> tuple[float, date | None]:
        """The future to show and its own expiry: a monthly's is its own or none, a weekly's the broker's, labelled."""
        polled_expiry = self._poll.future_expiry if self._poll is not None else None
        own = polled_expiry if self._aside["future"] is None else self.expiry.date
        future = self._aside_quote("future", latest, polled=own == polled_expiry)[0]
        if not np.isfinite(future) or own is None or (self.expiry.kind == "M" and own != self.expiry.date):
            return NAN, None
        return future, own

    def _aside_quote(self, name: str, latest: dict[str, Tick], *, polled: bool = True) -> tuple[float, float, float]:
        """(price, previous close, time received) of the spot, the future or the VIX; NaN for what is unknown.

        polled: whether the poll's price is of the same thing.
        """
        tick = latest.get(self._aside[name] or "")
        poll = self._poll if polled else None
        if tick is not None and tick.ltp is not None and not tick.received_ts < self._poll_asked:
            close = tick.prev_close
        elif poll is not None and np.isfinite(getattr(poll, name)):
            price = float(getattr(poll, name))
            return price, price - float(getattr(poll, f"{name}_change", NAN)), poll.as_of_ts
        elif tick is not None and tick.ltp is not None:
            close = tick.prev_close
        else:
            return NAN, NAN, NAN
        return tick.ltp, NAN if close is None else close, tick.received_ts

    def _matching_rows(self, poll: Chain) -> tuple[Rows, Rows]:
        """Stacked positions, theirs and ours, of the rows that the poll has and we list."""
        reported = np.isfinite(_stacked(poll, "tick_ts")) | np.isfinite(_stacked(poll, "oi_ts"))
        strikes = np.concatenate((poll.strikes, poll.strikes))
        place = np.searchsorted(self.strikes, strikes)
        listed = place < len(self.strikes)
        listed[listed] = self.strikes[place[listed]] == strikes[listed]
        side = np.repeat((0, len(self.strikes)), len(poll.strikes))
        theirs = np.flatnonzero(reported & listed)
        return theirs, (place + side)[theirs]


def _stacked(chain: Chain, name: str) -> Array:
    return np.concatenate((getattr(chain.call, name), getattr(chain.put, name)))


def _first_known(first: Mask, one: Array, other: Array) -> Array:
    """`one` where `first`, else `other`; where the chosen is unknown, whichever is known."""
    return np.where(first, _known_or(one, other), _known_or(other, one))


def _known_or(one: Array, other: Array) -> Array:
    return np.where(np.isfinite(one), one, other)
