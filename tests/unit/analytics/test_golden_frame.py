"""No number of a full frame changes unnoticed."""

import json

import pytest

from tests.unit.analytics.golden import PATH, golden_frame


def flat(value, path=""):
    """Every leaf with its path, so that a failure names the number."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from flat(item, f"{path}.{key}")
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from flat(item, f"{path}[{position}]")
    else:
        yield path, value


def test_every_number_of_the_golden_frame():
    expected = dict(flat(json.loads(PATH.read_text(encoding="utf-8"))))
    found = dict(flat(golden_frame()))
    assert found.keys() == expected.keys()
    changed = {
        path: (found[path], value)
        for path, value in expected.items()
        # A rounded time value of a deep strike has few digits of its own; an absolute allowance keeps it comparable.
        if found[path] != (pytest.approx(value, rel=1e-9, abs=1e-9) if isinstance(value, float) else value)
    }
    assert not changed


def test_the_golden_frame_holds_every_kind_of_trouble():
    frame = golden_frame()
    assert {frame["call"]["iv_status"][position] for position in (0, 1, 10, 11)} == {1.0, 2.0, 6.0, 7.0}
    assert set(frame["put"]["build_up"]) >= {-1.0, 0.0, 1.0, 4.0}
