from __future__ import annotations

import pytest

from dashboard.data.brokers.fyers.stream.parse_tick import tick, tick_from_message, tick_from_record
from tests.unit.data.brokers.fyers.material import ABSENT, NOW

MESSAGE = {
    "type": "sf", "symbol": "NSE:NIFTY26D0124000CE", "ltp": 101.35000000000001, "vol_traded_today": 130_000,
    "last_traded_time": 1_795_000_000, "exch_feed_time": 1_795_000_001, "bid_size": 65, "ask_size": 130,
    "bid_price": 101.3, "ask_price": 101.4, "prev_close_price": 104.5, "lower_ckt": 0, "ch": -3.15,
}  # fmt: skip


def test_a_security_message_becomes_a_tick():
    told = tick(tick_from_message(MESSAGE, 6500, NOW))
    assert (told.symbol, told.received_ts, told.exchange_ts) == (MESSAGE["symbol"], NOW, 1_795_000_001.0)
    assert (told.ltp, told.bid, told.ask, told.prev_close) == (101.35, 101.3, 101.4, 104.5)
    assert (told.bid_qty, told.ask_qty, told.volume, told.oi) == (65, 130, 130_000, 6500)
    assert told.trade_ts == 1_795_000_000.0


def test_zero_prices_are_unknown_and_take_their_quantities_with_them():
    told = tick(
        tick_from_message(MESSAGE | {"ltp": 0.0, "bid_price": 0.0, "bid_size": 0, "prev_close_price": 0}, 0, NOW)
    )
    assert (told.ltp, told.bid, told.bid_qty, told.prev_close) == (None, None, None, None)
    assert told.ask_qty == 130
    assert told.oi == 0, "a told zero is known"


def test_unknown_oi_and_absent_fields_are_none():
    told = tick(tick_from_message({"type": "sf", "symbol": "NSE:X"}, None, NOW))
    assert {name for name in told._fields if getattr(told, name) is not None} == {"symbol", "received_ts"}


def test_wrapped_quantities():
    told = tick(tick_from_message(MESSAGE | {"vol_traded_today": -1}, -(2**31) + 1, NOW))
    assert (told.volume, told.oi) == (2**32 - 1, 2**31 + 1)


def test_an_index_has_no_quotes_and_no_oi():
    message = {"type": "if", "symbol": "NSE:NIFTY50-INDEX", "ltp": 24_010.05, "prev_close_price": 24_000.0}
    told = tick(tick_from_message(message, 7, NOW))
    assert (told.ltp, told.prev_close, told.oi, told.bid, told.trade_ts) == (24_010.05, 24_000.0, None, None, None)


@pytest.mark.parametrize("message", [{"type": "dp", "symbol": "NSE:X"}, {"type": "sf"}, {"symbol": "NSE:X"}, {}])
def test_other_messages_are_no_ticks(message):
    assert tick_from_message(message, None, NOW) is None


def test_a_decoded_record_says_the_same_as_the_message():
    values = [
        10135,
        130_000,
        1_795_000_000,
        1_795_000_001,
        65,
        130,
        10130,
        10140,
        *[ABSENT] * 4,
        6500,
        *[ABSENT] * 7,
        10450,
    ]
    record = tick_from_record("sf", str(MESSAGE["symbol"]), values, 100.0, NOW)
    assert record == tick_from_message(MESSAGE, 6500, NOW)
    unknown = tick(tick_from_record("sf", "NSE:X", [ABSENT] * 21, 100.0, NOW))
    assert unknown == tick(tick_from_message({"type": "sf", "symbol": "NSE:X"}, None, NOW))
    index = tick(tick_from_record("if", "NSE:I", [2_401_005, 2_400_000, 1_795_000_001, 0, 0, 0], 100.0, NOW))
    assert (index.ltp, index.prev_close, index.exchange_ts) == (24_010.05, 24_000.0, 1_795_000_001.0)
    assert tick_from_record("dp", "NSE:X", [1], 100.0, NOW) is None
