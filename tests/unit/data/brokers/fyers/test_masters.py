"""Download and reading of symbol masters: what is good is kept, what is bad never replaces it."""

from __future__ import annotations

import time

import pytest

from dashboard.data.brokers.fyers.symbols.directory import load_universe
from dashboard.data.brokers.fyers.symbols.master import FIRST_RETRY_S, RETRY_S, MasterFolder, MasterRejected
from dashboard.data.brokers.fyers.symbols.master_csv import expiry_kind, read_cash, read_derivatives
from dashboard.market.errors import ProviderUnavailable, UnknownExpiry
from dashboard.market.instruments import Side, UnderlyingKind
from dashboard.market.session import ist_date
from dashboard.settings import SettingsError
from harness.builders import make_expiry
from harness.fyers import loopback_settings
from tests.unit.data.brokers.conftest import Answer
from tests.unit.data.brokers.fyers.material import INDEX_TOKEN, NOW, STOCK_TOKEN, csv_text, derivative_rows, master_row

NEAR, FAR = make_expiry(), make_expiry(make_expiry().date.replace(day=29), kind="M", lot_size=75)
STRIKES = (23_950, 24_000, 24_050.5)
NSE_FO = [
    *derivative_rows(NEAR, STRIKES),
    *derivative_rows(FAR, STRIKES[:2]),
    master_row("NSE:NIFTY26DECFUT", "101126122950001", expiry=FAR.cutoff_ts, root="NIFTY"),
    *derivative_rows(FAR, (1500, 1510), root="RELIANCE", underlying=STOCK_TOKEN, tick=0.1),
]
NSE_CM = [
    master_row("NSE:NIFTY50-INDEX", INDEX_TOKEN, root="NIFTY", instrument=10),
    master_row("NSE:INDIAVIX-INDEX", "101000000026017", root="INDIAVIX", instrument=10),
    master_row("NSE:RELIANCE-EQ", STOCK_TOKEN, root="RELIANCE", instrument=0),
    master_row("NSE:ZOMATO-EQ", "10100000005097", root="ZOMATO", instrument=0),
    master_row("NSE:GOLDBOND-GB", "10100000001111", root="GOLDBOND", instrument=5),
]
BSE_FO = [
    [*row[:0], row[0].replace("1011", "1211", 1), *row[1:9], row[9].replace("NSE:", "BSE:"), *row[10:]]
    for row in [
        *derivative_rows(NEAR, (84_000,), root="SENSEX", underlying="121000000001"),
        *derivative_rows(FAR, (1500,), root="RELIANCE", underlying="1210000000500325"),
    ]
]
BSE_CM = [
    master_row("BSE:SENSEX-INDEX", "121000000001", root="SENSEX", instrument=10),
    master_row("BSE:RELIANCE-A", "1210000000500325", root="RELIANCE", instrument=0),
    master_row("BSE:TCS-A", "1210000000532540", root="TCS", instrument=0),
]
FILES = {"NSE_FO": NSE_FO, "NSE_CM": NSE_CM, "BSE_FO": BSE_FO, "BSE_CM": BSE_CM}
INDEX_MAP = {"NSE:NIFTY50-INDEX": "Nifty 50", "NSE:INDIAVIX-INDEX": "India VIX"}


class Clock:
    now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def served(web):
    for name, rows in FILES.items():
        web.text(f"/sym_details/{name}.csv", csv_text(rows))
    web.json("/sym_details/index_hsm_mapping.json", INDEX_MAP)
    return web


@pytest.fixture
def folder(served, tmp_path, clock):
    return MasterFolder(loopback_settings(tmp_path, public_url=f"{served.url}/sym_details"), clock=clock)


