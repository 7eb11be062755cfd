"""Growing the trees of one split: those of the personas to train on, or of the others."""

import json
from pathlib import Path

import pytest

from dialogues import load_pool
from graphs.simulate import Simulate
from tests.graphs.stage import Capture, error_line
from tests.growing import PROFILE, command, simulate, trees_of

SHORT = ("--turns", "1", "--limit", "none")
SPLITS = {"profiles": ("train", "train", "eval"), "personalities": ("train", "eval", "eval")}


@pytest.fixture
def pool(tmp_path: Path) -> Path:
    """A pool of two training personas and two for evaluation."""
    for name, key in (("profiles", "profile"), ("personalities", "personality")):
        texts = [PROFILE.replace("52", f"{50 + at}") for at in range(3)]
        if key == "personality":
            texts = [f"She is dry and brief. She dislikes fuss {at} times." for at in range(3)]
        halves = zip(texts, SPLITS[name], strict=True)
        lines = [json.dumps({key: text, "split": split}) + "\n" for text, split in halves]
        (tmp_path / f"{name}.jsonl").write_text("".join(lines))
    return tmp_path


def grown(pool: Path, *flags: str) -> list[str]:
    """Return the splits of the personas whose trees a run grows."""
    store = pool / "trees.db"
    assert simulate(store, "--pool", str(pool), *SHORT, *flags) == 0
    return sorted(tree.persona.split for tree in trees_of(store))


@pytest.mark.parametrize(
    ("flags", "splits"),
    [
        ((), ["eval", "eval", "train", "train"]),
        (("--split", "all"), ["eval", "eval", "train", "train"]),
        (("--split", "train"), ["train", "train"]),
        (("--split", "eval"), ["eval", "eval"]),
        (("--split", "eval", "--repeats", "2"), ["eval"] * 4),
        (("--split", "eval", "--per-profile", "1"), ["eval"]),
        (("--split", "train", "--limit", "1"), ["train"]),
    ],
)
def test_only_the_trees_of_a_split_are_grown(
    pool: Path, flags: tuple[str, ...], splits: list[str]
) -> None:
    assert grown(pool, *flags) == splits


def test_the_splits_together_are_all_personas_as_they_are_without(pool: Path) -> None:
    def ids(split: str) -> set[str]:
        settings = Simulate(store="a.db", pool=pool, split=split)
        return {persona.id for persona, _ in settings.cases(load_pool(pool))}

    assert ids("train") | ids("eval") == ids("all")
    assert not ids("train") & ids("eval")


def test_the_limit_counts_trees_of_the_split(pool: Path) -> None:
    assert len(grown(pool, "--split", "eval", "--limit", "2")) == 2


@pytest.mark.parametrize(
    ("split", "told"),
    [
        ("unseen", "--split unseen: the pool has no such personas"),
        ("test", "--split test: Input should be 'train', 'eval', 'unseen' or 'all'"),
    ],
)
def test_a_split_that_is_not_there_is_one_line_and_makes_no_store(
    pool: Path, capsys: Capture, split: str, told: str
) -> None:
    store = pool / "new" / "trees.db"
    assert command(Simulate, "--store", store, "--pool", pool, "--split", split) == 2
    assert told in error_line(capsys)
    assert not store.parent.exists()


def test_a_run_of_another_split_is_another_run(pool: Path, capsys: Capture) -> None:
    assert grown(pool, "--split", "train") == ["train", "train"]
    capsys.readouterr()
    store = pool / "trees.db"
    assert simulate(store, "--pool", str(pool), *SHORT, "--split", "eval") == 2
    assert "split 'train', not 'eval'" in error_line(capsys)
    assert simulate(store, "--pool", str(pool), *SHORT, "--split", "train") == 0


def test_all_splits_are_what_is_grown_where_none_is_named(pool: Path) -> None:
    assert len(grown(pool)) == 4
    assert len(grown(pool, "--split", "all")) == 4


def test_the_shipped_pool_can_be_split() -> None:
    pool = load_pool()
    counts = {
        split: len(Simulate(store="a.db", split=split).cases(pool))
        for split in ("train", "eval", "all")
    }
    assert counts["train"] + counts["eval"] == counts["all"]
    assert all(counts.values())
