"""Reading trees for training: from a store or a file, of one split, apart from another's people."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from dialogues.errors import UsageError
from dialogues.records import RunRecord
from dialogues.store import open_store
from dialogues.tree import Tree
from dialogues.tree_file import read_tree_record

Grown = tuple[Tree, RunRecord]
"""A tree with the record of its run."""


def read_trees(source: str, run: str = "main") -> Iterator[Grown]:
    """Walk the complete trees of a store's run, or of a file of the `tree` format.

    Failed trees are walked too, for the turns that they have.

    Raises:
        UsageError: there is no such source, it is malformed, or its run is still being written.
    """
    path = Path(source)
    if path.suffix in (".jsonl", ".json"):
        yield from _of_file(path)
        return
    with open_store(source) as store:
        stored_run = store.run(run)
        far = stored_run.progress()
        if far.finished < far.trees:
            raise UsageError(
                f"{stored_run.location} is still being written: {far.trees - far.finished:,} of "
                f"{far.trees:,} trees are open; let graphs.simulate finish it, or give another run"
            )
        for stored in stored_run.stored_trees():
            yield stored.tree, stored_run.record


def of_split(trees: Iterable[Grown], split: str) -> list[Grown]:
    """Return the trees whose persona is for a use."""
    return [grown for grown in trees if grown[0].persona.split == split]


def refuse_overlap(train: Iterable[Grown], held_out: Iterable[Grown]) -> None:
    """Make sure that nobody who is trained on is in the evaluation, nor any half of them.

    Raises:
        UsageError: they share a profile or a personality; the message names one.
    """
    for half in ("profile", "personality"):
        known = {getattr(tree.persona, half).id for tree, _ in train}
        for tree, _ in held_out:
            found = getattr(tree.persona, half)
            if found.id in known:
                raise UsageError(
                    f"{half} {found.id} ({found.text[:40]}…) is in training and evaluation; grow "
                    "them from a pool whose splits share nobody"
                )


def _of_file(path: Path) -> Iterator[Grown]:
    try:
        with path.open(encoding="utf-8") as lines:
            for number, text in enumerate(lines, start=1):
                where = f"{path}:{number}"
                try:
                    value = json.loads(text)
                except json.JSONDecodeError as error:
                    raise UsageError(f"{where}: not JSON ({error.msg})") from error
                line = read_tree_record(value, where)
                if line.status == "open":
                    raise UsageError(f"{where}: a tree that is still being grown")
                yield line.tree, line.run
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {error}") from error
