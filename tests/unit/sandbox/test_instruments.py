"""Spelling of symbols, fyTokens and topics, and the symbol master's lines."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from dashboard.sandbox.expiries import Expiry
from dashboard.sandbox.faults import Faults
from dashboard.sandbox.instruments import Kind, contract_symbol
from dashboard.sandbox.symbol_master import SymbolMaster, listed
from dashboard.sandbox.underlyings import INDICES, STOCKS

NIFTY, SENSEX, ITC = INDICES[0], INDICES[4], STOCKS[6]


@pytest.mark.parametrize(
    ("spec", "expiry", "strike", "option_type", "symbol"),
    [
        (NIFTY, Expiry(date(2025, 7, 24), 0, False), 24400.0, "CE", "NSE:NIFTY2572424400CE"),
        (NIFTY, Expiry(date(2026, 9, 22), 0, False), 29450.0, "CE", "NSE:NIFTY2692229450CE"),
        (SENSEX, Expiry(date(2026, 10, 15), 0, False), 71900.0, "CE", "BSE:SENSEX26O1571900CE"),
        (NIFTY, Expiry(date(2026, 11, 17), 0, False), 26000.0, "PE", "NSE:NIFTY26N1726000PE"),
        (NIFTY, Expiry(date(2026, 12, 1), 0, False), 26000.0, "PE", "NSE:NIFTY26D0126000PE"),
        (NIFTY, Expiry(date(2026, 11, 23), 0, True), 24000.0, "CE", "NSE:NIFTY26NOV24000CE"),
        (ITC, Expiry(date(2026, 12, 29), 0, True), 402.5, "PE", "NSE:ITC26DEC402.5PE"),
        (NIFTY, Expiry(date(2026, 12, 29), 0, True), -1.0, "FUT", "NSE:NIFTY26DECFUT"),
    ],
)
def test_contract_symbols(spec, expiry, strike, option_type, symbol):
    assert contract_symbol(spec, expiry, strike, option_type) == symbol


def test_fytoken_carries_exchange_segment_and_expiry(market):
    option = market.universe.by_symbol["NSE:NIFTY26NOV26000CE"]
    assert option.fytoken[:10] == "1011261123"
    assert option.topic == f"nse_fo|{option.fytoken[10:]}"
    assert market.universe.by_symbol["BSE:SENSEX26NOV85000PE"].fytoken[:10] == "1211261126"
    assert market.universe.by_symbol["NSE:M&M-EQ"].fytoken == "10100000002031"
    assert market.universe.by_symbol["NSE:NIFTY50-INDEX"].topic == "nse_cm|Nifty 50"


def test_symbols_tokens_and_topics_are_unique(market):
    items = market.universe.instruments
    for name in ("symbol", "fytoken", "topic"):
        assert len({getattr(item, name) for item in items}) == len(items)


def test_lots_and_strikes(market):
    items = [item for item in market.universe.instruments if item.kind is Kind.OPTION]
    assert {item.lot_size for item in items if item.spec is NIFTY} == {65}
    near = market.universe.series[NIFTY.symbol][date(2026, 11, 23)]
    assert len(near.strikes) >= 101
    assert set(near.strikes[1:] - near.strikes[:-1]) == {50.0}


def test_master_lines_have_21_columns_and_no_header(market, clock):
    master = SymbolMaster(market, clock, Faults())
    for stem in ("NSE_CM", "NSE_FO", "BSE_CM", "BSE_FO"):
        lines = list(csv.reader(io.StringIO(master.render(stem).body.decode())))
        assert {len(line) for line in lines} == {21}
        assert all(line[9].startswith(stem[:3] + ":") for line in lines)
        assert all(line[0].startswith({"NSE": "10", "BSE": "12"}[stem[:3]] + {"CM": "10", "FO": "11"}[stem[4:]])
                   for line in lines)  # fmt: skip


def test_master_line_of_an_option(market, clock):
    body = SymbolMaster(market, clock, Faults()).render("NSE_FO").body.decode()
    line = next(line for line in csv.reader(io.StringIO(body)) if line[9] == "NSE:NIFTY26NOV26000CE")
    option = market.universe.by_symbol["NSE:NIFTY26NOV26000CE"]
    assert line[:5] == [option.fytoken, "NIFTY 23 Nov 26 26000 CE", "14", "65", "0.05"]
    assert line[8:18] == [
        "1795428600", "NSE:NIFTY26NOV26000CE", "10", "11", option.exchange_token, "NIFTY", "26000", "26000.0", "CE",
        "101000000026000",
    ]  # fmt: skip


def test_an_expired_series_leaves_the_lists_at_its_cutoff(market, clock, hand):
    before = market.expiries(NIFTY.symbol)
    clock.set(now_ts=before[0].expiry_ts - 1.0)
    assert market.expiries(NIFTY.symbol)[0] == before[0]
    hand.advance(2.0)
    assert before[0] not in market.expiries(NIFTY.symbol)
    symbols = {item.symbol for item in listed(market, "NSE", "11")}
    assert "NSE:NIFTY26NOV26000CE" not in symbols
    assert "NSE:NIFTY26D0126000CE" in symbols


def test_stocks_without_options_list_nothing(market):
    assert market.expiries("NSE:HONAUT-EQ") == ()
    assert market.futures("NSE:HONAUT-EQ") == ()
