"""What the docs promise is there."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from dashboard.analytics import metrics
from dashboard.data.brokers.fyers.rest import budget
from dashboard.data.brokers.fyers.stream import socket, socket_child
from dashboard.data.contract import state
from dashboard.data.feed import polls, spot_history
from dashboard.data.reader import leases
from dashboard.layouts import toolbar
from dashboard.layouts.wall import link
from dashboard.market.session import SILENCE_LIMIT_S
from dashboard.processes import supervisor, watchdog
from dashboard.routes.security import password
from dashboard.settings import Settings
from dashboard.web import limits

ROOT = Path(__file__).parents[1]
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
}
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
TARGETS = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)

WORDS = {5.0: "five", 10.0: "ten"}
MAKE_COMMAND = re.compile(r"(?:^ {4}|`)make ([a-z-]+)", re.MULTILINE)
APP_COMMAND = re.compile(r"app\.py((?: [^`\n#]*)?)")
MODULE_COMMAND = re.compile(r"python -m ((?:dashboard|benchmarks|tests)[\w.]*)")
LINK_TARGET = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
FILE_NAME = re.compile(r"`((?:[\w.]+/)+[\w.]*)`")


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


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


def test_the_docs_agree_on_how_many_viewers_a_worker_has() -> None:
    pages = ("docs/configuration.md", "docs/how-to/scale-with-redis.md", "docs/performance.md")
    assert [page for page in pages if f"some {limits.VIEWERS}" not in " ".join(text_of(page).split())] == []


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


def test_the_docs_give_the_figures_of_the_code() -> None:
    calls = budget.Limits()
    figures = {
        "docs/fyers-wire.md": (
            f"own limits are {calls.second}, {calls.minute} and {calls.day:,}",
            f"at most {polls.POLLS_PER_MINUTE} polls a minute",
            f"no call at all for {', '.join(f'{wait:.0f}' for wait in budget.COOL_DOWNS_S)} s",
            f"{socket_child.SILENT_S:.0f} s without frame or pong",
            f"{socket_child.DATA_SILENT_S:.0f} s without a tick",
            f"first value after {socket_child.SNAPSHOT_S:.0f} s",
        ),
        "docs/reliability.md": (
            f"{state.OLDEST_POLL_S:.0f} s where polls are further apart",
            f"last report is more than {WORDS[SILENCE_LIMIT_S]} seconds old",
            f"after {socket.FIRST_RETRY_S} s, 0.5 s … {socket.LAST_RETRY_S:.0f} s",
            f"{socket_child.SILENT_S:.0f} s without frame or pong",
            f"No tick for {socket_child.DATA_SILENT_S:.0f} s",
            f"for {watchdog.HUNG_AFTER_S:.0f} s is asked to stop",
        ),
        "docs/decisions/0019-walls-ask-for-frames-by-themselves.md": (f"at most {spot_history.MOST_POINTS} points",),
        "docs/how-to/wall-screen.md": (
            f"seconds for each scene, {link.SHORTEST_DWELL_S} to {link.LONGEST_DWELL_S}; the default is {link.DWELL_S}",
            f"Up to {link.MOST_SCENES}, shown in this order",
            f"remembers it for {password.SESSION_S // 86_400} days",
        ),
    }
    texts = {page: " ".join(PAGES[page].split()) for page in figures}
    assert [(page, text) for page, given in figures.items() for text in given if text not in texts[page]] == []


def test_the_page_offers_windows_that_the_frame_has() -> None:
    assert set(toolbar.WINDOWS) <= set(metrics.WINDOWS)


def test_no_private_terms_are_left() -> None:
    """Each sentence names its subject in the field's terms; these words stood for a data flow or a module."""
    private = re.compile(
        r"(?<![a-z])(?:un)?(?:told|heard|meant)(?![a-z])|(?<![a-z])(?:wish(?:es|ed)?|mute|patience|door)(?![a-z])"
        r"|\b(?:own|last|first|broker's) words?\b|\b(?:vouch|knock)\w*",
        re.IGNORECASE,
    )
    # The name of a fault of the sandbox, its row in the table that the fault tests write, and the name of a benchmark.
    allowed = ("mute_symbols", "every tenth symbol accepted and mute", "benchmarks door", "Servers (`door`)")
    sources = [ROOT / "app.py", *(ROOT / "dashboard").rglob("*.py"), *(ROOT / "dashboard").rglob("*.toml")]
    texts = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in sources}
    texts |= {page: text for page, text in PAGES.items() if page != "CHANGELOG.md"}
    assert len(texts) > 200
    found = [
        f"{name}: {line.strip()}"
        for name, text in sorted(texts.items())
        for line in text.splitlines()
        if private.search(line) and not any(phrase in line for phrase in allowed)
    ]
    assert found == []


