"""One decode per version, whatever happens to the store and however many threads ask."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from dashboard.data.cache.memo import Memo
from tests.fakes import FakeStore


def test_a_version_is_decoded_once() -> None:
    store, decoded = FakeStore(), []
    memo = Memo(store, lambda raw, version: decoded.append(raw) or (version, raw), kept=2)
    version = store.put("a", b"1")
    assert [memo.latest("a") for _ in range(3)] == [(version, b"1")] * 3
    assert decoded == [b"1"]


def test_a_lost_value_is_none_unless_it_is_to_be_kept() -> None:
    store = FakeStore()
    plain, keeping = (Memo(store, lambda raw, version: raw, kept=2, keep_lost=keep) for keep in (False, True))
    assert keeping.latest("a") is None
    store.put("a", b"1")
    assert plain.latest("a") == keeping.latest("a") == b"1"
    store.lose_everything()
    assert plain.latest("a") is None
    assert keeping.latest("a") == b"1"


def test_what_cannot_be_decoded_leaves_the_last_good_value_and_is_tried_once() -> None:
    store, tries = FakeStore(), []
    memo = Memo(store, lambda raw, version: tries.append(raw) or int(raw), kept=2)
    store.put("a", b"1")
    assert memo.latest("a") == 1
    store.put("a", b"?")
    assert [memo.latest("a"), memo.latest("a")] == [1, 1]
    assert tries == [b"1", b"?"]


def test_the_key_decoded_longest_ago_is_forgotten_first() -> None:
    store, decoded = FakeStore(), []
    memo = Memo(store, lambda raw, version: decoded.append(raw) or raw, kept=2)
    for key in ("a", "b", "a", "c"):
        store.put(key, key.encode())
        memo.latest(key)
    decoded.clear()
    assert [memo.latest(key) for key in ("a", "c", "b")] == [b"a", b"c", b"b"]
    assert decoded == [b"b"], "the two others were still known"


def test_threads_may_ask_while_the_writer_writes() -> None:
    store = FakeStore()
    memo = Memo(store, lambda raw, version: raw, kept=6, keep_lost=True)
    keys = [f"k{n}" for n in range(6)]
    for key in keys:
        store.put(key, b"0")

    def always_answered() -> bool:
        return all(memo.latest(key) is not None for _ in range(300) for key in keys)

    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(always_answered) for _ in range(4)]
        for number in range(300):
            store.put(keys[number % 6], str(number).encode())
        assert all(future.result() for future in asked)
