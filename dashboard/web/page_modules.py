"""The JavaScript of the pages: ES modules under an address that changes with each of them (docs/decisions/0030)."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Blueprint, Response, abort

PATH = "/modules"
SHARED = ("lib", "page")  # folders of assets/ that every page loads, beside its own
FOR_EVER = "public, max-age=31536000, immutable"
IGNORED = r"\.mjs$"  # by Dash, which would load each of them as a script of its own, under another address


class PageModules:
    """The modules below `assets`, read once: what a process serves is of one release, whatever becomes of the files."""

    def __init__(self, assets: Path) -> None:
        self._bodies = {
            path.relative_to(assets).as_posix(): path.read_bytes() for path in sorted(assets.rglob("*.mjs"))
        }
        digest = hashlib.sha256()
        for name, body in self._bodies.items():
            digest.update(name.encode() + b"\0" + body)
        self.version = digest.hexdigest()[:12]

    def scripts(self, page: str) -> list[dict[str, str]]:
        """What starts a page, for Dash's external_scripts: its theme before anything is painted, then the page."""
        first, then = (self._address(f"{page}/{name}.mjs") for name in ("theme", "main"))
        return [{"src": first, "type": "module", "async": "async"}, {"src": then, "type": "module"}]

    def preloads(self, page: str) -> list[dict[str, str]]:
        """All modules of a page, for Dash's external_stylesheets: they arrive at once, not import after import."""
        names = [name for name in self._bodies if name.partition("/")[0] in (*SHARED, page)]
        return [{"rel": "modulepreload", "href": self._address(name)} for name in names]

    def blueprint(self) -> Blueprint:
        routes = Blueprint("modules", __name__)

        @routes.get(f"{PATH}/<version>/<path:name>")
        def module(version: str, name: str) -> Response:
            body = self._bodies.get(name)
            if version != self.version or body is None:  # of another release, whose modules fit none of ours
                abort(404)
            return Response(body, 200, {"Content-Type": "text/javascript; charset=utf-8", "Cache-Control": FOR_EVER})

        return routes

    def _address(self, name: str) -> str:
        return f"{PATH}/{self.version}/{name}"
