"""The declared columns: three groups, ids fixed for outside checks, and what the page is told it may show."""

from __future__ import annotations

from dashboard.layouts.chain_grid import CENTRE, COLUMNS, PRESETS, column_choices, column_definitions
from dashboard.layouts.help_panel import ABBREVIATIONS, KEYS
from dashboard.layouts.page import build_page


def test_calls_and_puts_are_groups_that_keep_their_columns_and_mirror_each_other():
    calls, centre, puts = column_definitions()
    assert [group["headerName"] for group in (calls, centre, puts)] == ["CALLS", "STRIKE", "PUTS"]
    assert all(group["marryChildren"] for group in (calls, centre, puts))
    fields = [column.field for column in COLUMNS]
    assert [column["colId"] for column in calls["children"]] == [f"call_{field}" for field in fields]
    assert [column["colId"] for column in puts["children"]] == [f"put_{field}" for field in reversed(fields)]
    assert [column["colId"] for column in centre["children"]] == ["straddle", "strike", "strike_pcr"]
    assert all(column["suppressMovable"] for column in centre["children"])


def test_what_the_page_may_show_is_what_is_declared():
    choices = column_choices()
    assert choices["columns"] == [column.field for column in (*COLUMNS, *CENTRE)]
    assert list(choices["presets"]) == list(PRESETS)
    for fields in choices["presets"].values():
        assert set(fields) <= set(choices["columns"])


def test_every_column_says_how_its_values_are_written_so_that_they_can_be_measured():
    for group in column_definitions():
        for column in group["children"]:
            assert f"'{column['context']}'" in column["valueFormatter"]["function"]


def test_the_help_panel_explains_each_abbreviation_once():
    for terms in (KEYS, ABBREVIATIONS):
        names = [name for name, _ in terms]
        assert len(set(names)) == len(names)
    page = str(build_page(demo=True, interval_ms=1000))
    for word in ("long build-up", "put/call ratio", "gamma exposure"):
        assert word in page
