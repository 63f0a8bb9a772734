"""Links that misbehave, seen by a plain websocket client."""

from __future__ import annotations

import base64
import json
import struct
import time

import pytest
import websocket

from harness.process import eventually

INDEX = "if|nse_cm|Nifty 50"


@pytest.fixture
def connect(sandbox):
    links = []

    def open_link(timeout=5.0):
        link = websocket.create_connection(sandbox.socket_url, timeout=timeout)
        links.append(link)
        return link

    yield open_link
    for link in links:
        link.shutdown()


def authenticate(link, sandbox):
    payload = sandbox.token()["access_token"].split(".")[1]
    key = json.loads(base64.urlsafe_b64decode(payload + "==="))["hsm_key"].encode()
    frame = b"\0\0\x01\x04\x01" + struct.pack(">H", len(key)) + key + b"\x02\0\x01P\x03\0\x01\x01\x04\0\x01x"
    link.send_binary(frame)
    return link.recv()


def subscribe(link, *names):
    block = struct.pack(">H", len(names)) + b"".join(bytes([len(name)]) + name.encode() for name in names)
    link.send_binary(b"\0\0\x04\x02\x01" + struct.pack(">H", len(block)) + block + b"\x02\0\x01\x0b")
    return link.recv()


@pytest.fixture
def live(connect, sandbox):
    """A link that gets index ticks."""
    link = connect()
    assert authenticate(link, sandbox)[7:8] == b"K"
    assert subscribe(link, INDEX)[7:8] == b"K"
    assert link.recv()[9:10] == b"S"
    return link


def receive_until(link, wanted, deadline_s=5.0):
    def wanted_frame():
        frame = link.recv()
        return frame if wanted(frame) else None

    return eventually(wanted_frame, deadline_s, "the frame")


def drain(link):
    """Read until the link itself ends it; fails on a pong."""
    for _ in range(200):
        assert link.recv_frame().opcode != websocket.ABNF.OPCODE_PONG


def test_data_flows_and_pings_are_answered(live):
    assert receive_until(live, lambda frame: frame[2] == 6)[9:10] == b"U"
    live.ping("are you there")
    eventually(lambda: live.recv_frame().opcode == websocket.ABNF.OPCODE_PONG, 5.0, "a pong")


def test_subscribing_without_auth_is_refused(connect):
    assert subscribe(connect(), INDEX)[7:8] == b"N"


def test_nonsense_from_the_client_is_survived(live, sandbox):
    live.send_binary(b"\xff" * 40)
    live.send("text")
    receive_until(live, lambda frame: frame[2] == 6)
    assert sandbox.state()["socket"]["malformed"] >= 1


@pytest.mark.parametrize("fault", ["kill_sockets", "close_sockets"])
def test_links_end(live, sandbox, fault):
    sandbox.fault(**{fault: True})
    with pytest.raises((websocket.WebSocketConnectionClosedException, ConnectionError)):
        drain(live)
    sandbox.wait_for(lambda state: not state["connections"])


def test_a_frozen_link_neither_sends_nor_pongs(live, connect, sandbox):
    sandbox.fault(freeze_sockets=True)
    live.ping("hello?")
    live.settimeout(1.0)
    # What was already on its way may still arrive; after that, nothing, and no pong at any time.
    with pytest.raises(websocket.WebSocketTimeoutException):
        drain(live)
    newcomer = connect(timeout=1.0)
    newcomer.send_binary(b"\0\x01\x0b")
    with pytest.raises(websocket.WebSocketTimeoutException):
        authenticate(newcomer, sandbox)


def test_upgrades_refused_and_slow(connect, sandbox):
    sandbox.fault(refuse_upgrades={"count": 1})
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        connect()
    sandbox.fault(slow_upgrade={"seconds": 0.6, "count": 1})
    started = time.monotonic()
    connect()
    assert time.monotonic() - started > 0.5


def test_auth_can_be_refused(connect, sandbox):
    sandbox.fault(auth_nak=True)
    assert authenticate(connect(), sandbox)[7:8] == b"N"


def test_expired_tokens_end_links_and_are_refused_from_then_on(live, connect, sandbox):
    old = sandbox.token()["access_token"]
    sandbox.fault(expire_tokens=True)
    with pytest.raises((websocket.WebSocketConnectionClosedException, ConnectionError)):
        receive_until(live, lambda frame: False)
    assert authenticate(connect(), sandbox)[7:8] == b"K"  # a new token is good
    assert old


def test_spoiled_frames_arrive_between_good_ones(live, sandbox):
    sandbox.fault(garbage_frame={"size": 33})
    assert receive_until(live, lambda frame: len(frame) == 33)
    sandbox.fault(truncated_frame=True)
    cut = receive_until(live, lambda frame: frame[2] == 6 and frame[7:9] == b"\x00\x03")
    assert len(cut) < 9 + 3 * 7
    sandbox.fault(unknown_record=True)
    assert receive_until(live, lambda frame: frame[2] == 6 and frame[9:10] == b"Z")
    receive_until(live, lambda frame: frame[2] == 6 and frame[9:10] == b"U")


def test_framing_garbage_leaves_the_client_waiting(live, sandbox):
    sandbox.fault(framing_garbage=True)
    live.settimeout(1.0)
    with pytest.raises((websocket.WebSocketTimeoutException, MemoryError, OverflowError)):
        receive_until(live, lambda frame: False)


def test_silence_stops_data_but_not_pongs(live, sandbox):
    sandbox.fault(silence=True)
    live.settimeout(0.5)
    with pytest.raises(websocket.WebSocketTimeoutException):
        receive_until(live, lambda frame: False)
    live.ping("still there?")
    assert live.recv_frame().opcode == websocket.ABNF.OPCODE_PONG


def test_a_forced_trade_arrives_at_once(live, sandbox):
    sandbox.trade("NSE:NIFTY50-INDEX", ltp=12345.65, hold_s=10)
    receive_until(live, lambda frame: frame[9:10] == b"U" and frame[13:17] == struct.pack(">i", 1234565), 1.0)
    sandbox.control("trade", method="DELETE")


def test_state_counts_what_happens(live, sandbox):
    state = sandbox.wait_for(lambda state: any(link["records"] > 1 for link in state["connections"]))
    assert state["subscribed_rows"] == 1
    assert any(link["topics"] == 1 and link["authenticated"] for link in state["connections"])
