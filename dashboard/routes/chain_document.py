"""A published frame (columns, for the browser) as a document of rows, for programs; JSON or CSV."""

from __future__ import annotations

import csv
import io
from typing import Any

import orjson

from dashboard.data.reader.chains import LatestFrame
from dashboard.market.instruments import Side


def document_of(frame: LatestFrame) -> dict[str, Any]:
    """The frame as a document."""
    return with_rows(orjson.loads(frame.text))


def with_rows(frame: dict[str, Any]) -> dict[str, Any]:
    """The frame with one object per strike in `rows` instead of one list per column."""
    tables = ("strikes", "row", *Side)
    rows = [
        {"strike": strike}
        | {side.value: {name: values[index] for name, values in frame[side].items()} for side in Side}
        | {name: values[index] for name, values in frame["row"].items()}
        for index, strike in enumerate(frame["strikes"])
    ]
    head = {name: value for name, value in frame.items() if name not in tables}
    return head | {"rows": rows}


def as_csv(document: dict[str, Any]) -> bytes:
    """One line per strike: `call_…` columns, `strike` and what belongs to it, `put_…` columns. Unknown is empty."""
    lines = [_flat(row) for row in document["rows"]]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(lines[0]) if lines else ["strike"])
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue().encode()


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    call, put = ({f"{side}_{name}": value for name, value in row[side].items()} for side in Side)
    return call | {name: value for name, value in row.items() if name not in set(Side)} | put
