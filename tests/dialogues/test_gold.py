"""Gold columns: what the user noted beside its message, exported only where it is asked for."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogues import Persona, Tree
from dialogues.choice import verdict_chooser
from dialogues.node import USER
from dialogues.rows import ROW_FORMATS, Row, RowSettings
from tests.dialogues.exporting import FORMATS, export, exported
from tests.growing import a_node, a_turn, in_order, store_trees, trees_of
from tests.strategies import trees

WITHOUT = RowSettings(choose=verdict_chooser(None))
WITH = WITHOUT._replace(gold=True)
COLUMNS = {"gold_acts", "gold_reveals", "gold_speaks_of", "gold_traits", "gold_agenda"}
TEXTS = ("prompt", "chosen", "rejected", "completion", "messages")

formats = st.sampled_from(FORMATS)


def is_gold(column: str) -> bool:
    return column.startswith("gold_")


def noted(persona: Persona, **notes: Any) -> Tree:
    """Return a tree of one turn whose user noted this."""
    first, *others = a_turn(Tree(persona).key, "a", "b", verdict=in_order)
    user = a_node(first.parent, USER, text="Hi.", notes=notes)
    return Tree(persona, 0, [user, *others])


def parquet(store: Path, out: Path, form: str) -> list[Row]:
    import pyarrow.parquet

    assert export(store, out, "--gold", form=form) == 0
    rows: list[Row] = pyarrow.parquet.read_table(out).to_pylist()
    return rows


@given(trees(), formats)
def test_gold_adds_columns_and_changes_nothing_else(tree: Tree, form: str) -> None:
    bare = list(ROW_FORMATS[form](tree, WITHOUT))
    gold = list(ROW_FORMATS[form](tree, WITH))
    assert not any(is_gold(column) for row in bare for column in row)
    assert [{k: v for k, v in row.items() if not is_gold(k)} for row in gold] == bare


@given(trees(), formats)
def test_the_gold_of_a_row_is_what_the_user_noted_with_its_message(tree: Tree, form: str) -> None:
    for row in ROW_FORMATS[form](tree, WITH):
        node = tree[row["node_id"]]
        user = node if node.seat == USER else tree[node.parent]
        told = {column[5:]: value for column, value in row.items() if is_gold(column)}
        assert told.keys() == user.notes.keys()
        for name, value in user.notes.items():
            read = json.loads(told[name]) if isinstance(value, dict) else told[name]
            assert read == value


@pytest.mark.parametrize("form", FORMATS)
def test_the_flag_adds_the_columns_to_an_export(
    tmp_path: Path, grown_store: Path, form: str
) -> None:
    bare = exported(grown_store, tmp_path / "a.jsonl", form=form)
    gold = exported(grown_store, tmp_path / "b.jsonl", "--gold", form=form)
    assert {column for row in gold for column in row if is_gold(column)} == COLUMNS
    assert len({tuple(row) for row in gold}) == 1
    assert [{k: v for k, v in row.items() if not is_gold(k)} for row in gold] == bare


def test_the_gold_of_scripted_users_names_acts_and_clauses_of_the_profile(
    tmp_path: Path, grown_store: Path
) -> None:
    clauses = {
        tree.key: {fact.id for fact in tree.persona.profile.facts} for tree in trees_of(grown_store)
    }
    rows = exported(grown_store, tmp_path / "a.jsonl", "--gold", form="prompt")
    assert all(row["gold_acts"] for row in rows)
    assert all({*row["gold_reveals"]} <= clauses[row["tree_id"]] for row in rows)
    assert {"told", "rapport", "patience"} <= json.loads(rows[0]["gold_agenda"]).keys()
    assert any(row["gold_reveals"] for row in rows)


@pytest.mark.parametrize("form", FORMATS)
def test_parquet_holds_the_same_gold(tmp_path: Path, grown_store: Path, form: str) -> None:
    rows = exported(grown_store, tmp_path / "a.jsonl", "--gold", form=form)
    assert parquet(grown_store, tmp_path / "a.parquet", form) == rows


@pytest.mark.parametrize("form", FORMATS)
def test_no_text_a_model_is_shown_or_learns_holds_gold(
    tmp_path: Path, persona: Persona, form: str
) -> None:
    notes = {"acts": ["CANARY"], "agenda": {"CANARY": "CANARY"}, "note": "CANARY"}
    store_trees(tmp_path / "a.db", [noted(persona, **notes)]).engine.dispose()
    (row, *_) = exported(tmp_path / "a.db", tmp_path / "a.jsonl", "--gold", form=form)
    assert "CANARY" not in json.dumps([row.get(text) for text in TEXTS])
    assert [row["gold_acts"], row["gold_note"]] == [["CANARY"], "CANARY"]
    assert json.loads(row["gold_agenda"]) == {"CANARY": "CANARY"}


def test_a_user_who_notes_nothing_has_no_gold(tmp_path: Path, persona: Persona) -> None:
    store_trees(tmp_path / "a.db", [noted(persona)]).engine.dispose()
    (row,) = exported(tmp_path / "a.db", tmp_path / "a.jsonl", "--gold")
    assert not any(map(is_gold, row))


def test_the_lossless_format_keeps_the_notes_with_and_without_the_flag(
    tmp_path: Path, grown_store: Path
) -> None:
    bare = exported(grown_store, tmp_path / "a.jsonl", form="tree")
    assert exported(grown_store, tmp_path / "b.jsonl", "--gold", form="tree") == bare
    assert '"reveals"' in json.dumps(bare)


def first_messages(persona: Persona, notes: list[dict[str, Any]]) -> list[Tree]:
    """Return a tree for each note, of a user's first message with that note."""
    roots = [Tree(persona, repeat).key for repeat in range(len(notes))]
    said = [
        a_node(root, USER, text="Hi.", notes=note) for root, note in zip(roots, notes, strict=True)
    ]
    return [Tree(persona, repeat, [node]) for repeat, node in enumerate(said)]


@pytest.mark.parametrize(
    "notes",
    [
        [{"acts": []}, {"acts": ["greet"]}],
        [{"mood": "fine"}, {}],
        [{}, {"mood": "fine"}],
        [{"agenda": {}}, {"agenda": {"told": []}}],
        [{"acts": []}] * 1000 + [{"acts": ["greet"]}],
    ],
    ids=["empty first", "later none", "first none", "records of other keys", "empty batch first"],
)
def test_parquet_takes_messages_noted_differently(
    tmp_path: Path, persona: Persona, notes: list[dict[str, Any]]
) -> None:
    store_trees(tmp_path / "a.db", first_messages(persona, notes)).engine.dispose()
    rows = parquet(tmp_path / "a.db", tmp_path / "a.parquet", "prompt")
    for row, note in zip(rows, notes, strict=True):
        for name, value in note.items():
            told = row.get(f"gold_{name}")
            assert (json.loads(told) if isinstance(value, dict) else told) == value


def test_parquet_refuses_a_note_of_two_types_in_one_line(
    tmp_path: Path, persona: Persona, capsys: pytest.CaptureFixture[str]
) -> None:
    trees = first_messages(persona, [{"mood": 1}, {"mood": "fine"}])
    store_trees(tmp_path / "a.db", trees).engine.dispose()
    assert export(tmp_path / "a.db", tmp_path / "a.parquet", "--gold", form="prompt") == 1
    assert "write .jsonl" in capsys.readouterr().err
    assert not (tmp_path / "a.parquet").exists()
