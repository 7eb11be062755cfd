"""The `tree` format: one tree per line as JSON, with its run; export and ingest lose nothing."""

from typing import Any

from pydantic import Field, ValidationError

from dialogues.errors import UsageError
from dialogues.node import Node
from dialogues.persona import Frozen, Persona
from dialogues.records import RunRecord, Status, StoredTree
from dialogues.tree import Tree

TREE_FORMAT = 1


class TreeLine(Frozen):
    """One line of a tree file."""

    grove_tree: int = Field(default=TREE_FORMAT, le=TREE_FORMAT)
    run: RunRecord
    persona: Persona
    repeat: int = Field(default=0, ge=0)
    status: Status = "done"
    nodes: tuple[Node, ...]

    @property
    def tree(self) -> Tree:
        """The tree itself."""
        return Tree(self.persona, self.repeat, self.nodes)


def tree_record(stored: StoredTree, run: RunRecord) -> dict[str, Any]:
    """Return a tree as the JSON object of one line."""
    tree, status = stored.tree, stored.status
    line = TreeLine(
        run=run, persona=tree.persona, repeat=tree.repeat, status=status, nodes=tuple(tree)
    )
    return {"grove_tree": TREE_FORMAT, **line.model_dump(mode="json", exclude_defaults=True)}


def read_tree_record(value: Any, where: str) -> TreeLine:
    """Read one parsed record of a tree file.

    Raises:
        UsageError: it is no tree; the message names the place and the key.
    """
    try:
        line = TreeLine.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{where}: no tree of ours ({key}: {first['msg']})") from error
    known = {line.tree.key, *(node.key for node in line.nodes)}
    for node in line.nodes:
        if node.parent not in known:
            raise UsageError(f"{where}: node {node.key} hangs on {node.parent}, which is not there")
    return line
