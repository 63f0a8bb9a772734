"""The provider's own decisions, over real HTTP with made-up answers and a clock that is handed in."""

from __future__ import annotations

import pytest

from dashboard.data.brokers.fyers.provider import MARKET_STATUS_KEPT_S, MARKET_STATUS_S, MARKET_TURNS_S, FyersMarketData
from dashboard.market.errors import ProviderUnavailable, RequestRefused, UnknownExpiry, WireChanged
from harness.builders import SECOND, make_expiry
from harness.fyers import jwt, loopback_settings
from harness.process import eventually
from tests.unit.data.brokers.fyers.material import (
    INDEX_TOKEN,
    NOW,
    chain_answer,
    chain_row,
    contracts,
    csv_text,
    derivative_rows,
    master_row,
)

STRIKES = (23_950, 24_000)
EXPIRY = make_expiry()
LISTED = contracts(EXPIRY, STRIKES)
CHAIN = "/data/options-chain-v3"
STATUS = "/data/marketStatus"
MASTER = "/sym_details/NSE_FO.csv"


class Desk:
    """A provider with its clock at hand."""

    def __init__(self, web, tmp_path, *, now=NOW, **overrides):
        self.now = now
        addresses = {"data_url": f"{web.url}/data", "public_url": f"{web.url}/sym_details"}
        settings = loopback_settings(tmp_path, access_token=jwt(NOW + 1e7), **(addresses | overrides))
        web.text(MASTER, csv_text(derivative_rows(EXPIRY, STRIKES)))
        web.text("/sym_details/NSE_CM.csv", csv_text([master_row("NSE:NIFTY50-INDEX", INDEX_TOKEN, root="NIFTY")]))
        self.web = web
        self.provider = FyersMarketData(settings, clock=lambda: self.now)

    @property
    def nifty(self):
        return self.provider.directory().find("NIFTY")

    def poll(self):
        return self.provider.fetch_chain(self.nifty, EXPIRY)

    def asked(self, path):
        return [question for _, question, _, _ in self.web.asked if question.startswith(path)]


@pytest.fixture
def desk(web, tmp_path):
    desk = Desk(web, tmp_path)
    yield desk
    desk.provider.close()


def test_the_chain_is_asked_for_by_the_brokers_own_epoch_never_a_date(desk):
    desk.web.json(CHAIN, chain_answer(map(chain_row, LISTED)))
    assert desk.poll().strikes.tolist() == list(STRIKES)
    assert desk.asked(CHAIN) == [f"{CHAIN}?symbol=NSE%3ANIFTY50-INDEX&strikecount=50&timestamp={EXPIRY.cutoff_ts}"]


def test_a_strike_listed_during_the_day_is_in_the_next_chain(desk):
    newer = contracts(EXPIRY, [24_050])
    desk.web.json(CHAIN, chain_answer(map(chain_row, [*LISTED, *newer])))
    assert desk.poll().strikes.tolist() == [23_950, 24_000]

    chain = desk.poll()

    assert chain.strikes.tolist() == [23_950, 24_000, 24_050]
    assert chain.call.ltp.tolist() == [101.35] * 3
    assert {contract.symbol for contract in desk.provider.contracts(desk.nifty, EXPIRY)} >= {newer[0].symbol}
    assert desk.provider.topic_of(newer[0].symbol) == f"sf|nse_fo|{newer[0].fy_token[10:]}"


def test_an_expiry_the_chain_knows_by_another_epoch_is_asked_for_by_that(desk):
    other = contracts(make_expiry(SECOND), STRIKES)
    offered = [{"date": "01-12-2026", "expiry": str(EXPIRY.cutoff_ts - 600)}]
    desk.web.json(CHAIN, chain_answer(map(chain_row, other), expiryData=offered))
    with pytest.raises(WireChanged):
        desk.poll()
    epochs = [str(EXPIRY.cutoff_ts), str(EXPIRY.cutoff_ts - 600)]
    assert [question.rpartition("=")[2] for question in desk.asked(CHAIN)] == epochs

    known = desk.asked(CHAIN)[1]
    desk.web.json(known, chain_answer(map(chain_row, LISTED)))
    assert desk.poll().expiry == EXPIRY
    desk.poll()
    assert desk.asked(CHAIN)[-1] == desk.asked(CHAIN)[-2] == known


def test_an_expiry_that_is_not_listed_is_not_asked_for(desk):
    with pytest.raises(UnknownExpiry):
        desk.provider.fetch_chain(desk.nifty, make_expiry(SECOND))
    assert desk.asked(CHAIN) == []


