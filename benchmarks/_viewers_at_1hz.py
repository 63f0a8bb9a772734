"""Viewers that ask once a second over kept connections: `python -m benchmarks._viewers_at_1hz PORT VIEWERS SECONDS`.

Reads the request's body from stdin; prints JSON: latencies of the answers in ms, how many failed. A process of its own,
so that the load does not share the interpreter with whoever measures.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time

TIME_LIMIT_S = 5.0
RAMP_PER_S = 400


class Tally:
    def __init__(self) -> None:
        self.latencies_ms: list[float] = []
        self.failed = 0


async def viewer(port: int, request: bytes, begin: float, until: float, tally: Tally) -> None:
    """One viewer; connects anew after a failure, as a browser does."""
    streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    await asyncio.sleep(random.random() * (begin - time.monotonic()))
    while (now := time.monotonic()) < until:
        counts = now >= begin
        try:
            async with asyncio.timeout(TIME_LIMIT_S):
                if streams is None:
                    streams = await asyncio.open_connection("127.0.0.1", port)
                await ask(*streams, request)
            if counts:
                tally.latencies_ms.append((time.monotonic() - now) * 1000)
        except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError):
            tally.failed += counts
            if streams is not None:
                streams[1].close()
            streams = None
        await asyncio.sleep(max(0.0, now + 1 - time.monotonic()))
    if streams is not None:
        streams[1].close()


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> None:
    """One request and its whole answer. Raises ValueError unless that is a 200."""
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if b" 200 " not in head.split(b"\r\n", 1)[0]:
        raise ValueError(head)
    if b"transfer-encoding: chunked" in head:
        while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
            await reader.readexactly(size + 2)
        await reader.readuntil(b"\r\n")
    else:
        await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))


async def main() -> None:
    port, viewers, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    body = sys.stdin.buffer.read()
    request = (
        f"POST /_dash-update-component HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        f"Accept-Encoding: gzip, deflate, br, zstd\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body
    begin = time.monotonic() + max(2.0, viewers / RAMP_PER_S)
    tally = Tally()
    await asyncio.gather(*(viewer(port, request, begin, begin + seconds, tally) for _ in range(viewers)))
    print(json.dumps({"latencies_ms": [round(found, 2) for found in tally.latencies_ms], "failed": tally.failed}))


if __name__ == "__main__":
    import resource

    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    asyncio.run(main())
