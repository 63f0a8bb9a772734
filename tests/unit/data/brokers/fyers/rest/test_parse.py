from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.data.brokers.fyers.rest.parse import (
    SeriesRows,
    number,
    parse_chain,
    parse_expiry_epochs,
    parse_market_open,
    parse_recorded_shift,
    price,
    quantity,
)
from dashboard.data.brokers.fyers.symbols.contract import FyersContract
from dashboard.market.chain import LEG_COLUMNS, POLL
from dashboard.market.errors import WireChanged
from dashboard.market.instruments import Side
from harness.builders import SECOND, make_expiry
from tests.unit.data.brokers.fyers.material import NOW, SERIES, chain_answer, chain_row, contracts

UNDERLYING, EXPIRY = SERIES
STRIKES = (23_900, 23_950, 24_000, 24_050)
LISTED = contracts(EXPIRY, STRIKES)
MONTH = date(2026, 12, 29)
LAYOUT = SeriesRows(UNDERLYING, EXPIRY, LISTED, future_expiry=MONTH)
CALL = next(contract for contract in LISTED if contract.strike == 24_000 and contract.side is Side.CALL)


def chain_of(*rows, **data):
    return parse_chain(chain_answer(rows, **data), LAYOUT, NOW)


def cell(chain, column, strike=24_000, side=Side.CALL):
    return float(getattr(chain.legs(side), column)[list(chain.strikes).index(strike)])


def test_all_listed_strikes_are_there_and_unpolled_ones_are_unknown():
    chain = chain_of(chain_row(CALL))
    assert chain.strikes.tolist() == list(STRIKES)
    assert chain.call.symbol[2] == CALL.symbol
    assert None not in chain.put.symbol
    assert cell(chain, "ltp") == 101.35
    for column in LEG_COLUMNS:
        assert np.isnan(getattr(chain.put, column)).all()
        assert np.isnan(getattr(chain.call, column)[[0, 1, 3]]).all()


def test_a_future_that_nothing_is_listed_for_is_unknown():
    chain = parse_chain(chain_answer([chain_row(CALL)]), SeriesRows(UNDERLYING, EXPIRY, LISTED), NOW)
    assert np.isnan(chain.future)
    assert chain.future_expiry is None


def test_only_a_recording_was_moved_to_another_day():
    assert parse_recorded_shift({"s": "ok", "marketStatus": [], "recordedShift": 86_400}) == 86_400
    assert parse_recorded_shift({"s": "ok", "marketStatus": []}) is None


def test_a_row_is_told_in_our_words_and_units():
    chain = chain_of(chain_row(CALL))
    told = {name: cell(chain, name) for name in LEG_COLUMNS if name not in {"bid_qty", "ask_qty", "trade_ts"}}
    assert told == {
        "ltp": 101.35, "ltp_change": -3.15, "bid": 101.3, "ask": 101.4, "volume": 130_000, "oi": 6500,
        "oi_change": -130, "prev_oi": 6630, "tick_ts": NOW, "oi_ts": NOW, "price_from": POLL, "oi_from": POLL,
    }  # fmt: skip
    assert np.isnan(cell(chain, "bid_qty"))
    assert np.isnan(cell(chain, "trade_ts"))
    assert (chain.spot, chain.spot_change, chain.spot_ts) == (24_010.05, 12.1, NOW)
    assert (chain.future, chain.future_expiry) == (24_050.0, MONTH)
    assert (chain.vix, chain.vix_change) == (13.15, -0.2)
    assert chain.as_of_ts == chain.market_ts == NOW
    assert chain.series.key == "NIFTY|2026-12-01"


def test_zero_prices_are_unknown_but_a_told_zero_of_oi_and_volume_is_known():
    chain = chain_of(chain_row(CALL, ltp=0, ltpch=0, bid=0, ask=0, oi=0, volume=0, oich=0, prev_oi=0), spot=0.0)
    for name in ("ltp", "ltp_change", "bid", "ask", "tick_ts"):
        assert np.isnan(cell(chain, name))
    assert [cell(chain, name) for name in ("oi", "volume", "oi_change", "prev_oi")] == [0, 0, 0, 0]
    assert cell(chain, "oi_ts") == NOW
    assert np.isnan([chain.spot, chain.spot_change, chain.spot_ts]).all()


def test_absent_and_foreign_values_are_unknown():
    chain = chain_of(chain_row(CALL, ltp="101", bid=None, ask=float("inf"), oi=None, oich=None, volume=True))
    for name in ("ltp", "bid", "ask", "oi", "oi_change", "volume", "tick_ts", "oi_ts"):
        assert np.isnan(cell(chain, name)), name
    assert cell(chain, "prev_oi") == 6630


def test_oi_change_is_worked_out_when_it_is_not_told():
    assert cell(chain_of(chain_row(CALL, oich=None)), "oi_change") == -130


def test_wrapped_quantities_are_unwrapped_but_a_falling_oi_is_not():
    chain = chain_of(chain_row(CALL, volume=-(2**31), oi=-1, oich=-5))
    assert (cell(chain, "volume"), cell(chain, "oi"), cell(chain, "oi_change")) == (2**31, 2**32 - 1, -5)


def test_float_noise_is_gone():
    chain = chain_of(chain_row(CALL, ltp=100.30000000000001, bid=0.1 + 0.2))
    assert (cell(chain, "ltp"), cell(chain, "bid")) == (100.3, 0.3)


def test_missing_parts_beside_the_rows_are_unknown():
    answer = chain_answer([chain_row(CALL)], indiavixData=None)
    answer["data"]["optionsChain"].pop()
    chain = parse_chain(answer, LAYOUT, NOW)
    assert np.isnan([chain.spot, chain.future, chain.vix, chain.vix_change]).all()


