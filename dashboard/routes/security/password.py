"""One password for all viewers: `/password`, a cookie for browsers, Basic authentication for programs.

Without it a browser gets the password page, a program a 401, and /healthz gives its status only. `POST /logout` ends
a session. Each login, log-out and refusal is a line of the log `dashboard.audit`, without the password.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import math
import threading
import time
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, g, redirect, request
from markupsafe import Markup

from dashboard.routes.answers import error_answer
from dashboard.routes.notice import ICON, STYLE, notice
from dashboard.routes.security.buckets import Buckets, client_of
from dashboard.routes.security.sessions import Sessions
from dashboard.routes.security.signing import Signer, set_cookie
from dashboard.routes.web_registry import WebRegistry
from dashboard.settings import Settings

audit = logging.getLogger("dashboard.audit")

PAGE, LOGOUT = "/password", "/logout"
COOKIE = "chainboard-session"
SESSION_S = 90 * 86_400  # a wall screen has no keyboard for weeks
GUESSES, GUESSES_PER_S = 5, 0.5  # of one client address
WAITING_AT_ONCE = 3  # guesses that wait for their turn; further ones are refused
LONGEST_WAIT_S = 3.0
MOST_PROVEN = 1_000
OPEN_PATHS = frozenset({PAGE, STYLE, ICON})  # they contain nothing secret

FORM = Markup(
    '<form method="post" action="{page}?{query}">'
    '<input type="text" name="username" value="chainboard" autocomplete="username" hidden>'
    '<label for="password">Password</label>'
    '<input type="password" name="password" id="password" autocomplete="current-password" required autofocus{wrong}>'
    '<button type="submit">Open</button></form>'
)


class PasswordGate:
    """Checks passwords and sessions."""

    def __init__(self, settings: Settings, web_registry: WebRegistry) -> None:
        self._password = settings.password
        self._signer = Signer(settings)
        self._sessions = Sessions(settings.data_dir, web_registry, life_s=SESSION_S)
        # Part of the signed purpose of a cookie: a new password ends every session.
        self._purpose = "session:" + hashlib.sha256(settings.password.encode()).hexdigest()
        self._guesses = Buckets(GUESSES_PER_S, GUESSES)
        self._said = Buckets(0.1, 1)  # a flood of guesses is one line in ten seconds
        self._line = threading.BoundedSemaphore(WAITING_AT_ONCE)
        self._proven: set[tuple[str, str]] = set()

    def is_open(self) -> bool:
        """Whether the present request may see data. A password in it counts as a guess."""
        if not self._password:
            return True
        g.session = self.session()
        if g.session is not None:
            return True
        given = request.authorization
        return given is not None and given.type == "basic" and self.admits_program(given.password or "")

    def session(self) -> str | None:
        """The session of the present request's cookie, while it is valid."""
        session = self._signer.read(request.cookies.get(COOKIE), self._purpose, within_s=SESSION_S)
        return session if session is not None and self._sessions.is_alive(session) else None

    def admits_program(self, password: str) -> bool:
        """Whether it is the password. A program that has sent it before does not wait for the guesses of others."""
        program = client_of(request.remote_addr), request.headers.get("User-Agent", "")[:200]
        if program in self._proven and self._is_right(password):
            return True
        if not self.accepts(password):
            return False
        if len(self._proven) < MOST_PROVEN:
            self._proven.add(program)
        audit.info("login by Basic authentication from %s", program[0])
        return True

    def accepts(self, password: str) -> bool:
        """Whether it is the password. After some wrong guesses a client's next ones wait for their turn.

        The right password is refused only when too many guesses wait before it. False also for a guess that was not
        checked; `wait_s` is above 0 then.
        """
        client = client_of(request.remote_addr)
        if not self._has_turn(client):
            g.held_up = True
            if self._said.take(client) == 0:
                audit.warning("refused: too many guesses from %s", client)
            return False
        if self._is_right(password):
            self._guesses.give_back(client)
            return True
        audit.warning("refused: a wrong password from %s", client)
        return False

    def _has_turn(self, client: str) -> bool:
        """Wait until this guess may be checked; False when too many wait before it."""
        if self._guesses.take(client) == 0:
            return True
        if not self._line.acquire(blocking=False):
            return False
        try:
            until = time.monotonic() + LONGEST_WAIT_S
            while (wait_s := self._guesses.take(client)) > 0:
                if time.monotonic() + wait_s > until:
                    return False
                time.sleep(wait_s)
            return True
        finally:
            self._line.release()

    def _is_right(self, password: str) -> bool:
        # Digests, so that the time does not depend on the length either.
        given, right = (hashlib.sha256(text.encode()).digest() for text in (password, self._password))
        return hmac.compare_digest(given, right)

    def wait_s(self) -> int:
        """Seconds until a guess of this client is checked, if its last one was not; else 0."""
        if not g.get("held_up"):
            return 0
        return max(1, math.ceil(self._guesses.wait_s(client_of(request.remote_addr))))

    def begin_session(self, response: Response) -> Response:
        audit.info("login by the password page from %s", client_of(request.remote_addr))
        session = self._signer.sign(self._sessions.begin(), self._purpose)
        set_cookie(response, COOKIE, session, life_s=SESSION_S, secure=False)
        return response

    def end_session(self, response: Response) -> Response:
        """End the session of the present request."""
        session = self.session()
        if session is not None:
            self._sessions.end(session)
            audit.info("log-out from %s", client_of(request.remote_addr))
        response.delete_cookie(COOKIE, httponly=True, samesite="Lax")
        return response


