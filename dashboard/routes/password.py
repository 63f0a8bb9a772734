"""One password for all who may see the board: `/password`, a cookie for browsers, Basic authentication for programs.

Who has neither gets the page (a browser), a 401 (a program), or of /healthz the status word alone.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import math
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, g, redirect, request
from markupsafe import Markup

from dashboard.routes.answers import error_answer
from dashboard.routes.buckets import Buckets, client_of
from dashboard.routes.notice import ICON, STYLE, notice
from dashboard.routes.signing import Signer, set_cookie
from dashboard.settings import Settings

log = logging.getLogger(__name__)

PAGE = "/password"
COOKIE = "chainboard-session"
SESSION_S = 90 * 86_400  # a wall screen is not typed at for weeks
GUESSES, GUESSES_PER_S = 5, 0.1
OPEN_PATHS = frozenset({PAGE, STYLE, ICON})  # nothing in them is ours to hide

FORM = Markup(
    '<form method="post" action="{page}?{query}">'
    '<input type="text" name="username" value="chainboard" autocomplete="username" hidden>'
    '<label for="password">Password</label>'
    '<input type="password" name="password" id="password" autocomplete="current-password" required autofocus{wrong}>'
    '<button type="submit">Open</button></form>'
)


class Door:
    """Knows who may come in."""

    def __init__(self, settings: Settings) -> None:
        self._password = settings.password
        self._signer = Signer(settings)
        # Part of what a cookie is signed for: another password ends every session.
        self._purpose = "session:" + hashlib.sha256(settings.password.encode()).hexdigest()
        self._guesses = Buckets(GUESSES_PER_S, GUESSES)

    def is_open(self) -> bool:
        """Whether the present request may see data. Counts a wrong password given with it."""
        if not self._password:
            return True
        if self._signer.read(request.cookies.get(COOKIE), self._purpose, within_s=SESSION_S) is not None:
            return True
        given = request.authorization
        return given is not None and given.type == "basic" and self.accepts(given.password or "")

    def accepts(self, password: str) -> bool:
        """Whether it is the password, if this client may still guess."""
        client = client_of(request.remote_addr)
        if self._guesses.wait_s(client) > 0:
            return False
        # Digests, so that the time tells nothing of the length either.
        given, right = (hashlib.sha256(text.encode()).digest() for text in (password, self._password))
        if hmac.compare_digest(given, right):
            return True
        self._guesses.take(client)
        log.warning("a wrong password from %s", client)
        return False

    def wait_s(self) -> int:
        """Seconds until the client of this request may guess again; 0 when it may now."""
        return math.ceil(self._guesses.wait_s(client_of(request.remote_addr)))

    def let_in(self, response: Response) -> Response:
        set_cookie(response, COOKIE, self._signer.sign("viewer", self._purpose), life_s=SESSION_S, secure=False)
        return response


def keep_door(server: Flask, settings: Settings) -> None:
    """Ask everybody for the password, if there is one, before anything else answers."""
    door = Door(settings)

    @server.before_request
    def ask() -> Response | None:
        g.admitted = door.is_open() and g.admitted
        if g.admitted or request.path in OPEN_PATHS or request.path == "/healthz":
            return None
        if (
            request.method == "GET"
            and request.accept_mimetypes.accept_html
            and "text/html" in request.headers["Accept"]
        ):
            return _answer(redirect(f"{PAGE}?{urlencode({'next': request.full_path.rstrip('?')})}"))
        wait_s = door.wait_s()
        if wait_s:
            return _wait(error_answer("too_many_requests", f"Wrong password too often; wait {wait_s} s.", 429), wait_s)
        refusal = error_answer("unauthorized", "This board asks for a password: Basic authentication, any user.", 401)
        refusal.headers["WWW-Authenticate"] = 'Basic realm="Chainboard", charset="UTF-8"'
        return refusal

    routes = Blueprint("password", __name__)

    @routes.get(PAGE)
    def page() -> Response:
        return _answer(redirect(_wished())) if door.is_open() else _page(status=200)

    @routes.post(PAGE)
    def enter() -> Response:
        if wait_s := door.wait_s():
            return _wait(_page(f"Wrong too often; try again in {wait_s} s.", status=429), wait_s)
        if not door.accepts(request.form.get("password", "")):
            return _page("That is not the password.", status=403)
        return door.let_in(_answer(redirect(_wished(), 303)))

    if settings.password:
        server.register_blueprint(routes)


def _page(problem: str = "", *, status: int) -> Response:
    wrong = Markup(' aria-invalid="true" aria-describedby="problem"') if problem else ""
    form = FORM.format(page=PAGE, query=urlencode({"next": _wished()}), wrong=wrong)
    if problem:
        form = Markup('<p class="problem" id="problem" role="alert">{}</p>').format(problem) + form
    return notice("This board has a password", "Whoever set it up can tell you.", status=status, action=form)


def _wished() -> str:
    """Where the viewer wanted to go; never another site."""
    wished = request.args.get("next", "/")
    local = wished.startswith("/") and not wished.startswith(("//", "/\\")) and wished.isprintable()
    return wished if local and not wished.startswith(PAGE) else "/"


def _wait(response: Response, wait_s: int) -> Response:
    response.headers["Retry-After"] = str(wait_s)
    return response


def _answer(response: object) -> Response:
    assert isinstance(response, Response)  # what `redirect` gives, though typed as werkzeug's
    response.headers["Cache-Control"] = "no-store"
    return response
