"""REST of a running sandbox: shapes of the answers, refusals, and the faults that spoil them."""

from __future__ import annotations

import gzip
import hashlib
import http.client
import json
import urllib.error
import urllib.parse
import urllib.request

import pytest

NIFTY = "NSE:NIFTY50-INDEX"


@pytest.fixture(scope="module")
def token(running):
    return running.token()["access_token"]


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments):
        return None


def ask(url, *, authorization=None, body=None, headers=None, timeout=10.0):
    """(status, decoded body) of a request; JSON when it is JSON."""
    sent = dict(headers or {})
    if authorization is not None:
        sent["Authorization"] = authorization
    if body is not None:
        sent["Content-Type"] = "application/json"
    request = urllib.request.Request(url, None if body is None else json.dumps(body).encode(), sent)
    try:
        with urllib.request.build_opener(NoRedirect).open(request, timeout=timeout) as answer:
            return answer.status, decoded(answer.read(), answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, decoded(error.read(), error.headers)


def decoded(payload, headers):
    if headers.get("Content-Encoding") == "gzip":
        payload = gzip.decompress(payload)
    return json.loads(payload) if headers.get_content_type() == "application/json" else payload.decode()


@pytest.fixture
def get(sandbox, token):
    def call(path, **query):
        url = f"{sandbox.data_url}/{path}?{urllib.parse.urlencode(query)}"
        return ask(url, authorization=f"SANDBOX-100:{token}")

    return call


def options(chain):
    return [row for row in chain["data"]["optionsChain"] if row["option_type"]]


def test_chain_of_the_nearest_expiry(get):
    status, chain = get("options-chain-v3", symbol=NIFTY, strikecount=7, timestamp="", greeks="1")
    assert (status, chain["s"], chain["code"]) == (200, "ok", 200)
    rows = options(chain)
    assert len(rows) == 2 * (2 * 7 + 1)
    strikes = [row["strike_price"] for row in rows]
    assert strikes != sorted(strikes)  # nothing may rely on the order
    [underlying] = [row for row in chain["data"]["optionsChain"] if row["option_type"] == ""]
    assert underlying["symbol"] == NIFTY
    assert underlying["strike_price"] == -1
    assert underlying["fp"] > 0
    middle = sorted(set(strikes))[7]
    assert abs(middle - underlying["ltp"]) <= 50
    assert chain["data"]["callOi"] > sum(row["oi"] for row in rows if row["option_type"] == "CE")
    assert chain["data"]["indiavixData"]["symbol"] == "NSE:INDIAVIX-INDEX"
    assert all(row["oich"] == row["oi"] - row["prev_oi"] for row in rows)
    call = next(row for row in rows if row["option_type"] == "CE" and row["strike_price"] == middle)
    assert 0.2 < call["greeks"]["delta"] < 0.8
    assert 3 < call["greeks"]["iv"] < 60


def test_chain_of_a_later_expiry_is_asked_by_epoch(get):
    _, first = get("options-chain-v3", symbol=NIFTY, strikecount=1)
    later = first["data"]["expiryData"][2]
    assert isinstance(later["expiry"], str)
    _, chain = get("options-chain-v3", symbol=NIFTY, strikecount=1, timestamp=later["expiry"])
    day, month, year = later["date"].split("-")
    assert all(row["fyToken"][4:10] == year[2:] + month + day for row in options(chain))


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"symbol": "NSE:NOSUCH-EQ", "strikecount": 5}, -300),
        ({"symbol": "NSE:HONAUT-EQ", "strikecount": 5}, -300),
        ({"symbol": NIFTY, "strikecount": 51}, -50),
        ({"symbol": NIFTY, "strikecount": "many"}, -50),
        ({"symbol": NIFTY, "strikecount": 5, "timestamp": "123"}, -50),
    ],
)
def test_bad_chain_requests(get, query, code):
    status, answer = get("options-chain-v3", **query)
    assert (status, answer["s"], answer["code"]) == (400, "error", code)


