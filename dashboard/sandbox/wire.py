"""The HSM wire, from the server's side: what a client may send, and every frame the server may answer with.

Byte layouts follow FYERS' SDK 3.2.0 as observed. All integers are big-endian except topic ids, which are opaque to the
server and native (little-endian) to the SDK. Prices travel as integers: rupees x 10^PRECISION x MULTIPLIER.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Fields = NDArray[np.int32]

ABSENT: Final = -(2**31)
MULTIPLIER: Final = 1
PRECISION: Final = 2
PRICE_SCALE: Final = MULTIPLIER * 10**PRECISION

AUTH, ACKNOWLEDGE, SUBSCRIBE, UNSUBSCRIBE, DATA, PAUSE, RESUME, PING, MODE, CUSTOM = 1, 3, 4, 5, 6, 7, 8, 11, 12, 51
_SNAPSHOT, _UPDATE = b"S", b"U"

# Columns of an `sf` record; the market keeps its numbers in exactly this order.
(LTP, VOLUME, LAST_TRADED_TIME, FEED_TIME, BID_SIZE, ASK_SIZE, BID, ASK, LAST_QTY, TOTAL_BUY, TOTAL_SELL, AVERAGE, OI,
 LOW, HIGH, YEAR_HIGH, YEAR_LOW, LOWER_CIRCUIT, UPPER_CIRCUIT, OPEN, PREV_CLOSE) = range(21)  # fmt: skip
SF_FIELDS: Final = 21
# An `if` record is a selection of the same numbers.
INDEX_COLUMNS: Final = (LTP, PREV_CLOSE, FEED_TIME, HIGH, LOW, OPEN)


@dataclass(frozen=True, slots=True)
class Request:
    """One parsed client frame; only the parts its kind carries are set."""

    kind: int
    hsm_key: str = ""
    source: str = ""
    channels: int = 0
    names: tuple[str, ...] = ()
    message_number: int = 0


class MalformedRequest(ValueError):
    """A client frame that does not follow the layout."""


def parse_request(frame: bytes) -> Request:
    """Read one client frame. Its length field is not trusted: the SDK itself sends wrong ones."""
    if len(frame) < 3:
        raise MalformedRequest("shorter than a header")
    kind = frame[2]
    if kind == PING:
        return Request(kind)
    if len(frame) < 4:
        raise MalformedRequest("no field count")
    fields = dict(_tlvs(frame, 4, frame[3]))
    try:
        if kind == AUTH:
            return Request(kind, hsm_key=fields[1].decode(), source=fields.get(4, b"").decode())
        if kind in (SUBSCRIBE, UNSUBSCRIBE):
            return Request(kind, names=_scrips(fields[1]), channels=1 << fields[2][0])
        if kind in (MODE, PAUSE, RESUME):
            return Request(kind, channels=int.from_bytes(fields[1], "big"))
        if kind == ACKNOWLEDGE:
            return Request(kind, message_number=int.from_bytes(fields[1], "big"))
    except (KeyError, IndexError, UnicodeDecodeError) as error:
        raise MalformedRequest(f"type {kind}: {error!r}") from error
    raise MalformedRequest(f"unknown type {kind}")


def _tlvs(frame: bytes, offset: int, count: int) -> Iterator[tuple[int, bytes]]:
    for _ in range(count):
        if offset + 3 > len(frame):
            raise MalformedRequest("truncated field header")
        identity, length = frame[offset], int.from_bytes(frame[offset + 1 : offset + 3], "big")
        offset += 3
        if offset + length > len(frame):
            raise MalformedRequest("truncated field")
        yield identity, frame[offset : offset + length]
        offset += length


def _scrips(block: bytes) -> tuple[str, ...]:
    count, offset = int.from_bytes(block[:2], "big"), 2
    names = []
    for _ in range(count):
        length = block[offset]
        name = block[offset + 1 : offset + 1 + length]
        if len(name) != length:
            raise MalformedRequest("truncated scrip name")
        names.append(name.decode("ascii"))
        offset += 1 + length
    return tuple(names)


def _framed(body: bytes) -> bytes:
    return struct.pack(">H", len(body) & 0xFFFF) + body


def acknowledgement(kind: int, *, accepted: bool = True) -> bytes:
    """Answer a mode, subscribe, unsubscribe, pause or resume request."""
    return _framed(bytes([kind, 1, 1, 0, 1]) + (b"K" if accepted else b"N"))


def auth_response(*, accepted: bool, ack_every: int = 0) -> bytes:
    """Answer an auth request; `ack_every` asks the client to acknowledge each such number of data frames."""
    verdict = b"K" if accepted else b"N"
    return _framed(bytes([AUTH, 2, 1, 0, 1]) + verdict + b"\x02\x00\x04" + struct.pack(">I", ack_every))


def custom_message(code: int, text: str, about: int) -> bytes:
    """Tell the client something in words, e.g. 51001 for the plan's symbol limit; `about` is the request type meant."""
    encoded = text.encode()
    body = struct.pack(">BBBHi", CUSTOM, 3, 1, 4, code)
    body += struct.pack(">BH", 2, len(encoded)) + encoded + struct.pack(">BHB", 3, 1, about)
    return _framed(body)


def data_frame(message_number: int, count: int, records: bytes) -> bytes:
    """Wrap `count` records, lying back to back, into one data-feed frame."""
    return _framed(struct.pack(">BIH", DATA, message_number & 0xFFFFFFFF, count) + records)


def snapshot(topic_id: int, name: str, values: Fields, exchange: str, token: str, symbol: str) -> bytes:
    """A full record; it introduces `topic_id` and must precede any update of the topic."""
    encoded = name.encode()
    head = _SNAPSHOT + struct.pack("<H", topic_id) + bytes([len(encoded)]) + encoded + bytes([len(values)])
    body = values.astype(">i4").tobytes() + b"\0\0" + struct.pack(">HB", MULTIPLIER, PRECISION)
    return head + body + b"".join(bytes([len(text)]) + text.encode() for text in (exchange, token, symbol))


def updates(topic_ids: NDArray[np.integer], values: Fields) -> bytes:
    """Sparse update records, back to back: one per row of `values`, unchanged fields already marked ABSENT.

    Built in one piece: at thousands of ticks a second a Python loop over records would dominate the sandbox.
    """
    count = values.shape[1]
    layout = np.dtype([("kind", "S1"), ("topic", "<u2"), ("count", "u1"), ("values", ">i4", (count,))])
    records = np.empty(len(values), layout)
    records["kind"], records["topic"], records["count"], records["values"] = _UPDATE, topic_ids, count, values
    return records.tobytes()


def update_size(field_count: int) -> int:
    return 4 + 4 * field_count
