"""Circles: how often a reply says the same few words again and again, as small models do."""

import re
from collections.abc import Sequence

from dialogues.node import USER
from dialogues.tree import Tree

_CIRCLE = re.compile(r"\b(\w+(?:\W+\w+){0,3})(?:\W+\1\b){2}", re.IGNORECASE)


def in_circles(reply: str) -> bool:
    """Tell whether one to four words stand three times in a row."""
    return _CIRCLE.search(reply) is not None


def circles_of(trees: Sequence[Tree]) -> float:
    """Return the share of replies that go round in circles, in [0, 1].

    Raises:
        ZeroDivisionError: there are no replies.
    """
    nodes = (node for tree in trees for node in tree if node.is_message and node.seat != USER)
    found = [in_circles(node.text) for node in nodes]
    return sum(found) / len(found)
