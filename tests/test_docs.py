"""What the docs promise is there."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from dashboard.data.reader import leases
from dashboard.processes.supervisor import _parser
from dashboard.settings import Settings
from dashboard.web import limits

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
TARGETS = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_configuration_explains_exactly_the_settings() -> None:
    explained = re.findall(r"^\| `((?:FYERS|CHAINBOARD)_\w+)` \|", text_of("docs/configuration.md"), re.MULTILINE)
    assert sorted(explained) == sorted(item.metadata["variable"] for item in fields(Settings))


def test_configuration_gives_the_defaults() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| `([^`]*)` \|", text_of("docs/configuration.md"), re.MULTILINE))
    spelled = Settings().environment()
    own = {"CHAINBOARD_CACHE", "CHAINBOARD_DATA_DIR"}  # per user
    assert {name: value for name, value in rows.items() if name not in own} == {
        name: spelled[name] for name in rows if name not in own
    }


def test_configuration_says_what_is_allowed() -> None:
    rows = re.findall(
        r"^\| `((?:FYERS|CHAINBOARD)_\w+)` \| [^|]+ \| ([^|]+) \|", text_of("docs/configuration.md"), re.MULTILINE
    )
    assert dict(rows) == {item.metadata["variable"]: item.metadata["allowed"].text for item in fields(Settings)}


@pytest.mark.parametrize("page", ["docs/configuration.md", "docs/how-to/scale-with-redis.md", "docs/performance.md"])
def test_the_docs_agree_on_how_many_viewers_a_worker_has(page: str) -> None:
    assert f"some {limits.VIEWERS}" in " ".join(text_of(page).split())


def test_the_limits_of_a_worker_are_those_of_the_code() -> None:
    table = text_of("docs/performance.md").partition("## Limits of one web worker")[2].partition("\n## ")[0]
    figures = (
        f"{limits.CONNECTIONS:,}",
        f"less {limits.OWN_DESCRIPTORS + limits.SPARE}",
        f"{leases.MOST_OF_ONE}, {leases.MOST_LEASES}",
    )
    seconds = limits.REQUEST_WITHIN_S, limits.KEEP_ALIVE_S, limits.TAKEN_WITHIN_S
    for figure in (*figures, *(f"{value:.0f} s" for value in seconds), f"{limits.BODY_BYTES // 1024} kB"):
        assert figure in table, figure


def test_the_example_names_real_settings() -> None:
    known = {item.metadata["variable"] for item in fields(Settings)}
    assert set(re.findall(r"^#?([A-Z_]+)=", text_of(".env.example"), re.MULTILINE)) <= known


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_make_commands_in_the_docs_exist(page: Path) -> None:
    named = set(re.findall(r"(?:^ {4}|`)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert named <= set(TARGETS)


def test_every_make_target_is_told_to_contributors() -> None:
    internal = {"help", "packages"}
    assert {f"make {target}" for target in set(TARGETS) - internal} <= set(
        re.findall(r"`(make [a-z-]+)`", text_of("CONTRIBUTING.md"))
    )


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_options_in_the_docs_exist(page: Path) -> None:
    known = {option for action in _parser()._actions for option in action.option_strings}
    for command in re.findall(r"app\.py((?: [^`\n#]*)?)", page.read_text(encoding="utf-8")):
        assert set(re.findall(r"--[a-z][a-z-]*", command)) <= known


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_modules_in_the_docs_exist(page: Path) -> None:
    for module in re.findall(r"python -m ((?:dashboard|benchmarks|tests)[\w.]*)", page.read_text(encoding="utf-8")):
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), module


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://")):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_files_named_in_the_docs_exist(page: Path) -> None:
    places = (ROOT, ROOT / "dashboard", ROOT / "dashboard" / "data", ROOT / "docs")
    for name in re.findall(r"`((?:[\w.]+/)+[\w.]*)`", page.read_text(encoding="utf-8")):
        if not name.startswith("docs/images"):
            assert any((place / name).exists() for place in places), name


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_its_number_and_all_parts(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.match(rf"# {path.name[:4]} \w", text)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
        "Context",
        "Decision",
        "Consequences",
        "We would revisit if",
    ]
