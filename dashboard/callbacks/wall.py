"""Build the wall from its link once, when it opens; `assets/wall/` does the rest."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from dash import Dash, Input, Output

from dashboard.data.reader.chains import Chains
from dashboard.layouts.wall.builder import build_builder
from dashboard.layouts.wall.ids import WallId
from dashboard.layouts.wall.link import BadLink, plan_of
from dashboard.layouts.wall.scenes import build_refusal, build_scenes
from dashboard.market.errors import FeedNotReady


def open_wall(search: str | None, path: str | None, chains: Chains, names: Sequence[str]) -> Any:
    """The scenes of a link, the builder at `/wall/builder`, or why the link cannot be shown."""
    page = (path or "").rstrip("/").removeprefix("/wall").lstrip("/")
    if page == "builder":
        return build_builder(_offered(chains, names))
    if page:
        return build_refusal(f"There is no page “{page[:40]}” here.")
    try:
        return build_scenes(plan_of(search))
    except BadLink as error:
        return build_refusal(str(error))


def register(app: Dash, chains: Chains, names: Sequence[str]) -> None:
    """names: indices that the builder suggests before the feed has published its list."""
    app.callback(Output(WallId.STAGE, "children"), Input(WallId.ADDRESS, "search"), Input(WallId.ADDRESS, "pathname"))(
        partial(open_wall, chains=chains, names=names)
    )


def _offered(chains: Chains, names: Sequence[str]) -> list[str]:
    try:
        return [found.name for found in chains.indices()]
    except FeedNotReady:
        return list(names)
