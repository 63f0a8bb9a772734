"""What a unit of `Type=notify` reports to systemd: that it is ready, that it lives, that it stops.

One datagram of NAME=value lines goes to the socket in NOTIFY_SOCKET (sd_notify(3)); without a service manager, nothing.
"""

from __future__ import annotations

import contextlib
import socket
import time

from dashboard.settings import service_manager

BEAT_EVERY_S = 1.0
WAIT_LONGER_S = 30.0  # while starting; repeated long before it is over


class ServiceManager:
    """Tells it. `beat` belongs into the loop whose life is in question, so that a loop that hangs is noticed."""

    def __init__(self, address: str | None = None) -> None:
        self._address = service_manager() if address is None else address
        self._ready = False
        self._beaten = float("-inf")

    @property
    def is_there(self) -> bool:
        return bool(self._address)

    def waiting(self, reason: str) -> None:
        """Not ready yet, and not hung: it asks for more time to start."""
        self._send(f"STATUS={reason}", f"EXTEND_TIMEOUT_USEC={WAIT_LONGER_S * 1e6:.0f}")

    def beat(self) -> None:
        """Ready, the first time; then alive, once a second however often it is called."""
        if time.monotonic() - self._beaten < BEAT_EVERY_S:
            return
        self._beaten = time.monotonic()
        self._send(*(["WATCHDOG=1"] if self._ready else ["READY=1", "STATUS=", "WATCHDOG=1"]))
        self._ready = True

    def stopping(self) -> None:
        self._send("STOPPING=1")

    def _send(self, *lines: str) -> None:
        if not self._address:
            return
        where = "\0" + self._address[1:] if self._address.startswith("@") else self._address  # @: an abstract name
        # A manager that is gone or slow must not end what it manages; too few beats are its own business.
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.setblocking(False)
            channel.sendto("\n".join(lines).encode(), where)
