"""Digest: one hash of all a run's trees say, equal for equal trees wherever they were grown.

It covers slots, seats, specs without their endpoint, seeds, texts, beliefs, verdicts and error
types; not times, token counts or hosts.
"""

from collections.abc import Iterable

from dialogues.hashing import short_hash
from dialogues.node import Node
from dialogues.tree import Tree


def digest(trees: Iterable[Tree]) -> str:
    """Hash trees, in whatever order they come, to 32 hexadecimal digits."""
    return short_hash(*sorted(tree_digest(tree) for tree in trees), size=16)


def tree_digest(tree: Tree) -> str:
    """Hash one tree to 32 hexadecimal digits."""
    return short_hash(tree.key, *(_node_digest(node) for node in tree), size=16)


def _node_digest(node: Node) -> str:
    error = node.failure.type if node.failure else ""
    return short_hash(node.key, node.seat, node.spec, node.seed, node.content_hash, error)
