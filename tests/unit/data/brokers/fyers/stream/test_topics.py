from __future__ import annotations

import pytest

from dashboard.data.brokers.fyers.stream.topics import ComputedTopics, topic

NAMES = {"NSE:NIFTY50-INDEX": "Nifty 50", "BSE:SENSEX-INDEX": "SENSEX"}


@pytest.mark.parametrize(
    ("symbol", "token", "expected"),
    [
        ("NSE:NIFTY2692229450CE", "101126092236078", "sf|nse_fo|36078"),
        ("BSE:SENSEX26O1571900CE", "1211261015874123", "sf|bse_fo|874123"),
        ("NSE:RELIANCE-EQ", "10100000002885", "sf|nse_cm|2885"),
        ("NSE:NIFTY50-INDEX", "101000000026000", "if|nse_cm|Nifty 50"),
        ("BSE:SENSEX-INDEX", "121000000001", "if|bse_cm|SENSEX"),
        ("NSE:UNMAPPED-INDEX", "1010", "if|nse_cm|UNMAPPED"),
        ("NSE:X-EQ", "99990000001", None),
        ("NSE:X-EQ", "1010", None),
    ],
)
def test_a_topic_follows_from_the_token(symbol, token, expected):
    assert topic(symbol, token, NAMES) == expected


def test_the_sdk_is_answered_in_its_own_shape():
    lookup = ComputedTopics()
    lookup.topics["NSE:A"] = "sf|nse_fo|1"
    assert lookup.as_sdk_method()(object(), ["NSE:A", "NSE:B"]) == ({"sf|nse_fo|1": "NSE:A"}, ["NSE:B"], False, "")
