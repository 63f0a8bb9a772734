"""The board under gunicorn: `workers` processes of `dashboard.web.worker` on an open listener."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from dashboard.web import limits

LEAVE_WITHIN_S = 1


class OurLines(Logger):  # type: ignore[misc]  # gunicorn is untyped
    """Sends gunicorn's messages to our log instead of one in its own form."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers = []
        self.error_log.propagate = True


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn's arbiter for an application that each worker builds."""

    def __init__(self, application: Callable[[], Any], options: dict[str, Any]) -> None:
        self._application, self._options = application, options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._application()  # in the worker: SQLite handles and sockets must not cross a fork


def serve_with_gunicorn(application: Callable[[], Any], listener: socket.socket, *, workers: int) -> int:
    """Serve until SIGTERM."""
    connections = limits.connections_within(limits.raise_descriptors())
    options = {
        "bind": f"fd://{listener.fileno()}",
        "workers": workers,
        "worker_class": "dashboard.web.worker.Worker",
        "worker_connections": connections + limits.SPARE,
        "keepalive": int(limits.KEEP_ALIVE_S),
        "limit_request_fields": 64,
        "graceful_timeout": LEAVE_WITHIN_S,
        # Only Flask's ProxyFix may trust a forwarded header, as CHAINBOARD_PROXIES says.
        "forwarded_allow_ips": "",
        "secure_scheme_headers": {},
        "forwarder_headers": "",
        "loglevel": "warning",
        "logger_class": OurLines,
        "control_socket_disable": True,
        # gunicorn touches the heartbeat file every second, which can stall a worker on a slow disk.
        "worker_tmp_dir": "/dev/shm" if os.access("/dev/shm", os.W_OK) else None,
    }
    Server(application, options).run()
    return 0
