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
from dashboard.sandbox.instruments import Instrument, Kind, Rows
from dashboard.sandbox.wire import ABSENT, INDEX_COLUMNS, Fields

RECORDS_PER_FRAME = 60
_NO_TOPIC = -1


@dataclass(frozen=True, slots=True)
class Topic:
    """A subscription as the client spells it: `sf` or `if` of one instrument."""

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

    @property
    def topic_count(self) -> int:
        return len(self.rows)

    @property
    def rows(self) -> Rows:
        """Rows this client follows."""
        return np.flatnonzero(self._topic_id != _NO_TOPIC)

    def follows(self, topic: Topic) -> bool:
        return bool(self._topic_id[topic.instrument.row] != _NO_TOPIC)

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
            self._topic_id[row] = _NO_TOPIC
            self._dirty[row] = False

    def mark(self, rows: Rows, changed: NDArray[np.bool_]) -> None:
        """Note that these fields of these rows have new values."""
        mine = self._topic_id[rows] != _NO_TOPIC
        self._dirty[rows[mine]] |= changed[mine]
        if mine.any():
            self.wake.set()

    def pending_frames(self, last: Fields) -> Iterator[bytes]:
        """Frames that bring the client up to `last`, the values now published."""
        rows = np.flatnonzero(self._dirty.any(axis=1))
        if self.paused_channels:
            rows = rows[(self.paused_channels >> self._channel[rows].astype(np.int64)) & 1 == 0]
        sparse = np.where(self._dirty[rows], last[rows], ABSENT).astype(np.int32)
        index = self._is_index[rows]
        yield from self._updates(rows[index], sparse[index][:, INDEX_COLUMNS])
        yield from self._updates(rows[~index], sparse[~index])
        self._dirty[rows] = False

    def _updates(self, rows: Rows, sparse: Fields) -> Iterator[bytes]:
        size, records = wire.update_size(sparse.shape[1]), wire.updates(self._topic_id[rows], sparse)
        for start in range(0, len(rows), RECORDS_PER_FRAME):
            count = min(RECORDS_PER_FRAME, len(rows) - start)
            yield self._frame(records[start * size : (start + count) * size], count)

    def _snapshot(self, topic: Topic, fields: Fields, channel: int) -> bytes:
        instrument = topic.instrument
        row, topic_id = instrument.row, self._next_topic_id
        self._next_topic_id += 1
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
