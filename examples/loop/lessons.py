"""Lessons: files of trees to learn from, without what only evaluation may speak of."""

from collections.abc import Iterable
from pathlib import Path

from dialogues.records import StoredTree
from dialogues.tree_file import tree_record
from dialogues.writers import row_writer
from examples.loop.unseen import words_of
from examples.loop.verdicts import Rewrite, rewritten
from training.trees import Grown, of_split


def without(words: frozenset[str], trees: Iterable[Grown]) -> list[Grown]:
    """Return the trees none of whose messages has any of these words."""
    return [grown for grown in trees if not words_of(grown[0]) & words]


def judged_by(rewrite: Rewrite, trees: Iterable[Grown]) -> list[Grown]:
    """Return the trees with other verdicts."""
    return [(rewritten(tree, rewrite), record) for tree, record in trees]


def write_trees(path: Path, trees: Iterable[Grown]) -> None:
    """Write trees in the `tree` format, for `--trees`."""
    with row_writer(path) as rows:
        for tree, record in trees:
            rows.write(tree_record(StoredTree(0, tree, "done"), record))


def write_judged(path: Path, trees: Iterable[Grown], rewrite: Rewrite) -> None:
    """Write trees with other verdicts on the people who are trained on."""
    trees = list(trees)
    write_trees(path, [*judged_by(rewrite, of_split(trees, "train")), *of_split(trees, "eval")])


def as_many_words(trees: Iterable[Grown], words: int) -> list[Grown]:
    """Return the first of the trees, until they have so many words."""
    kept: list[Grown] = []
    for grown in trees:
        if words <= 0:
            break
        kept.append(grown)
        words -= sum(len(node.text.split()) for node in grown[0] if node.is_message)
    return kept
