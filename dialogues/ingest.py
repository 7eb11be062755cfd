"""Read dialogues made elsewhere into a tree store.

    python -m dialogues.ingest --from aloe conversations.jsonl --store runs/aloe.db

Formats: `tree` (ours, lossless), `aloe` (what the ALOE paper's code writes), `messages` (chats).
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import Field, ValidationError
from pydantic_settings import CliPositionalArg
from rich.console import Console
from rich.progress import track

from dialogues.command import DONE, Command, main
from dialogues.errors import UsageError
from dialogues.foreign import ALOE, AloeDialogue, Chat
from dialogues.hashing import short_hash
from dialogues.node import root_key
from dialogues.persona import Persona
from dialogues.records import RunRecord, Status
from dialogues.run import Run
from dialogues.store import open_store
from dialogues.tree import Tree
from dialogues.tree_file import read_tree_record


class Incoming(NamedTuple):
    """A tree to be stored, where it was read, and the run it says it is of."""

    where: str
    tree: Tree
    record: RunRecord
    status: Status = "done"


class Ingest(Command):
    """Read dialogues made elsewhere into a tree store."""

    file: CliPositionalArg[Path] = Field(description="JSONL file, or a JSON array")
    source: Literal["tree", "aloe", "messages"] = Field(
        alias="from", description="tree (ours), aloe (the paper's code), messages (chat lists)"
    )
    store: str = Field(description="tree store to write to: a path or a URL")
    run: str = Field(default="main", description="name of the run to make")

    def execute(self) -> int:
        """Read the whole file once to check it, then store it."""
        console = Console(stderr=True)
        record, cases = self._checked()
        with open_store(self.store, create=True) as store:
            run = store.begin(record.model_copy(update={"name": self.run}))
            run.plan(cases)
            numbers = run.numbers()
            quiet = not console.is_terminal
            for incoming in track(
                self._incoming(), "ingesting", len(cases), console=console, disable=quiet
            ):
                _store(run, numbers[incoming.tree.key], incoming)
        console.print(f"{len(cases)} trees in run {self.run} of {run.location}", markup=False)
        return DONE

    def _checked(self) -> tuple[RunRecord, list[tuple[Persona, int]]]:
        """Read the file to its end, so that a bad line leaves nothing half stored."""
        cases: dict[str, tuple[Persona, int]] = {}
        record = None
        for where, tree, of_run, _ in self._incoming():
            record = record or of_run
            if tree.key in cases or of_run != record:
                raise UsageError(
                    f"{where}: a tree of another run than the first line's; "
                    "ingest the trees of each run by themselves, each with a --run of its own"
                )
            cases[tree.key] = (tree.persona, tree.repeat)
        if record is None:
            raise UsageError(f"{self.file} holds no dialogue")
        return record, list(cases.values())

    def _incoming(self) -> Iterator[Incoming]:
        foreign = RunRecord(
            judge=ALOE if self.source == "aloe" else None,
            config={"ingested": f"{self.source} {_file_hash(self.file)}"},
        )
        repeats: Counter[str] = Counter()
        for where, value in json_records(self.file):
            if self.source == "tree":
                line = read_tree_record(value, where)
                yield Incoming(where, line.tree, line.run, line.status)
                continue
            dialogue = dialogue_of(AloeDialogue if self.source == "aloe" else Chat, value, where)
            persona = dialogue.persona
            repeat = repeats[persona.id]
            repeats[persona.id] += 1
            nodes = dialogue.nodes(root_key(persona.id, repeat))
            yield Incoming(where, Tree(persona, repeat, nodes), foreign)


def dialogue_of(
    kind: type[AloeDialogue] | type[Chat], value: Any, where: str
) -> AloeDialogue | Chat:
    """Read one dialogue of a foreign file.

    Raises:
        UsageError: it has not that form; the message names where it stands.
    """
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{where}: {key or 'dialogue'}: {first['msg']}") from error


def _store(run: Run, tree_id: int, incoming: Incoming) -> None:
    run.add([(tree_id, node) for node in incoming.tree])
    if incoming.status != "open":
        run.finish(tree_id, incoming.tree)


def _file_hash(path: Path) -> str:
    try:
        return short_hash(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {error}") from error


def json_records(path: Path) -> Iterator[tuple[str, Any]]:
    """Walk the records of a JSON array or of JSON lines, each with its file and line."""
    with path.open(encoding="utf-8") as lines:
        if _is_one_array(lines.readline()):
            lines.seek(0)
            for index, value in enumerate(_parsed(lines.read(), str(path))):
                yield f"{path}: item {index}", value
            return
        lines.seek(0)
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield f"{path}:{number}", _parsed(line, f"{path}:{number}")


def _is_one_array(first_line: str) -> bool:
    """Tell an array of dialogues from lines that are chats, which are arrays of messages."""
    if not first_line.startswith("["):
        return False
    try:
        values = json.loads(first_line)
    except json.JSONDecodeError:
        return True
    return not (values and isinstance(values[0], dict) and "role" in values[0])


def _parsed(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(f"{where}: not JSON: {error.msg}") from error


if __name__ == "__main__":
    sys.exit(main(Ingest, "dialogues.ingest"))
