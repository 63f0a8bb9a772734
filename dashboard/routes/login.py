"""Log in to the broker in the browser: `/login` redirects to the broker, which redirects back to the app's address.

This server exchanges the code; the token is written to its file (mode 0600) only. The feed reads that file and uses the
new token without a restart.
"""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from flask import Blueprint, Response, redirect, request
from markupsafe import Markup

from dashboard.data.brokers.login import new_state
from dashboard.data.brokers.protocol import BrokerLogin
from dashboard.loopback import is_loopback
from dashboard.market.errors import LoginNeeded, MarketError, ProviderUnavailable
from dashboard.market.session import ist
from dashboard.routes.notice import link, notice
from dashboard.routes.security.buckets import Buckets, client_of
from dashboard.routes.security.signing import Signer, set_cookie
from dashboard.routes.web_registry import WebRegistry
from dashboard.settings import Settings

log = logging.getLogger(__name__)

START = "/login"
COOKIE = "chainboard-login"
STATE_S = 600  # enough for a password and a one-time code
TRIES, TRIES_PER_S = 10, 0.2
AGAIN = link("Try again", START)
BACK = link("Back to the board", "/")


def blueprint(settings: Settings, web_registry: WebRegistry, broker: str, login: BrokerLogin) -> Blueprint:
    """The two routes; the second is the path of the broker's redirect address. broker: its name, for sentences."""
    routes = Blueprint("login", __name__)
    signer = Signer(settings)
    tries = Buckets(TRIES_PER_S, TRIES)
    arrival = urlsplit(login.redirect_uri).path.rstrip("/") or "/"
    secure = login.redirect_uri.startswith("https://")

    @routes.get(START)
    def start() -> Response:
        if arrival == START and ("auth_code" in request.args or "state" in request.args):
            return arrive()
        if missing := login.missing_settings():
            return _refusal("This board cannot log in", f"Set {' and '.join(missing)}, from your app at {broker}.", 503)
        if elsewhere := _elsewhere(login, broker):
            return elsewhere
        if tries.take(client_of(request.remote_addr)) > 0:
            return _refusal("Too many logins", "Wait a minute.", 429, AGAIN)
        state = new_state()
        response = _no_store(redirect(login.authorise_url(state)))
        set_cookie(response, COOKIE, signer.sign(state, "login"), life_s=STATE_S, secure=secure)
        return response

    def arrive() -> Response:
        response = _arrive()
        response.delete_cookie(COOKIE, httponly=True, samesite="Lax")
        return _no_store(response)

    def _arrive() -> Response:
        state = signer.read(request.cookies.get(COOKIE), "login", within_s=STATE_S)
        try:
            if state is None or not web_registry.first_use(state):
                raise LoginNeeded("This answer belongs to no login that this browser has under way.")
            expires_ts = login.finish(request.full_path, state)
        except LoginNeeded as error:
            log.warning("login refused: %s", error.message)
            return _refusal("You are not logged in", error.message, 403, AGAIN)
        except ProviderUnavailable as error:
            log.warning("login failed: %s", error.message)
            return _refusal(f"{broker} cannot be reached", error.message, 502, AGAIN)
        except MarketError as error:
            log.warning("login failed: %s", error.message)
            return _refusal("You are not logged in", error.message, error.status, BACK)
        except OSError as error:
            log.error("the access token cannot be stored: %s", error.strerror)
            words = f"{broker} has let you in, but the token cannot be stored in CHAINBOARD_DATA_DIR: {error.strerror}."
            return _refusal("The login cannot be kept", words, 500, BACK)
        log.info("logged in to %s until %s IST", broker, f"{ist(expires_ts):%d-%b-%y %H:%M}")
        return _response(redirect("/", 303))

    if arrival == "/":  # the board's own page: handle only answers to a login here
        routes.before_app_request(lambda: arrive() if request.path == "/" and "auth_code" in request.args else None)
    elif arrival != START:
        routes.add_url_rule(arrival, "arrive", arrive)
    return routes


def no_login(broker: str) -> Blueprint:
    """`/login` of a board whose broker has no login."""
    routes = Blueprint("login", __name__)
    routes.add_url_rule(START, "start", lambda: _refusal("There is no login", f"{broker} asks for none.", 404))
    return routes


def _elsewhere(login: BrokerLogin, broker: str) -> Response | None:
    """Refuse to log in under another host: the broker redirects to one address only, and needs its cookie there."""
    target = urlsplit(login.redirect_uri)
    if request.host.lower() == target.netloc.lower() or "here" in request.args:
        return None
    if is_loopback(login.redirect_uri) and not is_loopback(f"http://{request.host}"):
        words = f"{broker} will bring you back to {target.netloc}, which is another machine's name for itself."
        todo = (
            f"Open http://{target.netloc}/login on the machine that runs the board, "
            f"or set {login.redirect_setting} to an address that this browser reaches."
        )
        return _refusal("Log in on the board's own machine", words, 409, BACK, todo)
    return _no_store(redirect(f"{target.scheme}://{target.netloc}{START}?here"))


def _refusal(title: str, words: str, status: int, action: Markup = BACK, more: str = "") -> Response:
    return notice(title, *(sentence for sentence in (words, more) if sentence), status=status, action=action)


def _no_store(response: object) -> Response:
    answer = _response(response)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _response(response: object) -> Response:
    assert isinstance(response, Response)  # what `redirect` gives, though typed as werkzeug's
    return response
