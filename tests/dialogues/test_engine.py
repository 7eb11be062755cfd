"""Opening a store: what opens, what is made, what is refused in one line."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from dialogues import open_store
from dialogues.audits import audits_of, note_audit
from dialogues.errors import StoreError, UsageError
from dialogues.show import Show
from tests.growing import command, digest_of, error_line, grow, simulate
from tests.stress import at_once, full_disk

Captured = pytest.CaptureFixture[str]


def foreign_database(path: Path) -> Path:
    """Make an SQLite database of somebody else's."""
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.commit()
    connection.close()
    return path


def test_a_path_and_a_url_name_the_same_store(tmp_path: Path) -> None:
    store = grow(tmp_path / "a.db", limit=1, turns=1)
    assert digest_of(f"sqlite:///{store}") == digest_of(store)


def test_a_new_store_gets_its_folder(tmp_path: Path) -> None:
    open_store(tmp_path / "new" / "deep" / "a.db", create=True).close()
    assert (tmp_path / "new" / "deep" / "a.db").exists()


def test_a_new_store_has_the_tables_of_the_design(tmp_path: Path) -> None:
    open_store(tmp_path / "a.db", create=True).close()
    rows = sqlite3.connect(tmp_path / "a.db").execute("SELECT name FROM sqlite_master").fetchall()
    assert {"grove", "runs", "personas", "trees", "nodes"} <= {name for (name,) in rows}


def test_opening_to_read_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no store at"):
        open_store(tmp_path / "new" / "a.db")
    assert list(tmp_path.iterdir()) == []


def a_folder(path: Path) -> Path:
    """Make a folder."""
    path.mkdir()
    return path


def a_text_file(path: Path) -> Path:
    """Make a text file."""
    path.write_text("Dear diary, this is no database. " * 99)
    return path


def an_empty_file(path: Path) -> Path:
    """Make a file with nothing in it."""
    path.touch()
    return path


def a_newer_store(path: Path) -> Path:
    """Make a store as a later Grove would write it."""
    open_store(path, create=True).close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE grove SET schema_version = 99")
    connection.commit()
    connection.close()
    return path


REFUSED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "missing": (lambda path: path, "no store at"),
    "folder": (a_folder, "is a folder"),
    "text file": (a_text_file, "not a"),
    "empty file": (an_empty_file, "not a Grove store"),
    "foreign database": (foreign_database, "not a Grove store"),
    "newer schema": (a_newer_store, "has schema 99"),
}


