"""Frames byte by byte, as the SDK reads and writes them."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from dashboard.sandbox import wire


def test_auth_request_of_the_sdk():
    key, source = b"abcd", b"PythonSDK-3.2.0"
    frame = struct.pack(">H", 16 + len(key) + len(source)) + b"\x01\x04"
    frame += b"\x01\x00\x04" + key + b"\x02\x00\x01P" + b"\x03\x00\x01\x01" + b"\x04\x00\x0f" + source
    assert wire.parse_request(frame) == wire.Request(wire.AUTH, hsm_key="abcd", source="PythonSDK-3.2.0")


def test_mode_request():
    frame = b"\x00\x00\x0c\x02\x01\x00\x08" + (1 << 11).to_bytes(8, "big") + b"\x02\x00\x01F"
    assert len(frame) == 19
    assert wire.parse_request(frame) == wire.Request(wire.MODE, channels=0x0800)


@pytest.mark.parametrize("kind", [wire.SUBSCRIBE, wire.UNSUBSCRIBE])
def test_subscribe_request_with_its_bogus_length(kind):
    block = b"\x00\x02" + b"\x0fsf|nse_fo|35001" + b"\x12if|nse_cm|Nifty 50"
    frame = b"\x00\xb5" + bytes([kind]) + b"\x02\x01" + struct.pack(">H", len(block)) + block + b"\x02\x00\x01\x0b"
    request = wire.parse_request(frame)
    assert request.names == ("sf|nse_fo|35001", "if|nse_cm|Nifty 50")
    assert request.channels == 1 << 11


def test_small_requests():
    bitmap = (1 << 11).to_bytes(8, "big")
    assert wire.parse_request(b"\x00\x01\x0b") == wire.Request(wire.PING)
    assert wire.parse_request(b"\x00\x00\x07\x01\x01\x00\x08" + bitmap) == wire.Request(wire.PAUSE, channels=0x0800)
    assert wire.parse_request(b"\x00\x00\x08\x01\x01\x00\x08" + bitmap) == wire.Request(wire.RESUME, channels=0x0800)
    acknowledged = wire.parse_request(b"\x00\x09\x03\x01\x01\x00\x04\x00\x00\x01\x02")
    assert acknowledged == wire.Request(wire.ACKNOWLEDGE, message_number=258)


@pytest.mark.parametrize(
    "frame",
    [b"", b"\x00", b"\x00\x01\x04", b"\x00\x01\x63\x00", b"\x00\x00\x04\x02\x01\x00\xff\x00\x01", b"\x00\x00\x0c\x00",
     b"\x00\x00\x04\x02\x01\x00\x04\x00\x01\x09a\x02\x00\x01\x0b"],
)  # fmt: skip
def test_malformed_requests_are_refused(frame):
    with pytest.raises(wire.MalformedRequest):
        wire.parse_request(frame)


def test_answers():
    assert wire.acknowledgement(wire.SUBSCRIBE) == b"\x00\x06\x04\x01\x01\x00\x01K"
    assert wire.acknowledgement(wire.MODE, accepted=False) == b"\x00\x06\x0c\x01\x01\x00\x01N"
    assert (
        wire.auth_response(accepted=True, ack_every=3) == b"\x00\x0d\x01\x02\x01\x00\x01K\x02\x00\x04\x00\x00\x00\x03"
    )
    assert wire.auth_response(accepted=False)[7:8] == b"N"


def test_custom_message():
    frame = wire.custom_message(51001, "limit", wire.SUBSCRIBE)
    assert frame == b"\x00\x15\x33\x03\x01\x00\x04\x00\x00\xc7\x39\x02\x00\x05limit\x03\x00\x01\x04"


def test_snapshot_record():
    values = np.array([100, wire.ABSENT, -1], np.int32)
    record = wire.snapshot(0x0102, "sf|nse_fo|35001", values, "nse_fo", "35001", "NIFTY26NOVFUT")
    assert record == (
        b"S\x02\x01\x0fsf|nse_fo|35001\x03"
        b"\x00\x00\x00\x64\x80\x00\x00\x00\xff\xff\xff\xff"
        b"\x00\x00\x00\x01\x02\x06nse_fo\x0535001\x0dNIFTY26NOVFUT"
    )


def test_update_records_lie_back_to_back():
    values = np.array([[1, wire.ABSENT], [wire.ABSENT, 2]], np.int32)
    assert wire.updates(np.array([1, 258]), values) == (
        b"U\x01\x00\x02\x00\x00\x00\x01\x80\x00\x00\x00" + b"U\x02\x01\x02\x80\x00\x00\x00\x00\x00\x00\x02"
    )
    assert len(wire.updates(np.array([1]), values[:1])) == wire.update_size(2)


def test_data_frame_header():
    assert wire.data_frame(7, 1, b"L\x05\x00\x00\x00\x30\x39") == (
        b"\x00\x0e\x06\x00\x00\x00\x07\x00\x01L\x05\x00\x00\x00\x30\x39"
    )
