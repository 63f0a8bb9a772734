"""A chain without its table: what a tile of the six-index board shows. All from the published frame."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import orjson

from dashboard.data.cache.memo import Memo
from dashboard.data.cache.store import Store
from dashboard.data.contract import codec, keys
from dashboard.data.reader.state import SeriesStatus
from dashboard.market.instruments import Series
from dashboard.market.session import ist, ist_date

TABLES = ("strikes", "call", "put", "row", "window_metrics", "coverage")
SERIES_KEPT = 64


class Summaries:
    """Summaries of the latest frames, decoded once per version, and the way of their spots."""

    def __init__(self, store: Store) -> None:
        self._heads = Memo(
            store, lambda raw, version: {"version": version} | head_of(raw), kept=SERIES_KEPT, keep_lost=True
        )
        self._trails = Memo(
            store, lambda raw, version: trail_of(codec.decode_report(raw)["points"]), kept=SERIES_KEPT, keep_lost=True
        )

    def summary(self, series: Series, state: SeriesStatus) -> dict[str, Any] | None:
        """Header numbers, state and trail of a series; None until there is a frame."""
        head = self._heads.latest(keys.frame(series))
        if head is None:
            return None
        trail = self._trails.latest(keys.trail(series.underlying)) or {}
        return head | trail | {"state": state.state, "message": state.message, "since_ts": state.since_ts}


def head_of(raw: bytes) -> dict[str, Any]:
    """The frame's single numbers, and its expiry as text. Raises ValueError or KeyError for what is no frame."""
    frame = orjson.loads(raw)
    head = {name: value for name, value in frame.items() if name not in TABLES}
    day, today = date.fromisoformat(head["expiry"]), ist_date(head["market_ts"] or head["as_of_ts"])
    days = (day - today).days
    left = "expired" if days < 0 else "expires today" if days == 0 else f"{days} d"
    spot, change = head["spot"], head["spot_change"]
    return head | {
        "expiry_text": f"{day:%d %b} · {left}",
        "previous_close": None if spot is None or change is None else round(spot - change, 2),
    }


def trail_of(points: Sequence[Sequence[float]]) -> dict[str, Any]:
    """The points (market time, spot) for a sparkline, and as text since when they run; {} without any."""
    if not points:
        return {}
    return {"trail": points, "trail_since": f"spot since {ist(points[0][0]):%H:%M}"}
