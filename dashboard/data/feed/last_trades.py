"""When each contract of a series last traded: by the stream's own time where it has one, else by the volumes received.

All times are on the exchange's clock, UTC epoch seconds. A volume that changed between two observations means a trade
in between: at the latest at the second one. A volume of 0 means none today: the last one was before the day began.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dashboard.market.chain import Array
from dashboard.market.session import IST_OFFSET_S

DAY_S = 86_400.0
AHEAD_S = 300.0  # a last trade this far ahead of the exchange's own clock is a garbled time


class LastTrades:
    """Last trades of `count` rows by two sources, stream and poll. NaN: nothing is known."""

    def __init__(self, count: int) -> None:
        self._stream = _Source(count)
        self._poll = _Source(count)

    def note_ticks(self, rows: NDArray[np.intp], volume: Array, traded_ts: Array, moment: Array) -> None:
        """traded_ts: the broker's own last traded time, NaN where it sends none. moment: (n,) the exchange's clock."""
        self._stream.note(rows, volume, moment, traded_ts)

    def note_poll(self, rows: NDArray[np.intp], volume: Array, moment: float) -> None:
        """moment: the exchange's clock when the poll arrived, NaN when unknown."""
        self._poll.note(rows, volume, np.full(len(rows), moment))

    def settled(self) -> Array:
        """(n,) last trades: the stream's, unless a poll of the same or a later day has a trade that it has not."""
        stream, poll = self._stream, self._poll
        later_day = np.floor((stream.moment + IST_OFFSET_S) / DAY_S) - np.floor((poll.moment + IST_OFFSET_S) / DAY_S)
        covered = (later_day > 0) | (later_day == 0) & (poll.volume <= stream.volume)
        dated = np.isfinite(stream.traded)
        stream_wins = dated & (covered | ~np.isfinite(poll.traded) | (stream.traded >= poll.traded))
        return np.where(stream_wins, stream.traded, poll.traded)

    def clock_set_back(self, by_s: float) -> None:
        """Follow our own clock, by which polls were dated, when it is set back."""
        self._poll.moment -= by_s
        self._poll.traded -= by_s


class _Source:
    """What one source has sent: its newest volume with its time, and the last trade that follows from them."""

    def __init__(self, count: int) -> None:
        self.volume, self.moment, self.traded = (np.full(count, np.nan) for _ in range(3))

    def note(
        self, rows: NDArray[np.intp], volume: Array, moment: Array, traded_ts: Array | float = float("nan")
    ) -> None:
        seen, known = self.volume[rows], self.traded[rows]
        changed = np.isfinite(volume) & (volume != seen)
        known = np.where(known > moment, moment, known)  # a replay that starts again: nothing was traded after now
        by_volume = np.where(changed | np.isnan(known) & np.isfinite(volume), moment, known)
        day_began = np.floor((moment + IST_OFFSET_S) / DAY_S) * DAY_S - IST_OFFSET_S
        by_volume = np.where(volume == 0, np.fmin(known, day_began), by_volume)
        self.traded[rows] = np.where(traded_ts <= moment + AHEAD_S, traded_ts, by_volume)
        self.volume[rows] = np.where(np.isfinite(volume), volume, seen)
        self.moment[rows] = moment
