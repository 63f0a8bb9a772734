"""The JavaScript of the pages: every module of a release under one address, and none of another."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from dashboard.web.page_modules import PATH, PageModules

ASSETS = Path(__file__).parents[2] / "assets"
MODULES = {path.relative_to(ASSETS).as_posix(): path.read_text(encoding="utf-8") for path in ASSETS.rglob("*.mjs")}
IMPORT = re.compile(r"from '([^']+)'")
PAGES = {"/": "board", "/wall/": "wall", "/board/": "wall"}
OF_A_BROWSER = re.compile(r"\b(?:window|document|navigator|localStorage)\.|\b(?:fetch|setTimeout|setInterval)\(")
COMMENT = re.compile(r"(?s:/\*.*?\*/)|//.*")
# Whose modules a folder may import beside its own.
BELOW = {"lib": set(), "page": {"lib"}, "board": {"lib", "page"}, "wall": {"lib", "page"}}


@pytest.fixture
def client(make_client: Any) -> FlaskClient:
    found: FlaskClient = make_client()
    return found


def imported(name: str) -> set[str]:
    """The modules that a module imports."""
    folder = (ASSETS / name).parent
    return {(folder / there).resolve().relative_to(ASSETS).as_posix() for there in IMPORT.findall(MODULES[name])}


@pytest.mark.parametrize(("path", "folder"), PAGES.items())
def test_a_page_names_what_it_loads_and_all_of_it_may_be_kept_for_ever(client: FlaskClient, path: str, folder: str):
    text = client.get(path).text
    version = PageModules(ASSETS).version
    ahead = set(re.findall(rf'<link rel="modulepreload" href="{PATH}/{version}/([^"]+)">', text))
    assert ahead == {name for name in MODULES if name.partition("/")[0] in {"lib", "page", folder}}
    for name in ahead:
        answer = client.get(f"{PATH}/{version}/{name}")
        assert answer.status_code == 200
        assert answer.text == MODULES[name]
        assert answer.content_type == "text/javascript; charset=utf-8"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert imported(name) <= ahead
    scripts = re.findall(r'<script src="([^"]+\.mjs)" ([^>]+)>', text)
    first, main = (f"{PATH}/{version}/{folder}/{name}.mjs" for name in ("theme", "main"))
    assert scripts == [(first, 'type="module" async="async"'), (main, 'type="module"')]


def test_a_module_travels_compressed(client: FlaskClient):
    path = f"{PATH}/{PageModules(ASSETS).version}/lib/format.mjs"
    answer = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.data) < len(MODULES["lib/format.mjs"]) / 2


@pytest.mark.parametrize("path", ["0123456789ab/lib/format.mjs", "{}/lib/none.mjs", "{}/styles.css", "{}/../app.py"])
def test_what_is_not_of_this_release_is_not_there(client: FlaskClient, path: str):
    answer = client.get(f"{PATH}/{path.format(PageModules(ASSETS).version)}")
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("Cache-Control", "")


def test_any_change_of_any_module_is_another_address_and_files_replaced_under_a_process_are_not_served(tmp_path: Path):
    copy = tmp_path / "assets"
    shutil.copytree(ASSETS, copy)
    before = PageModules(copy)
    assert before.version == PageModules(ASSETS).version
    module = copy / "lib" / "time.mjs"
    module.write_text(module.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    after = PageModules(copy)
    assert after.version != before.version
    module.rename(module.with_name("clock.mjs"))
    assert PageModules(copy).version not in {before.version, after.version}
    assert before.scripts("wall") != after.scripts("wall")


def test_imports_go_one_way_and_the_lib_is_pure():
    assert {name.partition("/")[0] for name in MODULES} == set(BELOW)
    for name, text in MODULES.items():
        folder = name.partition("/")[0]
        assert {there.partition("/")[0] for there in imported(name)} <= BELOW[folder] | {folder}, name
        if folder == "lib":
            assert OF_A_BROWSER.findall(COMMENT.sub("", text)) == [], name


def test_nothing_is_put_on_window_but_what_dash_and_ag_grid_look_up():
    put = {
        (name, where) for name, text in MODULES.items() for where in re.findall(r"window\.(\w+)\s*\|?\|?=[^=]", text)
    }
    assert put == {("board/main.mjs", "dash_clientside"), ("board/main.mjs", "dashAgGridFunctions")}
