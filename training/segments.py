"""Segments: the tokens of each message, cut out of what the chat template itself renders.

Every path is rendered whole, and a message's tokens are what its rendering has more than that of
the path above it. Nothing is put together by hand, so no newline of the template can get lost.
"""

from collections.abc import Callable, Iterable, Sequence

from dialogues.node import USER, Node
from dialogues.rendering import conversation
from dialogues.tree import Tree
from training.packing import ROOT, Segment

Messages = list[dict[str, str]]
Render = Callable[[Messages, bool], Sequence[int]]
"""Renders messages to tokens; the flag adds the header that opens the assistant's reply."""


class NotPrefixPreserving(Exception):
    """The template renders a path otherwise once it goes on, or opens a reply with no header.

    Without a header of its own a branch's first token would be predicted outside of the branch.
    """


def cut_segments(
    tree: Tree, replies: Iterable[str], render: Render, system: str = ""
) -> dict[str, Segment]:
    """Cut the segments of all messages on the paths to `replies`.

    Args:
        tree: where the messages are.
        replies: keys of assistants' replies.
        render: the chat template with its tokenizer.
        system: system text of the run; it belongs to the first message's segment.

    Raises:
        NotPrefixPreserving: the template's renderings of these paths do not extend each other.
    """
    wanted = dict.fromkeys(node.key for reply in replies for node in tree.path(reply))
    rendered: dict[str, list[int]] = {tree.key: []}
    segments = {}
    for key in wanted:
        node = tree[key]
        messages = conversation(tree.history(key), system)
        rendered[key] = list(render(messages, False))
        above = rendered[node.parent]
        scored = _reply_start(node, messages, render, rendered)
        segments[key] = Segment(
            parent=ROOT if node.parent == tree.key else node.parent,
            ids=tuple(_beyond(above, rendered[key])),
            scored=scored - len(above),
        )
    return segments


def _reply_start(
    node: Node, messages: Messages, render: Render, rendered: dict[str, list[int]]
) -> int:
    """Return where the reply's own tokens begin in the rendering of its path."""
    whole = rendered[node.key]
    if node.seat == USER:
        return len(whole)
    opened = list(render(messages[:-1], True))
    if not _beyond(rendered[node.parent], opened):
        raise NotPrefixPreserving
    _beyond(opened, whole)
    return len(opened)


def _beyond(prefix: Sequence[int], whole: Sequence[int]) -> Sequence[int]:
    if list(whole[: len(prefix)]) != list(prefix):
        raise NotPrefixPreserving
    return whole[len(prefix) :]
