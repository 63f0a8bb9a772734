"""A sandbox that is in order; and what the fault matrix found, printed at the end and written down when asked."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.wire import fault_bench
from tests.wire.sandbox_process import SandboxProcess

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"


@pytest.fixture(scope="module")
def bench() -> Iterator[SandboxProcess]:
    with SandboxProcess() as process:
        yield process


@pytest.fixture
def sandbox(bench: SandboxProcess) -> Iterator[SandboxProcess]:
    yield bench
    bench.clear_faults()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for title, lines in (("fault matrix", fault_bench.table()), ("soak", fault_bench.SOAK)):
        if not lines:
            continue
        terminalreporter.section(title)
        for line in lines:
            terminalreporter.write_line(line)
        if os.environ.get("WRITE_RELIABILITY") == "1":
            write_down(title, lines if title == "fault matrix" else [f"- {line}" for line in lines])


def write_down(title: str, lines: list[str]) -> None:
    """Replace what stands between the marks of `title` in docs/reliability.md."""
    begin, end = f"<!-- {title}: begin -->", f"<!-- {title}: end -->"
    between = "\n".join([begin, "", *lines, "", end])
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(re.sub(f"{begin}.*{end}", lambda _: between, text, flags=re.DOTALL), encoding="utf-8")
