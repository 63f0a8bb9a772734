"""A pair of eyes on the screen: reads every frame as a page would, and holds it against the sandbox's truth."""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dashboard.data.reader.live import LiveChains
from dashboard.market.instruments import Series
from dashboard.market.session import FeedState
from harness.feed import report_of

LOOK_S = 0.1
TRUTH_S = 0.5
# How far a shown number may be from the truth of this moment: it may be as old as the screen says.
PRICE_SHARE, PRICE_RUPEES, OI_SHARE, SPOT_SHARE = 0.25, 6.0, 0.1, 0.005
OLDEST_LIVE_S = 20.0  # a frame called live is not older than a poll of everything and a missed beat


def truth_of(series: Series, symbol: str = "NSE:NIFTY50-INDEX") -> str:
    """The sandbox's control path for the truth about a series of NIFTY, or of another underlying's symbol."""
    return f"truth?underlying={symbol}&expiry={series.expiry}"


@dataclass
class Seen:
    """What was on the screen since `forget`: states and sentences in order, and every number that was wrong."""

    states: list[str] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    sockets: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    frames: int = 0


class Watcher:
    """Looks ten times a second in a thread of its own. truth: the sandbox's `/sandbox/truth` of the series."""

    def __init__(self, chains: LiveChains, series: Series, truth: Callable[[], dict[str, Any]]) -> None:
        self.chains, self.series = chains, series
        self.seen = Seen()
        self.frame: dict[str, Any] = {}
        self._truth_of, self._truth_at = truth, 0.0
        self._truth: dict[str, tuple[float, float, float, float]] = {}
        self.version = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> Watcher:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over.set()
        self._thread.join(10)

    def forget(self) -> None:
        self.seen = Seen()

    @property
    def health(self) -> dict[str, Any]:
        return report_of(self.chains)

    @property
    def state(self) -> FeedState:
        return self.chains.status(self.series).state

    @property
    def socket(self) -> str:
        return str(self.health.get("socket", {}).get("state"))

    @property
    def complaint(self) -> str:
        """Why the series cannot be shown, in the feed's words; "" when it can."""
        return self.chains.status(self.series).problem_code or ""

    def rejected(self, reason: str) -> int:
        return int(self.health.get("rejects", {}).get(reason, 0))

    def _look_on(self) -> None:
        while not self._over.wait(LOOK_S):
            try:
                self._look()
            except Exception as error:  # noqa: BLE001 (a watcher that dies would see nothing wrong)
                self.seen.wrong.append(f"the watcher failed: {error!r}")

    def _look(self) -> None:
        seen = self.seen
        self.chains.watch(self.series)
        state = self.chains.status(self.series)
        _note(seen.states, state.state.value)
        _note(seen.sentences, state.message)
        _note(seen.sockets, self.socket)
        now = self.chains.now()
        if state.state is FeedState.LIVE and not now - (state.as_of_ts or 0.0) < OLDEST_LIVE_S:
            seen.wrong.append(f"called live, but {now - (state.as_of_ts or 0.0):.0f} s old")
        self._refresh_truth()
        frame = self.chains.frame(self.series)
        if frame is None or frame.version == self.version or not self._truth:
            return
        self.version, self.frame = frame.version, json.loads(frame.text)
        seen.frames += 1
        if now - self.frame["as_of_ts"] < OLDEST_LIVE_S:
            seen.wrong += [f"{fault} (frame {frame.version})" for fault in faults(self.frame, self._truth)]

    def _refresh_truth(self) -> None:
        if time.monotonic() - self._truth_at < TRUTH_S:
            return
        try:
            told = self._truth_of()
        except (OSError, RuntimeError):
            return  # the sandbox is what is broken
        scale = told["scale"]
        self._truth = {
            symbol: (ltp / scale, bid / scale, ask / scale, oi) for symbol, (ltp, bid, ask, oi) in told["rows"].items()
        }
        self._truth_at = time.monotonic()


def faults(frame: dict[str, Any], truth: dict[str, tuple[float, float, float, float]]) -> list[str]:
    """Every number of a frame that cannot be explained by the age of what is shown."""
    found = []
    strikes = frame["strikes"]
    if strikes != sorted(set(strikes)):
        found.append("strikes are not ascending")
    spot, true_spot = frame["spot"], truth[frame["symbol"]][0]
    if spot is not None and abs(spot / true_spot - 1) > SPOT_SHARE:
        found.append(f"spot {spot} is really {true_spot}")
    forward = frame["forward"]
    if forward is not None and abs(forward / true_spot - 1) > 4 * SPOT_SHARE:
        found.append(f"forward {forward} at a spot of {true_spot}")
    for side in ("call", "put"):
        legs = frame[side]
        for row, symbol in enumerate(legs["symbol"]):
            if symbol is None:
                continue
            if symbol not in truth:
                found.append(f"{symbol} is not of this series")
                continue
            if legs["old"][row]:
                continue  # it says of itself that nothing has confirmed it
            ltp, bid, ask, oi = truth[symbol]
            for name, true in (("ltp", ltp), ("bid", bid), ("ask", ask)):
                shown = legs[name][row]
                if shown is not None and true > 0 and abs(shown - true) > PRICE_SHARE * true + PRICE_RUPEES:
                    found.append(f"{symbol} {name} {shown} is really {true}")
            shown_oi = legs["oi"][row]
            if shown_oi is not None and abs(shown_oi - oi) > OI_SHARE * oi + 10 * frame["lot_size"]:
                found.append(f"{symbol} OI {shown_oi} is really {oi}")
            if (legs["bid"][row] or 0) > (legs["ask"][row] or math.inf):
                found.append(f"{symbol} has a crossed quote")
    return found


def _note(story: list[str], word: str) -> None:
    if not story or story[-1] != word:
        story.append(word)