@pytest.mark.parametrize(("make", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_store_to_read_is_refused_in_one_line(
    tmp_path: Path, capsys: Captured, make: Callable[[Path], Path], told: str
) -> None:
    path = make(tmp_path / "x.db")
    assert command(Show, path) == 2
    line = error_line(capsys.readouterr().err)
    assert told in line and str(path) in line


@pytest.mark.parametrize("name", ["folder", "text file", "foreign database", "newer schema"])
def test_what_is_no_store_to_write_is_refused_in_one_line(
    tmp_path: Path, capsys: Captured, name: str
) -> None:
    make, told = REFUSED[name]
    path = make(tmp_path / "x.db")
    assert simulate(path, "--limit", "1", "--turns", "1") == 2
    assert told in error_line(capsys.readouterr().err)


@pytest.mark.parametrize("create", [False, True])
def test_a_foreign_database_is_left_as_it_was(tmp_path: Path, create: bool) -> None:
    path = foreign_database(tmp_path / "x.db")
    before = path.read_bytes()
    with pytest.raises(UsageError):
        open_store(path, create=create)
    assert path.read_bytes() == before


@pytest.mark.parametrize("url", ["nonsense://x", "nonsense+driver://x", "://", "sqlite:///"])
def test_an_unknown_kind_of_database_is_refused_in_one_line(capsys: Captured, url: str) -> None:
    assert command(Show, url) == 2
    assert error_line(capsys.readouterr().err)


def test_the_password_of_a_store_is_never_printed(capsys: Captured) -> None:
    assert command(Show, "postgresql+psycopg://me:hunter2@127.0.0.1:1/grove") in (1, 2)
    assert "hunter2" not in error_line(capsys.readouterr().err)


@pytest.mark.parametrize("sound_pages", [1, 12])
def test_a_damaged_store_is_one_line_and_no_traceback(
    tmp_path: Path, grown_store: Path, capsys: Captured, sound_pages: int
) -> None:
    path = shutil.copy(grown_store, tmp_path / "damaged.db")
    whole, sound = path.read_bytes(), 4096 * sound_pages
    path.write_bytes(whole[:sound] + b"\xff" * (len(whole) - sound))
    assert command(Show, path, "--digest") in (1, 2)
    assert str(path) in error_line(capsys.readouterr().err)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path, capsys: Captured) -> None:
    a_text_file(tmp_path / "file")
    assert simulate(tmp_path / "file" / "a.db") == 2
    assert "cannot make the folder" in error_line(capsys.readouterr().err)


def test_several_may_make_the_same_store_at_once(tmp_path: Path) -> None:
    stores = at_once(lambda _: open_store(tmp_path / "a.db", create=True))
    assert [store.runs() for store in stores] == [[]] * len(stores)


@pytest.mark.parametrize("pages", [1, 2, 4, 8])
def test_a_store_whose_making_was_cut_short_can_be_made_later(tmp_path: Path, pages: int) -> None:
    with full_disk(pages), pytest.raises(StoreError, match="full"):
        open_store(tmp_path / "a.db", create=True)
    assert digest_of(grow(tmp_path / "a.db", limit=1, turns=1))


LATER_TABLES = {1: ("tallies", "audits"), 2: ("audits",)}
"""What the stores of a schema do not have yet."""

OLD = pytest.mark.parametrize("schema", LATER_TABLES)


def an_old_store(grown: Path, folder: Path, schema: int = 1) -> Path:
    """Make a store as Grove wrote it before it counted calls to models, or kept audits."""
    path = Path(shutil.copy(grown, folder / "old.db"))
    with closing(sqlite3.connect(path)) as connection, connection:
        for table in LATER_TABLES[schema]:
            connection.execute(f"DROP TABLE {table}")
        connection.execute("UPDATE grove SET schema_version = ?", (schema,))
    return path


def schema_of(path: Path) -> tuple[int, set[str]]:
    """Return the schema a store says it has, and which of the later tables it has."""
    with closing(sqlite3.connect(path)) as connection:
        (version,) = connection.execute("SELECT schema_version FROM grove").fetchone()
        tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
    return version, {"tallies", "audits"} & {name for (name,) in tables}


NEWEST = (3, {"tallies", "audits"})


def test_a_new_store_has_the_newest_schema(tmp_path: Path) -> None:
    open_store(tmp_path / "a.db", create=True).close()
    assert schema_of(tmp_path / "a.db") == NEWEST


@OLD
@pytest.mark.parametrize("create", [False, True])
def test_an_old_store_is_brought_to_schema_3_and_loses_nothing(
    grown_store: Path, tmp_path: Path, schema: int, create: bool
) -> None:
    store = an_old_store(grown_store, tmp_path, schema)
    assert schema_of(store) == (schema, NEWEST[1] - {*LATER_TABLES[schema]})
    with open_store(store, create=create) as opened:
        assert opened.run().spending() == {}
        assert audits_of(opened.run(), "judge") == {}
        assert len(list(opened.run().trees())) == 6
    assert schema_of(store) == NEWEST
    assert digest_of(store) == digest_of(grown_store)


@OLD
def test_a_store_brought_to_schema_3_is_used_like_any_other(
    grown_store: Path, tmp_path: Path, schema: int
) -> None:
    store = an_old_store(grown_store, tmp_path, schema)
    assert command(Show, store) == 0
    assert grow(store, "--run", "other", limit=1, turns=1)
    with open_store(store) as opened:
        note_audit(opened.run("other"), "judge", "scripted", {"kappa": 0.5})
        assert audits_of(opened.run("other"), "judge") == {"scripted": {"kappa": 0.5}}
    assert schema_of(store) == NEWEST


def test_tallies_of_schema_2_are_kept(grown_store: Path, tmp_path: Path) -> None:
    store = an_old_store(grown_store, tmp_path, 2)
    with closing(sqlite3.connect(store)) as connection, connection:
        row = (1, "judge", "openai:m", "calls", 5)
        connection.execute("INSERT INTO tallies VALUES (?, ?, ?, ?, ?)", row)
    with open_store(store) as opened:
        assert opened.run().spending()["judge", "openai:m"].usage.calls == 5


@OLD
def test_several_may_open_an_old_store_at_once(
    grown_store: Path, tmp_path: Path, schema: int
) -> None:
    store = an_old_store(grown_store, tmp_path, schema)

    def digests(_: int) -> str:
        return digest_of(store)

    assert len(set(at_once(digests))) == 1
    assert schema_of(store) == NEWEST


def test_a_schema_before_the_first_is_refused(
    grown_store: Path, tmp_path: Path, capsys: Captured
) -> None:
    store = an_old_store(grown_store, tmp_path)
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("UPDATE grove SET schema_version = 0")
    capsys.readouterr()
    assert command(Show, store) == 2
    assert "has schema 0" in error_line(capsys.readouterr().err)
