"""What there is to train on and to measure on: trees, or one line that says what is amiss."""

from pathlib import Path

import pytest

from tests.growing import store_trees
from tests.training.commands import (
    SHORT,
    Capture,
    card,
    measured,
    refusal,
    run,
)
from tests.training.school import (
    a_tree,
    grown,
    pairs_of,
    trees_alike,
    trees_unlike,
    write_trees,
)


def test_a_run_that_is_still_being_written_is_refused(
    small: Path, tmp_path: Path, capsys: Capture
) -> None:
    trees = [tree for tree, _ in trees_alike(3)]
    store_trees(tmp_path / "open.db", trees, done=False)
    where = ("--trees", tmp_path / "open.db", "--model_name_or_path", small)
    line = refusal(capsys, "dpo", *where, *SHORT, "--output_dir", tmp_path / "out")
    assert "still being written: 3 of 3 trees are open" in line


@pytest.mark.parametrize(
    ("text", "said"), [("{", "not JSON"), ("{}", "no tree of ours"), ("", "no pairs")]
)
def test_a_file_that_holds_no_trees_is_refused(
    small: Path, tmp_path: Path, capsys: Capture, text: str, said: str
) -> None:
    (file := tmp_path / "trees.jsonl").write_text(text)
    where = ("--trees", file, "--model_name_or_path", small, "--output_dir", tmp_path / "out")
    assert said in refusal(capsys, "dpo", *where, *SHORT)


def test_trees_that_all_tie_hold_nothing_to_learn(
    small: Path, tmp_path: Path, capsys: Capture
) -> None:
    trees = write_trees(tmp_path / "t.jsonl", [grown(a_tree(("yes", "no"), verdict=None))])
    where = ("--trees", trees, "--model_name_or_path", small, "--output_dir", tmp_path / "out")
    assert "gives no pairs to train on" in refusal(capsys, "dpo", *where, *SHORT)
    assert "gives no replies to train on" in refusal(capsys, "sft", *where, *SHORT)


def test_nobody_to_measure_on_is_no_reason_to_stop(
    small: Path, tmp_path: Path, capsys: Capture
) -> None:
    trees = write_trees(tmp_path / "t.jsonl", trees_unlike(4))
    where = ("--trees", trees, "--model_name_or_path", small, "--output_dir", tmp_path / "out")
    assert run("dpo", *where, *SHORT) == 0
    said = capsys.readouterr().err
    assert "held out: nobody of --eval_split" in said and "model in" in said
    assert measured(tmp_path / "out") == {}
    assert card(tmp_path / "out")["targets"] == sum(len(pairs_of(tree)) for tree in trees_unlike(4))
