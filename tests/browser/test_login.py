"""A day's login in Chromium: the token expires under an open page, a click gets a new one, nothing is restarted.

The board is a live one, started as a desk starts it, with FYERS' addresses on a sandbox. The token carries a mark, and
whatever the board has written, served, said or put on a command line is searched for it afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from harness.board import BoardProcess
from harness.process import eventually
from harness.sandbox import SandboxProcess
from harness.screen import FIRST_PAINT_MS, Screen

LIFE_S = 45  # of the first token: long enough for a board to start on two busy cores
PASSWORD = "correct horse"
CSP = "Content Security Policy"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    with SandboxProcess(seed=5) as running:
        yield running


@pytest.fixture
def desk(sandbox: SandboxProcess, tmp_path: Path, free_port: int) -> Iterator[BoardProcess]:
    token = sandbox.token(life_s=LIFE_S)["access_token"]
    environment = sandbox.environment | {
        "FYERS_ACCESS_TOKEN": token,
        "FYERS_REDIRECT_URI": f"http://127.0.0.1:{free_port}/login/callback",
        "CHAINBOARD_CACHE": f"disk://{tmp_path / 'cache'}",
        "CHAINBOARD_DATA_DIR": str(tmp_path / "data"),
        "CHAINBOARD_UNDERLYINGS": "NIFTY",
        "CHAINBOARD_PASSWORD": PASSWORD,
        "CHAINBOARD_LOG_LEVEL": "DEBUG",
        "CHAINBOARD_LOG_FORMAT": "json",
    }
    with BoardProcess("--live", environment=environment, port=free_port) as board:
        yield board


def processes(board: BoardProcess) -> dict[str, int]:
    return {module: board.child(module).pid for module in ("dashboard.data.feed", "dashboard.web")}


def enter(page: Page) -> None:
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Open").click()


def state_of(page: Page) -> str:
    """The word on screen; empty while the page is being changed."""
    found = page.locator("#status-state")
    return found.inner_text() if found.count() else ""


def test_a_token_that_expires_is_renewed_with_a_click(
    desk: BoardProcess, sandbox: SandboxProcess, chromium: Browser, tmp_path: Path
) -> None:
    context: BrowserContext = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    seen: list[str] = []
    page.on("response", lambda answer: seen.append(f"{answer.url} {answer.headers}"))
    screen = Screen(page, desk.url)
    page.goto(desk.url)
    enter(page)
    screen.wait_painted(timeout_ms=FIRST_PAINT_MS)
    screen.wait_state("live", timeout_ms=20_000)
    before = processes(desk)

    screen.wait_state("login needed", timeout_ms=(LIFE_S + 30) * 1_000)
    assert screen.rows(), "the last numbers stay"
    kept = screen.figure("spot")
    assert kept
    expect(screen.band).to_contain_text("FYERS asks for a new login")
    page.get_by_role("link", name="log in").click()
    page.wait_for_url(f"{desk.url}/**")
    screen.wait_painted(timeout_ms=FIRST_PAINT_MS)
    screen.wait_state("live", timeout_ms=40_000)
    assert "auth_code" not in page.url
    assert processes(desk) == before
    stored = json.loads((tmp_path / "data" / "access-token.json").read_text())["access_token"]
    secret = stored.rpartition(":")[2]
    eventually(lambda: screen.figure("spot") != kept, within_s=20, what="the spot moves again")

    assert_nowhere([secret, desk.variables["FYERS_ACCESS_TOKEN"]], desk, sandbox, tmp_path, [page.content(), *seen])
    assert not [problem for problem in screen.problems if CSP in problem]
    context.close()


def assert_nowhere(
    secrets: list[str], desk: BoardProcess, sandbox: SandboxProcess, folder: Path, pages: list[str]
) -> None:
    """The tokens, and each of their parts that is not the same for all, are in their own file and nowhere else."""
    marks = [mark for secret in secrets for mark in (secret, *secret.split(".")[1:])]
    texts = {f"page {number}": text for number, text in enumerate(pages)}
    texts["what the processes said"] = desk.output()
    for path in ("/healthz", "/metrics", "/api/underlyings", "/api/chain?underlying=NIFTY", "/", "/_dash-layout"):
        texts[path] = str(desk.get(path))
    supervisor = desk.child("dashboard.web").parent()
    assert supervisor is not None
    family = [supervisor, *supervisor.children(recursive=True)]
    texts["the process list"] = json.dumps([process.cmdline() for process in family if is_running(process)])
    for file in folder.rglob("*"):  # cache, logs of the SDK, masters, budget
        if file.is_file() and file.name != "access-token.json":
            texts[str(file)] = file.read_bytes().decode("latin-1")
    assert any(name.endswith("cache.db") for name in texts), "there is a cache to search"
    found = [name for name, text in texts.items() if any(mark in text for mark in marks)]
    assert found == []
    assert (folder / "data" / "access-token.json").stat().st_mode & 0o777 == 0o600
    lines = [line for line in desk.output().splitlines() if line.startswith("{")]
    assert {json.loads(line)["process"] for line in lines} >= {"feed", "web"}


def is_running(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_the_demo_logs_in_at_its_own_sandbox(demo: BoardProcess, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(f"{demo.url}/login")
    page.wait_for_url(f"{demo.url}/**")
    screen = Screen(page, demo.url)
    screen.wait_painted(timeout_ms=FIRST_PAINT_MS)
    assert "auth_code" not in page.url
    eventually(lambda: state_of(page) == "live", within_s=20, what="the demo is live")


@pytest.mark.parametrize("path", ["/", "/?theme=light"])
def test_no_page_breaks_its_own_policy(demo: BoardProcess, context: BrowserContext, path: str) -> None:
    page = context.new_page()
    page.add_init_script(
        "window.broken = []; document.addEventListener('securitypolicyviolation',"
        " event => window.broken.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`))"
    )
    screen = Screen(page, demo.url)
    answer = page.goto(demo.url + path)
    assert answer is not None
    assert "script-src 'self' 'sha256-" in answer.headers["content-security-policy"]
    screen.wait_painted(timeout_ms=FIRST_PAINT_MS)
    screen.wait_state("live")
    screen.expiry_button(1).click()
    screen.wait_painted(timeout_ms=FIRST_PAINT_MS)
    expect(page.locator("#chart-oi .main-svg").first).to_be_visible(timeout=FIRST_PAINT_MS)
    assert page.evaluate("window.broken") == []
    assert not [problem for problem in screen.problems if CSP in problem]


def test_the_policy_would_stop_an_injected_script(demo: BoardProcess, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(demo.url)
    page.evaluate(
        "() => { const script = document.createElement('script'); script.textContent = 'window.injected = true';"
        " document.body.append(script); }"
    )
    assert page.evaluate("window.injected") is None
