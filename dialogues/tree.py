"""A tree: one persona's dialogue with all its branches, held in memory."""

from collections.abc import Iterable, Iterator
from typing import Literal

from dialogues.node import (
    AGAINST,
    ASSISTANT,
    INDUCER,
    JUDGE,
    USER,
    Belief,
    Message,
    Node,
    Slot,
    root_key,
)
from dialogues.persona import Persona
from dialogues.verdict import Verdict


class Tree:
    """Nodes by key, and the walks over them that all packages share."""

    def __init__(self, persona: Persona, repeat: int = 0, nodes: Iterable[Node] = ()) -> None:
        """Hold `nodes`, in any order, as the tree of `persona`'s dialogue number `repeat`."""
        self.persona = persona
        self.repeat = repeat
        self.key = root_key(persona.id, repeat)
        self._nodes: dict[str, Node] = {}
        self._children: dict[str, list[Node]] = {}
        for node in sorted(nodes, key=_order):
            self.add(node)

    def add(self, node: Node) -> None:
        """Put a node in; a slot that is taken keeps its first node."""
        if self._nodes.setdefault(node.key, node) is node:
            self._children.setdefault(node.parent, []).append(node)

    def __contains__(self, key: str) -> bool:
        return key in self._nodes

    def __getitem__(self, key: str) -> Node:
        return self._nodes[key]

    def __len__(self) -> int:
        return len(self._nodes)

    def __iter__(self) -> Iterator[Node]:
        """Walk all nodes in their canonical order."""
        return iter(sorted(self._nodes.values(), key=_order))

    def get(self, slot: Slot) -> Node | None:
        """Return what fills `slot`, or None."""
        return self._nodes.get(slot.key)

    def latest(self, slot: Slot) -> Node | None:
        """Return the last attempt at `slot`'s place, or None."""
        return next(iter(self.attempts(slot)[::-1]), None)

    def children(self, key: str, seat: str) -> list[Node]:
        """Return what `seat` left below `key`, in order of place, the last attempt of each."""
        latest: dict[int, Node] = {}
        for node in self._children.get(key, ()):
            held = latest.get(node.place)
            if node.seat == seat and (held is None or node.attempt > held.attempt):
                latest[node.place] = node
        return [latest[place] for place in sorted(latest)]

    def attempts(self, slot: Slot) -> list[Node]:
        """Return every attempt at `slot`'s place, oldest first."""
        below = self._children.get(slot.parent, ())
        same = [node for node in below if (node.seat, node.place) == (slot.seat, slot.place)]
        return sorted(same, key=lambda node: node.attempt)

    def path(self, key: str) -> list[Node]:
        """Return the messages from the root to `key`, both ends included."""
        nodes = []
        while key != self.key:
            node = self._nodes[key]
            nodes.append(node)
            key = node.parent
        return nodes[::-1]

    def history(self, key: str) -> list[Message]:
        """Return the path to `key` as chat messages."""
        return [Message(_chat_role(node), node.text) for node in self.path(key)]

    def candidates(self, user_key: str) -> list[Node]:
        """Return the assistants' replies to a user message, failed ones left out."""
        return [node for node in self.children(user_key, ASSISTANT) if node.failure is None]

    def belief(self, user_key: str) -> Belief | None:
        """Return what the inducer believed after a user message."""
        held = (node.belief for node in self.children(user_key, INDUCER) if not node.place)
        return next(held, None)

    def verdict(self, user_key: str, judge: str | None = None) -> Verdict | None:
        """Return the verdict below a user message of `judge` (a spec), or of the first judge."""
        return next((v for name, v in self.verdicts(user_key) if judge in (None, name)), None)

    def verdicts(self, user_key: str) -> list[tuple[str, Verdict]]:
        """Return each judge's verdict on the replies to a user message, with the judge's spec.

        Of several by one judge, the last counts: it saw a further candidate, or is a person who
        thought again. Those for somebody else, by which an evaluation tells a fit from a pleasant
        tone, are none.
        """
        judged = [node for node in self.children(user_key, JUDGE) if AGAINST not in node.notes]
        return [*{node.spec: node.verdict for node in judged if node.verdict}.items()]

    def judges(self) -> set[str]:
        """Return the specs of all judges with a verdict in this tree."""
        return {node.spec for node in self._nodes.values() if node.verdict}

    def continued(self, key: str) -> bool:
        """Tell whether the dialogue went on below a candidate."""
        return bool(self.children(key, USER))

    def user_messages(self) -> list[Node]:
        """Return the user's messages on all branches, turn by turn."""
        return [node for node in self if node.seat == USER and node.is_message]

    def failures(self) -> list[Node]:
        """Return the failed nodes that no later attempt replaced."""
        return [node for node in self if node.failure and node is self.attempts(node.slot)[-1]]

    def find(self, prefix: str) -> list[Node]:
        """Return the nodes whose key starts with `prefix`."""
        return [node for node in self if node.key.startswith(prefix)]


def _order(node: Node) -> tuple[int, str, str, int, int]:
    return (node.turn, node.parent, node.seat, node.place, node.attempt)


def _chat_role(node: Node) -> Literal["user", "assistant"]:
    return "user" if node.seat == USER else "assistant"
