"""What differs between SQLite and PostgreSQL; the rest of the store is the same code for both."""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    Float,
    FromClause,
    cast,
    create_engine,
    event,
    extract,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ColumnElement

BUSY_SECONDS = 120.0
# libpq would wait for ever for a host that does not answer, and notice after two hours that one is
# gone.
_POSTGRESQL: Mapping[str, Any] = {
    "application_name": "grove",
    "client_encoding": "utf8",
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
_MAKING_TABLES = 0x67726F7665
# What these log of a broken connection, whoever uses it is told by an exception.
for _name in ("psycopg", "sqlalchemy.pool"):
    logging.getLogger(_name).addHandler(logging.NullHandler())


def make_engine(url: URL) -> Engine:
    """Return an engine whose connections are set up for a store; none is made yet.

    Raises:
        ImportError: the driver is not installed.
    """
    on_sqlite = url.get_backend_name() == "sqlite"
    ours = {"timeout": BUSY_SECONDS} if on_sqlite else _POSTGRESQL
    engine = create_engine(
        url,
        json_serializer=partial(json.dumps, separators=(",", ":")),
        connect_args={name: value for name, value in ours.items() if name not in url.query},
    )
    if on_sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Begin a transaction that reads before it writes, which SQLite must know beforehand."""
    locked = engine.connect().execution_options(begin="BEGIN IMMEDIATE")
    with locked as connection, connection.begin():
        yield connection


@contextmanager
def making_tables(engine: Engine) -> Iterator[Connection]:
    """Begin a transaction in which nobody else makes tables."""
    if engine.dialect.name == "sqlite":
        # WAL lets readers look on while a run writes; the file keeps the mode.
        with closing(engine.raw_connection()) as raw:
            raw.cursor().execute("PRAGMA journal_mode=WAL")
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_MAKING_TABLES)))
        yield connection


def insert(dialect: str, table: FromClause) -> Any:
    """Return an INSERT that can say what to do where a key is taken."""
    module: Any = postgresql if dialect == "postgresql" else sqlite
    return module.insert(table)


def insert_new(engine: Engine, table: FromClause) -> Any:
    """Return the statement that inserts rows and passes over those whose key is taken."""
    new = insert(engine.dialect.name, table).on_conflict_do_nothing()
    # PostgreSQL's driver counts the rows of several only when told beforehand to.
    return new.execution_options(preserve_rowcount=True)


def clock(engine: Engine) -> ColumnElement[float]:
    """Return the database's own clock, in seconds since 1970: those of its users may differ."""
    if engine.dialect.name == "sqlite":
        return (func.julianday("now", type_=Float) - 2440587.5) * 86400.0
    return cast(extract("epoch", func.clock_timestamp()), Float)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # Python's driver would commit before every CREATE TABLE; we begin transactions ourselves.
    connection.isolation_level = None
    # NORMAL survives a killed process, which is what can happen to a run.
    connection.execute("PRAGMA synchronous=NORMAL")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))