def require_password(server: Flask, settings: Settings, web_registry: WebRegistry) -> None:
    """Require the password, if there is one, before any other answer."""
    gate = PasswordGate(settings, web_registry)

    @server.before_request
    def ask() -> Response | None:
        g.admitted = gate.is_open() and g.admitted
        if g.admitted or request.path in OPEN_PATHS or request.path == "/healthz":
            return None
        if (
            request.method == "GET"
            and request.accept_mimetypes.accept_html
            and "text/html" in request.headers["Accept"]
        ):
            return _answer(redirect(f"{PAGE}?{urlencode({'next': request.full_path.rstrip('?')})}"))
        wait_s = gate.wait_s()
        if wait_s:
            return _wait(error_answer("too_many_requests", f"Wrong password too often; wait {wait_s} s.", 429), wait_s)
        refusal = error_answer("unauthorized", "This board asks for a password: Basic authentication, any user.", 401)
        refusal.headers["WWW-Authenticate"] = 'Basic realm="Chainboard", charset="UTF-8"'
        return refusal

    routes = Blueprint("password", __name__)

    @routes.get(PAGE)
    def page() -> Response:
        return _answer(redirect(_next_address())) if g.admitted else _page(status=200)

    @routes.post(PAGE)
    def enter() -> Response:
        if gate.accepts(request.form.get("password", "")):
            return gate.begin_session(_answer(redirect(_next_address(), 303)))
        if wait_s := gate.wait_s():
            return _wait(_page(f"Wrong too often; try again in {wait_s} s.", status=429), wait_s)
        return _page("That is not the password.", status=403)

    @routes.post(LOGOUT)
    def leave() -> Response:
        return gate.end_session(_answer(redirect(PAGE, 303)))

    if settings.password:
        server.register_blueprint(routes)


def _page(problem: str = "", *, status: int) -> Response:
    wrong = Markup(' aria-invalid="true" aria-describedby="problem"') if problem else ""
    form = FORM.format(page=PAGE, query=urlencode({"next": _next_address()}), wrong=wrong)
    if problem:
        form = Markup('<p class="problem" id="problem" role="alert">{}</p>').format(problem) + form
    return notice("This board has a password", "Whoever set it up can tell you.", status=status, action=form)


def _next_address() -> str:
    """The address that the viewer requested first; never another site."""
    address = request.args.get("next", "/")
    local = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if local and not address.startswith(PAGE) else "/"


def _wait(response: Response, wait_s: int) -> Response:
    response.headers["Retry-After"] = str(wait_s)
    return response


def _answer(response: object) -> Response:
    assert isinstance(response, Response)  # what `redirect` gives, though typed as werkzeug's
    response.headers["Cache-Control"] = "no-store"
    return response
