"""PostgreSQL as the store: how it is opened, what is refused, what it holds, whose rights it takes.

That runs, leases and recorders work on it as on SQLite is tested where those are.
"""

import sys
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from dialogues import Node, RunRecord, Tree, digest, open_store
from dialogues.errors import UsageError
from dialogues.ingest import Ingest
from dialogues.node import USER, Usage
from dialogues.show import Show
from tests.dialogues.exporting import FORMATS, export, exported
from tests.growing import (
    a_failure,
    a_node,
    a_persona,
    command,
    digest_of,
    error_line,
    simulate,
    store_trees,
)
from tests.postgres import OWNER, Server
from tests.strategies import forests
from tests.stress import at_once
from training.trees import read_trees

Captured = pytest.CaptureFixture[str]
SECRET = "hunter2"


@pytest.fixture(scope="module")
def strict(server: Server) -> Server:
    """The server, with a role that has a password and few rights, and databases of other kinds."""
    server.execute(f"CREATE ROLE ada LOGIN PASSWORD '{SECRET}'")
    server.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    server.execute("CREATE DATABASE others")
    server.execute("CREATE TABLE recipes (name text)", "others")
    server.execute("CREATE DATABASE nothing")
    return server


LOG_IN = "mend name and password: in the URL, in $PGPASSWORD or in ~/.pgpass"
REFUSED = {
    "wrong password": (
        "ada:hunter23",
        "postgres",
        LOG_IN,
    ),
    "no password": ("ada", "postgres", LOG_IN),
    "no such role": (f"nobody:{SECRET}", "postgres", "mend the name in the URL, or make"),
    "no such database": (OWNER, "nowhere", "make it with createdb"),
    "no right to make tables": (f"ada:{SECRET}", "nothing", "let the owner"),
    "foreign database": (OWNER, "others", "not a Grove store"),
    "other encoding": (OWNER, "latin", "createdb --template=template0 --encoding=UTF8"),
}


