"""Rules of the house, checked against the files themselves."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from dash import Dash
from dash.development.base_component import Component

from app import create_app
from dashboard.callbacks.charts import open_charts
from dashboard.data.reader.live import LiveChains
from dashboard.layouts import ids
from dashboard.layouts.charts import CHARTS
from harness.builders import make_settings
from tests.components import components
from tests.fakes import FakeClock, FakeStore

ROOT = Path(__file__).parents[1]
CODE = [ROOT / "app.py", *sorted((ROOT / "dashboard").rglob("*.py"))]
HARNESS = sorted((ROOT / "harness").rglob("*.py"))
SOURCES = [*CODE, *HARNESS, *sorted((ROOT / "benchmarks").rglob("*.py")), *sorted((ROOT / "assets").rglob("*.*js"))]
TESTS = sorted((ROOT / "tests").rglob("*.py"))
LONGEST_MODULE = 350
MOST_PRIVATE_ACCESSES = 13  # what a test may look at that no public question answers; less is better
PUBLIC_DESPITE_THE_NAME = {"_asdict", "_fields", "_make", "_replace", "_exit"}  # of named tuples, and os._exit
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}
# What FYERS and its SDK call the ways to trade. Nothing here may so much as spell one.
ORDER_ENDPOINTS = re.compile(
    r"/orders(?!_per)|/positions|/gtt|/multi-order|/multileg|place_order|place_basket|modify_order|cancel_order|"
    r"exit_positions|convert_position|orderbook\b|place_gtt|placeorder",
    re.IGNORECASE,
)


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_the_rules_find_files_to_look_at() -> None:
    """Each rule below loops over these, so an empty list would let everything pass."""
    assert len(CODE) > 100
    assert len(SOURCES) > len(CODE)
    assert {path.suffix for path in SOURCES} >= {".py", ".js", ".mjs"}
    assert len(TESTS) > 100


@pytest.fixture(scope="module")
def app() -> Dash:
    built = create_app(make_settings(demo=True), LiveChains(FakeStore(FakeClock()), clock=FakeClock()))
    collect_callbacks(built)
    return built


def test_every_component_a_callback_names_is_laid_out(app: Dash) -> None:
    used = {component for component in _callback_ids(app) if not component.startswith("{")}
    assert used - _laid_out(app) == set()


def test_every_id_is_declared_once_and_every_declared_id_is_laid_out(app: Dash) -> None:
    groups = [group for group in vars(ids).values() if isinstance(group, type) and issubclass(group, StrEnum)]
    declared = [member.value for group in groups if group is not StrEnum for member in group]
    assert len(declared) == len(set(declared))
    assert set(declared) - _on_the_page(app) == set()


def test_fixed_ids_are_on_the_page(app: Dash) -> None:
    outside = {"underlying", "expiries", "selection-label", "chain-grid", "chart-body-oi", "chart-body-ltp"}
    assert (outside | {"status-state", "status-age"}) - _on_the_page(app) == set()
    assert {"chart-oi", "chart-ltp"} <= {getattr(plot, "id", "") for plot in open_charts(1)}


def test_two_apps_in_one_process_have_the_same_callbacks(app: Dash) -> None:
    second = create_app(make_settings(demo=True), LiveChains(FakeStore(FakeClock()), clock=FakeClock()))
    collect_callbacks(second)
    assert len(app.callback_map) > 0
    assert set(second.callback_map) == set(app.callback_map)


def test_no_callback_is_wired_at_import() -> None:
    found = {}
    for path in CODE:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = {
            name.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("dash")
            for name in node.names
        }
        wired = sorted(imported & {"callback", "clientside_callback"})
        wired += [text for node in ast.walk(tree) for text in _decorators(node) if "callback" in text]
        if wired:
            found[relative(path)] = wired
    assert found == {}


def test_every_chart_file_is_on_the_screen() -> None:
    files = {path.stem for path in (ROOT / "dashboard/layouts/charts").glob("*.py")} - {"__init__", "base"}
    assert files == {chart.key for chart in CHARTS}


def test_the_source_names_no_way_to_trade() -> None:
    named = {relative(path): ORDER_ENDPOINTS.findall(path.read_text(encoding="utf-8")) for path in SOURCES}
    assert {path: found for path, found in named.items() if found} == {}


def test_modules_stay_one_thing() -> None:
    lengths = {relative(path): len(_lines(path)) for path in [*CODE, *HARNESS, *TESTS]}
    assert {path: length for path, length in lengths.items() if length > LONGEST_MODULE} == {}
    assert [path for path in lengths if {Path(path).stem, *Path(path).parts} & NAMES_THAT_SAY_NOTHING] == []


def test_only_settings_reads_the_environment() -> None:
    allowed = {"dashboard/settings.py", "dashboard/processes/child.py"}  # a child hands its own environment on
    readers = {relative(path) for path in CODE if re.search(r"os\.(environ|getenv)", path.read_text(encoding="utf-8"))}
    assert {reader for reader in readers if not reader.startswith("dashboard/sandbox/")} <= allowed


def test_nothing_of_a_machine_is_in_the_tree() -> None:
    """No absolute path of somebody's disk, no package index, no token."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    machine = re.compile(r"(?<![\w.])/(home|root|Users|work)/\w|index-url|eyJ[A-Za-z0-9_-]{20,}\.eyJ")
    found = []
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if (
            path.suffix in {".py", ".md", ".toml", ".txt", ".js", ".mjs", ".json", ".css", ""}
            and path.is_file()
            and path != Path(__file__)
        ):
            found += [f"{name}: {line.strip()[:100]}" for line in _lines(path) if machine.search(line)]
    assert found == []


