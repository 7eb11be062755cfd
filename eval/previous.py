"""The result that a folder holds already: it is replaced only where nothing is lost by that.

A new result takes the place of an old one of the same runs whose dialogues the store at hand still
holds, so that the old tables can be made again from there. The same command, more or fewer cases,
further assistants, users and judges may go into one folder; another suite, or other dialogues, not.
"""

from collections.abc import Collection
from pathlib import Path

from pydantic import ValidationError

from dialogues.errors import UsageError
from dialogues.location import shown
from dialogues.node import ASSISTANT
from dialogues.store import open_store
from eval.result import Result

RESULT = "result.json"


def result_in(folder: Path) -> Result | None:
    """Return the result that a folder holds; None where it holds none.

    Raises:
        UsageError: there is one that cannot be read.
    """
    path = folder / RESULT
    try:
        return Result.model_validate_json(path.read_bytes()) if path.exists() else None
    except (OSError, ValidationError) as error:
        raise UsageError(
            f"--out {folder}: its {RESULT} is not one of this version of Grove; give another folder"
        ) from error


def refuse_other(folder: Path, location: str, runs: Collection[str]) -> None:
    """Make sure that a folder holds no result of other dialogues.

    Args:
        folder: where results are to be written.
        location: of the store at hand, which need not be there.
        runs: names of the runs to be measured.

    Raises:
        UsageError: it does.
    """
    before = result_in(folder)
    if before is None:
        return
    there = {case.run for case in before.cases}
    if not there & set(runs):
        raise UsageError(
            f"--out {folder}: holds the result of another benchmark ({', '.join(sorted(there))}); "
            "give another folder"
        )
    if not _replies_of(before) <= _replies_in(location, there):
        raise UsageError(
            f"--out {folder}: holds a result of dialogues that are not in {shown(location)}; "
            "give another folder"
        )


def _replies_of(result: Result) -> set[tuple[str, str, str]]:
    return {(case.run, case.tree, said.reply) for case in result.cases for said in case.replies}


def _replies_in(location: str, runs: Collection[str]) -> set[tuple[str, str, str]]:
    """Return the replies that a store holds of some runs; none where there is no store."""
    try:
        store = open_store(location)
    except UsageError:
        return set()
    with store:
        return {
            (run.record.name, tree.key, node.content_hash)
            for run in store.runs()
            if run.record.name in runs
            for tree in run.trees()
            for node in tree
            if node.seat == ASSISTANT
        }
