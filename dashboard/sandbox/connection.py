"""One client of the socket: what it follows, what it has not been told yet, and the frames that tell it.

Changes are marked, not queued. A client that reads slowly finds fewer, fresher updates, and memory stays flat.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from aiohttp import web
from numpy.typing import NDArray

from dashboard.sandbox import wire
from dashboard.sandbox.depth import depth_fields
from dashboard.sandbox.instruments import Instrument, Kind, Rows
from dashboard.sandbox.wire import ABSENT, INDEX_COLUMNS, LTP, Fields

RECORDS_PER_FRAME = 60
_NO_TOPIC = -1


@dataclass(frozen=True, slots=True)
class Topic:
    """A subscription as the client spells it: `sf`, `dp` or `if` of one instrument."""

    name: str
    prefix: str
    instrument: Instrument


class Connection:
    """State of one websocket."""

    def __init__(self, ws: web.WebSocketResponse, transport: asyncio.Transport, row_count: int) -> None:
        self.ws = ws
        self.transport = transport
        self.wake = asyncio.Event()
        # Held while frames of one kind go out: an update must not overtake the snapshot that introduces its topic.
        self.sending = asyncio.Lock()
        self.authenticated = False
        self.lite = False
        self.frozen = False
        self.paused_channels = 0
        self.acks_received = 0
        self.frames_sent = 0
        self.records_sent = 0
        self.bytes_sent = 0
        self._message_number = 0
        self._next_topic_id = 1
        self._topic_id = np.full(row_count, _NO_TOPIC, np.int32)
        self._channel = np.zeros(row_count, np.uint8)
        self._dirty = np.zeros((row_count, wire.SF_FIELDS), np.bool_)
        self._is_index = np.zeros(row_count, np.bool_)
        self._depth: dict[int, tuple[int, Fields]] = {}  # row -> topic id, last values sent
        self._stale_depth: set[int] = set()

    @property
    def topic_count(self) -> int:
        return int((self._topic_id != _NO_TOPIC).sum()) + len(self._depth)

    @property
    def rows(self) -> Rows:
        """Rows this client needs, for either kind of topic."""
        quoted = np.flatnonzero(self._topic_id != _NO_TOPIC)
        return np.union1d(quoted, np.array(sorted(self._depth), np.intp)).astype(np.intp)

    def follows(self, topic: Topic) -> bool:
        row = topic.instrument.row
        return row in self._depth if topic.prefix == "dp" else self._topic_id[row] != _NO_TOPIC

    def subscribe(self, topics: Iterable[Topic], values: Fields, channel: int) -> Iterator[bytes]:
        """Assign topic ids and give the snapshot frames; `values` is aligned with `topics`."""
        records = []
        for topic, fields in zip(topics, values, strict=True):
            records.append(self._snapshot(topic, fields, channel))
        for start in range(0, len(records), RECORDS_PER_FRAME):
            yield self._frame(b"".join(batch := records[start : start + RECORDS_PER_FRAME]), len(batch))

    def unsubscribe(self, topics: Iterable[Topic]) -> None:
        for topic in topics:
            row = topic.instrument.row
            if topic.prefix == "dp":
                self._depth.pop(row, None)
            else:
                self._topic_id[row] = _NO_TOPIC
                self._dirty[row] = False

    def mark(self, rows: Rows, changed: NDArray[np.bool_]) -> None:
        """Note that these fields of these rows have new values."""
        mine = self._topic_id[rows] != _NO_TOPIC
        self._dirty[rows[mine]] |= changed[mine]
        stale = self._depth.keys() & set(rows.tolist()) if self._depth else set()
        self._stale_depth |= stale
        if stale or mine.any():
            self.wake.set()

    def pending_frames(self, last: Fields) -> Iterator[bytes]:
        """Frames that bring the client up to `last`, the values now published."""
        rows = np.flatnonzero(self._dirty.any(axis=1))
        if self.paused_channels:
            rows = rows[(self.paused_channels >> self._channel[rows].astype(np.int64)) & 1 == 0]
        if self.lite:
            rows = rows[self._dirty[rows, LTP]]
            yield from self._batches(rows, wire.lite_updates(self._topic_id[rows], last[rows, LTP]), wire.LITE_SIZE)
        else:
            sparse = np.where(self._dirty[rows], last[rows], ABSENT).astype(np.int32)
            index = self._is_index[rows]
            yield from self._updates(rows[index], sparse[index][:, INDEX_COLUMNS])
            yield from self._updates(rows[~index], sparse[~index])
        self._dirty[rows] = False
        if self._stale_depth:
            yield from self._depth_updates(last)

    def _updates(self, rows: Rows, sparse: Fields) -> Iterator[bytes]:
        size = wire.update_size(sparse.shape[1])
        yield from self._batches(rows, wire.updates(self._topic_id[rows], sparse), size)

    def _depth_updates(self, last: Fields) -> Iterator[bytes]:
        rows = np.array(sorted(self._stale_depth & self._depth.keys()), np.intp)
        self._stale_depth.clear()
        if len(rows) == 0 or self.lite:  # the wire has no lite form of depth
            return
        values = depth_fields(rows, last[rows])
        before = np.stack([self._depth[row][1] for row in rows.tolist()])
        sparse = np.where(values != before, values, ABSENT).astype(np.int32)
        moved = np.flatnonzero((sparse != ABSENT).any(axis=1))
        topic_ids = np.array([self._depth[row][0] for row in rows[moved].tolist()], np.int32)
        for position in moved.tolist():
            row = int(rows[position])
            self._depth[row] = (self._depth[row][0], values[position])
        yield from self._batches(rows[moved], wire.updates(topic_ids, sparse[moved]), wire.update_size(wire.DP_FIELDS))

    def _batches(self, rows: Rows, records: bytes, size: int) -> Iterator[bytes]:
        for start in range(0, len(rows), RECORDS_PER_FRAME):
            count = min(RECORDS_PER_FRAME, len(rows) - start)
            yield self._frame(records[start * size : (start + count) * size], count)

    def _snapshot(self, topic: Topic, fields: Fields, channel: int) -> bytes:
        instrument = topic.instrument
        row, topic_id = instrument.row, self._next_topic_id
        self._next_topic_id += 1
        if topic.prefix == "dp":
            fields = depth_fields(np.array([row]), fields[None, :])[0]
            self._depth[row] = (topic_id, fields)
        else:
            self._topic_id[row], self._channel[row] = topic_id, channel
            self._is_index[row] = instrument.kind is Kind.INDEX
            self._dirty[row] = False
            fields = fields[list(INDEX_COLUMNS)] if topic.prefix == "if" else fields
        exchange = topic.name.split("|")[1]
        return wire.snapshot(topic_id, topic.name, fields, exchange, instrument.exchange_token, instrument.symbol[4:])

    def _frame(self, records: bytes, count: int) -> bytes:
        self._message_number += 1
        self.records_sent += count
        return wire.data_frame(self._message_number, count, records)

    async def send(self, frame: bytes) -> None:
        if self.frozen or self.ws.closed:
            return
        self.frames_sent += 1
        self.bytes_sent += len(frame)
        await self.ws.send_bytes(frame)

    def freeze(self) -> None:
        """Go half-open: the kernel still acknowledges, but nothing is read, answered or sent any more."""
        self.frozen = True
        self.transport.pause_reading()

    def abort(self) -> None:
        self.frozen = False
        self.transport.abort()