def test_underlyings_are_named_placed_and_priced_by_the_masters(folder, clock):
    directory = load_universe(folder, clock=clock).directory()

    assert [item.name for item in directory.underlyings] == ["NIFTY", "SENSEX", "BSE:RELIANCE", "RELIANCE"]
    nifty, reliance, elsewhere = (directory.find(name) for name in ("NIFTY", "RELIANCE", "BSE:RELIANCE"))
    assert (nifty.symbol, nifty.exchange, nifty.kind) == ("NSE:NIFTY50-INDEX", "NSE", UnderlyingKind.INDEX)
    assert nifty.expiries == (NEAR, FAR)
    assert [expiry.lot_size for expiry in nifty.expiries] == [65, 75]
    assert (reliance.symbol, reliance.kind, reliance.tick_size) == ("NSE:RELIANCE-EQ", UnderlyingKind.STOCK, 0.1)
    assert (elsewhere.symbol, elsewhere.exchange) == ("BSE:RELIANCE-A", "BSE")
    assert directory.without_options == {"NSE": ("ZOMATO",), "BSE": ("TCS",)}


def test_contracts_futures_and_tokens(folder, clock):
    universe = load_universe(folder, clock=clock)
    nifty = universe.directory().find("NIFTY")

    listed = universe.contracts(nifty, NEAR)
    assert sorted({contract.strike for contract in listed}) == list(STRIKES)
    assert {contract.side for contract in listed} == set(Side)
    assert universe.future_symbol(nifty, FAR) == "NSE:NIFTY26DECFUT"
    assert universe.future_symbol(nifty, NEAR) is None
    assert universe.vix_symbol() == "NSE:INDIAVIX-INDEX"
    assert universe.fy_token(listed[0].symbol) == listed[0].fy_token
    assert universe.fy_token("NSE:NIFTY26DECFUT") == "101126122950001"
    assert universe.fy_token("NSE:NIFTY50-INDEX") == INDEX_TOKEN
    assert universe.fy_token("NSE:NOTHING-EQ") is None
    assert universe.index_names["NSE:NIFTY50-INDEX"] == "Nifty 50"
    with pytest.raises(UnknownExpiry, match="05-Jan-27"):
        universe.contracts(nifty, make_expiry(NEAR.date.replace(2027, 1, 5)))


def test_an_expiry_goes_at_midnight_after_its_cutoff(folder, clock):
    universe = load_universe(folder, clock=clock)
    clock.now = NEAR.cutoff_ts + 1.0
    assert universe.directory().find("NIFTY").expiries == (NEAR, FAR)
    clock.now = NEAR.cutoff_ts + 9 * 3600.0
    assert universe.directory().find("NIFTY").expiries == (FAR,)
    assert universe.directory().find("SENSEX") is None


def test_an_index_without_a_row_in_the_cash_master_is_found_by_its_root(served, folder, clock):
    served.text("/sym_details/NSE_CM.csv", csv_text(NSE_CM[2:]))
    universe = load_universe(folder, clock=clock)
    assert universe.directory().find("NIFTY").symbol == "NSE:NIFTY50-INDEX"
    assert universe.fy_token("NSE:NIFTY50-INDEX") == INDEX_TOKEN
    assert universe.vix_symbol() == "NSE:INDIAVIX-INDEX"
    assert universe.fy_token("NSE:INDIAVIX-INDEX") == "1010"


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (Answer(b"", 200, "text/csv"), "empty file"),
        (Answer(b"<html><body>maintenance</body></html>", 200, "text/html"), "cut off in its last row"),
        (Answer(b"gone", 404, "text/plain"), "HTTP 404"),
        (Answer(csv_text(NSE_FO).encode()[:-40], 200, "text/csv"), "cut off in its last row"),
        (Answer((csv_text([row[:10] for row in NSE_FO]) + csv_text(NSE_FO[:1])).encode()), "rows are malformed"),
        (Answer(csv_text([[*row[:8], 1_700_000_000, *row[9:]] for row in NSE_FO]).encode()), "expires in the future"),
        (Answer(csv_text([[*row[:8], "soon", *row[9:]] for row in NSE_FO]).encode()), "cut off in its last row"),
        (Answer(csv_text(NSE_FO[-2:]).encode()), "no options on BANKNIFTY or NIFTY"),
        (Answer(csv_text(BSE_FO).encode()), "cut off in its last row"),
        (Answer(csv_text(NSE_FO).encode(), cut_short=True), "IncompleteRead|ChunkedEncodingError|ConnectionError"),
    ],
)
def test_a_bad_file_never_replaces_the_one_that_is_kept(served, folder, clock, caplog, broken, reason):
    load_universe(folder, clock=clock)
    clock.now += 86_400
    served.answers["/sym_details/NSE_FO.csv"] = broken

    universe = load_universe(folder, clock=clock)

    assert universe.directory().find("NIFTY").expiries == (NEAR, FAR)
    assert "No new NSE_FO.csv" in caplog.text
    assert any(part in caplog.text for part in reason.split("|"))
    assert sorted(path.name for path in folder.directory.iterdir() if path.name.startswith(".")) == []


