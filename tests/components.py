"""A tree of Dash components, walked."""

from __future__ import annotations

from collections.abc import Iterator

from dash.development.base_component import Component


def components(root: Component) -> Iterator[Component]:
    """The component and everything below it."""
    yield root
    for below in root._traverse():  # Dash has no public way
        if isinstance(below, Component):
            yield below
