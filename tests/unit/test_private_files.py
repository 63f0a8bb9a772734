"""The data directory is its owner's alone, or it is named in a sentence."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from dashboard.private_files import DataDirectoryError, prepare_data_directory

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes")


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_it_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    prepare_data_directory(tmp_path / "data")
    assert mode_of(tmp_path / "data") == 0o700


def test_one_that_was_open_to_others_is_closed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    prepare_data_directory(tmp_path / "data")
    assert mode_of(tmp_path / "data") == 0o700
    assert "was open to other users; now it is not" in caplog.text


@pytest.mark.parametrize("shared", ["temporary", "home"])
def test_one_that_serves_more_than_the_board_is_left_as_it_is(
    tmp_path: Path, shared: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    directory = tmp_path / "shared"
    directory.mkdir()
    directory.chmod(0o1777 if shared == "temporary" else 0o755)
    if shared == "home":
        monkeypatch.setenv("HOME", str(directory))
    before = mode_of(directory)
    prepare_data_directory(directory)
    assert mode_of(directory) == before
    assert "is open to other users" in caplog.text


def test_one_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataDirectoryError, match=r"file/data cannot be made: .*; set CHAINBOARD_DATA_DIR"):
        prepare_data_directory(tmp_path / "file" / "data")
