"""`python -m benchmarks web ticks latency …`: run benchmarks one after another; `--list` names them all.

What stands after a `--` goes to every benchmark: `python -m benchmarks web -- --seconds 2`.
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

PACKAGES = ("dash", "plotly", "dash-ag-grid", "flask", "gunicorn", "orjson", "numpy", "fyers-apiv3", "diskcache")


def available() -> list[str]:
    """Names of the benchmarks in this folder."""
    return sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_"))


def machine() -> str:
    """Where the numbers that follow were measured."""
    memory_gb = psutil.virtual_memory().total / 2**30
    packages = " · ".join(f"{name} {_version(name)}" for name in PACKAGES)
    return (
        f"{platform.system()} {platform.machine()}, {_processor()}, {os.cpu_count()} cores, {memory_gb:.0f} GB\n"
        f"Python {platform.python_version()} · {packages}"
    )


def main(argv: Sequence[str] | None = None) -> int:
    words = list(sys.argv[1:] if argv is None else argv)
    split = words.index("--") if "--" in words else len(words)
    own, passed_on = words[:split], words[split + 1 :]
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(available())}")
    parser.add_argument("--list", action="store_true", help="name the benchmarks and stop")
    arguments = parser.parse_args(own)
    if arguments.list:
        print("\n".join(available()))
        return 0
    unknown = [name for name in arguments.names if name not in available()]
    if unknown or not arguments.names:
        parser.error(f"name one or more of: {', '.join(available())}")
    print(machine(), flush=True)
    for name in arguments.names:
        print(f"\n== {name}", flush=True)
        importlib.import_module(f"benchmarks.{name}").run(passed_on)
    return 0


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown processor"
    )


if __name__ == "__main__":
    sys.exit(main())
