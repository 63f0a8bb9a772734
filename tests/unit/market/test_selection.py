"""A selection is one whole pair or nothing."""

from __future__ import annotations

from datetime import date

import pytest

from dashboard.market.instruments import Series
from dashboard.market.selection import Intent, Selection, selection_label

SERIES = Series("NIFTY", date(2026, 12, 1))


def test_a_series_key_reads_back_as_the_series():
    assert Series.from_key(SERIES.key) == SERIES
    assert Series.from_key(Series("BSE:RELIANCE", SERIES.expiry).key).underlying == "BSE:RELIANCE"


@pytest.mark.parametrize("key", ["", "NIFTY", "|2026-12-01", "NIFTY|tomorrow"])
def test_a_key_that_no_series_has_is_refused(key):
    with pytest.raises(ValueError, match=r".+"):
        Series.from_key(key)


def test_a_selection_survives_its_store():
    assert Selection.from_store(Selection(SERIES).to_store()) == Selection(SERIES)


HALVES = [None, {}, {"key": None}, {"key": "NIFTY|"}, {"underlying": "NIFTY"}, {"key": 7}, [1]]


@pytest.mark.parametrize("store", HALVES)
def test_half_a_selection_is_no_selection(store):
    assert Selection.from_store(store) is None


@pytest.mark.parametrize("store", [None, {}, {"underlying": 5}])
def test_a_wish_without_a_name_is_no_wish(store):
    assert Intent.from_store(store) is None


def test_a_wish_keeps_nonsense_expiries_as_text_so_that_the_lookup_can_say_what_is_wrong():
    wish = Intent.from_store({"underlying": "NIFTY", "expiry": "someday", "number": 3})
    assert wish == Intent("NIFTY", "someday", 3)


def test_the_label_reads_as_traders_write_it():
    assert selection_label("NSE", "BANKNIFTY", date(2026, 12, 29)) == "NSE | BANKNIFTY | 29-Dec-26"
    assert selection_label("BSE", "BSE:RELIANCE", date(2026, 12, 29)) == "BSE | RELIANCE | 29-Dec-26"