def test_another_expiry_is_never_shown_as_this_one():
    other = contracts(make_expiry(SECOND), STRIKES)
    with pytest.raises(WireChanged, match="is not of NIFTY 01-Dec-26"):
        chain_of(*(chain_row(contract) for contract in other))
    with pytest.raises(WireChanged):
        chain_of(chain_row(CALL), chain_row(other[0]))


def test_a_row_that_contradicts_the_master_is_refused():
    with pytest.raises(WireChanged, match="contradicts"):
        chain_of(chain_row(CALL, strike_price=23_900))
    with pytest.raises(WireChanged, match="contradicts"):
        chain_of(chain_row(CALL, option_type="PE"))


def test_a_strike_listed_since_the_master_was_written_is_noted():
    newer = contracts(EXPIRY, [24_100.5])
    layout = SeriesRows(UNDERLYING, EXPIRY, LISTED)
    chain = parse_chain(chain_answer([chain_row(CALL), *map(chain_row, newer)]), layout, NOW)
    assert chain.strikes.tolist() == list(STRIKES)
    assert list(layout.newcomers.values()) == newer

    relisted = SeriesRows(UNDERLYING, EXPIRY, [*LISTED, *newer])
    assert relisted.strikes.tolist() == [*STRIKES, 24_100.5]


@pytest.mark.parametrize(
    "strange",
    [
        {"symbol": "NSE:BANKNIFTY26D0124100CE"},
        {"symbol": "NSE:NIFTY26D0824100CE"},
        {"symbol": None},
        {"strike_price": 24_150},
        {"strike_price": None},
        {"option_type": "PE"},
        {"option_type": "XX"},
        {"fyToken": "101126120845000"},
        {"fyToken": None},
    ],
)
def test_a_stranger_is_not_taken_for_a_new_strike(strange):
    newer = contracts(EXPIRY, [24_100])[0]
    with pytest.raises(WireChanged, match="is not of NIFTY 01-Dec-26"):
        chain_of(chain_row(CALL), chain_row(newer, **strange))


def test_equal_duplicates_count_once_and_contradicting_ones_not_at_all():
    twice = chain_of(chain_row(CALL), chain_row(CALL))
    assert cell(twice, "ltp") == 101.35
    torn = chain_of(chain_row(CALL), chain_row(CALL, ltp=300.0), chain_row(LISTED[0]))
    assert np.isnan(cell(torn, "ltp"))
    assert np.isnan(cell(torn, "oi"))
    assert cell(torn, "ltp", strike=23_900) == 101.35


@pytest.mark.parametrize(
    "answer", [{}, {"data": None}, {"data": {}}, {"data": {"optionsChain": None}}, {"data": {"optionsChain": [3]}}]
)
def test_an_answer_without_rows_is_a_changed_wire(answer):
    with pytest.raises(WireChanged):
        parse_chain(answer, LAYOUT, NOW)


def test_an_answer_with_the_underlying_alone_is_refused():
    with pytest.raises(WireChanged, match="no rows of NIFTY 01-Dec-26"):
        chain_of()


def test_an_adjusted_contract_of_the_same_strike_does_not_hide_the_plain_one():
    adjusted = [contract for contract in contracts(EXPIRY, [24_000]) if contract.side is Side.CALL]
    twin = FyersContract("NSE:NIFTYADJ26D0124000CE", 24_000.0, Side.CALL, adjusted[0].fy_token + "9")
    layout = SeriesRows(UNDERLYING, EXPIRY, [*LISTED, twin])
    assert layout.empty_columns(Side.CALL)["symbol"][2] == CALL.symbol
    assert twin.symbol not in layout.place


def test_expiry_epochs_by_date():
    offered = [{"date": "01-12-2026", "expiry": str(EXPIRY.cutoff_ts)}, {"expiry": None}, {}, "x", {"expiry": "soon"}]
    assert parse_expiry_epochs({"data": {"expiryData": offered}}) == {EXPIRY.date.toordinal(): EXPIRY.cutoff_ts}
    assert parse_expiry_epochs({}) == {}
    assert parse_expiry_epochs({"data": {"expiryData": 3}}) == {}


@pytest.mark.parametrize(
    ("status", "told"), [("OPEN", True), ("CLOSE", False), ("CLOSED", False), ("PREOPEN", False), (None, False)]
)
def test_the_market_is_open_when_nse_derivatives_trade(status, told):
    cash = {"exchange": 10, "segment": 10, "market_type": "NORMAL", "status": "OPEN"}
    odd = {"exchange": 10, "segment": 11, "market_type": "AUCTION", "status": "OPEN"}
    derivatives = {"exchange": 10, "segment": 11, "market_type": "NORMAL", "status": status}
    assert parse_market_open({"marketStatus": [cash, odd, derivatives]}) is told
    assert parse_market_open({"marketStatus": [cash, odd, "x"]}) is None
    assert parse_market_open({}) is None


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(ANYTHING)
def test_no_value_is_taken_for_a_number_that_is_not_one(value):
    for found in (number(value), price(value), quantity(value)):
        assert isinstance(found, float)
        assert np.isnan(found) or np.isfinite(found)
    assert not price(value) <= 0
    assert not (quantity(value) < 0 and isinstance(value, int) and value > -(2**32))


@given(st.lists(ANYTHING | st.fixed_dictionaries({"symbol": st.just(CALL.symbol), "ltp": ANYTHING, "oi": ANYTHING})))
def test_nonsense_gives_a_chain_or_a_clear_refusal(rows):
    try:
        chain = parse_chain({"data": {"optionsChain": rows}}, LAYOUT, NOW)
    except WireChanged:
        return
    assert len(chain.strikes) == len(STRIKES)
