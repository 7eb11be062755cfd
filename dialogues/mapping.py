"""Nodes to rows of the store's `nodes` table and back."""

from typing import Any

from sqlalchemy import Row

from dialogues.node import Node

_RECORDS = ("belief", "verdict", "usage", "failure")
_PLAIN = tuple(sorted(Node.model_fields.keys() - {*_RECORDS, "notes"}))


def to_row(tree_id: int, node: Node) -> dict[str, Any]:
    """Return the row that stores `node` in the tree numbered `tree_id`."""
    payload = {name: getattr(node, name) for name in _RECORDS}
    plain = {name: getattr(node, name) for name in _PLAIN}
    return {
        "tree_id": tree_id,
        "key": node.key,
        "content_hash": node.content_hash,
        "notes": node.notes or None,
        **plain,
        **{name: value and value.model_dump(mode="json") for name, value in payload.items()},
    }


def to_node(row: Row[Any]) -> Node:
    """Return the node a row stores."""
    values = {name: getattr(row, name) for name in (*_PLAIN, *_RECORDS)}
    return Node.model_validate({**values, "notes": row.notes or {}})