def collect_callbacks(app: Dash) -> None:
    """Dash collects callbacks into callback_map with the first request."""
    app.server.test_client().get("/_dash-dependencies")


def test_tests_ask_public_questions() -> None:
    found = [f"{relative(path)}:{line}: {text}" for path in TESTS for line, text in _private_accesses(path)]
    assert len(found) <= MOST_PRIVATE_ACCESSES, "\n".join(found)


def test_a_private_access_is_one_of_another_object(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("self._own\nother._name\nother.name._asdict()\nother.__class__\nself.other._name.open\n")
    assert [line for line, _ in _private_accesses(module)] == [2, 5]


def _private_accesses(path: Path) -> list[tuple[int, str]]:
    """(line, expression) wherever a name with an underscore is read or set on anything but `self` or `cls`."""
    return [
        (node.lineno, ast.unparse(node))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("_")
        and not node.attr.startswith("__")
        and node.attr not in PUBLIC_DESPITE_THE_NAME
        and not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"))
    ]


def test_only_tests_import_tests() -> None:
    """What benchmarks share with them is in `harness`; the product imports neither."""
    for folder, forbidden in (
        ("dashboard", ("tests", "harness", "benchmarks")),
        ("harness", ("tests", "benchmarks")),
        ("benchmarks", ("tests",)),
    ):
        modules = {relative(path): _imported(path) for path in sorted((ROOT / folder).rglob("*.py"))}
        assert modules
        assert {path: names for path, names in modules.items() if names & set(forbidden)} == {}


def _imported(path: Path) -> set[str]:
    """Top-level packages that a module imports, inside functions too."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {name.name for name in node.names}
        if isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return {name.partition(".")[0] for name in names}


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines()


def _decorators(node: ast.AST) -> list[str]:
    return [ast.unparse(decorator) for decorator in getattr(node, "decorator_list", [])]


def _on_the_page(app: Dash) -> set[str]:
    """Ids of components and of static markup."""
    return _laid_out(app) | set(re.findall(r'<[^>]+ id="([^"]+)"', app.index_string))


def _laid_out(app: Dash) -> set[str]:
    """Ids of components, which alone can be part of a callback."""
    layout = app.layout
    assert isinstance(layout, Component)
    ids_laid_out = {getattr(component, "id", None) for component in components(layout)}
    return {identity for identity in ids_laid_out if isinstance(identity, str)}


def _callback_ids(app: Dash) -> set[str]:
    found: set[str] = set()
    for name, wiring in app.callback_map.items():
        found |= {output.rpartition(".")[0] for output in name.strip(".").split("...")}
        dependencies: list[dict[str, Any]] = [*wiring["inputs"], *wiring["state"]]
        found |= {dependency["id"] for dependency in dependencies}
    return {_plain(identity) for identity in found}


def _plain(identity: Any) -> str:
    return identity if isinstance(identity, str) else json.dumps(identity)
