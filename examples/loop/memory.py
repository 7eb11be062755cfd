"""Memory: how often replies speak of what the user told two turns earlier or more, and rightly.

A reply speaks of a statement if one of its sentences says it, by the rule of `eval.matching`: half
of its telling words, and none of them denied. What the user's last two messages said again counts
for nothing. Beside it stands how often the same replies speak of what another user told by then:
what is hit by chance.
"""

from collections.abc import Sequence
from typing import NamedTuple

from agents.scripted.statements import statements
from dialogues.node import USER
from dialogues.prose import sentences
from dialogues.tree import Tree
from eval.matching import holds

_EARLIER = 2


class Memory(NamedTuple):
    """Of the replies from turn 3 on, the share that speaks of earlier statements, in [0, 1].

    Attributes:
        own: of this user's.
        others: of another user's.
    """

    own: float
    others: float


def memory_of(trees: Sequence[Tree]) -> Memory:
    """Measure the replies of dialogues with one branch each.

    Raises:
        ZeroDivisionError: no dialogue has a third turn.
    """
    talks = [_talk(tree) for tree in trees]
    own: list[bool] = []
    others: list[bool] = []
    for at, (told, replies) in enumerate(talks):
        strangers, _ = talks[(at + len(talks) // 2) % len(talks)]
        for turn in range(_EARLIER, len(replies)):
            recent = [said for message in told[turn - 1 : turn + 1] for said in message]
            for speaker, found in ((told, own), (strangers, others)):
                earlier = [said for message in speaker[: turn - 1] for said in message]
                found.append(_speaks_of(replies[turn], earlier, recent))
    return Memory(sum(own) / len(own), sum(others) / len(others))


def _talk(tree: Tree) -> tuple[list[tuple[str, ...]], list[str]]:
    """Return turn by turn what the user stated, and the replies."""
    last = tree.user_messages()[-1].key
    path = [*tree.path(last), *tree.candidates(last)[:1]]
    told = [tuple(statements(node.text)) for node in path if node.seat == USER]
    return told, [node.text for node in path if node.seat != USER]


def _speaks_of(reply: str, earlier: Sequence[str], recent: Sequence[str]) -> bool:
    return any(
        holds(sentence, said)
        for said in earlier
        if not any(holds(again, said) for again in recent)
        for sentence in sentences(reply)
    )
