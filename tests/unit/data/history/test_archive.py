"""A finished day in Parquet is what was received, cell by cell, and a part that is not whole is never taken for it."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from dashboard.data.contract.codec import SOURCES
from dashboard.data.contract.numbers import Numbers
from dashboard.data.contract.published import PublishedChain
from dashboard.data.history.archive import parts
from dashboard.data.history.archive.columns import TABLES
from dashboard.data.history.archive.day import Archived, archive_day, part_name
from dashboard.data.history.archive.mark import mark_of
from dashboard.data.history.archive.parts import ArchiveError, open_place, whole
from dashboard.data.history.days import DailyJournals
from dashboard.data.history.reading import enriched
from dashboard.data.reader.time_machine import TimeMachine
from dashboard.market.chain import LEG_COLUMNS
from dashboard.market.instruments import Series, Side
from harness.builders import make_settings
from tests import recorded_day
from tests.generated_day import DAY, EXPIRIES

NIFTY = Series("NIFTY", EXPIRIES["NIFTY"])
SETTINGS = make_settings(demo=True)
Recorded = tuple[Path, list[PublishedChain]]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """The directory of the history, and what was published."""
    directory = tmp_path_factory.mktemp("history")
    return directory, recorded_day.record(directory)


@pytest.fixture(scope="module")
def archive(history: Recorded, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("archive")
    done = archived(history[0], place)
    assert (done.series, done.damaged) == (2, 0)
    return place


def archived(history: Path, place: Path) -> Archived:
    journal = DailyJournals(history).writer(DAY)
    try:
        return archive_day(DAY, journal, str(place), Numbers(SETTINGS, None))
    finally:
        journal.close()


def part(place: Path, table: str, series: Series = NIFTY) -> Path:
    return place / part_name(table, DAY, series)


def seconds(column: Any) -> Any:
    """Times as epoch seconds, NaN for unknown."""
    return pc.cast(column, pa.int64()).to_numpy(zero_copy_only=False) / 1e6


@pytest.mark.parametrize("name", EXPIRIES)
def test_every_cell_of_the_day_comes_back(history: Recorded, archive: Path, name: str) -> None:
    series = Series(name, EXPIRIES[name])
    table = pq.read_table(part(archive, "legs", series), partitioning=None)
    chains = [chain for chain in history[1] if chain.series == series]
    assert table.num_rows == sum(2 * len(chain.chain.strikes) for chain in chains)
    at = np.rint(1000 * seconds(table["at_ts"]))
    for published in chains:
        then = table.filter(pa.array(at == int(published.published_ts * 1000)))
        for side in Side:
            rows = then.filter(pc.equal(then["side"].cast(pa.string()), side.value))
            legs = published.chain.legs(side)
            assert rows["strike"].to_pylist() == published.chain.strikes.tolist()
            assert rows["symbol"].to_pylist() == list(legs.symbol)
            assert rows["old"].to_pylist() == published.old[0 if side is Side.CALL else 1].tolist()
            for column in LEG_COLUMNS:
                given = getattr(legs, column)
                if column in ("price_from", "oi_from"):
                    assert rows[column].to_pylist() == [SOURCES[int(code)] for code in given]
                elif column.endswith("_ts"):
                    np.testing.assert_allclose(seconds(rows[column]), given, rtol=0, atol=1e-6, err_msg=column)
                else:
                    assert not np.isnan(pc.drop_null(rows[column]).to_numpy()).any(), "unknown is null"
                    np.testing.assert_allclose(rows[column].to_numpy(), given, rtol=0, atol=1e-8, err_msg=column)


def test_rows_are_in_the_order_of_strikes_and_a_strike_is_one_row_group(archive: Path) -> None:
    found = pq.ParquetFile(part(archive, "legs"))
    strikes = []
    for group in range(found.num_row_groups):
        rows = found.read_row_group(group)
        assert len(pc.unique(rows["strike"])) == 1
        strikes.append(rows["strike"][0].as_py())
        sides = rows["side"].to_pylist()
        assert sides == sorted(sides)
        for side in ("call", "put"):
            at = seconds(rows.filter(pa.array([each == side for each in sides]))["at_ts"])
            assert (np.diff(at) > 0).all()
    assert strikes == sorted(set(strikes))


def test_what_a_record_says_of_the_whole_chain_comes_back(history: Recorded, archive: Path) -> None:
    rows = pq.read_table(part(archive, "moments"), partitioning=None)
    chains = [chain for chain in history[1] if chain.series == NIFTY]
    np.testing.assert_array_equal(rows["spot"].to_numpy(), [chain.chain.spot for chain in chains])
    np.testing.assert_allclose(seconds(rows["as_of_ts"]), [chain.chain.as_of_ts for chain in chains], atol=1e-6)
    assert set(rows["state"].to_pylist()) == {"live"}
    assert rows["future"].null_count == rows.num_rows
    assert '"lot_size":65' in rows["facts"][0].as_py()


def test_header_numbers_of_a_minute_are_those_of_that_moment(history: Recorded, archive: Path) -> None:
    rows = pq.read_table(part(archive, "minutes"), partitioning=None).to_pylist()
    assert len(rows) == 30, "one for every minute between the first record and the last"
    past = TimeMachine(make_settings(history=f"sqlite:///{history[0]}", demo=True))
    journal = DailyJournals(history[0]).reader(DAY)
    for row in rows[::7]:
        minute_ts = row["minute_ts"].timestamp()
        assert minute_ts % 60 == 0
        found = journal.before(NIFTY.key, int(1000 * minute_ts))
        computed = enriched(found.moment, Numbers(SETTINGS, None))
        for name, value in computed.metrics.items():
            assert row[name] == value, name
        assert past.at(minute_ts).version(NIFTY) == round(1000 * row["at_ts"].timestamp())
        assert (row["rate"], row["day_count"], row["dealer_long_calls"]) == (0.065, "calendar", True)
        assert row["forward"] == (None if math.isnan(computed.forward) else computed.forward)


def test_every_column_is_documented_in_the_file_itself(archive: Path) -> None:
    for table, columns in TABLES.items():
        schema = pq.read_schema(part(archive, table))
        assert [field.name for field in schema] == [column.name for column in columns]
        assert all(field.metadata[b"meaning"] for field in schema)


def test_archiving_again_writes_nothing(history: Recorded, archive: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in archive.rglob("*.parquet")}
    assert len(before) == 6
    assert archived(history[0], archive).rows == 0
    assert {path: path.stat().st_mtime_ns for path in archive.rglob("*") if path.is_file()} == before


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip_a_byte(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 3] ^= 0xFF
    path.write_bytes(bytes(raw))


def another_value(path: Path) -> None:
    """A readable file with the right footer, and one number that is another one."""
    found = pq.ParquetFile(path)
    footer = found.metadata.metadata
    table = found.read()
    oi = table["oi"].to_numpy().copy()
    oi[0] += 1
    table = table.set_column(table.schema.get_field_index("oi"), "oi", pa.array(oi))
    pq.write_table(table.replace_schema_metadata(footer), path)


@pytest.mark.parametrize("damage", [cut_short, flip_a_byte, another_value, Path.unlink])
def test_a_part_that_is_not_whole_is_found_and_made_again(
    history: Recorded, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    rows = archived(history[0], tmp_path).rows
    place, name = open_place(str(tmp_path)), part_name("legs", DAY, NIFTY)
    assert whole(place, name) is not None
    damage(part(tmp_path, "legs"))
    assert whole(place, name) is None
    assert 0 < archived(history[0], tmp_path).rows < rows
    assert whole(place, name) is not None


def test_what_reads_back_otherwise_never_gets_its_name(
    history: Recorded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = DailyJournals(history[0]).reader(DAY).is_archived(mark_of(str(tmp_path)))
    monkeypatch.setattr(parts, "whole", lambda place, name: None)
    with pytest.raises(ArchiveError, match="reads back other than it was written"):
        archived(history[0], tmp_path)
    assert not list(tmp_path.rglob("*.parquet"))
    assert not before
    assert not DailyJournals(history[0]).reader(DAY).is_archived(mark_of(str(tmp_path)))


def test_a_process_that_was_killed_leaves_nothing_for_good(history: Recorded, tmp_path: Path) -> None:
    left = part(tmp_path, "legs").with_name(f"part.parquet.1{parts.WRITING}")
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half a part")
    archived(history[0], tmp_path)
    assert not left.exists()


def test_a_journal_that_lost_records_replaces_no_fuller_part(tmp_path: Path) -> None:
    recorded_day.record(tmp_path / "history")
    archived(tmp_path / "history", tmp_path / "archive")
    with sqlite3.connect(tmp_path / "history" / f"{DAY}.sqlite") as file:
        file.execute("delete from records where at_ms = (select max(at_ms) from records)")
    journal = DailyJournals(tmp_path / "history").reader(DAY)
    assert not journal.is_archived(mark_of(str(tmp_path / "archive")))
    with pytest.raises(ArchiveError, match="more records than the journal"):
        archived(tmp_path / "history", tmp_path / "archive")


def test_a_damaged_record_costs_its_own_moment(tmp_path: Path) -> None:
    chains = recorded_day.record(tmp_path / "history")
    victim = int(chains[6].published_ts * 1000)
    with sqlite3.connect(tmp_path / "history" / f"{DAY}.sqlite") as file:
        file.execute("update records set body = x'00' where series = ? and at_ms = ?", (NIFTY.key, victim))
    assert archived(tmp_path / "history", tmp_path / "archive").damaged == 1
    rows = pq.read_table(part(tmp_path / "archive", "moments"), partitioning=None)
    recorded = [int(chain.published_ts * 1000) for chain in chains if chain.series == NIFTY]
    assert np.rint(1000 * seconds(rows["at_ts"])).astype(int).tolist() == [at for at in recorded if at != victim]


def test_an_underlying_s_name_is_read_back_from_its_folder(tmp_path: Path) -> None:
    name = part_name("legs", DAY, Series("NSE:M&M/A", DAY))
    assert "M&M/A" not in name
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    pq.write_table(pa.table({"strike": [1.0]}), path)
    assert pq.read_table(tmp_path / "legs")["underlying"].to_pylist() == ["NSE:M&M/A"]


def test_an_archive_may_be_a_url(archive: Path) -> None:
    assert whole(open_place(f"file://{archive}"), part_name("minutes", DAY, NIFTY)) is not None


def test_an_archive_that_cannot_be_opened_is_refused_in_a_sentence() -> None:
    with pytest.raises(ArchiveError, match="The archive cannot be opened"):
        open_place("nowhere://x/y")
