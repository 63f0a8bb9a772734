"""The heartbeat: a few times a second, find what changed among the subscribed rows and tell the connections."""

from __future__ import annotations

import asyncio
import logging
import time

import numpy as np

from dashboard.sandbox import wire
from dashboard.sandbox.connection import Connection, Topic
from dashboard.sandbox.faults import Faults
from dashboard.sandbox.instruments import Kind, Rows
from dashboard.sandbox.tape import Tape
from dashboard.sandbox.wire import ABSENT, FEED_TIME, Fields

STEP_S = 0.1
_LOG = logging.getLogger(__name__)


class Hub:
    """All connections, and the values last published to them."""

    def __init__(self, tape: Tape, faults: Faults, tick_rate: float | None = None, step_s: float = STEP_S) -> None:
        self.tape = tape
        self.faults = faults
        self.connections: set[Connection] = set()
        self.ticks_published = 0
        self.started_at = time.monotonic()
        self._tick_rate = tick_rate
        self._step_s = step_s
        self._rows: Rows = np.empty(0, np.intp)
        self._last: Fields = np.full((len(tape.market.universe), wire.SF_FIELDS), ABSENT, np.int32)

    @property
    def published(self) -> Fields:
        return self._last

    @property
    def row_count(self) -> int:
        return len(self._rows)

    async def run(self) -> None:
        """Step until cancelled; a failing step is logged and the next one still comes."""
        while True:
            started = time.monotonic()
            try:
                self.step()
            except Exception:  # noqa: BLE001 - one bad step must not end the market
                _LOG.exception("market step failed")
            await asyncio.sleep(max(self._step_s - (time.monotonic() - started), 0.001))

    def step(self) -> None:
        """Publish what changed since the last step."""
        if len(self._rows) == 0 or self.faults.active("silence") is not None:
            return
        self.publish(self._rows)

    def publish(self, rows: Rows) -> None:
        values = self.tape.read(rows)
        last = self._last[rows]
        # The wire cannot take a value back: absent means unchanged.
        changed = (values != last) & (values != ABSENT)
        worth = changed.copy()
        worth[:, FEED_TIME] = False  # a newer time stamp alone is no tick
        ticked = worth.any(axis=1)
        if not ticked.any():
            return
        rows, values, changed = rows[ticked], values[ticked], changed[ticked]
        self._last[rows] = np.where(changed, values, last[ticked])
        self.ticks_published += len(rows)
        for connection in self.connections:
            connection.mark(rows, changed)

    def publish_row(self, row: int) -> None:
        """Publish one row now, if anyone follows it: forced trades must not wait for the next step."""
        if row in self._rows:
            self.publish(np.array([row], np.intp))

    def snapshot_values(self, topics: list[Topic]) -> Fields:
        """Values for snapshots; rows already published give what was published, so later deltas fit everybody."""
        rows = np.array([topic.instrument.row for topic in topics], np.intp)
        new = np.setdiff1d(rows, self._rows)
        if len(new):
            self._last[new] = self.tape.read(new)
        return self._last[rows]

    def add(self, connection: Connection) -> None:
        self.connections.add(connection)

    def remove(self, connection: Connection) -> None:
        self.connections.discard(connection)
        self.subscriptions_changed()

    def subscriptions_changed(self) -> None:
        """Recompute the union of subscribed rows, and the pace that yields the wanted tick rate."""
        sets = [connection.rows for connection in self.connections]
        self._rows = np.unique(np.concatenate(sets)) if sets else np.empty(0, np.intp)
        if self._tick_rate is not None and len(self._rows):
            self.tape.market.set_pace(self._tick_rate / max(self.tape.market.natural_rate(self._rows), 1e-6))

    def set_tick_rate(self, ticks_per_s: float | None) -> None:
        """Ticks a second over all subscribed symbols together; None for the market's own pace."""
        self._tick_rate = ticks_per_s
        if ticks_per_s is None:
            self.tape.market.set_pace(1.0)
        self.subscriptions_changed()

    def find_topic(self, name: str) -> Topic | None:
        """Resolve a topic name of a subscribe request; None when there is no such instrument."""
        prefix, _, rest = name.partition("|")
        instrument = self.tape.market.universe.by_topic.get(rest)
        if instrument is None or prefix not in ("sf", "if"):
            return None
        if (instrument.kind is Kind.INDEX) != (prefix == "if"):
            return None
        return Topic(name, prefix, instrument)
