"""The watcher of the fault matrix sees what is wrong; else its zeroes would mean nothing."""

from __future__ import annotations

import copy
import json

import pytest

from dashboard.data.contract.codec import with_version
from harness.builders import make_chain, make_frame
from tests.wire.watcher import faults

CHAIN = make_chain(spot=24_010.0)
FRAME = json.loads(with_version(make_frame(CHAIN), 1))
TRUTH = {CHAIN.underlying.symbol: (24_010.0, 0.0, 0.0, 0.0)} | {
    symbol: (float(legs.ltp[row]), float(legs.bid[row]), float(legs.ask[row]), float(legs.oi[row]))
    for legs in (CHAIN.call, CHAIN.put)
    for row, symbol in enumerate(legs.symbol)
}


def test_a_true_frame_has_no_fault() -> None:
    assert faults(FRAME, TRUTH) == []


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("spot",), 24_010.0 * 1.1, "spot"),
        (("spot",), 131.4, "spot"),
        (("forward",), 26_000.0, "forward"),
        (("call", "ltp", 5), 900.0, "ltp 900.0 is really"),
        (("put", "bid", 5), 900.0, "bid 900.0 is really"),
        (("call", "oi", 5), 1, "OI 1 is really"),
        (("call", "oi", 5), 2**32 - 65, "OI"),
        (("call", "symbol", 5), "NSE:NIFTY26DEC0824000CE", "is not of this series"),
        (("strikes", 5), 23_000.0, "strikes are not ascending"),
    ],
)
def test_a_wrong_number_is_seen(path, value, said) -> None:
    frame = copy.deepcopy(FRAME)
    place = frame
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert any(said in fault for fault in faults(frame, TRUTH))


def test_what_is_unknown_is_not_wrong() -> None:
    frame = copy.deepcopy(FRAME)
    frame["spot"] = frame["call"]["ltp"][5] = frame["put"]["oi"][2] = None
    assert faults(frame, TRUTH) == []
