"""Markup that no callback touches, as plain HTML (docs/decisions/0034).

Dash asks each of its components, with each of the some twenty steps of an update, whether it has changed. What stays as
it was built need not be a component: `taken_out` leaves its container alone, and assets/page/static.mjs fills it.
"""

from __future__ import annotations

from html import escape
from typing import Any

from dash import html
from dash.development.base_component import Component

MARK = "data-static"
ATTRIBUTES = {"className": "class", "htmlFor": "for", "tabIndex": "tabindex", "readOnly": "readonly"}


def static(name: str) -> dict[str, Any]:
    """The attribute that makes the children of a component static; its name is used once."""
    return {MARK: name}


def taken_out(layout: Component) -> str:
    """The children of all marked components as `<template>` elements; the components stay, empty."""
    templates = []
    for component in (layout, *layout._traverse()):
        name = getattr(component, MARK, None) if isinstance(component, Component) else None
        if name:
            templates.append(f'<template id="static-{escape(name)}">{_markup(component.children)}</template>')
            component.children = None
    return "\n".join(templates)


def _markup(content: Any) -> str:
    """HTML of a component of dash.html, a text, or a list of them. Raises TypeError for any other component."""
    if content is None:
        return ""
    if isinstance(content, list | tuple):
        return "".join(_markup(part) for part in content)
    if not isinstance(content, Component):
        return escape(str(content))
    if not isinstance(content, getattr(html, type(content).__name__, ())):
        raise TypeError(f"{type(content).__name__} is no plain HTML")
    properties = content.to_plotly_json()["props"]
    children = properties.pop("children", None)
    tag = type(content).__name__.lower()
    return f"<{tag}{_attributes(properties)}>{_markup(children)}</{tag}>"


def _attributes(properties: dict[str, Any]) -> str:
    written = []
    for name, value in sorted(properties.items()):
        if value is None or value is False:
            continue
        attribute = ATTRIBUTES.get(name, name)
        written.append(f" {attribute}" if value is True else f' {attribute}="{escape(str(value))}"')
    return "".join(written)
