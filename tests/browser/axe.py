"""axe-core in a page: the rules of WCAG 2.0 to 2.2, level AA, and axe's own best practices."""

from __future__ import annotations

from collections.abc import Sequence

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page, within: str = "html", *, without: Sequence[str] = ()) -> list[str]:
    """What axe-core finds wrong, one line each: rule, place, reason.

    within: the part to look at. without: rules left out; the caller says why.
    """
    options = {
        "runOnly": {"type": "tag", "values": TAGS},
        "resultTypes": ["violations"],
        "rules": {rule: {"enabled": False} for rule in without},
    }
    report = Axe().run(page, context=within, options=options).response
    assert len(report["passes"]) > 5, "axe-core looked at something"
    return [
        f"{found['id']}: {node['target']} {node['html'][:120]} · {node['failureSummary'][:300]}"
        for found in report["violations"]
        for node in found["nodes"]
    ]
