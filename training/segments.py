"""Segments: the tokens of each message, cut out of what the chat template itself renders.

Every path is rendered whole, and a message's tokens are what its rendering has more than that of
the path above it. Nothing is put together by hand, so no newline of the template can get lost.
"""

from collections.abc import Callable, Iterable, Sequence

from dialogues.node import USER
from dialogues.rendering import conversation
from dialogues.tree import Tree
from training.packing import ROOT, Segment

Messages = list[dict[str, str]]
Render = Callable[[Messages, bool], Sequence[int]]
"""Renders messages to tokens; the flag adds the header that opens the assistant's reply."""


def cut_segments(
    tree: Tree, replies: Iterable[str], render: Render, system: str = ""
) -> dict[str, Segment]:
    """Cut the segments of all messages on the paths to `replies`.

    A path that the template renders otherwise once it goes on has no segments from there on. A
    reply that is opened by no header, or melts into it, is context only: none of it is scored, for
    a branch's first token would be predicted outside of the branch.

    Args:
        tree: where the messages are.
        replies: keys of assistants' replies.
        render: the chat template with its tokenizer.
        system: system text of the run; it belongs to the first message's segment.
    """
    wanted = dict.fromkeys(node.key for reply in replies for node in tree.path(reply))
    rendered: dict[str, list[int]] = {tree.key: []}
    segments = {}
    for key in wanted:
        node = tree[key]
        above = rendered.get(node.parent)
        messages = conversation(tree.history(key), system)
        whole = list(render(messages, False))
        if above is None or not _extends(whole, above):
            continue
        rendered[key] = whole
        scored = len(whole)
        if node.seat != USER:
            opened = list(render(messages[:-1], True))
            if len(opened) > len(above) and _extends(whole, opened):
                scored = len(opened)
        segments[key] = Segment(
            parent=ROOT if node.parent == tree.key else node.parent,
            ids=tuple(whole[len(above) :]),
            scored=scored - len(above),
        )
    return segments


def _extends(whole: list[int], prefix: list[int]) -> bool:
    return whole[: len(prefix)] == prefix
