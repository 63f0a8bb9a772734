"""Clients that mean no good, over real sockets: slow ones, huge bodies, forged selections. Bounded, loopback only."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

SLOW = {
    "one byte": b"G",
    "open headers": b"GET / HTTP/1.1\r\nHost: localhost\r\n",
    "open body": b"POST /_dash-update-component HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b'Content-Length: 5000\r\n\r\n{"a"',
}


def port_of(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port


@contextmanager
def slow_clients(port: int, count: int, sent: bytes) -> Iterator[list[socket.socket]]:
    """Connections that have sent this much and send no more."""
    clients: list[socket.socket] = []
    try:
        for _ in range(count):
            clients.append(socket.create_connection(("127.0.0.1", port), timeout=10))
            clients[-1].sendall(sent)
        yield clients
    finally:
        for client in clients:
            client.close()


def ask(port: int, path: str, timeout_s: float = 5.0) -> tuple[int, float]:
    """Status and seconds of one request with a connection of its own; status 0 when nothing answered."""
    began = time.monotonic()
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    try:
        link.request("GET", path, headers={"Host": "localhost"})
        answer = link.getresponse()
        answer.read()
        return answer.status, time.monotonic() - began
    except (OSError, http.client.HTTPException):
        return 0, time.monotonic() - began
    finally:
        link.close()


def last_words(client: socket.socket, within_s: float) -> bytes:
    """What the server says until it ends the connection; raises TimeoutError when it does not."""
    client.settimeout(within_s)
    said = b""
    with suppress(ConnectionResetError):
        while part := client.recv(4096):
            said += part
    return said


def send_huge(port: int, size: int, headers: str) -> tuple[str, int]:
    """Send a body of `size` bytes as far as the server takes it. Gives the status and how much went."""
    client = socket.create_connection(("127.0.0.1", port), timeout=10)
    sent, status = 0, ""
    with client:
        client.sendall(f"POST /password HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n\r\n".encode())
        try:
            while sent < size:
                client.sendall(b"10000\r\n" + b"x" * 65_536 + b"\r\n" if "chunked" in headers else b"x" * 65_536)
                sent += 65_536
        except OSError:
            pass
        with suppress(OSError, IndexError):
            status = client.recv(64).decode("latin-1").split(" ")[1]
    return status, sent


class ForgedPage:
    """A page that asks for whatever selection it likes."""

    def __init__(self, port: int) -> None:
        self._link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        self._link.request("GET", "/_dash-dependencies", headers={"Host": "localhost"})
        wirings = json.loads(self._link.getresponse().read())
        self.body = b""  # of the last answer
        self._wiring = next(found for found in wirings if found["output"] == "answer.data")

    def tick(self, selection: Any, **others: Any) -> int:
        """The status of one tick with this selection. others: values of further inputs and states, by their ids."""
        found, values = self._wiring, {"selection": selection, **others}
        identity, prop = found["output"].rsplit(".", 1)
        body = {
            "output": found["output"],
            "outputs": {"id": identity, "property": prop},
            "inputs": [one | {"value": values.get(one["id"])} for one in found["inputs"]],
            "state": [one | {"value": values.get(one["id"])} for one in found["state"]],
            "changedPropIds": [],
        }
        raw = json.dumps(body).encode()
        try:
            self._link.request(
                "POST", "/_dash-update-component", raw, {"Host": "localhost", "Content-Type": "application/json"}
            )
            answer = self._link.getresponse()
            self.body = answer.read()
            if answer.will_close:
                self._link.close()
            return answer.status
        except (OSError, http.client.HTTPException):
            self._link.close()
            return 0

    def close(self) -> None:
        self._link.close()
