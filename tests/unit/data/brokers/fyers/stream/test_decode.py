"""The lean decoder against the SDK's own parser, and against damage that the SDK does not survive."""

from __future__ import annotations

import time
from importlib import import_module

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.data.brokers.fyers import endpoints
from dashboard.data.brokers.fyers.stream.decode import Decoder
from dashboard.data.brokers.fyers.stream.parse_tick import tick
from dashboard.data.brokers.fyers.stream.socket_session import SocketSession
from harness.fyers import forget_the_socket, jwt, loopback_settings
from tests.unit.data.brokers.fyers.material import ABSENT, NOW, frame, lite, snapshot, update

TOPICS = {
    "sf|nse_fo|1": "NSE:A",
    "sf|bse_fo|2": "BSE:B",
    "sf|nse_cm|3": "NSE:C-EQ",
    "if|nse_cm|Nifty 50": "NSE:I-INDEX",
}
NAMES = tuple(TOPICS)
OPTION = [10135, 130_000, 1_795_000_000, 1_795_000_001, 65, 130, 10130, 10140, *[1] * 4, 6500, *[2] * 7, 10450]


def ticks(decoder):
    return {fields[0]: tick(fields) for fields in decoder.take_ticks()}


@pytest.fixture
def decoder():
    return Decoder(TOPICS)


def test_a_snapshot_and_its_updates(decoder):
    assert decoder.decode(frame(snapshot(1, NAMES[0], OPTION), number=77), NOW) == 77
    first = ticks(decoder)["NSE:A"]
    assert (first.ltp, first.bid, first.ask, first.oi, first.volume) == (101.35, 101.3, 101.4, 6500, 130_000)
    assert (first.received_ts, first.exchange_ts, first.prev_close) == (NOW, 1_795_000_001.0, 104.5)
    assert first.trade_ts == 1_795_000_000.0

    decoder.decode(frame(update(1, [10200, *[ABSENT] * 11, 6565, *[ABSENT] * 8])), NOW + 1)
    second = ticks(decoder)["NSE:A"]
    assert (second.ltp, second.oi, second.bid, second.received_ts) == (102.0, 6565, 101.3, NOW + 1)

    decoder.decode(frame(update(1, [10200, *[ABSENT] * 20]), lite(1, 10200)), NOW + 2)
    assert ticks(decoder) == {}, "nothing changed"
    decoder.decode(frame(lite(1, 10300)), NOW + 3)
    assert ticks(decoder)["NSE:A"].ltp == 103.0
    assert decoder.errors == 0


def test_topics_nobody_asked_for_are_skipped_without_losing_the_rest(decoder):
    decoder.decode(
        frame(
            snapshot(9, "sf|nse_fo|999", OPTION), snapshot(8, "dp|nse_fo|1", [1] * 30), update(9, OPTION), lite(9, 5),
            update(7, OPTION), snapshot(6, NAMES[1], OPTION, multiplier=0), update(6, OPTION),
            snapshot(1, NAMES[0], OPTION),
        ),
        NOW,
    )  # fmt: skip
    assert list(ticks(decoder)) == ["NSE:A"]
    assert decoder.errors == 0


def test_fields_newer_than_our_table_are_ignored(decoder):
    decoder.decode(frame(snapshot(1, NAMES[0], [*OPTION, 1, 2, 3, 4]), update(1, [10200, *OPTION[1:], 9, 9, 9])), NOW)
    assert ticks(decoder)["NSE:A"].ltp == 102.0


@pytest.mark.parametrize("records", [[b"Z" + bytes(20)], [b"Z"]])
def test_an_unknown_record_ends_the_frame_and_is_counted(decoder, records):
    decoder.decode(frame(snapshot(1, NAMES[0], OPTION), *records, snapshot(2, NAMES[1], OPTION)), NOW)
    assert list(ticks(decoder)) == ["NSE:A"]
    assert decoder.errors == 1
    decoder.decode(frame(snapshot(2, NAMES[1], OPTION)), NOW)
    assert list(ticks(decoder)) == ["BSE:B"]
    assert decoder.errors == 1


WHOLE = [snapshot(1, NAMES[0], OPTION), update(1, [10200, *[ABSENT] * 20]), snapshot(3, NAMES[3], [2400000] * 6)]


