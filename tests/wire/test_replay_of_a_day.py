"""A day of the board's own history, through sandbox, SDK, feed, cache and route: the numbers are those recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard.data.history.recorder import Recorder
from dashboard.market.chain import Chain
from dashboard.market.session import IST
from harness.board import BoardProcess
from harness.builders import make_chain, make_published
from harness.process import eventually

pytestmark = [pytest.mark.wire, pytest.mark.timeout(240)]

BEGAN = datetime(2026, 11, 20, 10, 0, tzinfo=IST).timestamp()


def chain_at(seconds: float) -> Chain:
    chain = make_chain(n=41, spot=round(24_010.0 + seconds / 10, 2), as_of=BEGAN + seconds)
    legs = [
        replace(side, ltp_change=np.full(41, 0.5), volume=np.array([1_000.0 * place + seconds for place in range(41)]))
        for side in (chain.call, chain.put)
    ]
    return replace(chain, call=legs[0], put=legs[1])


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BoardProcess]:
    days = tmp_path_factory.mktemp("days")
    recorder = Recorder(days, keep_days=10, demo=False, software="test")
    for seconds in range(0, 602, 2):
        recorder.take(make_published(chain_at(seconds)))
    recorder.close()
    own = {"CHAINBOARD_HISTORY": f"sqlite:///{days}"}
    with BoardProcess("--replay", "2026-11-20", "--speed", "10", environment=own) as board:
        eventually(board.is_well, within_s=60, what="the replay is well")
        yield board
    assert sorted(path.name for path in Path(days).glob("*.sqlite")) == ["2026-11-20.sqlite"], (
        "nothing is recorded there"
    )


def chain_of(board: BoardProcess) -> dict[str, Any]:
    status, listed = board.get("/api/underlyings")
    assert status == 200, listed
    [nifty] = listed
    status, chain = board.get(f"/api/chain?underlying=NIFTY&expiry={nifty['expiries'][0]['date']}")
    assert status == 200, chain
    return dict(chain)


def differences(chain: dict[str, Any], then: Chain) -> dict[str, Any]:
    rows = {row["strike"]: row for row in chain["rows"]}
    return {
        f"{strike:g} {side} {name}": (rows[strike][side][name], value)
        for side, legs in (("call", then.call), ("put", then.put))
        for name in ("ltp", "bid", "ask", "oi", "volume")
        for strike, value in zip(then.strikes.tolist(), getattr(legs, name).tolist(), strict=True)
        if strike in rows and rows[strike][side][name] != pytest.approx(value, abs=0.005)
    }


@pytest.mark.parametrize(("at", "seconds"), [("10:02:30", 150), ("10:08:00", 480)])
def test_at_a_snapshot_every_number_is_the_recorded_one(replay: BoardProcess, at: str, seconds: int):
    replay.sandbox("replay", {"seek": at, "speed": 0})
    then = chain_at(seconds)
    eventually(lambda: chain_of(replay)["spot"] == then.spot, within_s=20, what="the recorded spot is shown")
    eventually(
        lambda: not differences(chain_of(replay), then), within_s=30, what=lambda: differences(chain_of(replay), then)
    )
    chain = chain_of(replay)
    assert chain["state"] == "replay"
    assert len(chain["rows"]) >= 41
    # The same quotes, time of day and days to expiry give the same volatility.
    assert chain["metrics"]["atm_iv"] == pytest.approx(make_published(then).enriched.metrics["atm_iv"], abs=1e-3)
