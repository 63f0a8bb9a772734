"""The way of each spot through the session, for sparklines: few points however long it lasts.

Kept in the cache beside the frames, so that a restarted feed goes on with it. It starts when the feed first saw the
underlying live that day; what happened before is not in it, and the screen says since when it runs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from dashboard.data.cache.store import Store
from dashboard.data.contract import codec, keys
from dashboard.data.contract.published import PublishedChain
from dashboard.market.session import FeedState, ist_date

MOST_POINTS = 240
FIRST_STEP_S = 1.0
PUT_EVERY_S = 2.0
BACK_S = 300.0  # a longer step back is another session (a replay that starts again), not a late packet
TTL_S = 7 * 86_400.0  # over any holiday, the last session stays


@dataclass(slots=True)
class SpotHistory:
    """Points (market time, spot), ascending, at least `step_s` apart; the step doubles whenever there are too many."""

    step_s: float = FIRST_STEP_S
    points: list[tuple[float, float]] = field(default_factory=list)
    put_ts: float = -math.inf

    def add(self, market_ts: float, spot: float) -> bool:
        """True when the point was kept."""
        if self.points:
            last_ts = self.points[-1][0]
            if ist_date(last_ts) != ist_date(market_ts) or last_ts - market_ts > BACK_S:
                self.points, self.step_s = [], FIRST_STEP_S
            elif market_ts - last_ts < self.step_s:
                return False
        self.points.append((round(market_ts, 1), round(spot, 2)))
        if len(self.points) > MOST_POINTS:
            self.points = self.points[::2]
            self.step_s *= 2
        return True


class SpotHistories:
    """One history per underlying, whichever of its series is published: a sink that keeps them in the cache."""

    name = "spot_history"
    newest_only = True

    def __init__(self, store: Store) -> None:
        self._store = store
        self._histories: dict[str, SpotHistory] = {}

    def take(self, published: PublishedChain) -> None:
        """Note the spot of a chain whose market trades. Raises CacheError."""
        chain = published.chain
        name = chain.underlying.name
        if published.state not in (FeedState.LIVE, FeedState.REPLAY):
            return
        if not (math.isfinite(chain.spot) and math.isfinite(chain.market_ts)):
            return
        history = self._histories.get(name)
        if history is None:
            history = self._histories[name] = self._left_by_another(name)
        if history.add(chain.market_ts, chain.spot) and not 0 <= chain.market_ts - history.put_ts < PUT_EVERY_S:
            history.put_ts = chain.market_ts
            self._store.put(
                keys.trail(name),
                codec.encode_report({"step_s": history.step_s, "points": history.points}),
                ttl_s=TTL_S,
            )

    def _left_by_another(self, name: str) -> SpotHistory:
        """What an earlier feed kept of it; a new one when there is nothing or it cannot be read."""
        raw = self._store.read(keys.trail(name))
        try:
            kept = codec.decode_report(raw) if raw else {}
            points = [(float(ts), float(spot)) for ts, spot in kept.get("points", ())]
            return SpotHistory(float(kept.get("step_s", FIRST_STEP_S)), points)
        except (ValueError, TypeError):
            return SpotHistory()
