"""The board under gunicorn: `workers` processes of `dashboard.web.worker` on a listener that is open already."""

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
    """Hands what gunicorn has to say to our own log instead of writing it in a form of its own."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers = []
        self.error_log.propagate = True


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn's arbiter for an application that each worker makes for itself."""

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
        # A forwarded header is believed by Flask's ProxyFix or by nobody: CHAINBOARD_PROXIES decides.
        "forwarded_allow_ips": "",
        "secure_scheme_headers": {},
        "forwarder_headers": "",
        "loglevel": "warning",
        "logger_class": OurLines,
        "control_socket_disable": True,
        # The heartbeat file is touched every second; on a disk that can stall a worker.
        "worker_tmp_dir": "/dev/shm" if os.access("/dev/shm", os.W_OK) else None,
    }
    Server(application, options).run()
    return 0
