"""The guards of every answer: host name, password, rate and headers.

docs/security.md says what each protects from, and what is not protected.
"""

from __future__ import annotations

import ipaddress
import math
from functools import cache, lru_cache
from urllib.parse import urlsplit

from dash import Dash
from flask import Flask, Response, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from dashboard.routes.answers import answer, answer_faults, error_answer
from dashboard.routes.security.buckets import Buckets, client_of
from dashboard.routes.security.password import require_password
from dashboard.routes.web_registry import WebRegistry
from dashboard.settings import Settings
from dashboard.web.limits import BODY_BYTES

LOOPBACK_NAMES = frozenset({"localhost", "ip6-localhost"})
BURST_S = 10.0
LIMITED = ("/api/", "/metrics")
LEASING = ("/api/", "/frames/")  # a request there makes the feed follow a series
MOST_HOST = 255  # characters of a name

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
POLICY = {
    "default-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",  # plotly and AG Grid write styles into the page
    "img-src": "'self' data: blob:",  # a chart saved as a picture
    "font-src": "'self' data:",  # AG Grid's icons
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
}


def protect(app: Dash, settings: Settings, web_registry: WebRegistry) -> None:
    """Guard all answers of the app's server, including routes that are registered later."""
    server: Flask = app.server
    server.config["MAX_CONTENT_LENGTH"] = server.config["MAX_FORM_MEMORY_SIZE"] = BODY_BYTES
    answer_faults(server)
    if settings.proxies:
        proxied = ProxyFix(server.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=0)
        server.wsgi_app = proxied  # type: ignore[method-assign]  # the way Flask documents
    names = LOOPBACK_NAMES | {name.strip().lower() for name in settings.trusted_hosts}
    limit = Buckets(settings.api_per_s, settings.api_per_s * BURST_S) if settings.api_per_s > 0 else None

    @lru_cache(maxsize=256)  # nearly all requests have the same name
    def is_known(host: str) -> bool:
        name = host_name(host)
        return name in names or is_address(name)

    @server.before_request
    def know_the_name() -> Response | None:
        host = request.headers.get("Host", "")
        g.admitted = len(host) <= MOST_HOST and is_known(host)
        if g.admitted or request.path == "/healthz":
            return None
        words = "This board does not answer to that name; CHAINBOARD_TRUSTED_HOSTS lists the names it does answer to.\n"
        return answer(words.encode(), "text/plain; charset=utf-8", 400)

    @server.before_request
    def refuse_other_sites() -> Response | None:
        acts = request.method not in ("GET", "HEAD", "OPTIONS") or request.path.startswith(LEASING)
        if acts and request.headers.get("Sec-Fetch-Site") == "cross-site":
            return error_answer("forbidden", "Another site may not act on this board.", 403)
        return None

    require_password(server, settings, web_registry)

    @server.before_request
    def know_the_viewer() -> None:
        g.viewer = g.get("session") or client_of(request.remote_addr)

    @server.before_request
    def keep_the_rate() -> Response | None:
        if limit is None or not request.path.startswith(LIMITED):
            return None
        wait_s = math.ceil(limit.take(client_of(request.remote_addr)))
        if not wait_s:
            return None
        refusal = error_answer("too_many_requests", f"More than {settings.api_per_s:g} requests a second.", 429)
        refusal.headers["Retry-After"] = str(wait_s)
        return refusal

    @cache
    def guards() -> list[tuple[str, str]]:
        # Computed at the first answer, when all inline scripts of Dash are known. Ours are files.
        sources = {"script-src": f"'self' {' '.join(app.csp_hashes())}"} | POLICY
        policy = "; ".join(f"{name} {allowed}" for name, allowed in sources.items())
        return [*HEADERS.items(), ("Content-Security-Policy", policy)]

    @server.after_request
    def add_headers(response: Response) -> Response:
        stricter = response.headers.get("Referrer-Policy")  # of the pages around a login
        response.headers.extend(guards())
        if stricter:
            response.headers["Referrer-Policy"] = stricter
        if request.is_secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        return response


def host_name(host: str) -> str:
    """The Host header without its port, in lower case."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_address(name: str) -> bool:
    """Whether it is an IP address; a site that rebinds its own *name* to us cannot use one."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
