"""The model market: deterministic, arbitrage-free within the spread, on the grid, in lots."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.sandbox.clock import Clock
from dashboard.sandbox.instruments import Kind, model_universe
from dashboard.sandbox.market_model import MarketModel
from dashboard.sandbox.pricing import RATE
from dashboard.sandbox.wire import (
    ABSENT,
    ASK,
    BID,
    FEED_TIME,
    HIGH,
    LAST_TRADED_TIME,
    LOW,
    LTP,
    OI,
    OPEN,
    PREV_CLOSE,
    VOLUME,
)
from tests.unit.sandbox.conftest import NOON, SEED, SPECS

NIFTY = "NSE:NIFTY50-INDEX"
PURE = [c for c in range(21) if c not in (HIGH, LOW)]  # the day's range remembers what was shown


def near_series(market):
    return market.universe.series[NIFTY][market.expiries(NIFTY)[0].day]


def rows_of(series):
    return np.concatenate([series.calls, series.puts])


def test_same_seed_same_market_whoever_asked_before(market, clock, hand):
    other_clock = Clock(NOON, monotonic=hand)
    other = MarketModel(model_universe(SPECS, other_clock.today(), horizon_days=3), other_clock, SEED)
    rows = rows_of(near_series(market))
    for _ in range(20):
        hand.advance(0.37)
        market.refresh(rows)
    other.refresh(rows)
    assert np.array_equal(market.fields[rows][:, PURE], other.fields[rows][:, PURE])


def test_another_seed_is_another_market(market, clock):
    other = MarketModel(market.universe, clock, SEED + 1)
    rows = rows_of(near_series(market))
    market.refresh(rows)
    other.refresh(rows)
    assert not np.array_equal(market.fields[rows, LTP], other.fields[rows, LTP])


@pytest.mark.parametrize("position", [0, 1, 4])
def test_parity_holds_within_the_spread(market, hand, position):
    expiry = market.expiries(NIFTY)[position]
    series = market.universe.series[NIFTY][expiry.day]
    rows = rows_of(series)
    for _ in range(5):
        hand.advance(1.3)
        market.refresh(rows)
        calls, puts = market.fields[series.calls].astype(float), market.fields[series.puts].astype(float)
        # What the strike's own quotes say of the forward, at their common instant.
        at = market.fields[series.calls, FEED_TIME].astype(float)
        assert np.array_equal(at, market.fields[series.puts, FEED_TIME])
        forward, years, _ = market.contracts.inputs(series.calls, at)
        value = np.exp(-RATE * years) * (forward - series.strikes) * 100.0
        quoted = (calls[:, BID] > 0) & (puts[:, BID] > 0)
        # The feed time is whole seconds, the quote's instant is finer: allow what spot moves in a second.
        slack = 600.0
        assert (calls[:, BID] - puts[:, ASK] <= value + slack)[quoted].all()
        assert (calls[:, ASK] - puts[:, BID] >= value - slack)[quoted].all()


def test_parity_is_exact_at_one_instant(market):
    series = near_series(market)
    at = np.full(len(series.strikes), NOON)
    thin = market.profile.liquidity[series.calls]
    calls, puts = market.contracts.quotes(series.calls, at, thin), market.contracts.quotes(series.puts, at, thin)
    forward, years, _ = market.contracts.inputs(series.calls, at)
    value = np.exp(-RATE * years) * (forward - series.strikes) * 100.0
    assert (calls.bid - puts.ask <= value + 1e-6).all()
    assert (calls.ask - puts.bid >= value - 1e-6).all()


def test_quotes_are_on_the_grid_and_bracket_the_trade(market):
    rows = rows_of(near_series(market))
    market.refresh(rows)
    values = market.fields[rows]
    assert not (values[:, [BID, ASK]] % 5).any()
    assert (values[:, BID] < values[:, ASK]).all()
    busy = market.profile.trade_every[rows] == 1
    assert (values[busy, BID] <= values[busy, LTP]).all()
    assert (values[busy, LTP] <= values[busy, ASK]).all()


def test_quantities_are_whole_lots(market):
    options = np.array([i.row for i in market.universe.instruments if i.kind is Kind.OPTION], np.intp)
    market.refresh(options)
    lots = np.array([market.universe.instruments[row].lot_size for row in options])
    for column in (VOLUME, OI):
        quantity = market.fields[options, column].astype(np.int64)
        assert (quantity >= 0).all()
        assert not (quantity % lots).any()
    assert not (market.prev_oi[options] % lots).any()


def test_open_interest_is_plausible(market):
    series = near_series(market)
    market.refresh(rows_of(series))
    calls, puts = market.fields[series.calls, OI].astype(float), market.fields[series.puts, OI].astype(float)
    assert 0.6 < puts.sum() / calls.sum() < 1.6
    assert 1e6 < calls.max() < 5e7
    assert series.strikes[calls.argmax()] % 500 == 0
    assert series.strikes[calls.argmax()] > series.strikes[puts.argmax()]


def test_near_the_money_ticks_every_second_and_far_strikes_are_quiet(market, hand):
    series = near_series(market)
    spot = market.contracts.spot(np.array([0]), np.array([NOON]))[0][0]
    middle = int(np.abs(series.strikes - spot).argmin())
    window = np.arange(middle - 10, middle + 11)
    near = np.concatenate([series.calls[window], series.puts[window]])
    far = series.calls[-10:]
    changed = {"near": 0, "far": 0}
    both = np.concatenate([near, far])
    market.refresh(both)
    for _ in range(20):
        before = market.fields[both, LTP].copy()
        hand.advance(1.0)
        market.refresh(both)
        moved = market.fields[both, LTP] != before
        changed["near"] += int(moved[: len(near)].sum())
        changed["far"] += int(moved[len(near) :].sum())
    assert changed["near"] > 0.5 * 20 * len(near)
    assert changed["far"] < 0.2 * 20 * len(far)


def test_far_strikes_of_distant_series_never_traded(market):
    series = market.universe.series[NIFTY][market.expiries(NIFTY)[-1].day]
    rows = rows_of(series)
    market.refresh(rows)
    untraded = market.fields[rows, LTP] == ABSENT
    assert untraded.sum() > len(rows) / 3
    assert not market.fields[rows[untraded], VOLUME].any()
    assert (market.fields[rows[untraded], PREV_CLOSE] == ABSENT).all()


def test_volume_never_falls_within_a_day(market, hand):
    rows = rows_of(near_series(market))
    market.refresh(rows)
    before = market.fields[rows, VOLUME].copy()
    for _ in range(10):
        hand.advance(7.0)
        market.refresh(rows)
        assert (market.fields[rows, VOLUME] >= before).all()
        before = market.fields[rows, VOLUME].copy()


def test_the_last_traded_time_moves_with_the_volume_and_only_with_it(market, hand):
    rows = rows_of(near_series(market))
    market.refresh(rows)
    quoted = kept = 0
    for _ in range(20):
        before = market.fields[rows].copy()
        hand.advance(3.0)
        market.refresh(rows)
        now = market.fields[rows]
        traded = now[:, VOLUME] > before[:, VOLUME]
        assert (now[traded, LAST_TRADED_TIME] >= before[traded, LAST_TRADED_TIME]).all()
        assert (now[~traded, LAST_TRADED_TIME] == before[~traded, LAST_TRADED_TIME]).all()
        assert (now[~traded, LTP] == before[~traded, LTP]).all()
        quiet = ~traded & (now[:, FEED_TIME] > before[:, FEED_TIME])
        quoted, kept = quoted + int(traded.sum()), kept + int(quiet.sum())
    assert quoted > 100, "busy contracts trade"
    assert kept > 100, "quiet ones quote on and keep the time of their last trade"


def test_a_new_day_takes_a_new_close_and_goes_on(market, clock, hand):
    index = np.array([market.universe.by_symbol[NIFTY].row], np.intp)
    market.refresh(index)
    first = int(market.fields[index[0], PREV_CLOSE])
    hand.advance(86_400.0)
    market.refresh(index)
    assert int(market.fields[index[0], PREV_CLOSE]) != first
    assert 0.9 < market.fields[index[0], LTP] / first < 1.1


def test_weeks_later_the_lists_have_rolled_on(clock, hand):
    market = MarketModel(model_universe(SPECS[:1], clock.today(), horizon_days=40), clock, SEED)
    before = market.expiries(NIFTY)
    hand.advance(30 * 86_400.0)
    after = market.expiries(NIFTY)
    assert len(after) >= len(before) - 1
    assert after[0].expiry_ts > clock.now()
    assert len(market.futures(NIFTY)) == 3


def test_an_expired_contract_keeps_its_last_quote(market, clock, hand):
    series = near_series(market)
    clock.set(now_ts=market.expiries(NIFTY)[0].expiry_ts + 1.0)
    market.refresh(series.calls)
    before = market.fields[series.calls].copy()
    hand.advance(3600.0)
    market.refresh(series.calls)
    assert np.array_equal(market.fields[series.calls], before)


def test_the_days_range_holds_open_and_last(market):
    rows = np.append(rows_of(near_series(market)), market.universe.by_symbol[NIFTY].row)
    market.refresh(rows)
    values = market.fields[rows][market.fields[rows, LTP] != ABSENT]
    assert (values[:, LOW] <= np.minimum(values[:, OPEN], values[:, LTP])).all()
    assert (values[:, HIGH] >= np.maximum(values[:, OPEN], values[:, LTP])).all()


def test_greeks_of_the_money(market):
    series = near_series(market)
    model = market.greeks(series.calls)
    assert ((model.greeks.delta > 0) & (model.greeks.delta <= 1)).all()
    assert 0.05 < model.sigma[len(series.strikes) // 2] < 0.3
    assert model.sigma[5] > model.sigma[len(series.strikes) // 2]  # puts' wing is dearer
