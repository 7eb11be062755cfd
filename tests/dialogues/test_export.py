"""Export: the right rows in files that are complete or not there at all."""

import json
from pathlib import Path

import pytest

from dialogues import Persona, Profile, RunRecord, Tree
from tests.dialogues.exporting import FORMATS, export, exported
from tests.growing import (
    a_failure,
    a_node,
    a_persona,
    a_turn,
    error_line,
    grow,
    in_order,
    store_trees,
    trees_of,
)

Captured = pytest.CaptureFixture[str]


@pytest.mark.parametrize("form", FORMATS)
def test_all_rows_have_the_same_columns(tmp_path: Path, grown_store: Path, form: str) -> None:
    rows = exported(grown_store, tmp_path / "a.jsonl", form=form)
    assert len({tuple(row) for row in rows}) == 1


def test_a_finished_run_gives_one_pair_per_turn_without_a_tie(
    tmp_path: Path, grown_store: Path
) -> None:
    rows = exported(grown_store, tmp_path / "a.jsonl")
    verdicts = [
        (user.key, verdict)
        for tree in trees_of(grown_store)
        for user in tree.user_messages()
        if (verdict := tree.verdict(user.key))
    ]
    assert len(verdicts) == 6 * 4
    decided = [key for key, verdict in verdicts if verdict.preferred]
    assert sorted(row["node_id"] for row in rows) == sorted(decided)
    assert len(decided) > 12


def test_more_rows_than_a_parquet_batch_are_all_written(tmp_path: Path, persona: Persona) -> None:
    import pyarrow.parquet

    trees = [
        Tree(persona, repeat, a_turn(Tree(persona, repeat).key, "a", "b", verdict=in_order))
        for repeat in range(1200)
    ]
    store_trees(tmp_path / "a.db", trees).engine.dispose()
    assert export(tmp_path / "a.db", tmp_path / "a.parquet") == 0
    read = pyarrow.parquet.read_table(tmp_path / "a.parquet").column("tree_id").to_pylist()
    assert read == [tree.key for tree in trees]


def test_the_system_text_of_the_run_leads_every_exported_prompt(tmp_path: Path) -> None:
    store = grow(tmp_path / "a.db", "--system", "Be kind.", limit=1, turns=2)
    for form in FORMATS:
        for row in exported(store, tmp_path / f"{form}.jsonl", form=form):
            first, *others = row.get("prompt") or row["messages"]
            assert first == {"role": "system", "content": "Be kind."}
            assert "system" not in {message["role"] for message in others}


def test_nothing_of_the_persona_is_in_a_prompt_before_the_user_said_it(
    tmp_path: Path, grown_store: Path
) -> None:
    personas = {tree.key: tree.persona for tree in trees_of(grown_store)}
    for row in exported(grown_store, tmp_path / "a.jsonl"):
        persona = personas[row["tree_id"]]
        shown = json.dumps(row["prompt"] + row["chosen"] + row["rejected"])
        assert persona.profile.text not in shown and persona.personality.text not in shown


@pytest.mark.parametrize("split", ["train", "eval"])
def test_only_personas_of_the_wanted_split_are_exported(tmp_path: Path, split: str) -> None:
    others = a_persona(profile="He bakes.")
    kept = Persona(profile=Profile.of("He is 9.", "eval"), personality=others.personality)
    trees = [
        Tree(each, 0, a_turn(Tree(each).key, "a", "b", verdict=in_order)) for each in (others, kept)
    ]
    store_trees(tmp_path / "a.db", trees).engine.dispose()
    for form in FORMATS:
        rows = exported(tmp_path / "a.db", tmp_path / "r.jsonl", "--split", split, form=form)
        assert {row["split"] for row in rows} == {split}
    (tree,) = exported(tmp_path / "a.db", tmp_path / "r.jsonl", "--split", split, form="tree")
    assert tree["persona"]["profile"].get("split", "train") == split
    assert len(exported(tmp_path / "a.db", tmp_path / "r.jsonl")) == 2