def test_a_file_that_stays_away_is_named_once_and_again_when_the_reason_changes(served, folder, clock, caplog):
    load_universe(folder, clock=clock)
    for answer, words in [(Answer(b"gone", 404, "text/plain"), 1), (Answer(b"", 200, "text/csv"), 2)]:
        served.answers["/sym_details/NSE_FO.csv"] = answer
        for _ in range(3):
            clock.now += 86_400
            load_universe(folder, clock=clock)
        assert caplog.text.count("No new NSE_FO.csv") == words


def test_a_recording_of_one_exchange_lacks_nothing_of_the_other(served, folder, clock, caplog, tmp_path):
    served.answers["/sym_details/BSE_FO.csv"] = Answer(b"gone", 404, "text/plain")
    playing = MasterFolder(
        loopback_settings(tmp_path, public_url=f"{served.url}/sym_details", replay=True), clock=clock
    )
    with caplog.at_level("INFO"):
        load_universe(playing, clock=clock)
    assert [record.levelname for record in caplog.records if "BSE_FO.csv" in record.message] == ["INFO"]
    assert "The recording has no BSE_FO.csv" in caplog.text


def test_nothing_at_all_is_said_in_a_sentence_and_tried_again_soon(web, tmp_path, clock, served):
    answers, served.answers = served.answers, {}
    folder = MasterFolder(loopback_settings(tmp_path, public_url=f"{web.url}/sym_details"), clock=clock)
    with pytest.raises(ProviderUnavailable, match="symbol masters cannot be had"):
        load_universe(folder, clock=clock)
    served.answers = answers
    with pytest.raises(ProviderUnavailable):
        load_universe(folder, clock=clock)
    clock.now += FIRST_RETRY_S
    assert load_universe(folder, clock=clock).directory().find("NIFTY")


def test_one_exchange_is_better_than_none(served, folder, clock):
    del served.answers["/sym_details/BSE_FO.csv"]
    del served.answers["/sym_details/BSE_CM.csv"]
    del served.answers["/sym_details/index_hsm_mapping.json"]
    universe = load_universe(folder, clock=clock)
    assert [item.name for item in universe.directory().underlyings] == ["NIFTY", "RELIANCE"]
    assert universe.index_names["NSE:NIFTYBANK-INDEX"] == "Nifty Bank"  # as bundled with the SDK


def test_masters_are_fetched_once_a_day_and_a_failure_is_not_retried_at_once(served, folder, clock):
    load_universe(folder, clock=clock)
    load_universe(folder, clock=clock)
    assert len(served.asked) == 5
    assert folder.is_complete(["NSE_FO.csv", "BSE_CM.csv"])
    assert folder.next_turnover_ts() == pytest.approx(NOW + 21.5 * 3600)  # 08:30 IST tomorrow

    clock.now = folder.next_turnover_ts()
    served.answers.clear()
    load_universe(folder, clock=clock)
    load_universe(folder, clock=clock)
    assert len(served.asked) == 10
    assert not folder.is_complete(["NSE_FO.csv"])
    clock.now += RETRY_S
    load_universe(folder, clock=clock)
    assert len(served.asked) == 15


