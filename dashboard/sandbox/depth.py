"""Market depth: five levels a side, spread out from the best quotes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dashboard.sandbox import noise
from dashboard.sandbox.instruments import Rows
from dashboard.sandbox.wire import ABSENT, ASK, ASK_SIZE, BID, BID_SIZE, DP_FIELDS, Fields

LEVELS = 5
_TICK_RAW = 5


def depth_fields(rows: Rows, values: Fields) -> Fields:
    """`dp` records, (n, 30), out of `sf` records; ABSENT where a side has no quotes at all."""
    depth = np.full((len(rows), DP_FIELDS), ABSENT, np.int64)
    level = np.arange(LEVELS)
    for side, (price_column, size_column, sign) in enumerate(((BID, BID_SIZE, -1), (ASK, ASK_SIZE, 1))):
        best = values[:, price_column].astype(np.int64)[:, None]
        size = values[:, size_column].astype(np.int64)[:, None]
        known = (best != ABSENT) & (size != ABSENT)
        price = best + sign * level * _TICK_RAW
        present = (best > 0) & (price > 0)
        share = 1.0 + 2.0 * level * noise.uniform(side + 1, rows[:, None], level)
        # The best size is a whole number of lots, so multiples of it are too.
        quantity = size * np.maximum(np.round(share), 1).astype(np.int64)
        orders = 1 + (quantity % 7) + level
        for block, numbers in ((side, price), (2 + side, quantity), (4 + side, orders)):
            shown = np.where(present, numbers, 0)
            depth[:, block * LEVELS : (block + 1) * LEVELS] = np.where(known, shown, ABSENT)
    return np.clip(depth, ABSENT, 2**31 - 1).astype(np.int32)


def levels(record: NDArray[np.int32], side: int) -> list[dict[str, float | int]]:
    """Levels of one side (0 bids, 1 asks) the way the REST endpoint words them."""
    price, quantity, orders = (record[(block + side) * LEVELS :][:LEVELS] for block in (0, 2, 4))
    return [
        {"price": max(int(p), 0) / 100, "volume": max(int(q), 0), "ord": max(int(n), 0)}
        for p, q, n in zip(price, quantity, orders, strict=True)
    ]