@pytest.mark.parametrize("lost", range(1, sum(map(len, WHOLE)) + 1))
def test_a_frame_cut_anywhere_keeps_its_whole_records_and_is_counted(decoder, lost):
    complete = frame(*WHOLE)
    decoder.decode(complete[:-lost], NOW)
    kept = Decoder(TOPICS)
    left, survivors = len(complete) - lost - 9, []
    for record in WHOLE:
        left -= len(record)
        if left < 0:
            break
        survivors.append(record)
    kept.decode(frame(*survivors), NOW)
    assert ticks(decoder) == ticks(kept)
    assert (decoder.errors, kept.errors) == (1, 0)


@given(st.binary(max_size=200))
def test_garbage_is_survived(garbage):
    decoder = Decoder(TOPICS)
    decoder.decode(frame(snapshot(1, NAMES[0], OPTION)), NOW)
    decoder.take_ticks()
    decoder.decode(garbage, NOW)
    decoder.decode(b"\0\0\6" + garbage, NOW)
    decoder.decode(frame(garbage), NOW)
    decoder.decode(frame(snapshot(1, NAMES[0], OPTION)), NOW + 5)
    assert ticks(decoder)["NSE:A"].ltp == 101.35


class Reference:
    """The SDK's own parser, fed the same frames, read through the same conversion."""

    def __init__(self, data_dir):
        self.session = SocketSession(loopback_settings(data_dir), jwt(time.time() + 600), lean=False)
        self.socket = self.session._socket
        self.receive = getattr(self.socket, endpoints.SOCKET_RESPONSE)

    def restart(self):
        self.socket.resp, self.socket.scrips_sym, self.socket.index_sym, self.socket.dp_sym = {}, {}, {}, {}
        self.socket.symbol_token = dict(TOPICS)
        self.session._topics.topics = {symbol: topic for topic, symbol in TOPICS.items()}
        self.session.take_ticks()


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    app = import_module("websocket").WebSocketApp
    run_forever = app.run_forever
    yield Reference(tmp_path_factory.mktemp("sdk"))
    app.run_forever = run_forever
    forget_the_socket()


raw = st.one_of(st.just(ABSENT), st.integers(0, 10), st.integers(-(2**31), 2**31 - 1), st.integers(1_000, 3_000_000))
told = st.one_of(st.integers(0, 10), st.integers(1, 2**31 - 1))


@st.composite
def records(draw):
    """One record for one of four topics, each under one of two ids; snapshots give a price, as the wire's do."""
    which = draw(st.integers(0, 3))
    is_index = which == 3
    topic_id = which * 2 + 1 + draw(st.integers(0, 1))
    kind = draw(st.sampled_from("SSUUUUL"))
    if kind == "L":
        return lite(topic_id, draw(raw))
    count = draw(st.integers(1, 6)) if is_index else draw(st.sampled_from([1, 8, 13, 20, 21, 21, 21]))
    values = draw(st.lists(raw, min_size=count, max_size=count))
    if is_index and count > 1 and values[1] != ABSENT:
        values[1] = abs(values[1]) or 1  # the SDK divides by the previous close, and loses the tick when it is 0
    if kind == "U":
        return update(topic_id, values)
    values[0] = draw(told)
    multiplier, precision = draw(st.sampled_from([(1, 2), (1, 2), (100, 0), (1, 4), (25, 1)]))
    return snapshot(topic_id, NAMES[which], values, multiplier=multiplier, precision=precision)


@given(st.lists(st.lists(records(), max_size=8), max_size=8))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_says_exactly_what_the_sdk_says(reference, frames):
    reference.restart()
    decoder = Decoder(TOPICS)
    for number, content in enumerate(frames):
        # The SDK loses its step at a lite update of a topic it does not know; that one is not compared.
        known = [record for record in content if record[:1] != b"L" or snapshotted(record, frames)]
        wire = frame(*known, number=number)
        assert decoder.decode(wire, NOW) == number
        reference.receive(wire)
        expected = {fields[0]: fields[2:] for fields in reference.session.take_ticks()}
        assert {fields[0]: fields[2:] for fields in decoder.take_ticks()} == expected
    assert decoder.errors == 0


def snapshotted(record, frames):
    """Whether the very first record of all frames that bears this topic id is a snapshot."""
    first = next(other for content in frames for other in content if other[1:3] == record[1:3])
    return first[:1] == b"S"


def test_an_index_without_a_previous_close_is_told_which_the_sdk_loses(reference, decoder):
    reference.restart()
    wire = frame(snapshot(1, NAMES[3], [2_400_000, 0, 1, 1, 1, 1]))
    reference.receive(wire)
    assert reference.session.take_ticks() == []
    decoder.decode(wire, NOW)
    assert ticks(decoder)["NSE:I-INDEX"].ltp == 24_000.0
    assert ticks(decoder) == {}