@pytest.mark.parametrize(("who", "database", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_opened_is_one_line_with_the_mend(
    strict: Server, capsys: Captured, who: str, database: str, told: str
) -> None:
    assert simulate(strict.url(database, who), "--limit", "1", "--turns", "1") == 2
    line = error_line(capsys.readouterr().err)
    assert told in line and f"/{database}?host=" in line
    assert SECRET not in line


def test_a_server_that_is_not_there_is_one_line_with_the_mend(capsys: Captured) -> None:
    for host in ("127.0.0.1:1", "no.such.host.invalid"):
        assert command(Show, f"postgresql+psycopg://me:{SECRET}@{host}/grove") == 2
        line = error_line(capsys.readouterr().err)
        assert "start the server, or mend the host and port" in line
        assert f"me:***@{host}/grove" in line and SECRET not in line


def test_an_unknown_parameter_is_named(server: Server, capsys: Captured) -> None:
    assert command(Show, f"{server.url()}&sslmod=require") == 2
    assert '"sslmod"; mend what follows the ?' in error_line(capsys.readouterr().err)


def test_a_missing_driver_is_one_line_with_the_mend(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert command(Show, f"postgresql+psycopg://me:{SECRET}@db/grove") == 2
    line = error_line(capsys.readouterr().err)
    assert "psycopg is missing; pip install -c constraints.txt -e '.[cluster]'" in line
    assert SECRET not in line


def test_a_wrong_word_on_the_command_line_is_told_without_its_password(capsys: Captured) -> None:
    assert command(Show, "a.db", "3f", f"postgresql+psycopg://me:{SECRET}@db/grove") == 2
    assert SECRET not in error_line(capsys.readouterr().err)


def test_opening_to_read_makes_nothing(strict: Server) -> None:
    for create in (False, True):
        with pytest.raises(UsageError, match="not a Grove store"):
            open_store(strict.url("others"), create=create)
    with pytest.raises(UsageError, match="not a Grove store"):
        open_store(strict.url("nothing"))
    assert strict.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]


def test_several_may_make_the_same_store_at_once(database: str) -> None:
    stores = at_once(lambda _: open_store(database, create=True))
    runs = at_once(lambda index: stores[index].begin(RunRecord()))
    assert len({run.id for run in runs}) == 1
    for store in stores:
        store.close()


@pytest.mark.parametrize("schema", [1, 2])
def test_an_older_store_is_brought_to_the_newest_schema_once(
    server: Server, database: str, schema: int
) -> None:
    open_store(database, create=True).close()
    place = database.rpartition("%3D")[2]
    server.execute(f"DROP TABLE {place}.audits")
    server.execute(f"UPDATE {place}.grove SET schema_version = {schema}")
    at_once(lambda _: open_store(database).close())
    assert server.execute(f"SELECT schema_version FROM {place}.grove") == [(3,)]
    assert server.execute(f"SELECT count(*) FROM {place}.audits") == [(0,)]


@pytest.fixture(scope="module")
def many(server: Server) -> str:
    """The URL of one store for the runs of many examples."""
    return server.new_place()


names = count()


@given(forests())
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_trees_come_back_as_they_were_stored(many: str, trees: list[Tree]) -> None:
    run = store_trees(many, trees, RunRecord(name=f"run {next(names)}"))
    stored = {tree.key: tree for tree in run.trees()}
    run.engine.dispose()
    assert all(list(stored[tree.key]) == list(tree) for tree in trees)
    assert digest(stored.values()) == digest(trees)


def hostile(text: str) -> list[Node]:
    """Return nodes with a text in every place where an agent can leave one."""
    spent = Usage(faults=(text,))
    notes = {"said": [text, {text: text}]}
    said = a_node("p", USER, text=text, reasoning=text, notes=notes, usage=spent)
    failed = a_node("p", USER, place=1, failure=a_failure(text), spec="m", agent="a:B")
    return [said, failed]


@pytest.mark.parametrize("text", ["\0", "a\0b\ud800", "\udfff", "\\u0000", "\U0001f469\u200d"])
def test_what_no_database_stores_is_stored_alike_by_both(
    database: str, tmp_path: Path, text: str
) -> None:
    read = []
    for place in (database, tmp_path / "a.db"):
        tree = Tree(a_persona(f"Ada{text} keeps bees."))
        tree_nodes = [node.changed(parent=tree.key) for node in hostile(text)]
        run = store_trees(place, [Tree(tree.persona, 0, tree_nodes)])
        read.append((digest(run.trees()), run.spending(), [list(each) for each in run.trees()]))
        assert [each.profile for each in run.summaries()] == [tree.persona.profile.text]
        run.engine.dispose()
    assert read[0] == read[1]
    assert "\0" not in read[0][2][0][0].text


def test_every_reader_reads_the_same_from_both_and_needs_no_right_to_write(
    database: str, grown_store: Path, tmp_path: Path, capsys: Captured
) -> None:
    assert export(grown_store, tmp_path / "trees.jsonl", form="tree") == 0
    assert command(Ingest, "--from", "tree", tmp_path / "trees.jsonl", "--store", database) == 0
    reading = database.replace("options=", "options=-cdefault_transaction_read_only%3Don%20")
    stores = (grown_store, reading)
    assert digest_of(reading) == digest_of(grown_store)
    for form in (*FORMATS, "tree"):
        one, other = (exported(store, tmp_path / "out.jsonl", form=form) for store in stores)
        assert one == other
    assert list(read_trees(reading)) != []
    capsys.readouterr()
    assert [command(Show, store) for store in stores] == [0, 0]
    one, other = capsys.readouterr().out.split("runs", 2)[1:]
    assert one == other
    assert simulate(reading, "--run", "other", "--limit", "1") == 1
    assert "read-only transaction" in error_line(capsys.readouterr().err)