def test_a_loopback_master_of_an_earlier_run_is_only_a_fallback(served, tmp_path, clock):
    settings = loopback_settings(tmp_path, public_url=f"{served.url}/sym_details")
    for _ in range(2):
        load_universe(MasterFolder(settings, clock=clock), clock=clock)
    assert len(served.asked) == 10
    served.answers.clear()
    universe = load_universe(MasterFolder(settings, clock=clock), clock=clock)
    assert universe.directory().find("NIFTY")


def test_hosts_do_not_share_a_folder_and_old_demos_are_forgotten(tmp_path, clock):
    first = MasterFolder(loopback_settings(tmp_path, public_url="http://127.0.0.1:1/sym_details"), clock=clock)
    clock.now = time.time() + 2 * 86_400
    live = loopback_settings(tmp_path, demo=False, public_url="https://public.example/sym_details")
    assert MasterFolder(live, clock=clock).directory.exists()
    second = MasterFolder(loopback_settings(tmp_path, public_url="http://127.0.0.1:2/sym_details"), clock=clock)
    assert not first.directory.exists()
    assert second.directory.exists()
    assert MasterFolder(live, clock=clock).directory.exists()


def test_an_unwritable_data_directory_is_said_in_a_sentence(tmp_path):
    (tmp_path / "masters").write_text("", encoding="utf-8")
    with pytest.raises(SettingsError, match="CHAINBOARD_DATA_DIR"):
        MasterFolder(loopback_settings(tmp_path))


@pytest.mark.parametrize(
    ("symbol", "root", "kind"),
    [
        ("NSE:NIFTY26NOV24000CE", "NIFTY", "M"),
        ("NSE:NIFTY26N1024000CE", "NIFTY", "W"),
        ("NSE:NIFTY2692229450CE", "NIFTY", "W"),
        ("BSE:SENSEX26O1571900CE", "SENSEX", "W"),
        ("NSE:NIFTY26D0124000CE", "NIFTY", "W"),
        ("NSE:M&M26DEC2000CE", "M&M", "M"),
    ],
)
def test_the_symbol_says_whether_an_expiry_is_weekly(symbol, root, kind):
    assert expiry_kind(symbol, root) == kind


def test_a_master_of_real_size_is_read_whole(tmp_path):
    strikes = range(100, 100 + 50 * 200, 50)
    months = [make_expiry(NEAR.date.replace(day=day), kind="M") for day in range(1, 29)]
    rows = []
    for number, root in enumerate(["NIFTY", "BANKNIFTY", *(f"STOCK{n}" for n in range(5))]):
        for expiry in months:
            rows += derivative_rows(expiry, strikes, root=root, underlying=f"1010000000{number:05d}")
    path = tmp_path / "NSE_FO.csv"
    path.write_text(csv_text(rows), encoding="utf-8")
    master = read_derivatives(path, "NSE", ist_date(NOW))
    assert sum(map(len, master.contracts.values())) == len(rows) == 78_400


def test_a_few_malformed_rows_are_skipped(tmp_path):
    path = tmp_path / "NSE_CM.csv"
    rows = [replaced(NSE_CM[3], n) for n in range(200)]
    rows.insert(50, ["broken"])
    path.write_text(csv_text(rows), encoding="utf-8")
    assert len(read_cash(path, "NSE").equities) == 200
    path.write_text(csv_text([*rows, *[["broken"]] * 5, rows[0]]), encoding="utf-8")
    with pytest.raises(MasterRejected, match="6 of 207 rows"):
        read_cash(path, "NSE")


def replaced(row, number):
    return [f"10100000{number:06d}", *row[1:13], f"STOCK{number}", *row[14:]]
