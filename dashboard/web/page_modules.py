"""The JavaScript of the pages: ES modules, each page's in one file under an address that changes with any of them
(docs/decisions/0030, 0033)."""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from flask import Blueprint, Response, abort

PATH = "/modules"
STARTS = ("theme", "main")  # of a page: its theme before anything is painted, then all of it
FOR_EVER = "public, max-age=31536000, immutable"
IGNORED = r"\.mjs$"  # by Dash, which would load each of them as a script of its own, under another address
IMPORT = re.compile(r"^import \{([^}]*)\} from '([^']+)';$", re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async function|function|const) (\w+))", re.MULTILINE)


class PageModules:
    """The modules below `assets`, read once: what a process serves is of one release, whatever becomes of the files."""

    def __init__(self, assets: Path) -> None:
        self._texts = {path.relative_to(assets).as_posix(): path.read_text("utf-8") for path in assets.rglob("*.mjs")}
        digest = hashlib.sha256()
        for name in sorted(self._texts):
            digest.update(f"{name}\0{self._texts[name]}".encode())
        self.version = digest.hexdigest()[:12]
        starts = [name for name in self._texts if Path(name).stem in STARTS]
        self._bodies = {name: self._joined(name).encode() for name in starts}

    def scripts(self, page: str) -> list[dict[str, str]]:
        """What starts a page, for Dash's external_scripts."""
        first, then = (f"{PATH}/{self.version}/{page}/{name}.mjs" for name in STARTS)
        return [{"src": first, "type": "module", "async": "async"}, {"src": then, "type": "module"}]

    def blueprint(self) -> Blueprint:
        routes = Blueprint("modules", __name__)

        @routes.get(f"{PATH}/<version>/<path:name>")
        def module(version: str, name: str) -> Response:
            body = self._bodies.get(name)
            if version != self.version or body is None:  # of another release, whose modules fit none of ours
                abort(404)
            return Response(body, 200, {"Content-Type": "text/javascript; charset=utf-8", "Cache-Control": FOR_EVER})

        return routes

    def _joined(self, start: str) -> str:
        """The module with all that it imports, in one module: each a function that gives its exports.

        It exports `modules`: name -> exports, for tests and for the browser's console.
        """
        numbers: dict[str, int] = {}
        parts = []
        for name in self._in_order(start, set()):
            parts.append(f"/* {name} */\nconst m{len(numbers)} = {_as_function(name, self._texts[name], numbers)};\n")
            numbers[name] = len(numbers)
        listed = ", ".join(f"'{name}': m{number}" for name, number in numbers.items())
        return "".join(parts) + f"export const modules = {{{listed}}};\n"

    def _in_order(self, name: str, seen: set[str]) -> Iterator[str]:
        """The modules below `name`, each after those that it imports; none is imported in a circle."""
        seen.add(name)
        for _, there in IMPORT.findall(self._texts[name]):
            other = _resolved(name, there)
            if other not in seen:
                yield from self._in_order(other, seen)
        yield name


def _as_function(name: str, text: str, numbers: dict[str, int]) -> str:
    def taken(found: re.Match[str]) -> str:
        names, there = found.groups()
        return f"const {{{names.replace(' as ', ': ')}}} = m{numbers[_resolved(name, there)]};"

    given = ", ".join(EXPORT.findall(text))
    return f"(() => {{\n{EXPORT.sub('', IMPORT.sub(taken, text))}\nreturn {{{given}}};\n}})()"


def _resolved(name: str, there: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), there))