def test_the_markets_status_is_asked_once_a_minute_and_believed_for_five(desk):
    desk.web.json(STATUS, {"s": "ok", "marketStatus": [{"exchange": 10, "segment": 11, "status": "OPEN"}]})
    assert desk.provider.market_open() is True
    desk.web.json(STATUS, {"s": "error", "code": 500, "message": "no"})
    desk.now += MARKET_STATUS_S
    assert desk.provider.market_open() is True
    desk.now += MARKET_STATUS_KEPT_S
    assert desk.provider.market_open() is None
    assert len(desk.asked(STATUS)) == 3


def test_new_masters_come_in_the_background_and_failures_keep_the_old(desk, caplog):
    assert len(desk.nifty.expiries) == 1
    desk.now += 86_400
    desk.web.page(MASTER)
    assert len(desk.nifty.expiries) == 1
    eventually(lambda: "the previous one is kept" in caplog.text)
    assert len(desk.asked(MASTER)) == 2

    later = make_expiry(SECOND)
    desk.web.text(MASTER, csv_text(derivative_rows(EXPIRY, STRIKES) + derivative_rows(later, STRIKES)))

    def later_is_listed():
        desk.now += 301
        return desk.nifty.expiries == (EXPIRY, later)

    eventually(later_is_listed)


def test_without_masters_every_question_says_so(web, tmp_path):
    desk = Desk(web, tmp_path)
    del web.answers[MASTER]
    for ask in (desk.provider.directory, desk.provider.vix_symbol):
        with pytest.raises(ProviderUnavailable):
            ask()
    assert desk.provider.topic_of("NSE:NIFTY50-INDEX") is None
    desk.provider.close()


def test_one_budget_for_all_calls(desk):
    desk.web.json(STATUS, {"s": "error", "code": 429})
    assert desk.provider.market_open() is None
    with pytest.raises(RequestRefused):
        desk.poll()
    assert desk.provider.budget().day == 1
    assert desk.provider.token_expires_ts() == int(NOW + 1e7)


# Hours


@pytest.fixture
def live_desk(web, tmp_path):
    """Settings that are not of a demo: the calendar counts."""
    desk = Desk(web, tmp_path, demo=False, client_id="APP-100")
    yield desk
    desk.provider.close()


def says(desk, status):
    line = {"exchange": 10, "segment": 11, "market_type": "NORMAL", "status": status}
    desk.web.json(STATUS, {"s": "ok", "code": 200, "marketStatus": [line]})


def test_at_the_opening_the_market_status_is_asked_more_often(live_desk):
    """11:00 on a trading Monday, and FYERS still says closed."""
    says(live_desk, "CLOSED")
    assert live_desk.provider.market_open() is False
    live_desk.now += MARKET_TURNS_S + 1
    says(live_desk, "OPEN")
    assert live_desk.provider.market_open() is True
    live_desk.now += MARKET_TURNS_S + 1
    live_desk.provider.market_open()
    assert len(live_desk.asked(STATUS)) == 2, "once it says what the calendar expects, once a minute is enough"


def test_silence_is_strange_while_fyers_or_else_the_calendar_says_that_the_market_trades(live_desk):
    assert live_desk.provider.trading() is True, "nobody asked FYERS yet; the calendar says so"
    says(live_desk, "CLOSED")
    live_desk.provider.market_open()
    assert live_desk.provider.trading() is False
    live_desk.now += MARKET_STATUS_KEPT_S + 1
    assert live_desk.provider.trading() is True, "what FYERS said long ago does not count"
    live_desk.now += 12 * 3600
    assert live_desk.provider.trading() is False


def test_a_demo_goes_by_its_own_market_s_word_alone(desk):
    assert desk.provider.trading() is False
    says(desk, "OPEN")
    desk.provider.market_open()
    assert desk.provider.trading() is True


def test_a_clock_set_back_does_not_stop_the_asking(desk):
    says(desk, "OPEN")
    desk.provider.market_open()
    desk.now -= 3_600
    desk.provider.market_open()
    assert len(desk.asked(STATUS)) == 2


def test_two_stories_about_one_contract_are_counted(desk):
    rows = list(map(chain_row, LISTED))
    desk.web.json(CHAIN, chain_answer([*rows, rows[0] | {"ltp": 1.0}]))
    desk.poll()
    assert desk.provider.rejects() == {"duplicate_row": 1}