def test_the_example_names_real_settings() -> None:
    known = {item.metadata["variable"] for item in fields(Settings)}
    assert set(re.findall(r"^#?([A-Z_]+)=", text_of(".env.example"), re.MULTILINE)) <= known


def test_there_are_pages_to_look_at() -> None:
    """Each rule below loops over these, so an empty list would let everything pass."""
    assert {"README.md", "CONTRIBUTING.md", "docs/configuration.md", "docs/architecture.md"} <= set(PAGES)
    assert len(DECISIONS) > 20


def test_make_commands_in_the_docs_exist() -> None:
    named = {(page, found) for page, text in PAGES.items() for found in MAKE_COMMAND.findall(text)}
    assert {(page, found) for page, found in named if found not in TARGETS} == set()


def test_every_make_target_is_told_to_contributors() -> None:
    internal = {"help", "packages"}
    assert {f"make {target}" for target in set(TARGETS) - internal} <= set(
        re.findall(r"`(make [a-z-]+)`", text_of("CONTRIBUTING.md"))
    )


def test_options_in_the_docs_exist(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        supervisor.main(["--help"])
    known = set(re.findall(r"--[a-z][a-z-]*", capsys.readouterr().out))
    commands = {(page, command) for page, text in PAGES.items() for command in APP_COMMAND.findall(text)}
    named = {(page, option) for page, command in commands for option in re.findall(r"--[a-z][a-z-]*", command)}
    assert {(page, option) for page, option in named if option not in known} == set()


def test_modules_in_the_docs_exist() -> None:
    def exists(module: str) -> bool:
        path = ROOT / module.replace(".", "/")
        return path.with_suffix(".py").is_file() or (path / "__main__.py").is_file()

    named = {(page, module) for page, text in PAGES.items() for module in MODULE_COMMAND.findall(text)}
    assert {(page, module) for page, module in named if not exists(module)} == set()


def test_links_lead_somewhere() -> None:
    targets = {(page, target) for page, text in PAGES.items() for target in LINK_TARGET.findall(text)}
    here = {(page, target) for page, target in targets if not target.startswith(("http://", "https://"))}
    assert {(page, target) for page, target in here if not (ROOT / page).parent.joinpath(target).exists()} == set()


def test_files_named_in_the_docs_exist() -> None:
    places = (ROOT, ROOT / "dashboard", ROOT / "dashboard" / "data", ROOT / "docs")
    named = {(page, name) for page, text in PAGES.items() for name in FILE_NAME.findall(text)}
    looked_for = {(page, name) for page, name in named if not name.startswith("docs/images")}
    assert {(page, name) for page, name in looked_for if not any((at / name).exists() for at in places)} == set()


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_a_decision_has_its_number_and_all_parts() -> None:
    parts = ["Context", "Decision", "Consequences", "We would revisit if"]
    texts = {path.stem: path.read_text(encoding="utf-8") for path in DECISIONS}
    assert [name for name, text in texts.items() if not re.match(rf"# {name[:4]} \w", text)] == []
    assert [name for name, text in texts.items() if re.findall(r"^## (.+)$", text, re.MULTILINE) != parts] == []
