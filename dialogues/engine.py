"""Opening the database behind a tree store, and saying in one line why it cannot be."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, select, text
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, OperationalError, SQLAlchemyError

from dialogues.backends import make_engine, making_tables
from dialogues.errors import ConnectionLost, StoreError, UsageError
from dialogues.location import shown, url_of
from dialogues.schema import SCHEMA_VERSION, grove, metadata

_NO_ROOM = "disk is full"
_ENCODINGS = ("UTF8", "SQL_ASCII")
_MENDS = {
    "authentication failed|no password": "mend name and password: in the URL, in $PGPASSWORD or in "
    "~/.pgpass",
    'database ".*" does not exist': "make it with createdb, or mend the URL",
    'role ".*" does not exist': "mend the name in the URL, or make it with createuser",
    "permission denied": "let the owner of the database GRANT it",
    "invalid connection option": "mend what follows the ? of the URL",
    "Is the server running|resolve host|timeout expired|timed out": "start the server, or mend the "
    "host and port of the URL",
}


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
        raise UsageError(f"{error}{_mend(str(error))}") from error
    except UsageError:
        engine.dispose()
        raise
    return engine


@contextmanager
def translated_errors(location: str) -> Iterator[None]:
    """Turn any database error into a StoreError of one line."""
    try:
        yield
    except SQLAlchemyError as error:
        cause = " ".join(str(getattr(error, "orig", None) or error).split())
        kind = ConnectionLost if _is_lost(error) else StoreError
        raise kind(f"store {location}: {cause}") from error


def _is_lost(error: SQLAlchemyError) -> bool:
    if not isinstance(error, DBAPIError):
        return False
    # An SQLite file is there or it is not; a server that lets nobody in may do so later.
    on_server = hasattr(error.orig, "sqlstate")
    refused = isinstance(error, OperationalError) and error.statement is None
    return error.connection_invalidated or (on_server and refused)


def _mend(told: str) -> str:
    return next((f"; {mend}" for cause, mend in _MENDS.items() if re.search(cause, told)), "")


def _engine(location: str, create: bool) -> Engine:
    url = url_of(location)
    if url.get_backend_name() == "sqlite":
        _check_file(Path(url.database or ""), create)
    try:
        return make_engine(url)
    except NoSuchModuleError as error:
        raise UsageError(f"cannot open {shown(location)}: {error}") from error
    except ImportError as error:
        raise UsageError(
            f"cannot open {shown(location)}: {error.name} is missing; "
            "pip install -c constraints.txt -e '.[cluster]', and begin the URL with "
            "postgresql+psycopg://"
        ) from error


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


def _check_schema(engine: Engine, location: str, create: bool) -> None:
    tables = set(inspect(engine).get_table_names())
    if "grove" not in tables:
        if tables or not create:
            raise UsageError(f"{location} is not a Grove store; give another with --store")
        _create(engine, location)
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
    with making_tables(engine) as connection:
        metadata.create_all(connection)
        connection.execute(grove.update().values(schema_version=SCHEMA_VERSION))
    return SCHEMA_VERSION


def _create(engine: Engine, location: str) -> None:
    with making_tables(engine) as connection:
        if engine.dialect.name == "postgresql":
            _check_encoding(connection, location)
        metadata.create_all(connection)
        if connection.execute(select(grove)).first() is None:
            connection.execute(grove.insert().values(schema_version=SCHEMA_VERSION))


def _check_encoding(connection: Connection, location: str) -> None:
    encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
    if encoding not in _ENCODINGS:
        raise UsageError(
            f"{location} keeps text as {encoding}, which lacks most characters; make a database "
            "with createdb --template=template0 --encoding=UTF8"
        )
