"""What the fault matrix and the soak found, printed at the end of the suite and written down when asked.

Hooks for the outermost conftest: where the suite is spread over processes, only the parent prints, and it loads no
other.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.wire.fault_bench import FOUND, MATRIX

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
HEADER = ["| fault | the screen says | recovery | frames | wrong |", "|---|---|--:|--:|--:|"]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In a worker of xdist: hand over what its tests found."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["found"] = FOUND


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """In the parent: take it."""
    for title, lines in getattr(node, "workeroutput", {}).get("found", {}).items():
        FOUND[title].extend(lines)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for title, lines in FOUND.items():
        if not lines:
            continue
        shown = [*HEADER, *lines] if title == MATRIX else [f"- {line}" for line in lines]
        terminalreporter.section(title)
        for line in shown:
            terminalreporter.write_line(line)
        if os.environ.get("WRITE_RELIABILITY") == "1":
            write_down(title, shown)


def write_down(title: str, lines: list[str]) -> None:
    """Replace what stands between the marks of `title` in docs/reliability.md."""
    begin, end = f"<!-- {title}: begin -->", f"<!-- {title}: end -->"
    between = "\n".join([begin, "", *lines, "", end])
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(re.sub(f"{begin}.*{end}", lambda _: between, text, flags=re.DOTALL), encoding="utf-8")
