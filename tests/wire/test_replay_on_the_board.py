"""A recorded and a generated session, through sandbox, SDK, feed, cache and route: the numbers stay the same."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard.market.session import ist
from harness.board import BoardProcess
from harness.process import eventually

pytestmark = [pytest.mark.wire, pytest.mark.timeout(240)]

INSTANTS = ("10:03", "11:28", "13:43", "15:13")  # the first recorded snapshot at or after each is compared
SIDES = ("call", "put")
FIELDS = ("ltp", "oi", "volume")

Recorded = dict[float, dict[str, float]]


@pytest.fixture(scope="module")
def snapshots(expiry_day: Path) -> dict[tuple[str, str], Recorded]:
    """(underlying, HH:MM:SS) -> strike -> recorded columns."""
    found: dict[tuple[str, str], Recorded] = {}
    with gzip.open(expiry_day, "rt", newline="") as lines:
        for row in csv.DictReader(lines):
            at = found.setdefault((row["underlying"], row["time_ist"].split()[1]), {})
            at[float(row["strike"])] = {
                name: float(row[name]) for name in row if name not in ("time_ist", "underlying", "expiry")
            }
    return found


@pytest.fixture(scope="module")
def replay(expiry_day: Path) -> Iterator[BoardProcess]:
    with BoardProcess("--replay", str(expiry_day), "--speed", "60") as board:
        eventually(board.is_well, within_s=60, what="the replay is well")
        yield board


def chain_of(board: BoardProcess, underlying: str) -> dict[str, Any]:
    status, listed = board.get("/api/underlyings")
    assert status == 200, listed
    (expiry,) = (entry["expiries"][0]["date"] for entry in listed if entry["name"] == underlying)
    status, chain = board.get(f"/api/chain?underlying={underlying}&expiry={expiry}")
    assert status == 200, chain
    return chain


def frame_of(board: BoardProcess, underlying: str) -> dict[str, Any]:
    status, frame = board.get(f"/frames/chain?underlying={underlying}&expiry=near")
    assert status == 200, frame
    found: dict[str, Any] = frame
    return found


def shown(chain: dict[str, Any]) -> Recorded:
    """The chain's rows as the recording spells them: 0 where nothing ever traded."""
    return {
        row["strike"]: {f"{side}_{field}": row[side][field] or 0.0 for side in SIDES for field in FIELDS}
        for row in chain["rows"]
    }


def differences(chain: dict[str, Any], recorded: Recorded) -> dict[str, Any]:
    """What the chain tells otherwise than the recording, by `strike column`."""
    ours = shown(chain)
    return {
        f"{strike:g} {name}": (ours[strike][name], values[name])
        for strike, values in recorded.items()
        for name in ours.get(strike, {})
        if ours[strike][name] != pytest.approx(values[name], abs=0.005)
    }


def test_ltp_oi_and_volume_are_the_recorded_ones_at_every_strike(replay: BoardProcess, snapshots):
    for clock in INSTANTS:
        for underlying in ("NIFTY", "MIDCPNIFTY"):
            at = min(time for name, time in snapshots if name == underlying and time >= clock)
            recorded = snapshots[underlying, at]
            replay.sandbox("replay", {"seek": at, "speed": 0})

            def settled(underlying=underlying, recorded=recorded) -> bool:
                chain = chain_of(replay, underlying)
                assert {row["strike"] for row in chain["rows"]} == set(recorded), "strikes"
                return not differences(chain, recorded)

            try:
                eventually(settled, within_s=15, what=f"{underlying} at {at} equals the recording")
            except AssertionError as error:
                wrong = differences(chain_of(replay, underlying), recorded)
                raise AssertionError(
                    f"{error}; {len(wrong)} differ, among them {dict(list(wrong.items())[:6])}"
                ) from None


def test_an_unknown_spot_is_unknown_and_the_forward_still_comes_from_parity(replay: BoardProcess):
    chain = chain_of(replay, "MIDCPNIFTY")
    assert chain["spot"] is None
    assert chain["spot_change"] is None
    assert chain["forward_source"] == "parity"
    strikes = [row["strike"] for row in chain["rows"]]
    assert min(strikes) < chain["forward"] < max(strikes)
    assert chain["atm_strike"] in strikes


def test_a_known_spot_is_the_recorded_one_and_the_forward_is_near_it(replay: BoardProcess, snapshots):
    at = min(time for name, time in snapshots if name == "NIFTY" and time >= INSTANTS[-1])
    spot = next(iter(snapshots["NIFTY", at].values()))["spot"]
    replay.sandbox("replay", {"seek": at, "speed": 0})
    eventually(lambda: chain_of(replay, "NIFTY")["spot"] == spot, within_s=10, what="the recorded spot is shown")
    chain = chain_of(replay, "NIFTY")
    assert chain["forward"] == pytest.approx(spot, rel=0.003)
    assert chain["state"] == "replay"
    frame = frame_of(replay, "NIFTY")
    assert ist(frame["recorded_ts"]).strftime("%Y-%m-%d %H:%M:%S") == f"2026-02-03 {at}"
    assert ist(frame["market_ts"]).time() == ist(frame["recorded_ts"]).time()
    assert "WARNING" not in replay.output(), "a recording of one exchange lacks nothing"


def test_never_traded_options_are_unknown_not_zero(replay: BoardProcess, snapshots):
    chain = chain_of(replay, "MIDCPNIFTY")
    ltps = [row[side]["ltp"] for row in chain["rows"] for side in SIDES]
    assert None in ltps
    assert 0 not in ltps


def test_expiry_day_numbers_stay_sensible_and_end_with_expired(replay: BoardProcess):
    def minutes_left() -> float:
        return chain_of(replay, "NIFTY")["years_to_expiry"] * 525_600

    replay.sandbox("replay", {"seek": "15:18:30", "speed": 0})
    eventually(lambda: 5 < minutes_left() < 25, within_s=10, what="minutes are left")
    chain = chain_of(replay, "NIFTY")
    assert 0.01 < chain["metrics"]["atm_iv"] < 3
    replay.sandbox("replay", {"seek": "15:40:00", "speed": 1})
    eventually(lambda: chain_of(replay, "NIFTY")["years_to_expiry"] == 0, within_s=10, what="the series has expired")
    assert frame_of(replay, "NIFTY")["expired"] is True
    chain = chain_of(replay, "NIFTY")
    assert {row[side]["iv_status"] for row in chain["rows"] for side in SIDES} == {"expired"}
    assert chain["metrics"]["atm_iv"] is None
    assert chain["metrics"]["pcr_oi"] is not None
