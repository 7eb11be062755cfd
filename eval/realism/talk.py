"""A talk: one path of a tree, or one dialogue of people, as the audit reads it.

The paths of a tree share their beginnings, so one is drawn from each tree: talks are then as
independent as their personas are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple

from dialogues.foreign import Chat
from dialogues.hashing import canonical_json, derived_seed, short_hash
from dialogues.node import USER, Message, Node
from dialogues.persona import Clause, Persona
from dialogues.tree import Tree

_ACTS, _REVEALS = "acts", "reveals"


class Line(NamedTuple):
    """A message of the user.

    Attributes:
        turn: its number, from 1.
        heard: the assistant's message before it; empty at first.
        reveals: ids of the facts it tells for the first time, by its gold label; None without one.
        acts: names of its dialogue acts, likewise.
    """

    text: str
    turn: int
    heard: str = ""
    reveals: tuple[str, ...] | None = None
    acts: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Talk:
    """What one user said from start to end.

    Attributes:
        key: of the tree, or a hash of what was said.
        lines: the user's messages, at least one.
        user: spec of who said it; empty for people, as the next.
        persona: whom it plays.
        left: it went before its turns were over.
    """

    key: str
    lines: tuple[Line, ...]
    user: str = ""
    persona: Persona | None = None
    left: bool = False

    @property
    def facts(self) -> tuple[Clause, ...]:
        """What the profile says; nothing where there is none."""
        return self.persona.profile.facts if self.persona else ()

    def history(self, turn: int | None = None) -> list[Message]:
        """Return the messages up to the user's in a turn, or up to its last."""
        said: list[Message] = []
        for line in self.lines[:turn]:
            said += [Message("assistant", line.heard)] if said else []
            said.append(Message("user", line.text))
        return said


def talk_of(tree: Tree, turns: int, seed: int) -> Talk | None:
    """Draw a path of a tree; None where the user said nothing.

    Args:
        tree: whose.
        turns: user messages on a path that is not ended early; 0 where nobody knows.
        seed: of the draw.
    """
    said = tree.user_messages()
    before = {tree[node.parent].parent for node in said if node.parent != tree.key}
    tips = [node for node in said if node.key not in before]
    if not tips:
        return None
    tip = Random(derived_seed(seed, tree.key, "path")).choice(tips)
    path = tree.path(tip.key)
    heard = ["", *(node.text for node in path if node.seat != USER)]
    users = [node for node in path if node.seat == USER]
    lines = tuple(_line(node, reply) for node, reply in zip(users, heard, strict=True))
    # Where users may not leave, one that wanted to was answered all the same.
    left = tip.ends and tip.turn < turns and not tree.candidates(tip.key)
    return Talk(tree.key, lines, tip.spec, tree.persona, left)


def talk_of_people(chat: Chat) -> Talk:
    """Return a dialogue of people; messages without a word are no messages."""
    lines: list[Line] = []
    heard = ""
    for message in chat.turns:
        if message.role == "assistant":
            heard = message.content
        elif message.content.strip():
            lines.append(Line(message.content, len(lines) + 1, heard))
    key = short_hash(canonical_json([message.model_dump() for message in chat.turns]))
    return Talk(key, tuple(lines))


def sampled(talks: Sequence[Talk], count: int, seed: int) -> list[Talk]:
    """Draw at most `count` talks, and keep their order."""
    if len(talks) <= count:
        return list(talks)
    drawn = Random(derived_seed(seed, str(len(talks)), "sample")).sample(range(len(talks)), count)
    return [talks[at] for at in sorted(drawn)]


def _line(node: Node, heard: str) -> Line:
    acts = _listed(node.notes.get(_ACTS))
    names = None if acts is None else tuple(act.partition(":")[0] for act in acts)
    return Line(node.text, node.turn, heard, _listed(node.notes.get(_REVEALS)), names)


def _listed(value: Any) -> tuple[str, ...] | None:
    """Read a gold label; notes of agents of one's own may hold anything under its name."""
    is_label = isinstance(value, list) and all(isinstance(each, str) for each in value)
    return tuple(value) if is_label else None
