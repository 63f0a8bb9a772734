"""What a connection sends: snapshots first, then only what changed, the latest value of each cell."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest

from dashboard.sandbox import wire
from dashboard.sandbox.connection import Connection
from dashboard.sandbox.faults import Faults
from dashboard.sandbox.hub import Hub
from dashboard.sandbox.tape import Tape
from dashboard.sandbox.wire import ABSENT, LTP, OI


@pytest.fixture
def hub(market):
    faults = Faults()
    return Hub(Tape(market, faults), faults)


@pytest.fixture
def connection(hub, market):
    unused: Any = None  # a connection touches its socket only when it sends
    link = Connection(unused, unused, len(market.universe))
    hub.add(link)
    return link


def subscribe(hub, connection, *names):
    topics = [hub.find_topic(name) for name in names]
    frames = list(connection.subscribe(topics, hub.snapshot_values(topics), channel=11))
    hub.subscriptions_changed()
    return frames


def option_topic(market, prefix="sf"):
    return f"{prefix}|{market.universe.by_symbol['NSE:NIFTY26NOV26000CE'].topic}"


def updates_in(frames):
    """(topic id, values) of every U record."""
    found = []
    for frame in frames:
        count, offset = struct.unpack(">H", frame[7:9])[0], 9
        for _ in range(count):
            assert frame[offset : offset + 1] == b"U"
            topic, fields = struct.unpack("<HB", frame[offset + 1 : offset + 4])
            found.append((topic, struct.unpack(f">{fields}i", frame[offset + 4 : offset + 4 + 4 * fields])))
            offset += 4 + 4 * fields
    return found


def test_snapshot_then_sparse_updates(hub, connection, market):
    frames = subscribe(hub, connection, option_topic(market), "if|nse_cm|Nifty 50")
    assert [frame[2] for frame in frames] == [wire.DATA]
    assert list(connection.pending_frames(hub.published)) == []
    row = market.universe.by_symbol["NSE:NIFTY26NOV26000CE"].row
    hub.tape.force(row, LTP, 12345, 60.0)
    hub.publish_row(row)
    [(topic, values)] = updates_in(connection.pending_frames(hub.published))
    assert topic == 1
    assert values == (12345, *[ABSENT] * 20)


def test_index_updates_have_six_fields(hub, connection, market):
    subscribe(hub, connection, "if|nse_cm|Nifty 50")
    row = market.universe.by_symbol["NSE:NIFTY50-INDEX"].row
    hub.tape.force(row, LTP, 2_600_005, 60.0)
    hub.publish_row(row)
    [(_, values)] = updates_in(connection.pending_frames(hub.published))
    assert values == (2_600_005, *[ABSENT] * 5)


def test_a_slow_client_gets_only_the_latest_value(hub, connection, market):
    subscribe(hub, connection, option_topic(market))
    row = market.universe.by_symbol["NSE:NIFTY26NOV26000CE"].row
    for oi in (65, 130, 195):
        hub.tape.force(row, OI, oi, 60.0)
        hub.publish_row(row)
    [(_, values)] = updates_in(connection.pending_frames(hub.published))
    assert values[OI] == 195


def test_paused_channels_hold_back_and_resume_catches_up(hub, connection, market):
    subscribe(hub, connection, option_topic(market))
    row = market.universe.by_symbol["NSE:NIFTY26NOV26000CE"].row
    connection.paused_channels = 1 << 11
    hub.tape.force(row, LTP, 500, 60.0)
    hub.publish_row(row)
    assert list(connection.pending_frames(hub.published)) == []
    connection.paused_channels = 0
    assert updates_in(connection.pending_frames(hub.published))[0][1][LTP] == 500


def test_unsubscribed_topics_fall_silent(hub, connection, market):
    subscribe(hub, connection, option_topic(market))
    connection.unsubscribe([hub.find_topic(option_topic(market))])
    hub.subscriptions_changed()
    assert connection.topic_count == 0
    assert hub.row_count == 0


def test_unknown_and_mismatched_topics_are_not_found(hub, market):
    assert hub.find_topic("sf|nse_fo|99999") is None
    assert hub.find_topic("sf|nse_cm|Nifty 50") is None
    assert hub.find_topic("dp|nse_cm|Nifty 50") is None
    assert hub.find_topic("xx|nse_fo|35001") is None


def test_a_forced_value_holds_until_the_market_moves_on(hub, market, hand, monkeypatch):
    row = market.universe.by_symbol["NSE:NIFTY26NOV26000CE"].row
    rows = np.array([row], np.intp)
    wall = [0.0]
    monkeypatch.setattr("dashboard.sandbox.tape.time.monotonic", lambda: wall[0])
    hub.tape.read(rows)
    hub.tape.force(row, LTP, 77_700, 5.0)
    hand.advance(3.0)
    assert hub.tape.read(rows)[0, LTP] == 77_700
    wall[0] = 6.0
    assert hub.tape.read(rows)[0, LTP] == 77_700  # the hold is over, but the market has not moved
    hand.advance(30.0)
    assert hub.tape.read(rows)[0, LTP] != 77_700


def test_spot_spike_and_interleaving_touch_only_the_index(hub, market):
    index = market.universe.by_symbol["NSE:NIFTY50-INDEX"].row
    option = market.universe.by_symbol["NSE:NIFTY26NOV26000CE"].row
    rows = np.array([index, option], np.intp)
    before = hub.tape.read(rows)
    hub.faults.switch_on("spot_spike", {"factor": 2.0})
    spiked = hub.tape.read(rows)
    assert spiked[0, LTP] == before[0, LTP] * 2
    assert spiked[1, LTP] == before[1, LTP]
    hub.faults.clear()
    hub.faults.switch_on("index_interleaving", {})
    shown = {int(hub.tape.read(rows)[0, LTP]) for _ in range(4)}
    assert int(before[0, LTP]) in shown
    assert len(shown) == 2
