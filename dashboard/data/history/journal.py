"""Records of a day in a database: one writer, any number of readers.

SQLAlchemy Core, so that another engine is another URL. SQLite keeps one file per day (IST) in write-ahead mode: no
reader waits for the writer, and a killed writer loses nothing that was committed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    Table,
    Text,
    create_engine,
    event,
    func,
    insert,
    select,
)
from sqlalchemy.exc import SQLAlchemyError

from dashboard.data.history.record import Facts, Moment, Packed, decode, unpack

log = logging.getLogger(__name__)

SCHEMA = 1  # raised with every change of a table; a file of a newer release is refused
SUFFIX = ".sqlite"
BUSY_S = 2.0

_tables = MetaData()
_about = Table("about", _tables, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))
_facts = Table(
    "facts", _tables, Column("id", Integer, primary_key=True), Column("body", Text, nullable=False, unique=True)
)
_records = Table(
    "records",
    _tables,
    Column("series", Text, primary_key=True),
    Column("at_ms", BigInteger, primary_key=True),
    Column("stands_until_ms", BigInteger, nullable=False),  # unless another record follows
    Column("key_ms", BigInteger, nullable=False),  # of the key record; its own where it is one
    Column("facts", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)


class HistoryError(Exception):
    """The history cannot be opened, read or written; the message names the place and the reason."""


class OtherSchema(HistoryError):
    """A file of another release."""


class Record(NamedTuple):
    """A row of `records`. facts: their number in `facts`. Times are UTC epoch milliseconds."""

    series: str
    at_ms: int
    stands_until_ms: int
    key_ms: int
    facts: int
    body: bytes


class Found(NamedTuple):
    """A record as it was found. at_ms, stands_until_ms: UTC epoch milliseconds."""

    at_ms: int
    stands_until_ms: int
    moment: Moment


class Journal:
    """One day of one database. Raises HistoryError from every method."""

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        self._url = url
        self._engine = _engine(url, read_only=read_only)
        with self._errors(), self._engine.begin() as connection:
            if not read_only:
                _tables.create_all(connection)
            self._check_schema(connection, read_only=read_only)

    def facts_id(self, facts: Facts) -> int:
        """The number of these facts, which are written when they are new."""
        body = facts.to_json()
        with self._errors(), self._engine.begin() as connection:
            known = connection.execute(select(_facts.c.id).where(_facts.c.body == body)).scalar()
            if known is not None:
                return int(known)
            return int(connection.execute(insert(_facts).values(body=body).returning(_facts.c.id)).scalar_one())

    def append(self, records: Sequence[Record]) -> None:
        """Write records together. When this returns, killing the process loses none of them."""
        with self._errors(), self._engine.begin() as connection:
            connection.execute(insert(_records), [record._asdict() for record in records])

    def last_ms(self, series: str) -> int:
        """Time of the newest record of the series; 0 without one."""
        asked = select(_records.c.at_ms).where(_records.c.series == series).order_by(_records.c.at_ms.desc()).limit(1)
        with self._errors(), self._engine.connect() as connection:
            return int(connection.execute(asked).scalar() or 0)

    def before(self, series: str, at_ms: int) -> Found | None:
        """The newest record that is not later than `at_ms`. Raises DamagedRecord when its bytes are."""
        asked = (
            select(_records, _facts.c.body.label("facts_body"))
            .join(_facts, _facts.c.id == _records.c.facts)
            .where(_records.c.series == series, _records.c.at_ms <= at_ms)
            .order_by(_records.c.at_ms.desc())
            .limit(1)
        )
        with self._errors(), self._engine.connect() as connection:
            row = connection.execute(asked).first()
            if row is None:
                return None
            key = None if row.key_ms == row.at_ms else self._key(connection, row)
        moment = unpack(decode(row.body, key), Facts.from_json(row.facts_body))
        return Found(int(row.at_ms), int(row.stands_until_ms), moment)

    def around(self, series: str, at_ms: int) -> tuple[int | None, int | None]:
        """Times of the last record before `at_ms` and of the first after it."""
        before = select(func.max(_records.c.at_ms)).where(_records.c.series == series, _records.c.at_ms < at_ms)
        after = select(func.min(_records.c.at_ms)).where(_records.c.series == series, _records.c.at_ms > at_ms)
        with self._errors(), self._engine.connect() as connection:
            return connection.execute(before).scalar(), connection.execute(after).scalar()

    def span(self) -> tuple[int, int]:
        """Times of the first and last record of any series; (0, 0) without one."""
        with self._errors(), self._engine.connect() as connection:
            first, last = connection.execute(select(func.min(_records.c.at_ms), func.max(_records.c.at_ms))).one()
        return int(first or 0), int(last or 0)

    def times(self, series: str) -> list[tuple[int, int]]:
        """(at_ms, stands_until_ms) of every record of the series, ascending."""
        asked = select(_records.c.at_ms, _records.c.stands_until_ms).where(_records.c.series == series)
        with self._errors(), self._engine.connect() as connection:
            rows = connection.execute(asked.order_by(_records.c.at_ms)).all()
        return [(int(at_ms), int(until_ms)) for at_ms, until_ms in rows]

    def facts(self) -> list[Facts]:
        """The newest facts of every recorded series, by its key. Raises DamagedRecord."""
        newest = select(func.max(_records.c.facts)).group_by(_records.c.series).order_by(_records.c.series)
        with self._errors(), self._engine.connect() as connection:
            bodies = connection.execute(select(_facts.c.body).where(_facts.c.id.in_(newest))).scalars().all()
        return [Facts.from_json(body) for body in bodies]

    def close(self) -> None:
        self._engine.dispose()

    def _key(self, connection: Connection, row: Row[Any]) -> Packed:
        asked = select(_records.c.body).where(_records.c.series == row.series, _records.c.at_ms == row.key_ms)
        body = connection.execute(asked).scalar()
        return decode(body or b"")

    def _check_schema(self, connection: Connection, *, read_only: bool) -> None:
        found = connection.execute(select(_about.c.value).where(_about.c.name == "schema")).scalar()
        if found is None and not read_only:
            connection.execute(insert(_about).values(name="schema", value=str(SCHEMA)))
        elif found != str(SCHEMA):
            raise OtherSchema(f"The history in {self._url} has schema {found}; this release reads schema {SCHEMA}.")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            reason = getattr(error, "orig", None) or error
            raise HistoryError(f"The history in {self._url} cannot be used: {reason}.") from error


class DailyJournals:
    """The files of a directory, one per day."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._open: dict[date, Journal] = {}

    def days(self) -> list[date]:
        """Recorded days, ascending. A file with another name is none of ours."""
        found = []
        for path in self._directory.glob(f"*{SUFFIX}"):
            try:
                found.append(date.fromisoformat(path.stem))
            except ValueError:
                continue
        return sorted(found)

    def writer(self, day: date) -> Journal:
        """The day's journal, made when it is not there. Raises HistoryError."""
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise HistoryError(f"The history in {self._directory} cannot be written: {error.strerror}.") from error
        return Journal(f"sqlite:///{self._path(day)}")

    def reader(self, day: date) -> Journal | None:
        """The day's journal; None when there is none. Raises HistoryError."""
        journal = self._open.get(day)
        if not self._path(day).exists():
            if self._open.pop(day, None) is not None and journal is not None:
                journal.close()
            return None
        if journal is None:
            journal = self._open[day] = Journal(f"sqlite:///{self._path(day)}", read_only=True)
        return journal

    def bytes(self) -> int:
        """What all days take on disk."""
        return sum(path.stat().st_size for path in self._directory.glob(f"*{SUFFIX}*"))

    def drop(self, day: date) -> None:
        """Delete a day. Raises OSError."""
        for path in (self._path(day), *(Path(f"{self._path(day)}-{end}") for end in ("wal", "shm"))):
            path.unlink(missing_ok=True)

    def _path(self, day: date) -> Path:
        return self._directory / f"{day.isoformat()}{SUFFIX}"


def _engine(url: str, *, read_only: bool) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_S})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        if read_only:
            connection.execute("PRAGMA query_only=ON")
        else:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")

    return engine
