"""docs/how-to/archive.md: its tables are the files' columns, and its queries run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from dashboard.analytics.metrics import UNITS
from dashboard.data.contract.numbers import Numbers
from dashboard.data.history.archive.columns import TABLES
from dashboard.data.history.archive.day import archive_day
from dashboard.data.history.archive.parts import schema_of
from dashboard.data.history.days import DailyJournals
from harness.builders import make_settings
from tests import recorded_day
from tests.generated_day import DAY

PAGE = (Path(__file__).parents[4] / "docs" / "how-to" / "archive.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
TYPES = {"double": "double", "timestamp": "timestamp[us, tz=UTC]", "bool": "bool"}
TYPES |= {"string": "dictionary<values=string, indices=int32, ordered=0>"}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with an archive of half an hour."""
    found = tmp_path_factory.mktemp("asked")
    recorded_day.record(found / "history")
    journal = DailyJournals(found / "history").writer(DAY)
    archive_day(DAY, journal, str(found / "archive"), Numbers(make_settings(demo=True), None))
    journal.close()
    return found


def answer(query: str, directory: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The names that the query leaves behind."""
    monkeypatch.chdir(directory)
    names: dict[str, Any] = {}
    exec(query, names)
    return names


@pytest.mark.parametrize("table", TABLES)
def test_the_page_has_every_column_with_its_type_and_meaning(table: str) -> None:
    section = PAGE.partition(f"\n### {table}\n")[2].partition("\n#")[0]
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (.+) \|$", section, re.MULTILINE)
    own = [column for column in TABLES[table] if table != "minutes" or column.name not in UNITS]
    assert [(name, meaning) for name, _, meaning in rows] == [(column.name, column.meaning) for column in own]
    assert [TYPES[kind] for _, kind, _ in rows] == [str(field.type) for field in schema_of(own)]


def test_the_page_has_three_queries() -> None:
    assert [query.split()[1] for query in QUERIES] == ["duckdb", "polars", "pandas"]


def test_the_query_with_duckdb(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = answer(QUERIES[0], directory, monkeypatch)["pcr"]
    assert found.columns == ["quarter", "pcr"]
    assert len(found) == 3
    assert 0.5 < found["pcr"].min() <= found["pcr"].max() < 1.5


def test_the_query_with_polars(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = answer(QUERIES[1], directory, monkeypatch)["header"]
    assert len(found) == 30
    assert found.null_count().sum_horizontal().item() == 0
    assert 0.05 < found["atm_iv"].mean() < 0.5


def test_the_query_with_pandas(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = answer(QUERIES[2], directory, monkeypatch)["oi"]
    assert list(found.columns) == ["call", "put"]
    assert len(found) == 31
    assert found.notna().all().all()
