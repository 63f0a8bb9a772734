"""Open a TCP port, or raise a sentence with the reason; and check who may then see the board."""

from __future__ import annotations

import errno
import os
import socket

from dashboard.loopback import is_loopback_host
from dashboard.settings import Settings

ANY_ADDRESS = ("", "0.0.0.0", "::")  # every interface of the machine
BACKLOG = 512


class CannotListen(Exception):
    """The address cannot be used; the message names it and the remedy."""


def assert_guarded(host: str, settings: Settings, *, no_password: bool) -> None:
    """Raise CannotListen when strangers could see live data: on the network a board needs a password or --no-password.

    A demo shows simulated numbers and needs neither.
    """
    if settings.password or settings.demo or no_password or is_loopback_host(host):
        return
    raise CannotListen(
        f"On {host or 'every interface'} others can see the board: set CHAINBOARD_PASSWORD, or say --no-password."
    )


def open_listener(host: str, port: int) -> socket.socket:
    """A listening socket on `host` and `port` (0 takes any free one). Raises CannotListen."""
    if not 0 <= port <= 65_535:  # getaddrinfo would take it modulo 65,536
        raise CannotListen(f"The board cannot listen on port {port}: ports end at 65535.")
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise CannotListen(
            f"The board cannot listen on {host}:{port}: {error}; give another --host or --port."
        ) from error
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        # On Windows SO_REUSEADDR would let two servers share a port; elsewhere it only skips a wait after a restart.
        exclusive = getattr(socket, "SO_EXCLUSIVEADDRUSE", None)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR if exclusive is None else exclusive, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno in (errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", None)):
            raise CannotListen(f"Port {port} is taken; give another one (--port, or make run PORT=).") from error
        reason = os.strerror(error.errno) if error.errno else error
        raise CannotListen(
            f"The board cannot listen on {host}:{port}: {reason}; give another --host or --port."
        ) from error
    return listener


def url_of(host: str, port: int) -> str:
    """Where a browser on this machine finds what listens on `host`."""
    reachable = "127.0.0.1" if host in ANY_ADDRESS else host
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"
