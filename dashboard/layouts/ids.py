"""Every component id, grouped by region, for layouts, callbacks and browser tests."""

from __future__ import annotations

from enum import StrEnum


class SelectionId(StrEnum):
    UNDERLYING = "underlying"
    EXCHANGE = "exchange"
    STOCK = "stock"
    EXPIRIES = "expiries"
    LABEL = "selection-label"
    LOT = "selection-lot"
    ADDRESS = "address"  # {"search": …} whenever the browser's address changed (back, forward)
    CLICKED = "expiry-clicked"  # {"underlying", "expiry"} of the expiry button clicked last
    CHOSEN = "selection-changed"  # changes with each answered intent, also while lookups are pending
    INTENT = "intent"  # market.selection.Intent: the latest one, perhaps not yet answered
    STORE = "selection"  # Selection.to_store() + number of the intent it answers; no market data
    REMEMBERED = "remembered"  # underlying -> last expiry chosen in this tab
    RETRY = "lookup-retry"  # enabled only while the feed has no directory yet
    TOAST = "toast"


class LiveId(StrEnum):
    TICK = "tick"
    VIEW = "view"  # columns, charts and strikes that the page shows, for `layouts.view.view_of`
    ANSWER = "answer"  # JSON text {"status", "numbers": a frame, a change of it, or missing}
    SEEN = "seen"  # key, view and version of the frame on screen: the server sends what has changed since


class TimeId(StrEnum):
    MOMENT = "moment"  # {"at": epoch seconds of the recorded moment on screen}; null or {} is now
    BAR = "time-bar"  # assets/board/time_bar.mjs fills it
    LIVE = "time-live"
    LABEL = "time-label"
    PLAY = "time-play"
    DAY = "time-day"
    COVERAGE = "time-coverage"
    RECORDING = "time-recording"  # a sentence while the feed records late or not at all


class StatusId(StrEnum):
    STATE = "status-state"
    AGE = "status-age"
    TOKEN = "status-token"  # countdown to the next login
    CLOCK = "status-clock"
    DEMO = "status-demo"
    BAND = "status-band"
    THEME = "theme-toggle"
    SPOKEN = "status-spoken"  # text for screen readers when the state changes; not visible


class GridId(StrEnum):
    GRID = "chain-grid"
    MESSAGE = "chain-message"
    STRIKES = "strike-window"
    CHOICES = "view-choices"  # presets, columns, charts and windows that can be chosen, constant
    OPENED = "view-opened"
    BACK = "back-to-atm"


class HelpId(StrEnum):
    OPEN = "help-open"
    PANEL = "help"  # a <dialog>: keys and abbreviations
    KEYS = "keys-switch"
    COPY = "copy-by-hand"  # a <dialog>, for browsers that refuse the clipboard


class PanelId(StrEnum):
    CHARTS = "charts"
    HANDLE = "charts-handle"
    FOLD = "charts-fold"
    WANTED = "charts-wanted"  # 1 once the chain stands and charts are in view: then their plots come


def chart_body_id(key: str) -> str:
    return f"chart-body-{key}"


def chart_id(key: str) -> str:
    return f"chart-{key}"
