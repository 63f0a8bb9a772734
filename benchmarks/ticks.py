"""Ticks from socket frames into the book: the SDK's own parser against the lean decoder, on the same frames.

Both end where the feed reads: parsed, converted to ticks, coalesced, applied to a book that follows the series. Below,
the whole way over a real socket from the sandbox, with the CPU of the child process that holds the SDK.
"""

from __future__ import annotations

import random
import struct
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil

from benchmarks._table import print_table

SYMBOLS = 1_000
FRAMES = 1_200
RECORDS = 50  # per frame
BATCH = 10  # frames between two reads of the feed
ABSENT = -(2**31)
SF_FIELDS = 21
SECONDS = 8.0


def run(args: list[str]) -> None:
    """Print both tables. args: optionally the seconds of the second part."""
    snapshots, updates = _frames()
    results = []
    for name, receiver in (("SDK's parser", _sdk_receiver), ("lean decoder", _lean_receiver)):
        with tempfile.TemporaryDirectory() as folder:
            receive, take = receiver(Path(folder))
            results.append((name, _into_the_book(receive, take, snapshots, updates)))
    slowest = results[0][1]
    print_table(
        f"ticks: {FRAMES * RECORDS:,} sparse updates of {SYMBOLS:,} options, {RECORDS} per frame, into the book",
        ("", "us CPU per tick", "ticks per core-second", "times the SDK"),
        [(name, f"{cost * 1e6:.1f}", f"{1 / cost:,.0f}", f"{slowest / cost:.1f}") for name, cost in results],
    )
    _over_the_wire(float(args[0]) if args else SECONDS)


def _frames() -> tuple[list[bytes], list[bytes]]:
    rng = random.Random(20261123)
    snapshots = []
    for start in range(0, SYMBOLS, RECORDS):
        records = [_snapshot(number, rng) for number in range(start, min(start + RECORDS, SYMBOLS))]
        snapshots.append(_frame(records))
    updates = [_frame([_update(rng.randrange(SYMBOLS), rng) for _ in range(RECORDS)]) for _ in range(FRAMES)]
    return snapshots, updates


def _frame(records: list[bytes]) -> bytes:
    body = struct.pack(">BIH", 6, 1, len(records)) + b"".join(records)
    return struct.pack(">H", len(body) & 0xFFFF) + body


def _snapshot(number: int, rng: random.Random) -> bytes:
    name = f"sf|nse_fo|{number}".encode()
    values = [rng.randrange(1, 100_000) for _ in range(SF_FIELDS)]
    head = b"S" + struct.pack(">HB", number, len(name)) + name + struct.pack(f">B{SF_FIELDS}i", SF_FIELDS, *values)
    texts = b"".join(bytes([len(text)]) + text for text in (b"nse_fo", str(number).encode(), b"X"))
    return head + struct.pack(">2xHB", 1, 2) + texts


def _update(number: int, rng: random.Random) -> bytes:
    """Six of the 21 fields told, as a trade with a new quote tells them."""
    values = [ABSENT] * SF_FIELDS
    for position in (0, 1, 3, 6, 7, 12):
        values[position] = rng.randrange(1, 100_000)
    return b"U" + struct.pack(f">HB{SF_FIELDS}i", number, SF_FIELDS, *values)


def _topics() -> dict[str, str]:
    return {f"sf|nse_fo|{number}": f"NSE:X{number}" for number in range(SYMBOLS)}


Receive = Callable[[bytes], object]
Take = Callable[[], Iterable[tuple[object, ...]]]


def _sdk_receiver(folder: Path) -> tuple[Receive, Take]:
    from dashboard.data.brokers.fyers.endpoints import SOCKET_RESPONSE
    from dashboard.data.brokers.fyers.stream.socket_session import SocketSession
    from harness.fyers import forget_the_socket, jwt, loopback_settings

    session = SocketSession(loopback_settings(folder), jwt(time.time() + 3_600), lean=False)
    session._socket.symbol_token = _topics()
    session._topics.topics = {symbol: topic for topic, symbol in _topics().items()}
    forget_the_socket()
    return getattr(session._socket, SOCKET_RESPONSE), session.take_ticks


def _lean_receiver(folder: Path) -> tuple[Receive, Take]:
    from dashboard.data.brokers.fyers.stream.decode import Decoder

    decoder = Decoder(_topics())
    return lambda frame: decoder.decode(frame, time.time()), decoder.take_ticks


def _into_the_book(receive: Receive, take: Take, snapshots: list[bytes], updates: list[bytes]) -> float:
    """CPU seconds per update, from the frame into the book."""
    from dashboard.data.brokers.fyers.stream.parse_tick import tick
    from dashboard.data.feed.chain_builder import ChainBuilder
    from dashboard.data.feed.tick_book import TickBook
    from dashboard.market.instruments import Contract, Side
    from harness.builders import RATE, make_expiry, make_underlying

    book = TickBook()
    listed = [
        Contract(f"NSE:X{number}", float(number // 2), Side.CALL if number % 2 else Side.PUT)
        for number in range(SYMBOLS)
    ]
    book.follow(ChainBuilder(make_underlying(), make_expiry(), listed, rate=RATE))
    for frame in snapshots:
        receive(frame)
    book.apply([tick(fields) for fields in take()])
    began = time.process_time()
    for number, frame in enumerate(updates):
        receive(frame)
        if number % BATCH == BATCH - 1:
            book.apply([tick(fields) for fields in take()])
    spent = time.process_time() - began
    assert book.last_tick_ts is not None
    return spent / (FRAMES * RECORDS)


def _over_the_wire(seconds: float) -> None:
    from dashboard.data.brokers.fyers.provider import FyersMarketData
    from dashboard.settings import Settings
    from harness.process import eventually
    from harness.sandbox import SandboxProcess

    with tempfile.TemporaryDirectory() as folder, SandboxProcess(tick_rate=3_000) as sandbox:
        settings = Settings.from_environment(sandbox.environment, demo=True, data_dir=Path(folder))
        provider = FyersMarketData(settings)
        symbols = [
            contract.symbol
            for underlying in provider.directory().underlyings[:6]
            for contract in provider.contracts(underlying, underlying.expiries[0])
        ]
        stream = provider.open_stream()
        stream.subscribe(symbols)
        eventually(lambda: len(stream.ticks(1.0)) > 100, within_s=30, what="ticks flow")
        child = next(process for process in psutil.Process().children() if "spawn_main" in " ".join(process.cmdline()))
        began, cpu, told = time.monotonic(), sum(child.cpu_times()[:2]), 0
        published = sandbox.control("state")["ticks_published"]
        while time.monotonic() - began < seconds:
            told += len(stream.ticks(0.1))
        took = time.monotonic() - began
        cpu = sum(child.cpu_times()[:2]) - cpu
        sent = sandbox.control("state")["ticks_published"] - published
        stream.close()
        provider.close()
    print()
    print_table(
        f"over a real socket: {len(symbols):,} symbols, {took:.0f} s",
        ("sent per s", "told to the book per s", "CPU of the SDK's process", "us CPU per tick sent"),
        [
            (
                f"{sent / took:,.0f}",
                f"{told / took:,.0f}",
                f"{100 * cpu / took:.1f} %",
                f"{1e6 * cpu / max(sent, 1):.0f}",
            )
        ],
    )
