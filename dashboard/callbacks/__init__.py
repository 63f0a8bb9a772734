"""Handlers of the page's events: plain functions, wired in `register`."""

from __future__ import annotations

from dash import Dash

from dashboard.callbacks import charts, live, selection
from dashboard.data.reader.chains import Chains
from dashboard.data.reader.time_machine import TimeMachine


def register(app: Dash, chains: Chains, time_machine: TimeMachine) -> None:
    selection.register(app, chains)
    live.register(app, chains, time_machine)
    charts.register(app)
