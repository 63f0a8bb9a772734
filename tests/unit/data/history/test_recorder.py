"""From published chains to a file per day, and back as of any moment."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections import deque, namedtuple
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from dashboard.data.contract.codec import encode_frame
from dashboard.data.contract.published import PublishedChain
from dashboard.data.history.days import DailyJournals
from dashboard.data.history.journal import HistoryError, Journal, NoRoom, OtherSchema
from dashboard.data.history.reading import History, Segment
from dashboard.data.history.recorder import KEY_EVERY_MS, Recorder
from dashboard.data.reader.time_machine import TimeMachine
from dashboard.market.errors import NotRecorded, UnknownUnderlying
from dashboard.market.instruments import Series
from dashboard.market.session import FeedState, ist_date
from harness.builders import NIFTY_WEEKLY, make_chain, make_published, make_settings, make_underlying
from tests.fakes import MONDAY_11_IST as NOON

LATER = NOON + 7_200
TODAY = date(2026, 11, 23)


def chain_at(seconds: float, spot: float = 24_010.0, name: str = "NIFTY", **fields: Any) -> PublishedChain:
    chain = make_chain(n=11, spot=spot, underlying=make_underlying(name), as_of=NOON + seconds)
    return make_published(chain, version=int(1000 * (NOON + seconds)), **fields)


def record(directory: Path, *chains: PublishedChain) -> None:
    recorder = Recorder(directory, keep_days=10, demo=True, software="test")
    for chain in chains:
        recorder.take(chain)
    recorder.close()


def machine(directory: Path, now: float = LATER) -> TimeMachine:
    return TimeMachine(make_settings(history=f"sqlite:///{directory}", demo=True), clock=lambda: now)


def frame_at(directory: Path, seconds: float) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(machine(directory).at(NOON + seconds).frame(NIFTY_WEEKLY).text)
    return found


def test_a_moment_shows_what_was_published_then(tmp_path: Path) -> None:
    published = [chain_at(2.0 * step, 24_000.0 + step) for step in range(40)]
    record(tmp_path, *published)
    for step in (0, 1, 17, 39):
        frame = frame_at(tmp_path, 2.0 * step + 0.5)
        then = json.loads(encode_frame(published[step], demo=True))
        assert frame.pop("state") == "recorded"
        assert frame.pop("version") == int(1000 * (NOON + 2.0 * step))
        for ours in ("term", "all_expiries"):
            frame.pop(ours)
        assert frame == {name: value for name, value in then.items() if name in frame}
        assert set(then) - set(frame) == {"state", "term", "all_expiries"}


def test_of_several_within_a_second_the_newest_is_recorded(tmp_path: Path) -> None:
    record(tmp_path, *(chain_at(0.25 * step, 24_000.0 + step) for step in range(10)))
    times = History(tmp_path).coverage(NIFTY_WEEKLY, TODAY)
    assert [segment.kind for segment in times] == ["recorded"]
    assert frame_at(tmp_path, 0.9)["spot"] == 24_000.0
    assert frame_at(tmp_path, 3.0)["spot"] == 24_009.0, "the last one is written at the end"


def test_a_gap_says_so_with_the_nearest_moments(tmp_path: Path) -> None:
    record(tmp_path, chain_at(0), chain_at(2), chain_at(600))
    assert frame_at(tmp_path, 2)["as_of_ts"] == NOON + 2
    with pytest.raises(NotRecorded, match=r"NIFTY 01-Dec-26 at 23-Nov-26 .* IST: it was not recorded") as caught:
        frame_at(tmp_path, 300)
    assert (caught.value.before_ts, caught.value.after_ts) == (NOON + 2, NOON + 600)
    kinds = [segment.kind for segment in machine(tmp_path).coverage(NIFTY_WEEKLY, TODAY)]
    assert kinds == ["recorded", "missing", "recorded"]


def test_every_record_stands_at_its_own_time(tmp_path: Path) -> None:
    times = [1.0 + 1.007 * step for step in range(200)]
    record(tmp_path, *(chain_at(seconds, 24_000.0 + step) for step, seconds in enumerate(times)))
    past = machine(tmp_path)
    file = History(tmp_path)
    with sqlite3.connect(tmp_path / "2026-11-23.sqlite") as rows:
        recorded = [at_ms for (at_ms,) in rows.execute("select at_ms from records")]
    assert len(recorded) == 200
    assert [past.at(at_ms / 1000).version(NIFTY_WEEKLY) for at_ms in recorded] == recorded
    assert file.coverage(NIFTY_WEEKLY, TODAY)[0].from_ts == recorded[0] / 1000


def test_what_stands_at_the_end_of_the_day_is_no_gap_of_the_others(tmp_path: Path) -> None:
    other = Series("BANKNIFTY", NIFTY_WEEKLY.expiry)
    record(
        tmp_path, chain_at(0), chain_at(2, state=FeedState.CLOSED), chain_at(1, name="BANKNIFTY"),
        chain_at(900, name="BANKNIFTY"),
    )  # fmt: skip
    history = History(tmp_path)
    assert [part.kind for part in history.coverage(other, TODAY)] == ["recorded", "missing", "recorded"]
    assert history.coverage_of_any([NIFTY_WEEKLY, other], TODAY) == [Segment(NOON, NOON + 900, "recorded")]


def test_what_was_stale_or_closed_stands_until_something_follows(tmp_path: Path) -> None:
    record(tmp_path, chain_at(0), chain_at(12, state=FeedState.STALE), chain_at(900))
    assert frame_at(tmp_path, 600)["as_of_ts"] == NOON + 12
    assert machine(tmp_path).coverage(NIFTY_WEEKLY, TODAY)[0].kind == "recorded"


def test_series_are_recorded_beside_each_other(tmp_path: Path) -> None:
    record(tmp_path, *(chain_at(step, name=name) for step in range(5) for name in ("NIFTY", "BANKNIFTY")))
    past = machine(tmp_path).at(NOON + 3)
    assert [found.name for found in past.underlyings()] == ["BANKNIFTY", "NIFTY"]
    with pytest.raises(UnknownUnderlying):
        past.underlying("SENSEX")


def test_a_restarted_feed_goes_on_in_the_same_file(tmp_path: Path) -> None:
    record(tmp_path, chain_at(0))
    record(tmp_path, chain_at(0, 24_020.0), chain_at(5, 24_030.0))
    assert frame_at(tmp_path, 1)["spot"] == 24_020.0
    assert frame_at(tmp_path, 6)["spot"] == 24_030.0


def test_a_damaged_record_is_missing_and_the_others_are_read(tmp_path: Path) -> None:
    record(tmp_path, *(chain_at(2.0 * step) for step in range(5)))
    with sqlite3.connect(tmp_path / "2026-11-23.sqlite") as file:
        file.execute("update records set body = x'00' where at_ms = ?", (int(1000 * (NOON + 4)),))
    assert frame_at(tmp_path, 2)["as_of_ts"] == NOON + 2
    assert frame_at(tmp_path, 6)["as_of_ts"] == NOON + 6
    with pytest.raises(NotRecorded, match="cannot be read"):
        frame_at(tmp_path, 4)


def test_a_file_of_a_newer_release_is_refused(tmp_path: Path) -> None:
    record(tmp_path, chain_at(0))
    with sqlite3.connect(tmp_path / "2026-11-23.sqlite") as file:
        file.execute("update about set value = '7' where name = 'schema'")
    with pytest.raises(OtherSchema, match="schema 7; this release reads schema 1"):
        frame_at(tmp_path, 0)
    with pytest.raises(OtherSchema):
        record(tmp_path, chain_at(5))


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "2026-11-23.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(HistoryError, match="cannot be used"):
        frame_at(tmp_path, 0)


def test_a_file_that_is_just_being_made_is_not_there_yet(tmp_path: Path) -> None:
    (tmp_path / "2026-11-23.sqlite").touch()
    with pytest.raises(NotRecorded, match="Nothing was recorded on 23-Nov-26"):
        frame_at(tmp_path, 0)
    record(tmp_path, chain_at(0))
    assert frame_at(tmp_path, 0)["as_of_ts"] == NOON


def test_a_disk_with_little_room_is_left_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda place: usage(10, 9, 1))
    recorder = Recorder(tmp_path, keep_days=1, demo=True, software="test")
    with pytest.raises(HistoryError, match="Nothing is recorded: less than 500 MB"):
        recorder.take(chain_at(0))
    recorder.idle()
    recorder.take(chain_at(0.5))
    assert recorder.problem() == "no_room", "until something was written"
    monkeypatch.undo()
    recorder.take(chain_at(2))
    recorder.close()
    assert recorder.problem() is None
    counts = recorder.counts()
    assert (counts["records"], counts["not_written"]) == (1, 1)
    assert counts["bytes"] > 0
    assert frame_at(tmp_path, 3)["as_of_ts"] == NOON + 2


def test_days_beyond_the_limit_are_deleted(tmp_path: Path) -> None:
    for days in (0, 1, 2, 3):
        recorder = Recorder(tmp_path, keep_days=2, demo=True, software="test")
        recorder.take(chain_at(days * 86_400))
        recorder.close()
    assert DailyJournals(tmp_path).days() == [date(2026, 11, 24), date(2026, 11, 25), date(2026, 11, 26)]
    assert not list(tmp_path.glob("2026-11-23*"))


def test_midnight_begins_a_new_file(tmp_path: Path) -> None:
    before_midnight = 12.9 * 3600
    record(tmp_path, chain_at(before_midnight), chain_at(before_midnight + 3600))
    assert machine(tmp_path, NOON + 2 * 86_400).days() == [TODAY, date(2026, 11, 24)]


@pytest.mark.parametrize(
    ("seconds", "sentence"),
    [(7_201, "still to come"), (-5, "was not recorded"), (-86_400, "Nothing was recorded on 22-Nov-26")],
)
def test_a_moment_without_a_record_is_refused_in_a_sentence(tmp_path: Path, seconds: float, sentence: str) -> None:
    record(tmp_path, chain_at(0))
    with pytest.raises(NotRecorded, match=sentence):
        frame_at(tmp_path, seconds)


def test_a_key_record_begins_each_minute(tmp_path: Path) -> None:
    record(tmp_path, *(chain_at(5.0 * step) for step in range(30)))
    with sqlite3.connect(tmp_path / "2026-11-23.sqlite") as file:
        rows = file.execute("select at_ms, key_ms, length(body) from records order by at_ms").fetchall()
    keys_ = [at_ms for at_ms, key_ms, _ in rows if at_ms == key_ms]
    assert len(keys_) == 3
    assert all(0 <= at_ms - key_ms < KEY_EVERY_MS for at_ms, key_ms, _ in rows)
    assert len(file.execute("select * from facts").fetchall()) == 1
    assert ist_date(rows[0][0] / 1000) == TODAY


def test_after_a_failed_write_the_next_record_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder(tmp_path, keep_days=1, demo=True, software="test")
    recorder.take(chain_at(0))
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "append", lambda *given: (_ for _ in ()).throw(HistoryError("The disk is full.")))
        with pytest.raises(HistoryError):
            recorder.take(chain_at(KEY_EVERY_MS / 1000 + 1))
        assert recorder.problem() == "cannot_write"
    recorder.take(chain_at(KEY_EVERY_MS / 1000 + 3))
    recorder.close()
    assert frame_at(tmp_path, KEY_EVERY_MS / 1000 + 4)["as_of_ts"] == NOON + KEY_EVERY_MS / 1000 + 3


def test_the_last_chain_before_a_silence_is_written_without_another_one(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, keep_days=1, demo=True, software="test")
    recorder.take(chain_at(0))
    recorder.take(chain_at(0.5, 24_020.0))
    assert frame_at(tmp_path, 0.7)["spot"] == 24_010.0
    recorder.idle()
    assert frame_at(tmp_path, 0.8)["spot"] == 24_020.0
    recorder.close()


@pytest.fixture
def small_disk() -> Iterator[None]:
    """Databases that have room for a few records."""

    def few_pages(connection: Any, record: Any) -> None:
        connection.execute("PRAGMA max_page_count=12")

    event.listen(Engine, "connect", few_pages)
    yield
    event.remove(Engine, "connect", few_pages)


@pytest.mark.usefixtures("small_disk")
def test_a_database_without_room_says_so_and_keeps_what_it_has(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, keep_days=1, demo=True, software="test")
    fill = (recorder.take(chain_at(60.0 * minute)) for minute in range(100))
    with pytest.raises(NoRoom, match="full"):
        deque(fill)
    assert recorder.problem() == "no_room"
    recorder.close()
    assert frame_at(tmp_path, 0)["as_of_ts"] == NOON
