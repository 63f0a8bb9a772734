"""The way of a spot through a recorded day, for sparklines: a few of its records, however long the day was."""

from __future__ import annotations

import math

from dashboard.data.history.reading import History
from dashboard.market.instruments import Series
from dashboard.market.session import ist_date

MOST_POINTS = 120


def recorded_trail(history: History, series: Series, until_ts: float) -> list[tuple[float, float]]:
    """(market time, spot) of the day's records up to the moment, ascending in time; empty before the first.

    The steps between them are powers of two in seconds, so a longer way reads again what a shorter one has read. Raises
    HistoryError.
    """
    began_ts = history.began(series, ist_date(until_ts))
    if began_ts is None or began_ts > until_ts:
        return []
    step_s = 1
    while (until_ts - began_ts) / step_s > MOST_POINTS:
        step_s *= 2
    points: list[tuple[float, float]] = []
    steps = range(math.ceil(began_ts / step_s), math.floor(until_ts / step_s) + 1)
    for at_ts in (began_ts, *(float(step * step_s) for step in steps)):
        spot = history.spot(series, at_ts)
        if spot is not None and (not points or spot[0] > points[-1][0]):
            points.append((round(spot[0], 1), round(spot[1], 2)))
    return points
