"""The session's expected move of each underlying: priced once a day, one for all its series, kept over restarts."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Any

import numpy as np
import orjson

from dashboard.analytics.day_move import DayMove, day_move
from dashboard.analytics.daycount import SESSIONS_PER_YEAR, trading_years_to_expiry
from dashboard.analytics.enriched import Enriched
from dashboard.data.cache.store import CacheError, Store
from dashboard.data.contract import codec, keys
from dashboard.market.chain import Array
from dashboard.market.session import ist_date

log = logging.getLogger(__name__)

NEARER_WITHIN_S = 300.0  # a nearer expiry seen this soon after the first one takes its place: it is the day's own
SETTLED_AFTER_S = 60.0  # in the first minute a board still holds yesterday's quotes beside today's spot
TTL_S = 7 * 86_400.0


class DayMoves:
    """One per underlying. sessions: (market_ts, cutoff_ts) -> (n, 2) epoch seconds of the sessions between them.

    always_open: a market without hours of its own (the demo's, a recording's), whose day begins when it is first seen.
    """

    def __init__(self, store: Store, sessions: Callable[[float, float], Array], *, always_open: bool = False) -> None:
        self._store, self._sessions, self._always_open = store, sessions, always_open
        self._moves: dict[str, DayMove | None] = {}
        self._unsaved: set[str] = set()

    def today(self, underlying: str, market_ts: float) -> DayMove | None:
        """Today's, None while it has not been priced. market_ts: the exchange's clock."""
        if not np.isfinite(market_ts):
            return None
        if underlying not in self._moves:
            self._moves[underlying] = self._left_by_another(underlying)
        move = self._moves[underlying]
        return move if move is not None and ist_date(move.seen_ts) == ist_date(market_ts) else None

    def note(self, enriched: Enriched) -> None:
        """Price the day from this chain unless that has been done. What the cache refuses is tried again next time."""
        chain = enriched.chain
        name, market_ts = chain.underlying.name, chain.market_ts
        fixed = self.today(name, market_ts)
        if fixed is None or self._is_nearer(enriched, fixed):
            sessions = self._sessions(market_ts, float(chain.expiry.cutoff_ts))
            opens, closes = sessions.T
            trading = bool(((opens + SETTLED_AFTER_S <= market_ts) & (market_ts < closes)).any())
            if trading or self._always_open:
                left = trading_years_to_expiry(market_ts, chain.expiry.cutoff_ts, sessions) * SESSIONS_PER_YEAR
                found = day_move(enriched, left)
                if found is not None:
                    self._moves[name] = found
                    self._unsaved.add(name)
        if name in self._unsaved:
            self._save(name)

    @staticmethod
    def _is_nearer(enriched: Enriched, fixed: DayMove) -> bool:
        chain = enriched.chain
        return chain.expiry.date < fixed.expiry and 0 <= chain.market_ts - fixed.seen_ts <= NEARER_WITHIN_S

    def _save(self, underlying: str) -> None:
        try:
            self._store.put(keys.day_move(underlying), orjson.dumps(self._as_report(underlying)), ttl_s=TTL_S)
            self._unsaved.discard(underlying)
        except CacheError as error:
            log.debug("%s", error)  # frames cannot be written either, and those failures are counted and logged

    def _as_report(self, underlying: str) -> dict[str, Any]:
        move = self._moves[underlying]
        return {} if move is None else asdict(move)

    def _left_by_another(self, underlying: str) -> DayMove | None:
        """What an earlier feed fixed; None when there is nothing or it cannot be read."""
        raw = self._store.read(keys.day_move(underlying))
        try:
            kept = codec.decode_report(raw) if raw else {}
            numbers = {name: float(kept[name]) for name in ("rupees", "previous_close", "atm_iv", "seen_ts")}
            return DayMove(**numbers, expiry=date.fromisoformat(kept["expiry"]))
        except (KeyError, TypeError, ValueError):
            return None
