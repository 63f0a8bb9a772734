"""A Dash page that loads only its own libraries: Dash adds every imported component library to every app."""

from __future__ import annotations

from typing import Any

from dash import Dash

HEAVY = ("dash_ag_grid", "dash_bootstrap_components", "dash_table")  # 2 MB of scripts that a wall never runs


class LightDash(Dash):
    def interpolate_index(self, *args: Any, **parts: Any) -> str:
        """The page without the scripts of heavy libraries."""
        lines = str(parts.get("scripts", "")).splitlines()
        kept = [line for line in lines if not any(name in line for name in HEAVY)]
        page = super().interpolate_index(*args, **parts | {"scripts": "\n".join(kept)})  # type: ignore[no-untyped-call]
        return str(page)
