"""A record holds every market fact as it was, in few bytes, and a damaged one is found."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.data.history import record
from dashboard.data.history.record import DamagedRecord, Facts, OtherFormat, decode, facts_of, pack, unpack
from dashboard.market.chain import LEG_COLUMNS, Chain, Legs
from dashboard.market.session import FeedState
from harness.builders import make_chain, make_published
from tests.fakes import MONDAY_11_IST


def same(one: Chain, other: Chain) -> None:
    for item in fields(Chain):
        if item.name not in ("call", "put"):
            assert_same(getattr(one, item.name), getattr(other, item.name), item.name)
    for side in ("call", "put"):
        legs, others = getattr(one, side), getattr(other, side)
        assert legs.symbol == others.symbol
        for name in LEG_COLUMNS:
            at_most = 1e-6 if name.endswith("_ts") else 1e-8
            np.testing.assert_allclose(getattr(legs, name), getattr(others, name), rtol=0, atol=at_most, err_msg=name)


def assert_same(one: Any, other: Any, name: str) -> None:
    if isinstance(one, float | np.ndarray):
        np.testing.assert_array_equal(one, other, err_msg=name)
    else:
        assert one == other, name


def round_trip(chain: Chain, **fields_: Any) -> record.Moment:
    published = make_published(chain, **fields_)
    facts = Facts.from_json(facts_of(published, demo=False, software="test").to_json())
    return unpack(decode(pack(published).encode()), facts)


def test_every_fact_comes_back() -> None:
    chain = make_chain(n=41, as_of=MONDAY_11_IST + 0.123456)
    old = np.zeros((2, 41), bool)
    old[1, 3] = True
    moment = round_trip(chain, state=FeedState.STALE, old=old, old_after_s=12.5)
    same(moment.chain, chain)
    assert moment.state is FeedState.STALE
    assert moment.old.tolist() == old.tolist()
    assert moment.old_after_s == 12.5
    assert moment.recorded_shift_s is None
    assert moment.facts.conventions["rate"] == 0.065


def test_unknown_values_and_contracts_that_are_not_listed_stay_unknown() -> None:
    chain = make_chain(n=5)
    call = replace(chain.call, symbol=(None, *chain.call.symbol[1:]), ltp=np.full(5, np.nan), oi=np.full(5, np.nan))
    chain = replace(chain, call=call, spot=float("nan"), future=float("nan"))
    same(round_trip(chain).chain, chain)


odd = st.floats(allow_nan=True, allow_infinity=True)


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_numbers_that_are_no_whole_paise_come_back_too(data: st.DataObject) -> None:
    chain = make_chain(n=2)
    prices = ("ltp", "ltp_change", "bid", "ask", "volume", "oi", "prev_oi")
    columns: dict[str, Any] = {name: np.array(data.draw(st.lists(odd, min_size=2, max_size=2))) for name in prices}
    call: Legs = replace(chain.call, **columns)
    moment = round_trip(replace(chain, call=call))
    for name in prices:
        one, other = getattr(call, name), getattr(moment.chain.call, name)
        np.testing.assert_allclose(other, one, rtol=0, atol=1e-8)


def test_a_difference_gives_the_same_and_is_a_fraction_of_the_whole() -> None:
    chain = make_chain(n=121)
    later_call = replace(chain.call, ltp=chain.call.ltp + np.where(np.arange(121) % 3 == 0, 0.05, 0.0))
    later = replace(chain, call=later_call, as_of_ts=chain.as_of_ts + 1, spot=chain.spot + 2.35)
    key, packed = pack(make_published(chain)), pack(make_published(later))
    assert packed.fits(key)
    body = packed.encode(key)
    assert len(body) < len(packed.encode()) / 4
    facts = facts_of(make_published(later), demo=False, software="test")
    same(unpack(decode(body, key), facts).chain, later)
    with pytest.raises(DamagedRecord, match="difference"):
        decode(body)


def test_another_number_of_strikes_is_no_difference() -> None:
    key, packed = pack(make_published(make_chain(n=5))), pack(make_published(make_chain(n=7)))
    assert not packed.fits(key)
    facts = facts_of(make_published(make_chain(n=5)), demo=False, software="test")
    with pytest.raises(DamagedRecord, match="strikes"):
        unpack(packed, facts)


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_a_changed_byte_is_found(data: st.DataObject) -> None:
    body = bytearray(pack(make_published(make_chain(n=3))).encode())
    place = data.draw(st.integers(0, len(body) - 1))
    body[place] ^= data.draw(st.integers(1, 255))
    try:
        found = decode(bytes(body))
    except DamagedRecord:
        return
    assert found.columns.tolist() == pack(make_published(make_chain(n=3))).columns.tolist()  # an unused bit of zstd's


def test_a_record_of_another_format_is_refused_with_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = pack(make_published(make_chain(n=3)))
    monkeypatch.setattr(record, "FORMAT", 9)
    body = packed.encode()
    monkeypatch.undo()
    with pytest.raises(OtherFormat, match="format 9; this release reads format 1"):
        decode(body)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"underlying": {}}'])
def test_facts_that_cannot_be_read_are_damage(text: str) -> None:
    with pytest.raises(DamagedRecord):
        Facts.from_json(text)
