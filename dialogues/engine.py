"""Opening the database behind a tree store, and saying in one line why it cannot be."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, inspect, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from dialogues.errors import StoreError, UsageError
from dialogues.schema import SCHEMA_VERSION, grove, metadata

BUSY_SECONDS = 120.0
_NO_ROOM = "disk is full"


def connect(location: str | Path, *, create: bool) -> Engine:
    """Open the store at a URL or path, making it first if `create` is set.

    Raises:
        UsageError: it is missing, cannot be read, is no Grove store, or of a newer schema.
        StoreError: there is no room to make it.
    """
    engine = _engine(str(location), create)
    try:
        with translated_errors(shown(location)):
            _check_schema(engine, shown(location), create)
    except StoreError as error:
        engine.dispose()
        if _NO_ROOM in str(error):
            raise
        raise UsageError(str(error)) from error
    except UsageError:
        engine.dispose()
        raise
    return engine


def shown(location: str | Path) -> str:
    """Return a store's location as it may be printed: a URL without its password."""
    if "://" not in str(location):
        return str(location)
    try:
        return make_url(str(location)).render_as_string(hide_password=True)
    except ArgumentError:
        return "the given URL"


@contextmanager
def translated_errors(location: str) -> Iterator[None]:
    """Turn any database error into a StoreError of one line."""
    try:
        yield
    except SQLAlchemyError as error:
        cause = " ".join(str(getattr(error, "orig", None) or error).split())
        raise StoreError(f"store {location}: {cause}") from error


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Begin a transaction that reads before it writes, which SQLite must know beforehand."""
    locked = engine.connect().execution_options(begin="BEGIN IMMEDIATE")
    with locked as connection, connection.begin():
        yield connection


def insert_new(engine: Engine, table: Table) -> Any:
    """Return the statement that inserts rows and passes over those whose key is taken."""
    dialect: Any = postgresql if engine.dialect.name == "postgresql" else sqlite
    return dialect.insert(table).on_conflict_do_nothing()


def _engine(location: str, create: bool) -> Engine:
    try:
        parsed = (
            make_url(location) if "://" in location else URL.create("sqlite", database=location)
        )
        on_sqlite = parsed.get_backend_name() == "sqlite"
        if on_sqlite:
            _check_file(Path(parsed.database or ""), create)
        engine = create_engine(
            parsed,
            json_serializer=partial(json.dumps, separators=(",", ":")),
            connect_args={"timeout": BUSY_SECONDS} if on_sqlite else {},
        )
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise UsageError(
            f"cannot open {shown(location)} ({_driver_or(error)}); "
            "give a path or a URL such as sqlite:///runs/a.db"
        ) from error
    if on_sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _driver_or(error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError):
        return (
            f"{error.name} is missing; PostgreSQL: pip install -c constraints.txt -e '.[cluster]'"
        )
    return str(error)


def _check_file(path: Path, create: bool) -> None:
    if path.is_dir():
        raise UsageError(f"{path} is a folder, not a store; name a file such as {path}/trees.db")
    if create:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"cannot make the folder of store {path}: {error}") from error
    elif not path.exists():
        raise UsageError(
            f"no store at {path}; grow one with python -m graphs.simulate --store {path}"
        )


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # Python's driver would commit before every CREATE TABLE; we begin transactions ourselves.
    connection.isolation_level = None
    # NORMAL survives a killed process, which is what can happen to a run.
    connection.execute("PRAGMA synchronous=NORMAL")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))


def _check_schema(engine: Engine, location: str, create: bool) -> None:
    tables = set(inspect(engine).get_table_names())
    if "grove" not in tables:
        if tables or not create:
            raise UsageError(f"{location} is not a Grove store; give another path with --store")
        _create(engine)
    with engine.connect() as connection:
        version = connection.execute(select(grove.c.schema_version)).scalar_one()
    if version in (1, 2):
        version = _add_tables(engine)
    if version != SCHEMA_VERSION:
        raise UsageError(
            f"{location} has schema {version}, this Grove reads {SCHEMA_VERSION}; "
            "update Grove, or export with the Grove that wrote it (--format tree) and ingest here"
        )


def _add_tables(engine: Engine) -> int:
    """Bring a store that knew no calls to models (schema 1) or no audits (2) to this schema."""
    with writing(engine) as connection:
        metadata.create_all(connection)
        connection.execute(grove.update().values(schema_version=SCHEMA_VERSION))
    return SCHEMA_VERSION


def _create(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        # WAL lets readers look on while a run writes; the file keeps the mode.
        with closing(engine.raw_connection()) as raw:
            raw.cursor().execute("PRAGMA journal_mode=WAL")
    with writing(engine) as connection:
        metadata.create_all(connection)
        if connection.execute(select(grove)).first() is None:
            connection.execute(grove.insert().values(schema_version=SCHEMA_VERSION))