def test_stocks_with_awkward_names_have_chains(get):
    for symbol, strike in (("NSE:M&M-EQ", 50), ("NSE:BAJAJ-AUTO-EQ", 100), ("NSE:ITC-EQ", 2.5)):
        _, chain = get("options-chain-v3", symbol=symbol, strikecount=3)
        strikes = sorted({row["strike_price"] for row in options(chain)})
        assert strikes[1] - strikes[0] == strike
    assert any(row["strike_price"] % 1 for row in options(chain))


def test_the_market_status_has_a_line_for_each_segment(get):
    _, status = get("marketStatus")
    assert [(line["exchange"], line["segment"]) for line in status["marketStatus"]] == [
        (10, 10), (10, 11), (12, 10), (12, 11),
    ]  # fmt: skip
    assert {line["status"] for line in status["marketStatus"]} == {"OPEN"}


def test_symbol_tokens_come_unordered_with_the_invalid_ones_apart(sandbox, token):
    asked = ["NSE:SBIN-EQ", NIFTY, "NSE:FOO", "NSE:TCS-EQ", "NSE:INFY-EQ", "BSE:SENSEX-INDEX"]
    _, answer = ask(f"{sandbox.data_url}/symbol-token", authorization=token, body={"symbols": asked})
    assert answer["invalidSymbol"] == ["NSE:FOO"]
    assert list(answer["validSymbol"]) != [s for s in asked if s != "NSE:FOO"]
    assert answer["validSymbol"]["NSE:SBIN-EQ"] == "10100000003045"


def test_authorisation_is_checked(sandbox, token):
    url = f"{sandbox.data_url}/marketStatus"
    assert ask(url, authorization=f"SANDBOX-100:{token}")[0] == 200
    expired = sandbox.token(life_s=-5)["access_token"]
    for header, code in (
        (None, -16),
        (token, -16),  # the bare form is for symbol-token only
        ("SANDBOX-100:a.b.c", -15),
        (f"OTHER-100:{token}", -17),
        (f"SANDBOX-100:{expired}", -8),
    ):
        status, answer = ask(url, authorization=header)
        assert (status, answer["s"], answer["code"]) == (401, "error", code)


def test_login_round_trip(sandbox):
    redirect = "http://127.0.0.1:9/callback"
    query = {"client_id": "SANDBOX-100", "redirect_uri": redirect, "response_type": "code", "state": "s1"}
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port)
    connection.request("GET", f"/api/v3/generate-authcode?{urllib.parse.urlencode(query)}")
    answer = connection.getresponse()
    location = urllib.parse.urlsplit(answer.headers["Location"])
    connection.close()
    assert answer.status == 302
    sent_back = dict(urllib.parse.parse_qsl(location.query))
    assert (sent_back["s"], sent_back["code"], sent_back["state"]) == ("ok", "200", "s1")
    proof = hashlib.sha256(b"SANDBOX-100:sandbox-secret").hexdigest()
    body = {"grant_type": "authorization_code", "appIdHash": proof, "code": sent_back["auth_code"]}
    _, tokens = ask(f"{sandbox.api_url}/validate-authcode", body=body)
    assert ask(f"{sandbox.data_url}/marketStatus", authorization=f"SANDBOX-100:{tokens['access_token']}")[0] == 200
    assert ask(f"{sandbox.api_url}/validate-authcode", body=body)[1]["code"] == -437  # used
    assert ask(f"{sandbox.api_url}/validate-authcode", body={**body, "appIdHash": "0"})[1]["s"] == "error"


@pytest.mark.parametrize(
    "changed", [{"client_id": "WRONG-100"}, {"redirect_uri": "https://example.com/x"}, {"response_type": "token"}]
)
def test_login_of_strangers_ends_on_an_error_page(sandbox, changed):
    query = {"client_id": "SANDBOX-100", "redirect_uri": "http://localhost:9/", "response_type": "code", **changed}
    status, page = ask(f"{sandbox.api_url}/generate-authcode?{urllib.parse.urlencode(query)}")
    assert status == 400
    assert "Error" in page


