"""The expected move to expiry, and the one of the day, through an expiry day; price ages; one-sided open interest."""

import dataclasses
import itertools
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from dashboard.analytics.daycount import sessions_until
from dashboard.analytics.enrich import enrich
from dashboard.analytics.reasons import NO_DAY_MOVE, NOT_BRACKETED
from dashboard.data.feed.day_move import DayMoves
from dashboard.market.chain import Chain
from tests.fakes import FakeClock, FakeStore
from tests.generated_day import at, every_minute, rows
from tests.reference import black76 as reference
from tests.unit.analytics.chains import FORWARD, NOW, RATE, nifty_chain
from tests.unit.analytics.test_recorded_session import chain_of, recorded_chains

Moments = list[tuple[datetime, Chain]]
FIRST, LAST = at("09:20:00"), at("15:20:00")


def weekly(moments) -> Moments:
    return [(when, chain) for when, chain in moments if chain.underlying.name == "NIFTY"]


@pytest.fixture(scope="module", params=["generated, every minute", "recorded"])
def expiring(request: pytest.FixtureRequest) -> Moments:
    """The NIFTY weekly of its last day, with the change of the spot since the night before."""
    if request.param == "recorded":
        path: Path = request.getfixturevalue("recorded_session")
        moments = weekly(recorded_chains(path))
    else:
        by_moment = itertools.groupby(rows(every_minute(), ("NIFTY",)), key=lambda row: str(row["time_ist"]))
        moments = [
            (at(moment.split()[1]), chain_of("NIFTY", "2026-02-03", at(moment.split()[1]), list(told)))
            for moment, told in by_moment
        ]
    closes = [chain.spot for when, chain in moments if when < FIRST]
    return [
        (when, dataclasses.replace(chain, spot_change=chain.spot - closes[-1]))
        for when, chain in moments
        if when >= FIRST
    ]


def move_by_definition(chain: Chain, forward: float, years: float) -> float:
    """2 F (2 N(s/2) - 1), from last trades of the two strikes around the forward, with textbook formulas."""
    above = int(np.searchsorted(chain.strikes, forward))
    points = []
    for n in (above - 1, above):
        strike, is_call = float(chain.strikes[n]), chain.strikes[n] >= forward
        price = float((chain.call if is_call else chain.put).ltp[n])
        points.append((strike, reference.implied_vol(price, forward, strike, years, RATE, 1 if is_call else -1) ** 2))
    (low, low_variance), (high, high_variance) = points
    variance = low_variance + (high_variance - low_variance) * (forward - low) / (high - low)
    return 2 * forward * (2 * reference.normal_cdf(0.5 * (variance * years) ** 0.5) - 1)


def test_the_expected_move_is_that_of_a_straddle_at_the_forward_all_day(expiring: Moments):
    compared, widest = 0, 0.0
    for when, chain in expiring:
        if not FIRST <= when <= LAST:
            continue
        numbers = enrich(chain, rate=RATE, now_ts=when.timestamp())
        true = move_by_definition(chain, numbers.forward, numbers.years_to_expiry)
        assert numbers.metrics["expected_move"] == pytest.approx(true, rel=0.05), when
        widest = max(widest, numbers.metrics["straddle"] / true)
        compared += 1
    assert compared > 50
    assert widest > 1.2  # what was shown before: the straddle at a listed strike


def test_a_forward_outside_the_strikes_has_no_expected_move():
    """20000 with 22500 the lowest strike showed 2,498 rupees."""
    strikes = np.arange(22_500.0, 25_501.0, 50.0)
    chain = nifty_chain(strikes, spot=20_000.0 / FORWARD * 23_990.0)
    for side in ("call", "put"):
        legs = getattr(chain, side)
        fair = np.array(
            [reference.price(20_000.0, strike, 9 / 365, RATE, 0.13, 1 if side == "call" else -1) for strike in strikes]
        )
        fair = np.maximum(np.round(fair / 0.05) * 0.05, 0.1)
        legs = dataclasses.replace(legs, ltp=fair, bid=fair - 0.05, ask=fair + 0.05)
        chain = dataclasses.replace(chain, **{side: legs})
    numbers = enrich(chain, rate=RATE, now_ts=NOW)
    assert numbers.forward == pytest.approx(20_000.0, abs=5.0)
    assert numbers.metrics["straddle"] > 2_000
    for name in ("expected_move", "expected_move_percent", "atm_iv"):
        assert numbers.metrics[name] is None
        assert numbers.reasons[name] == NOT_BRACKETED


def test_the_day_s_move_stands_through_the_day(expiring: Moments):
    """Measured against what was left of the straddle, the same change had used 2,836 % at 15:28."""
    moves = DayMoves(FakeStore(FakeClock()), sessions_until)
    fixed, used = set(), []
    for when, chain in expiring:
        if when > at("15:29:00"):
            break
        move = moves.today("NIFTY", chain.market_ts)
        numbers = enrich(chain, rate=RATE, now_ts=when.timestamp(), day_move=np.nan if move is None else move.rupees)
        moves.note(numbers)
        if move is None:
            assert numbers.metrics["expected_move_used_percent"] is None
            assert numbers.reasons["expected_move_used_percent"] == NO_DAY_MOVE
            continue
        fixed.add(move.rupees)
        if np.isfinite(chain.spot):
            used.append((numbers.metrics["expected_move_used_percent"], abs(chain.spot_change)))
    assert len(fixed) == 1
    assert len(used) > 50
    (rupees,) = fixed
    for percent, change in used:
        assert percent == pytest.approx(100 * change / rupees)
        assert (percent > 100) == (change > rupees)  # only by the spot's own doing
    previous_close = expiring[0][1].spot - expiring[0][1].spot_change
    assert 0.002 < rupees / previous_close < 0.03
