"""A session replayed, a recorded and a generated one: every number at every instant of an expiry day.

LTPs only, untidy on purpose: no quotes, unknown spots, strikes that never traded, prints hours old.
"""

import csv
import gzip
import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard.analytics.enrich import enrich
from dashboard.analytics.enriched import Enriched
from dashboard.market.chain import LEG_COLUMNS, Chain, Legs
from dashboard.market.instruments import Expiry, Side, Underlying, UnderlyingKind
from dashboard.market.session import IST
from tests.reference import chain as reference

LOTS = {"NIFTY": 65, "MIDCPNIFTY": 120}
# Chains, those before their cutoff, those after it, and those in the session whose spot is known.
COUNTS = {"nse-2026-02-03.csv.gz": (216, 177, 39, 66), "generated.csv.gz": (222, 182, 40, 68)}
HOUR = 1 / (365 * 24)
OPEN, CLOSE = time(9, 15), time(15, 30)
ALWAYS = ("pcr_oi", "pcr_volume", "max_pain", "call_wall", "put_wall", "call_oi", "put_oi", "call_volume", "put_volume")
ALIVE = (
    "straddle", "expected_move", "one_sigma_move", "atm_iv", "skew_25d", "butterfly_25d", "net_gex_crore",
    "net_vanna_crore",
)  # fmt: skip


def chain_of(name: str, expiry: str, moment: datetime, rows: Sequence[Mapping[str, Any]]) -> Chain:
    day = date.fromisoformat(expiry)
    cutoff = datetime.combine(day, CLOSE, IST)  # 15:30 until August 2026
    listed = Expiry(day, int(cutoff.timestamp()), "M" if name == "MIDCPNIFTY" else "W", LOTS[name])
    rows = sorted(rows, key=lambda row: float(row["strike"]))
    now = moment.timestamp()

    def legs(side: str) -> Legs:
        columns = {column: np.full(len(rows), np.nan) for column in LEG_COLUMNS}
        for column in ("ltp", "oi", "volume"):
            columns[column] = np.array([float(row[f"{side}_{column}"]) for row in rows])
        columns["ltp"][columns["ltp"] == 0] = np.nan  # never traded
        return Legs(symbol=(None,) * len(rows), **columns)

    spot = float(rows[0]["spot"])
    return Chain(
        underlying=Underlying(name, name, "NSE", UnderlyingKind.INDEX, 0.05, (listed,)),
        expiry=listed,
        as_of_ts=now,
        market_ts=now,
        strikes=np.array([float(row["strike"]) for row in rows]),
        call=legs("call"),
        put=legs("put"),
        spot=spot if spot > 0 else float("nan"),
    )


def recorded_chains(path: Path) -> Iterator[tuple[datetime, Chain]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = sorted(csv.DictReader(lines), key=lambda row: (row["time_ist"], row["underlying"]))
    for (moment, name), group in itertools.groupby(rows, key=lambda row: (row["time_ist"], row["underlying"])):
        chain_rows = list(group)
        when = datetime.fromisoformat(moment).replace(tzinfo=IST)
        yield when, chain_of(name, chain_rows[0]["expiry"], when, chain_rows)


@pytest.fixture(scope="module")
def session(expiry_day: Path) -> list[tuple[datetime, Enriched]]:
    return [(when, enrich(chain, rate=0.065, now_ts=when.timestamp())) for when, chain in recorded_chains(expiry_day)]


@pytest.fixture(scope="module")
def counts(expiry_day: Path) -> tuple[int, int, int, int]:
    return COUNTS[expiry_day.name]


def alive(session: list[tuple[datetime, Enriched]]) -> list[tuple[datetime, Enriched]]:
    return [(when, numbers) for when, numbers in session if numbers.years_to_expiry > 0]


def minutes_left(numbers: Enriched) -> float:
    return numbers.years_to_expiry * 525_600


def test_the_whole_day_is_there(session, counts):
    assert (len(session), len(alive(session))) == counts[:2]  # NIFTY expires at 15:30


def test_metrics_are_finite_at_every_instant(session):
    for when, numbers in session:
        wanted = ALWAYS + (ALIVE if minutes_left(numbers) >= 5 else ())
        unknown = [name for name in wanted if numbers.metrics[name] is None]
        assert not unknown, (when, numbers.chain.underlying.name)


def test_the_forward_is_within_three_per_mille_of_the_spot(session, counts):
    compared = 0
    for when, numbers in alive(session):
        if np.isfinite(numbers.chain.spot) and OPEN <= when.time() <= CLOSE:
            assert numbers.forward_source == "parity", when
            assert abs(numbers.forward / numbers.chain.spot - 1) < 0.003, when
            compared += 1
    assert compared == counts[3]


def test_the_forward_of_an_unknown_spot_moves_like_a_market(session):
    forwards = np.array(
        [
            numbers.forward
            for when, numbers in session
            if numbers.chain.underlying.name == "MIDCPNIFTY" and when.hour > 8
        ]
    )
    assert np.isfinite(forwards).all()
    assert np.abs(np.diff(np.log(forwards))).max() < 0.01  # in five minutes


def test_max_pain_is_the_brute_force_one(session):
    for when, numbers in session:
        chain = numbers.chain
        tie_break = numbers.forward if np.isfinite(numbers.forward) else chain.spot
        slow = reference.max_pain(chain.strikes.tolist(), chain.call.oi.tolist(), chain.put.oi.tolist(), tie_break)
        assert numbers.metrics["max_pain"] == slow, when


def test_ivs_are_credible_wherever_they_are_ok_and_an_hour_is_left(session):
    seen = 0
    for when, numbers in alive(session):
        for side in Side:
            legs = numbers.numbers(side)
            ok = legs.iv_status == 0
            np.testing.assert_array_equal(ok, np.isfinite(legs.iv))
            if numbers.years_to_expiry > HOUR:
                assert (legs.iv[ok] >= 0.01).all(), when
                assert (legs.iv[ok] <= 2.0).all(), when
                seen += int(ok.sum())
    assert seen > 20_000


def test_the_smile_is_smooth_near_the_money(session):
    """Within two standard deviations no strike stands out by more than 1.5 vol points until the last hour."""
    compared = 0
    for when, numbers in alive(session):
        if numbers.years_to_expiry <= HOUR or when.time() < OPEN or numbers.chain.underlying.name != "NIFTY":
            continue
        reach = 2 * numbers.metrics["one_sigma_move"]
        near = np.abs(numbers.chain.strikes - numbers.forward) < reach
        smile = numbers.otm_iv[near]
        assert np.isfinite(smile).all(), when
        assert np.abs(smile[1:-1] - (smile[2:] + smile[:-2]) / 2).max(initial=0.0) < 0.015, when
        compared += max(smile.size - 2, 0)
    assert compared > 150


def test_after_the_cutoff_the_weekly_says_expired_and_keeps_its_oi(session, counts):
    after = [(when, numbers) for when, numbers in session if numbers.years_to_expiry == 0]
    assert len(after) == counts[2]
    for when, numbers in after:
        assert when.time() > CLOSE
        for side in Side:
            assert set(numbers.numbers(side).iv_status.tolist()) == {5}
        assert all(numbers.metrics[name] is None for name in ALIVE)