def test_masters_offer_compression_and_an_etag(sandbox):
    url = f"{sandbox.public_url}/BSE_FO.csv"
    with urllib.request.urlopen(url) as answer:
        plain, etag = answer.read(), answer.headers["ETag"]
    status, unzipped = ask(url, headers={"Accept-Encoding": "gzip"})
    assert (status, unzipped) == (200, plain.decode())
    assert ask(url, headers={"If-None-Match": etag})[0] == 304
    assert ask(f"{sandbox.public_url}/MCX_COM.csv")[0] == 404
    assert ask(f"{sandbox.public_url}/index_hsm_mapping.json")[1][NIFTY] == "Nifty 50"


def test_rate_limits_answer_429_and_count(sandbox, get):
    sandbox.control("limits", {"per_second": 3, "per_minute": 200, "per_day": 10**6})
    try:
        answers = [get("marketStatus") for _ in range(8)]
    finally:
        report = sandbox.state()["rate"]
        sandbox.control("limits", {"per_second": 10**9, "per_minute": 10**9, "per_day": 10**9})
    assert (429, {"s": "error", "code": 429, "message": "request limit reached"}) in answers
    assert report["breaches"]["second"] >= 1


def test_spoiled_chains(sandbox, get):
    sandbox.fault(wrong_expiry=True)
    _, chain = get("options-chain-v3", symbol=NIFTY, strikecount=2)
    nearest = chain["data"]["expiryData"][0]["date"]
    assert all(row["fyToken"][8:10] + "-" + row["fyToken"][6:8] != nearest[:5] for row in options(chain))
    sandbox.clear_faults()
    sandbox.fault(missing_fields=True)
    _, chain = get("options-chain-v3", symbol=NIFTY, strikecount=2)
    assert any("oi" not in row for row in chain["data"]["optionsChain"])
    sandbox.clear_faults()
    sandbox.fault(duplicate_strikes=True)
    _, chain = get("options-chain-v3", symbol=NIFTY, strikecount=2)
    symbols = [row["symbol"] for row in options(chain)]
    assert len(symbols) > len(set(symbols))


def test_broken_answers(sandbox, get):
    sandbox.fault(rest_html={"status": 503, "endpoint": "options-chain-v3"})
    status, page = get("options-chain-v3", symbol=NIFTY, strikecount=1)
    assert status == 503
    assert "<html>" in page
    assert get("marketStatus")[0] == 200
    sandbox.clear_faults()
    sandbox.fault(rest_429={"count": 1})
    assert [get("marketStatus")[0] for _ in range(2)] == [429, 200]
    sandbox.fault(rest_auth={"code": -8})
    assert get("marketStatus")[1]["code"] == -8
    sandbox.clear_faults()
    sandbox.fault(symbol_token_failure=True)
    assert ask(f"{sandbox.data_url}/symbol-token", body={"symbols": []})[0] == 502
    sandbox.clear_faults()
    sandbox.fault(rest_hang={"endpoint": "marketStatus"})
    with pytest.raises(TimeoutError):
        ask(f"{sandbox.data_url}/marketStatus", timeout=0.5)


def test_broken_masters(sandbox):
    sandbox.fault(master_corrupt={"file": "NSE_FO"})
    assert ask(f"{sandbox.public_url}/NSE_FO.csv")[1].endswith("</html>")
    sandbox.fault(master_missing={"file": "BSE_FO"})
    assert ask(f"{sandbox.public_url}/BSE_FO.csv")[0] == 404
    assert ask(f"{sandbox.public_url}/NSE_CM.csv")[0] == 200


def test_unknown_faults_and_symbols_are_named(sandbox):
    with pytest.raises(RuntimeError, match="no_such_fault"):
        sandbox.fault(no_such_fault=True)
    with pytest.raises(RuntimeError, match="unknown symbol"):
        sandbox.trade("NSE:NOSUCH", ltp=1.0)


def test_a_forced_trade_shows_in_the_chain(sandbox, get):
    _, chain = get("options-chain-v3", symbol=NIFTY, strikecount=1)
    symbol = options(chain)[0]["symbol"]
    sandbox.trade(symbol, ltp=4321.05, oi=65, hold_s=30)
    _, chain = get("options-chain-v3", symbol=NIFTY, strikecount=1)
    row = next(row for row in options(chain) if row["symbol"] == symbol)
    sandbox.control("trade", method="DELETE")
    assert (row["ltp"], row["oi"]) == (4321.05, 65)
