"""The latest tick of every symbol, and which series it belongs to. The hot path: one dict write or two per tick."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from dashboard.data.feed.chain_builder import ChainBuilder
from dashboard.market.instruments import Series
from dashboard.market.tick import Tick

# Backward steps up to this long are late packets. Longer ones are a clock that was set, a replay that starts again, or
# the end of a garbled time far ahead: following them is the only way back.
LATE_S = 300.0


class TickBook:
    """Latest tick per symbol and the series that read it. For one thread.

    rejects: counts by reason of what was not let in. exchange_ts: the exchange's clock at the newest tick, None before
    the first that carried one. ticks_total: ticks offered since the start.
    """

    def __init__(self) -> None:
        self.latest: dict[str, Tick] = {}
        self.series: dict[Series, ChainBuilder] = {}
        self.rejects: Counter[str] = Counter()
        self.exchange_ts: float | None = None
        self.ticks_total = 0
        self.last_tick_ts: float | None = None
        self._readers: dict[str, list[tuple[dict[int, Tick], int]]] = {}

    def follow(self, chain_builder: ChainBuilder) -> None:
        """Keep the series; what is already known of its symbols goes in at once. Replaces an earlier one."""
        replaced = self.series.get(chain_builder.series)
        self.series[chain_builder.series] = chain_builder
        chain_builder.count_rejects_in(self.rejects)
        for symbol, position in chain_builder.places():
            self._readers.setdefault(symbol, []).append((chain_builder.pending, position))
            if symbol in self.latest:
                chain_builder.pending[position] = self.latest[symbol]
        if replaced is not None:
            self._stop_reading(replaced)

    def forget(self, series: Series) -> None:
        """Drop a series nobody watches any more, and the ticks that only it wanted."""
        dropped = self.series.pop(series, None)
        if dropped is not None:
            self._stop_reading(dropped)

    def _stop_reading(self, dropped: ChainBuilder) -> None:
        for symbol, _ in dropped.places():
            others = [reader for reader in self._readers.get(symbol, ()) if reader[0] is not dropped.pending]
            if others:
                self._readers[symbol] = others
            else:
                self._readers.pop(symbol, None)
                self.latest.pop(symbol, None)

    def apply(self, ticks: Sequence[Tick]) -> None:
        """Take ticks in the order they came. Symbols that no series reads are dropped."""
        latest, readers = self.latest, self._readers
        newest: float | None = None
        for tick in ticks:
            symbol = tick.symbol
            interested = readers.get(symbol)
            if interested is None:
                continue
            exchange_ts = tick.exchange_ts
            if exchange_ts is not None:
                known = latest.get(symbol)
                known_ts = None if known is None else known.exchange_ts
                if known_ts is not None and 0.0 < known_ts - exchange_ts <= LATE_S:
                    self.rejects["tick_backwards"] += 1
                    continue
                if newest is None or exchange_ts > newest:
                    newest = exchange_ts
            latest[symbol] = tick
            for pending, position in interested:
                pending[position] = tick
        if ticks:
            self.ticks_total += len(ticks)
            self.last_tick_ts = ticks[-1].received_ts
        if newest is not None and not (self.exchange_ts is not None and 0.0 < self.exchange_ts - newest <= LATE_S):
            self.exchange_ts = newest

    def clock_set_back(self, by_s: float) -> None:
        """Follow our own clock when it is set back by so many seconds."""
        for symbol, tick in self.latest.items():
            self.latest[symbol] = tick._replace(received_ts=tick.received_ts - by_s)
        for chain_builder in self.series.values():
            chain_builder.clock_set_back(by_s)
        if self.last_tick_ts is not None:
            self.last_tick_ts -= by_s

    def symbols(self, wanted: Iterable[Series]) -> list[frozenset[str]]:
        """What the stream has to carry, series by series; those not followed yet are left out."""
        return [self.series[series].symbols for series in wanted if series in self.series]
