"""The tables of a day, and connections to its database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    create_engine,
    event,
)

SCHEMA = 1  # raised with every change of a table; a file of a newer release is refused
BUSY_S = 2.0

TABLES = MetaData()
ABOUT = Table("about", TABLES, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))
FACTS = Table(
    "facts", TABLES, Column("id", Integer, primary_key=True), Column("body", Text, nullable=False, unique=True)
)
RECORDS = Table(
    "records",
    TABLES,
    Column("series", Text, primary_key=True),
    Column("at_ms", BigInteger, primary_key=True),
    Column("stands_until_ms", BigInteger, nullable=False),  # unless another record follows
    Column("key_ms", BigInteger, nullable=False),  # of the key record; its own where it is one
    Column("facts", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)


def open_engine(url: str, *, read_only: bool) -> Engine:
    """Connections that wait at most `BUSY_S` for another process; a killed one loses nothing that was committed."""
    engine = create_engine(url, connect_args={"timeout": BUSY_S})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        if read_only:
            connection.execute("PRAGMA query_only=ON")
        else:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")

    return engine
