"""What a store tells of a run: how it was made, what it holds, how far it is."""

from typing import Any, Literal, NamedTuple

from pydantic import Field

from dialogues.persona import Frozen
from dialogues.tree import Tree

Status = Literal["open", "done", "failed"]


class RunRecord(Frozen):
    """How a run was made: enough to make it again. Secrets never enter it.

    Attributes:
        name: what `--run` calls it.
        config: the settings it was started with; those that shape its trees may not change.
        judge: spec of the run's own judge, the default of `--verdict`.
        system: system text that every export, training and evaluation of the run starts with.
        versions: versions of Grove, Python and the libraries that made it.
        prompts: hash of each seat's prompt.
    """

    name: str = "main"
    config: dict[str, Any] = Field(default_factory=dict)
    judge: str | None = None
    system: str = ""
    versions: dict[str, str] = Field(default_factory=dict)
    prompts: dict[str, str] = Field(default_factory=dict)


class StoredTree(NamedTuple):
    """A tree with its number in the store and whether it may still grow."""

    id: int
    tree: Tree
    status: Status


class TreeSummary(NamedTuple):
    """One line of a list of trees."""

    key: str
    repeat: int
    status: Status
    nodes: int
    pairs: int
    failures: int
    profile: str


class Progress(NamedTuple):
    """How far a run is; of open trees it knows what their workers last told."""

    trees: int
    done: int
    failed: int
    nodes: int
    pairs: int
    failures: int

    @property
    def finished(self) -> int:
        """Trees that will not grow any more."""
        return self.done + self.failed