def test_unsure_pairs_can_be_left_out(tmp_path: Path, grown_store: Path) -> None:
    everything = exported(grown_store, tmp_path / "a.jsonl")
    margins = sorted(row["verdict_margin"] for row in everything)
    least = margins[len(margins) // 2]
    rows = exported(grown_store, tmp_path / "b.jsonl", "--min-margin", str(least))
    assert rows == [row for row in everything if row["verdict_margin"] >= least]
    sure = exported(grown_store, tmp_path / "c.jsonl", "--min-confidence", "1")
    assert sure == [row for row in everything if row["verdict_confidence"] == 1]
    assert 0 < len(sure) < len(everything)


def test_best_worst_gives_one_pair_per_set(tmp_path: Path) -> None:
    store = grow(tmp_path / "a.db", "--candidates", "4", limit=2, turns=2)
    assert len(exported(store, tmp_path / "a.jsonl")) > 4
    rows = exported(store, tmp_path / "b.jsonl", "--pairs", "best-worst")
    assert len({row["node_id"] for row in rows}) == len(rows) == 4


def test_a_failed_turn_is_in_no_row(tmp_path: Path, persona: Persona) -> None:
    nodes = a_turn(Tree(persona).key, "a", "b", verdict=in_order)
    nodes.append(a_node(nodes[1].key, "user", 2, failure=a_failure()))
    store_trees(tmp_path / "a.db", [Tree(persona, 0, nodes)]).engine.dispose()
    for form in FORMATS:
        rows = exported(tmp_path / "a.db", tmp_path / "a.jsonl", form=form)
        assert {row["turn"] for row in rows} == {1}


def test_a_run_without_finished_turns_gives_no_file(
    tmp_path: Path, persona: Persona, capsys: Captured
) -> None:
    store_trees(tmp_path / "a.db", [Tree(persona)]).engine.dispose()
    for ending in ("jsonl", "parquet"):
        assert export(tmp_path / "a.db", tmp_path / f"out.{ending}") == 2
        assert "gives no preference row" in error_line(capsys.readouterr().err)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith((".", "out"))] == []


def test_a_failed_export_leaves_the_old_file_as_it_was(tmp_path: Path, grown_store: Path) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text("precious")
    assert export(grown_store, out, "--verdict", "human") == 2
    assert out.read_text() == "precious"
    assert list(tmp_path.iterdir()) == [out]


def test_export_makes_the_folder_of_its_file(tmp_path: Path, grown_store: Path) -> None:
    assert export(grown_store, tmp_path / "new" / "deep" / "a.jsonl") == 0
    assert [path.name for path in (tmp_path / "new" / "deep").iterdir()] == ["a.jsonl"]


@pytest.mark.parametrize(
    ("name", "form", "told"),
    [
        ("a.csv", "preference", ".jsonl or .parquet"),
        ("a", "sft", ".jsonl or .parquet"),
        ("a.parquet", "tree", ".jsonl"),
        ("file/a.jsonl", "sft", "cannot write there"),
    ],
)
def test_a_file_that_cannot_be_written_is_refused(
    tmp_path: Path, grown_store: Path, capsys: Captured, name: str, form: str, told: str
) -> None:
    (tmp_path / "file").touch()
    assert export(grown_store, tmp_path / name, form=form) == 2
    line = error_line(capsys.readouterr().err)
    assert told in line and name in line
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_folder_in_the_place_of_the_file_is_refused(
    tmp_path: Path, grown_store: Path, capsys: Captured
) -> None:
    (tmp_path / "a.jsonl").mkdir()
    assert export(grown_store, tmp_path / "a.jsonl") in (1, 2)
    assert "a.jsonl" in error_line(capsys.readouterr().err)
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--run", "nope"), "no run 'nope'"),
        (("--min-margin", "2"), "--min-margin"),
        (("--split", "test"), "--split"),
        (("--pairs", "some"), "--pairs"),
    ],
)
def test_a_wrong_flag_is_named(
    tmp_path: Path, grown_store: Path, capsys: Captured, flags: tuple[str, ...], told: str
) -> None:
    assert export(grown_store, tmp_path / "a.jsonl", *flags) == 2
    assert told in error_line(capsys.readouterr().err)


def test_the_judge_of_the_run_counts_unless_told(tmp_path: Path, persona: Persona) -> None:
    nodes = a_turn(Tree(persona).key, "a", "b", verdict=in_order)
    other = in_order([nodes[2].key, nodes[1].key])
    nodes.append(a_node(nodes[0].key, "judge", place=1, spec="own", verdict=other))
    record = RunRecord(judge="own")
    store_trees(tmp_path / "a.db", [Tree(persona, 0, nodes)], record).engine.dispose()
    (row,) = exported(tmp_path / "a.db", tmp_path / "a.jsonl")
    assert row["chosen"][0]["content"] == "b"


def test_hostile_texts_survive_both_kinds_of_file(tmp_path: Path, persona: Persona) -> None:
    import pyarrow.parquet

    texts = ["\u2028\x85", "[red]x[/red]\x1b[31m"]
    says = "\u202ehi\r\n\ufeff"
    nodes = a_turn(Tree(persona).key, *texts, says=says, verdict=in_order)
    store_trees(tmp_path / "a.db", [Tree(persona, 0, nodes)]).engine.dispose()
    (file,) = (tmp_path / "a.jsonl",)
    assert export(tmp_path / "a.db", file) == 0
    (row,) = [json.loads(line) for line in file.read_bytes().split(b"\n") if line]
    assert export(tmp_path / "a.db", tmp_path / "a.parquet") == 0
    (same,) = pyarrow.parquet.read_table(tmp_path / "a.parquet").to_pylist()
    assert row == same
    assert [row["prompt"][0], row["chosen"][0], row["rejected"][0]] == [
        {"role": role, "content": text}
        for role, text in (("user", says), ("assistant", texts[0]), ("assistant", texts[1]))
    ]
