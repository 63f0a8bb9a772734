"""Small pages beside the board: a headline, a sentence or two, and an action, without script or data."""

from __future__ import annotations

from flask import Response, request
from markupsafe import Markup, escape

from dashboard.logs import redacted

NO_ACTION = Markup("")
THEMES = ("dark", "light")
THEME_COOKIE = "chainboard-theme"  # assets/page/spoken.mjs sets it; these pages have no script
STYLE, ICON = "/assets/styles.css", "/assets/favicon.ico"

PAGE = Markup(
    '<!DOCTYPE html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8">'
    "<title>{title} · Chainboard</title>"
    '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
    f'<link rel="icon" href="{ICON}"><link rel="stylesheet" href="{STYLE}">'
    '</head><body><main class="notice"><div class="brand"><span>Chain</span><span>board</span></div>'
    "<h1>{title}</h1>{body}</main></body></html>"
)


def notice(title: str, *sentences: str, status: int, action: Markup = NO_ACTION) -> Response:
    """A page of plain sentences; they are escaped, and text that looks like a secret is blanked."""
    body = Markup("").join(Markup("<p>{}</p>").format(redacted(sentence)) for sentence in sentences) + action
    theme = request.cookies.get(THEME_COOKIE, THEMES[0])
    page = PAGE.format(title=title, body=body, theme=theme if theme in THEMES else THEMES[0])
    # Links on this page must not send its address, which contains the code after a login.
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return Response(str(page), status, headers, mimetype="text/html")


def link(text: str, address: str) -> Markup:
    return Markup('<p class="action"><a href="{}">{}</a></p>').format(address, escape(text))
