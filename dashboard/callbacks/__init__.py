"""Handlers of the page's events: plain functions, wired in `register`."""

from __future__ import annotations

from dash import Dash

from dashboard.callbacks import live, selection
from dashboard.data.reader.chains import Chains


def register(app: Dash, chains: Chains) -> None:
    selection.register(app, chains)
    live.register(app, chains)
