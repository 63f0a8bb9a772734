"""What a tile of the six-index board gets."""

from __future__ import annotations

import orjson

from dashboard.data.contract import codec, keys
from dashboard.data.reader.state import SeriesStatus
from dashboard.data.reader.summaries import Summaries, head_of
from dashboard.market.session import FeedState
from harness.builders import NIFTY_WEEKLY, make_chain, make_expiry, make_frame, make_underlying
from tests.fakes import MONDAY_11_IST, FakeClock, FakeStore

LIVE = SeriesStatus(FeedState.LIVE, "Live from FYERS.", since_ts=MONDAY_11_IST)


def test_a_summary_is_the_frame_without_its_tables():
    frame = make_frame()
    head = head_of(frame)
    assert not {"strikes", "call", "put", "row"} & set(head)
    assert head["metrics"] == orjson.loads(frame)["metrics"]
    assert len(orjson.dumps(head)) < 4_500


def test_the_expiry_is_told_in_days_of_the_market():
    assert head_of(make_frame())["expiry_text"] == "01 Dec · 8 d"
    today = make_underlying(expiries=[make_expiry(day=make_expiry().date.replace(month=11, day=23))])
    assert head_of(make_frame(make_chain(underlying=today)))["expiry_text"] == "23 Nov · expires today"


def test_it_carries_state_and_trail_and_survives_a_lost_cache():
    store = FakeStore(FakeClock())
    summaries = Summaries(store)
    assert summaries.summary(NIFTY_WEEKLY, LIVE) is None
    store.put(keys.frame(NIFTY_WEEKLY), make_frame())
    assert "trail" not in (summaries.summary(NIFTY_WEEKLY, LIVE) or {})
    store.put(keys.trail("NIFTY"), codec.encode_report({"step_s": 1.0, "points": [[MONDAY_11_IST, 24_000.0]]}))
    store_full = summaries.summary(NIFTY_WEEKLY, LIVE)
    store.lose_everything()
    assert summaries.summary(NIFTY_WEEKLY, LIVE) == store_full
    assert store_full is not None
    assert (store_full["trail_since"], store_full["state"]) == ("spot since 11:05", "live")
