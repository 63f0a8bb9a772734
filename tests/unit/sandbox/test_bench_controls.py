"""What the test bench asks of the sandbox beside faults: its pace, its truth, mute symbols, a closed market."""

from __future__ import annotations

from datetime import date

import pytest

from harness.sandbox import SandboxProcess
from tests.unit.sandbox.test_socket_faults import authenticate, subscribe

NIFTY = "NSE:NIFTY50-INDEX"


@pytest.fixture
def link(sandbox):
    import websocket

    opened = websocket.create_connection(sandbox.socket_url, timeout=5.0)
    authenticate(opened, sandbox)
    yield opened
    opened.shutdown()


def nearest(sandbox: SandboxProcess) -> date:
    import csv
    import urllib.request
    from datetime import UTC, datetime, timedelta

    with urllib.request.urlopen(f"{sandbox.public_url}/NSE_FO.csv") as answer:
        rows = csv.reader(answer.read().decode().splitlines())
        cutoff = min(int(row[8]) for row in rows if row[13] == "NIFTY" and row[16] == "CE")
    return (datetime.fromtimestamp(cutoff, UTC) + timedelta(hours=5, minutes=30)).date()


def test_the_truth_is_the_market_s_whatever_fault_lies_over_it(sandbox):
    path = f"truth?underlying={NIFTY}&expiry={nearest(sandbox)}"
    before = sandbox.control(path)
    assert before["columns"] == ["ltp", "bid", "ask", "oi"]
    assert len(before["rows"]) > 100
    sandbox.fault(spot_spike={"factor": 1.5})
    after = sandbox.control(path)
    assert after["rows"][NIFTY][0] == pytest.approx(before["rows"][NIFTY][0], rel=0.01)


def test_the_truth_of_nothing_is_refused(sandbox):
    with pytest.raises(RuntimeError, match="404"):
        sandbox.control(f"truth?underlying={NIFTY}&expiry=2031-01-01")


def test_a_mute_symbol_is_accepted_and_never_told(sandbox, link):
    sandbox.fault(mute_symbols={"symbols": [NIFTY]})
    assert subscribe(link, "if|nse_cm|Nifty 50", "if|nse_cm|Nifty Bank")[7:8] == b"K"
    frame = link.recv()
    assert b"Nifty Bank" in frame
    assert b"Nifty 50" not in frame


def test_the_pace_can_be_set_and_released(sandbox, link):
    subscribe(link, "if|nse_cm|Nifty 50")
    sandbox.control("pace", {"ticks_per_s": 50})
    published = sandbox.state()["ticks_published"]
    sandbox.wait_for(lambda state: state["ticks_published"] > published + 5)
    assert sandbox.control("pace", {"ticks_per_s": None}) == {"ticks_per_s": None}
