"""The web worker: gunicorn's gevent worker with deadlines, a limit on bodies and a limit on connections.

A connection has a greenlet, so a client that sends slowly, sends nothing or does not read delays no other client.
The application is called only when a request has arrived completely, and never with a body above the limit.
"""

from __future__ import annotations

import io
import socket
import time
from typing import Any

import gevent
from gunicorn import http, util
from gunicorn.http.errors import NoMoreData, ParseException
from gunicorn.workers.ggevent import GeventWorker

from dashboard.data.cache import disk  # noqa: F401  (before gevent replaces threading.local: see disk.py)
from dashboard.web.limits import BODY_BYTES, KEEP_ALIVE_S, REQUEST_WITHIN_S, SPARE, TAKEN_WITHIN_S

TOO_LARGE = "413 Content Too Large", f"A request to this board has at most {BODY_BYTES:,} bytes.\n"
TOO_SLOW = "408 Request Timeout", f"A request must have arrived within {REQUEST_WITHIN_S:.0f} seconds.\n"
TOO_MANY = "503 Service Unavailable", "This board has as many connections as it can serve; try again in a moment.\n"
MALFORMED = "400 Bad Request", "This is no HTTP request that the board understands.\n"
LINGER_S = 1.0


class TooLarge(Exception):
    """A body above the limit."""


class TooSlow(Exception):
    """A request that has begun and did not arrive in time."""


class Link:
    """A client's socket with a deadline for reading a request and one for writing an answer."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._deadline: float | None = None
        self._idle_until = 0.0

    @property
    def idle(self) -> bool:
        """Whether it waits for the first byte of a request."""
        return self._deadline is None

    def expect_request(self, *, within_s: float, begun: bool) -> None:
        """Expect a request, with its first byte within `within_s`. begun: that byte has been read already."""
        now = time.monotonic()
        self._idle_until, self._deadline = now + within_s, now + REQUEST_WITHIN_S if begun else None

    def recv(self, size: int) -> bytes:
        """Raises TooSlow when a request has begun and does not end in time; gives b"" after an idle time."""
        until = self._idle_until if self._deadline is None else self._deadline
        self._client.settimeout(max(0.001, until - time.monotonic()))
        try:
            received: bytes = self._client.recv(size)
        except TimeoutError:
            if self._deadline is None:
                return b""
            raise TooSlow from None
        if self._deadline is None:
            self._deadline = time.monotonic() + REQUEST_WITHIN_S
        return received

    def sendall(self, data: bytes) -> None:
        self._client.settimeout(TAKEN_WITHIN_S)
        self._client.sendall(data)

    def send(self, data: bytes) -> int:
        self.sendall(data)
        return len(data)

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        self._client.settimeout(TAKEN_WITHIN_S)
        sent: int = self._client.sendfile(file, offset, count)
        return sent

    def fileno(self) -> int:
        number: int = self._client.fileno()
        return number

    def hang_up(self) -> None:
        """End it from another greenlet."""
        try:
            self._client.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


class Worker(GeventWorker):  # type: ignore[misc]  # gunicorn is untyped
    """One process of the web server."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._most = self.worker_connections - SPARE
        self._links: set[Link] = set()

    def handle_exit(self, sig: Any, frame: Any) -> None:
        """Stop: finish the present requests, and close connections without one."""
        super().handle_exit(sig, frame)
        gevent.spawn(self._hang_up_idle)

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """Serve a connection until it ends."""
        if len(self._links) >= self._most:
            _refuse(client, *TOO_MANY)
            return
        link = Link(client)
        self._links.add(link)
        try:
            self._serve(listener.getsockname(), link, addr or ("", 0))
        except (NoMoreData, StopIteration, OSError):  # the client or the connection has ended
            pass
        except TooSlow:
            _refuse(client, *TOO_SLOW)
        except TooLarge:
            _refuse(client, *TOO_LARGE)
        except ParseException:
            _refuse(client, *MALFORMED)
        except Exception:
            self.log.exception("A connection ended with an error.")
        finally:
            self._links.discard(link)
            util.close(client)

    def _serve(self, name: Any, link: Link, addr: Any) -> None:
        parser = http.get_parser(self.cfg, link, addr)
        link.expect_request(within_s=REQUEST_WITHIN_S, begun=False)
        while True:
            request = next(parser)
            request.body = io.BytesIO(_body(request, link))
            self.handle_request(name, request, link, addr)  # raises StopIteration when it was the last one
            if not self.alive:
                return
            begun = bool(parser.unreader.buf.getvalue())  # a second request arrived with the first
            link.expect_request(within_s=KEEP_ALIVE_S, begun=begun)

    def _hang_up_idle(self) -> None:
        for link in [link for link in self._links if link.idle]:
            link.hang_up()


def _body(request: Any, link: Link) -> bytes:
    """The whole body. Raises TooLarge before reading an announced length that is too large, NoMoreData if cut off."""
    headers = dict(request.headers)
    announced = int(headers.get("CONTENT-LENGTH") or 0)  # the parser has checked it
    if announced > BODY_BYTES:
        raise TooLarge
    if headers.get("EXPECT", "").lower() == "100-continue":
        link.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.headers = [(header, value) for header, value in request.headers if header != "EXPECT"]
    body: bytes = request.body.read(BODY_BYTES + 1)
    if len(body) > BODY_BYTES:
        raise TooLarge
    if len(body) < announced:
        raise NoMoreData
    return body


def _refuse(client: Any, status: str, words: str) -> None:
    """A last answer, with time for the client to read it before its further bytes reset the connection."""
    body = words.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
    try:
        client.settimeout(LINGER_S)
        client.sendall(f"{head}Retry-After: 5\r\nConnection: close\r\n\r\n".encode() + body)
        util.close_graceful(client, timeout=LINGER_S)
    except OSError:
        return
