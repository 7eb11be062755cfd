"""Entering a dialogue that is in a store at one of its nodes: what a person takes over from it."""

from typing import NamedTuple

from dialogues.choice import HUMAN
from dialogues.errors import UsageError
from dialogues.node import ASSISTANT, USER, Node
from dialogues.records import StoredTree
from dialogues.run import Run
from dialogues.store import Store
from dialogues.tree import Tree


class Entered(NamedTuple):
    """A dialogue, and the message at which a person enters it."""

    run: Run
    stored: StoredTree
    node: Node

    @property
    def tree(self) -> Tree:
        """All of the dialogue."""
        return self.stored.tree

    @property
    def record(self) -> list[str]:
        """What finds it again."""
        return [self.run.record.name, self.node.key]


def enter(store: Store, run_name: str, node_id: str) -> Entered:
    """Find the message whose id begins with `node_id`.

    Raises:
        UsageError: there is no such run or node, or it is no message that somebody said.
    """
    run = store.run(run_name)
    stored, node = run.holder(node_id)
    if node.seat not in (USER, ASSISTANT):
        raise UsageError(f"--at {node_id}: this is what the {node.seat} left; name a message")
    if node.failure:
        raise UsageError(f"--at {node_id}: this message failed; name one that was said")
    return Entered(run, stored, node)


def taken_over(entered: Entered) -> list[Node]:
    """Return the messages on the way to the node, with what agents left below each.

    What it cost belongs to the run it comes from, and so do the verdicts of persons.
    """
    tree = entered.tree
    said = [node for node in tree.path(entered.node.key) if node.seat == USER]
    users = {node.key for node in said}
    below = [node for node in tree if node.parent in users and node.seat != USER]
    left = [node for node in below if node.spec != HUMAN]
    return [node.changed(usage=None) for node in [*said, *left]]
