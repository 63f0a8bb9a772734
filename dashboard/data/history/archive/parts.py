"""One Parquet file of the archive: written under another name, read back, then renamed.

Its footer holds what it was made from and a checksum of every column, so whether a part is whole can be found out from
the part alone, at any time.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import fs

from dashboard.data.history.archive.columns import Column, Kind

FORMAT = 1
LEVEL = 9  # a part is written once and read often
FOOTER = b"chainboard"
WRITING = ".writing"
TYPES: dict[Kind, pa.DataType] = {
    "number": pa.float64(),
    "time": pa.timestamp("us", tz="UTC"),
    "text": pa.dictionary(pa.int32(), pa.string()),
    "flag": pa.bool_(),
}


class ArchiveError(Exception):
    """The archive cannot be opened or written, or what was written is not what is read; the message says which."""


class Source(NamedTuple):
    """What a part was made from: how many records of the journal, how many of them damaged, and the last one's time in
    UTC epoch milliseconds.
    """

    records: int
    damaged: int
    last_ms: int


class Place(NamedTuple):
    """An open archive: a file system, and the directory in it."""

    files: Any
    root: str

    def path(self, name: str) -> str:
        return f"{self.root}/{name}"


def open_place(archive: str) -> Place:
    """archive: a directory, or a URL that pyarrow opens. Raises ArchiveError."""
    where = archive if "://" in archive else str(Path(archive).expanduser().absolute())
    try:
        return Place(*fs.FileSystem.from_uri(where))
    except (OSError, ValueError) as error:
        raise ArchiveError(f"The archive cannot be opened: {error}") from error


def schema_of(columns: Iterable[Column]) -> pa.Schema:
    """The Parquet schema of these columns, each with its meaning as metadata."""
    return pa.schema([pa.field(name, TYPES[kind], metadata={"meaning": meaning}) for name, kind, meaning in columns])


def write_part(place: Place, name: str, schema: pa.Schema, tables: Iterable[pa.Table], source: Source) -> int:
    """Write a row group per table; gives the number of rows. Raises ArchiveError, and then leaves what was there."""
    path = place.path(name)
    folder, writing = path.rpartition("/")[0], f"{path}.{os.getpid()}{WRITING}"
    sums, rows = _Checksums(schema.names), 0
    try:
        place.files.create_dir(folder, recursive=True)
        with (
            place.files.open_output_stream(writing) as stream,
            pq.ParquetWriter(
                stream, schema, compression="zstd", compression_level=LEVEL, write_page_checksum=True
            ) as writer,
        ):
            for table in tables:
                writer.write_table(table, row_group_size=max(1, table.num_rows))
                sums.add(table)
                rows += table.num_rows
            footer = {"format": FORMAT, "rows": rows, "checksums": sums.digests(), "source": source._asdict()}
            writer.add_key_value_metadata({FOOTER: orjson.dumps(footer)})
        if whole(place, f"{name}.{os.getpid()}{WRITING}") != source:
            raise ArchiveError(f"{name} reads back other than it was written; the archive keeps what it had.")
        place.files.move(writing, path)
        _remove_leftovers(place, folder)
    except (OSError, pa.ArrowException) as error:
        raise ArchiveError(f"{name} cannot be archived: {error}") from error
    return rows


def whole(place: Place, name: str) -> Source | None:
    """What the part was made from, once all of it was read and found unchanged; None when it is missing or damaged."""
    try:
        with (
            place.files.open_input_file(place.path(name)) as stream,
            pq.ParquetFile(stream, page_checksum_verification=True) as part,
        ):
            footer = orjson.loads((part.metadata.metadata or {}).get(FOOTER, b"{}"))
            sums = _Checksums(part.schema_arrow.names)
            for group in range(part.num_row_groups):
                sums.add(part.read_row_group(group, use_threads=False))  # one core is the feed's
            found = part.metadata.num_rows, sums.digests(), FORMAT
            if found != (footer.get("rows"), footer.get("checksums"), footer.get("format")):
                return None
            return Source(**footer["source"])
    except (OSError, pa.ArrowException, ValueError, KeyError, TypeError):
        return None


def _remove_leftovers(place: Place, folder: str) -> None:
    """Of processes that were killed while they wrote."""
    for item in place.files.get_file_info(fs.FileSelector(folder)):
        if item.path.endswith(WRITING):
            place.files.delete_file(item.path)


class _Checksums:
    """A running digest of each column's values and unknowns, whatever their encoding."""

    def __init__(self, names: list[str]) -> None:
        self._digests = {name: hashlib.blake2b(digest_size=16) for name in names}

    def add(self, table: pa.Table) -> None:
        for name, digest in self._digests.items():
            column = table.column(name)
            for piece in _text(column) if pa.types.is_dictionary(column.type) else _values(column):
                digest.update(piece)

    def digests(self) -> dict[str, str]:
        return {name: digest.hexdigest() for name, digest in self._digests.items()}


def _values(column: pa.ChunkedArray) -> tuple[bytes, bytes]:
    unknown = pc.is_null(column).to_numpy()
    raw = column.cast(pa.int64()) if pa.types.is_temporal(column.type) else column
    zero = False if pa.types.is_boolean(raw.type) else 0
    return unknown.tobytes(), np.ascontiguousarray(pc.fill_null(raw, zero).to_numpy()).tobytes()


def _text(column: pa.ChunkedArray) -> tuple[bytes, bytes]:
    """Codes in the order in which the words first occur, and the words in that order."""
    array = column.unify_dictionaries().combine_chunks()
    codes = pc.fill_null(array.indices, -1).to_numpy(zero_copy_only=False)
    seen, first, places = np.unique(codes, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    words = [None if code < 0 else array.dictionary[int(code)].as_py() for code in seen[order]]
    return rank[places].tobytes(), orjson.dumps(words)
