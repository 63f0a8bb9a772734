"""What is known of the stream over the lives of its child: its status, and what earlier lives had."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from dashboard.data.brokers.fyers.stream.socket_protocol import Batch
from dashboard.data.brokers.protocol import StreamState, StreamStatus

log = logging.getLogger(__name__)

ASK_AGAIN_EVERY_S = 60.0  # starting over for a few mute symbols costs all others a second or two


class StreamLives:
    """Made by `FyersTickStream`, whose lock guards it."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.status = StreamStatus(StreamState.STARTING)
        self.restarts = self.refusals = 0
        self._monotonic = monotonic
        self._missing: tuple[str, ...] = ()
        self._asked_again: set[str] = set()
        self._asked_again_s = float("-inf")
        self._damaged_before = self._damaged = 0  # frames of earlier lives, and of all
        self._began_ts, self._began_s = 0.0, 0.0  # the present life: our clock, and monotonic

    def begin(self) -> None:
        """A new child starts."""
        self._damaged_before = self._damaged
        self._missing = ()
        self._began_ts, self._began_s = time.time(), self._monotonic()

    def other_symbols(self) -> None:
        """From now on other symbols are asked for; none of them was asked for before."""
        self._asked_again.clear()

    def receive(self, batch: Batch, left_out: str = "") -> bool:
        """Note what the child says; gives whether to start over, for symbols that have sent nothing.

        left_out: why some symbols are not streamed, "" when all are or the reason is none of FYERS' limits.
        """
        state, reason = batch.state, batch.reason
        if state is StreamState.STARTING and self.refusals:
            state, reason = self.status.state, self.status.reason  # no news until the key is accepted
        elif state not in (StreamState.STARTING, StreamState.LOGIN_NEEDED, StreamState.DEAD):
            self.refusals = 0
        if left_out and not reason:
            reason = left_out
            state = StreamState.PLAN_LIMIT if state is StreamState.LIVE else state
        self._damaged = self._damaged_before + batch.damaged
        if batch.missing is not None:
            self._missing = batch.missing
        start_over = self._asks_again(state)
        since_ts = min(self._began_ts, time.time() - (self._monotonic() - self._began_s))  # a clock may be set back
        counts = batch.last_frame_ts, batch.subscribed, self._missing, self._damaged, since_ts
        self.status = StreamStatus(state, reason, self.restarts, *counts)
        return start_over

    def _asks_again(self, state: StreamState) -> bool:
        """Whether to start over, once, for symbols that were accepted and have sent nothing."""
        if not self._missing or state is StreamState.PLAN_LIMIT:
            return False
        mute = set(self._missing) - self._asked_again
        if not mute or self._monotonic() - self._asked_again_s < ASK_AGAIN_EVERY_S:
            return False
        log.warning("%d symbols were subscribed and have sent nothing; asking for them once more.", len(mute))
        self._asked_again |= mute
        self._asked_again_s = self._monotonic()
        return True

    def note(self, state: StreamState, reason: str) -> None:
        """What the stream itself says while no child speaks."""
        if (self.status.state, self.status.reason) != (state, reason):
            log.info("Tick stream: %s (%s)", state, reason)
        self.status = StreamStatus(state, reason, self.restarts, self.status.last_frame_ts, 0, (), self._damaged)
