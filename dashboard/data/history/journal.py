"""Records of a day in a database: one writer, any number of readers.

SQLAlchemy Core, so that another engine is another URL. SQLite keeps one file per day (IST) in write-ahead mode: no
reader waits for the writer, and a killed writer loses nothing that was committed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, delete, func, insert, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from dashboard.data.history.record import DamagedRecord, Facts, Moment, Packed, decode, unpack
from dashboard.data.history.schema import ABOUT, FACTS, RECORDS, SCHEMA, TABLES, open_engine

ROWS_AT_A_TIME = 200
ARCHIVED = "archived"


class HistoryError(Exception):
    """The history cannot be opened, read or written; the message names the place and the reason."""


class NoRoom(HistoryError):
    """The disk is full, or so nearly full that the rest is left to others."""


class NotBegun(HistoryError):
    """A file whose tables its writer is still making."""


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


class Stored(NamedTuple):
    """A record whose facts have the number `facts`. packed: None where it is damaged. Times: UTC epoch milliseconds."""

    at_ms: int
    stands_until_ms: int
    facts: int
    packed: Packed | None


class Found(NamedTuple):
    """A record as it was found. at_ms, stands_until_ms: UTC epoch milliseconds."""

    at_ms: int
    stands_until_ms: int
    moment: Moment


class Journal:
    """One day of one database. Raises HistoryError from every method."""

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        self._url = url
        self._engine = open_engine(url, read_only=read_only)
        try:
            with self._errors(), self._engine.begin() as connection:
                if not read_only:
                    TABLES.create_all(connection)
                self._check_schema(connection, read_only=read_only)
        except HistoryError:
            self._engine.dispose()
            raise

    def facts_id(self, facts: Facts) -> int:
        """The number of these facts, which are written when they are new."""
        body = facts.to_json()
        with self._errors(), self._engine.begin() as connection:
            known = connection.execute(select(FACTS.c.id).where(FACTS.c.body == body)).scalar()
            if known is not None:
                return int(known)
            return int(connection.execute(insert(FACTS).values(body=body).returning(FACTS.c.id)).scalar_one())

    def append(self, records: Sequence[Record]) -> None:
        """Write records together. When this returns, killing the process loses none of them."""
        with self._errors(), self._engine.begin() as connection:
            connection.execute(insert(RECORDS), [record._asdict() for record in records])

    def last_ms(self, series: str) -> int:
        """Time of the newest record of the series; 0 without one."""
        asked = select(RECORDS.c.at_ms).where(RECORDS.c.series == series).order_by(RECORDS.c.at_ms.desc()).limit(1)
        with self._errors(), self._engine.connect() as connection:
            return int(connection.execute(asked).scalar() or 0)

    def before(self, series: str, at_ms: int) -> Found | None:
        """The newest record that is not later than `at_ms`. Raises DamagedRecord when its bytes are."""
        asked = (
            select(RECORDS, FACTS.c.body.label("facts_body"))
            .join(FACTS, FACTS.c.id == RECORDS.c.facts)
            .where(RECORDS.c.series == series, RECORDS.c.at_ms <= at_ms)
            .order_by(RECORDS.c.at_ms.desc())
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
        before = select(func.max(RECORDS.c.at_ms)).where(RECORDS.c.series == series, RECORDS.c.at_ms < at_ms)
        after = select(func.min(RECORDS.c.at_ms)).where(RECORDS.c.series == series, RECORDS.c.at_ms > at_ms)
        with self._errors(), self._engine.connect() as connection:
            return connection.execute(before).scalar(), connection.execute(after).scalar()

    def span(self) -> tuple[int, int]:
        """Times of the first and last record of any series; (0, 0) without one."""
        with self._errors(), self._engine.connect() as connection:
            first, last = connection.execute(select(func.min(RECORDS.c.at_ms), func.max(RECORDS.c.at_ms))).one()
        return int(first or 0), int(last or 0)

    def times(self, series: str) -> list[tuple[int, int]]:
        """(at_ms, stands_until_ms) of every record of the series, ascending."""
        asked = select(RECORDS.c.at_ms, RECORDS.c.stands_until_ms).where(RECORDS.c.series == series)
        with self._errors(), self._engine.connect() as connection:
            rows = connection.execute(asked.order_by(RECORDS.c.at_ms)).all()
        return [(int(at_ms), int(until_ms)) for at_ms, until_ms in rows]

    def facts(self) -> list[Facts]:
        """The newest facts of every recorded series, by its key. Raises DamagedRecord."""
        newest = select(func.max(RECORDS.c.facts)).group_by(RECORDS.c.series).order_by(RECORDS.c.series)
        with self._errors(), self._engine.connect() as connection:
            bodies = connection.execute(select(FACTS.c.body).where(FACTS.c.id.in_(newest))).scalars().all()
        return [Facts.from_json(body) for body in bodies]

    def series(self) -> list[str]:
        """Keys of the recorded series, sorted."""
        with self._errors(), self._engine.connect() as connection:
            return list(self._firsts(connection))

    def walk(self, series: str) -> Iterator[Stored]:
        """Every record of the series, ascending, one at a time."""
        asked = select(RECORDS).where(RECORDS.c.series == series).order_by(RECORDS.c.at_ms)
        key_ms, key = 0, None
        with self._errors(), self._engine.connect() as connection:
            for row in connection.execution_options(yield_per=ROWS_AT_A_TIME).execute(asked):
                packed = None
                with suppress(DamagedRecord):
                    if row.key_ms == row.at_ms:
                        key_ms, key = row.at_ms, None
                        packed = key = decode(row.body)
                    elif key is not None and row.key_ms == key_ms:
                        packed = decode(row.body, key)
                yield Stored(int(row.at_ms), int(row.stands_until_ms), int(row.facts), packed)

    def facts_by_number(self) -> dict[int, Facts]:
        """All facts of the day. Raises DamagedRecord."""
        with self._errors(), self._engine.connect() as connection:
            rows = connection.execute(select(FACTS.c.id, FACTS.c.body)).all()
        return {int(row.id): Facts.from_json(row.body) for row in rows}

    def note_archived(self, place: str) -> None:
        """Keep in the file that all records it has now are in the archive of that name."""
        with self._errors(), self._engine.begin() as connection:
            connection.execute(delete(ABOUT).where(ABOUT.c.name == ARCHIVED))
            connection.execute(insert(ABOUT).values(name=ARCHIVED, value=_archived(connection, place)))

    def is_archived(self, place: str) -> bool:
        """Whether all records that the file has now are in the archive of that name."""
        with self._errors(), self._engine.connect() as connection:
            noted = connection.execute(select(ABOUT.c.value).where(ABOUT.c.name == ARCHIVED)).scalar()
            return noted is not None and noted == _archived(connection, place)

    def used_bytes(self) -> int:
        """What the records take. After some were dropped the file is larger, and uses that room again."""
        with self._errors(), self._engine.connect() as connection:
            pages, free, size = (
                int(connection.exec_driver_sql(f"PRAGMA {name}").scalar() or 0)
                for name in ("page_count", "freelist_count", "page_size")
            )
        return (pages - free) * size

    def drop_oldest(self, span_ms: int) -> int:
        """Delete the oldest `span_ms` milliseconds of records, of each series up to a key record; gives how many.

        span_ms: no shorter than key records are apart. What was dropped stays on record (`dropped_from_ms`).
        """
        with self._errors(), self._engine.begin() as connection:
            firsts = self._firsts(connection)
            until_ms = min(firsts.values(), default=0) + span_ms
            return sum(self._drop(connection, series, first, until_ms) for series, first in firsts.items())

    def dropped_from_ms(self, series: str) -> int | None:
        """When the records began that were dropped of the series; None when all are there."""
        asked = select(ABOUT.c.value).where(ABOUT.c.name == _dropped(series))
        with self._errors(), self._engine.connect() as connection:
            found = connection.execute(asked).scalar()
        return None if found is None else int(found)

    def close(self) -> None:
        self._engine.dispose()

    def _firsts(self, connection: Connection) -> dict[str, int]:
        """Time of the first record of each series. One look into the index per series, not a walk over all records."""
        firsts: dict[str, int] = {}
        series = ""
        while True:
            following = select(RECORDS.c.series, RECORDS.c.at_ms).where(RECORDS.c.series > series)
            row = connection.execute(following.order_by(RECORDS.c.series, RECORDS.c.at_ms).limit(1)).first()
            if row is None:
                return firsts
            series = row.series
            firsts[series] = int(row.at_ms)

    def _drop(self, connection: Connection, series: str, first_ms: int, until_ms: int) -> int:
        of_series = RECORDS.c.series == series
        staying = select(RECORDS.c.key_ms).where(of_series, RECORDS.c.at_ms >= until_ms)
        key_ms = connection.execute(staying.order_by(RECORDS.c.at_ms).limit(1)).scalar()
        done = connection.execute(
            delete(RECORDS).where(of_series, RECORDS.c.at_ms < (until_ms if key_ms is None else key_ms))
        )
        if done.rowcount and connection.execute(select(ABOUT).where(ABOUT.c.name == _dropped(series))).first() is None:
            connection.execute(insert(ABOUT).values(name=_dropped(series), value=str(first_ms)))
        return done.rowcount

    def _key(self, connection: Connection, row: Row[Any]) -> Packed:
        asked = select(RECORDS.c.body).where(RECORDS.c.series == row.series, RECORDS.c.at_ms == row.key_ms)
        body = connection.execute(asked).scalar()
        return decode(body or b"")

    def _check_schema(self, connection: Connection, *, read_only: bool) -> None:
        asked = select(ABOUT.c.value).where(ABOUT.c.name == "schema")
        found = connection.execute(asked).scalar() if inspect(connection).has_table(ABOUT.name) else None
        if found is None and read_only:
            raise NotBegun(f"The history in {self._url} has no tables yet.")
        if found is None:
            connection.execute(insert(ABOUT).values(name="schema", value=str(SCHEMA)))
        elif found != str(SCHEMA):
            raise OtherSchema(f"The history in {self._url} has schema {found}; this release reads schema {SCHEMA}.")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            reason = getattr(error, "orig", None) or error
            full = getattr(reason, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
            kind = NoRoom if full else HistoryError
            raise kind(f"The history in {self._url} cannot be used: {reason}.") from error


def _dropped(series: str) -> str:
    return f"dropped from {series}"


def _archived(connection: Connection, place: str) -> str:
    count = connection.execute(select(func.count()).select_from(RECORDS)).scalar()
    return f"{count} records in {place}"
