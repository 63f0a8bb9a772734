"""The import contract covers every module, and each way to break it is noticed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"
# Where the broker's name may stand: its adapter, the sandbox that imitates it, the settings' defaults and the registry.
PLACES_OF_FYERS = (
    "dashboard/data/brokers/fyers/",
    "dashboard/data/brokers/registry.py",
    "dashboard/sandbox/",
    "dashboard/settings.py",
)


def modules_outside_layers(root: Path) -> set[str]:
    """Modules that no layer of the import contract holds. A package's own file counts only when it has imports."""
    tables = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = tables["tool"]["importlinter"]["contracts"]
    rows = next(contract["layers"] for contract in contracts if contract["id"] == "layers")
    layers = [layer.strip() for row in rows for layer in row.split("|")]
    outside = set()
    for path in (root / "dashboard").rglob("*.py"):
        parts = path.relative_to(root).with_suffix("").parts
        package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if package else parts)
        if package and not re.search(r"^\s*(from|import) ", path.read_text(encoding="utf-8"), re.MULTILINE):
            continue
        if name != "dashboard" and not any(name == layer or name.startswith(f"{layer}.") for layer in layers):
            outside.add(name)
    return outside


def files_that_name_fyers(root: Path) -> set[str]:
    """Files outside the broker's own places that name it."""
    named = {
        path.relative_to(root).as_posix()
        for path in (root / "dashboard").rglob("*")
        if path.suffix in {".py", ".toml"} and "fyers" in path.read_text(encoding="utf-8").lower()
    }
    return {name for name in named if not name.startswith(PLACES_OF_FYERS)}


def broken_contracts(root: Path) -> str:
    """What import-linter says of the tree; empty when every contract is kept."""
    done = subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache"],
        cwd=root,
        env={**os.environ, "COLUMNS": "200", "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stdout[-4_000:] + done.stderr[-2_000:]


def test_imports_follow_the_arrows() -> None:
    assert broken_contracts(ROOT) == ""


def test_every_module_is_in_a_layer() -> None:
    assert modules_outside_layers(ROOT) == set()


def test_the_broker_is_named_in_its_own_places_only() -> None:
    assert files_that_name_fyers(ROOT) == set()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the code to break."""
    shutil.copytree(ROOT / "dashboard", tmp_path / "dashboard", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("app.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def test_a_module_outside_all_layers_is_noticed(copy: Path) -> None:
    (copy / "dashboard" / "stray.py").write_text("import dashboard.market.chain\n")
    assert modules_outside_layers(copy) == {"dashboard.stray"}


def test_an_upward_import_is_noticed(copy: Path) -> None:
    with (copy / "dashboard/market/tick.py").open("a") as file:
        file.write("\nfrom dashboard.data.feed import book  # noqa\n")
    assert "dashboard.market.tick -> dashboard.data.feed" in broken_contracts(copy)


def test_the_sdk_outside_its_adapter_is_noticed(copy: Path) -> None:
    with (copy / "dashboard/data/feed/tick_book.py").open("a") as file:
        file.write("\nimport fyers_apiv3  # noqa\n")
    assert "dashboard.data.feed.tick_book -> fyers_apiv3" in broken_contracts(copy)
    assert files_that_name_fyers(copy) == {"dashboard/data/feed/tick_book.py"}
