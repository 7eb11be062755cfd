"""Packing: a tree as one sequence in which every token stands once, whatever the branches share.

All branches lie one after the other, depth first. A token's position is its distance from the
root along its own path, and it may attend to its ancestors only: token k is an ancestor of q, or q
itself, where k <= q < ends[k], which the enter and exit times of a depth-first walk decide. So
every branch sees exactly what it would see in a row of its own. The idea for pairs is prefix
sharing (arXiv 2410.20305); here it is taken to whole trees of dialogue.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

ROOT = ""


@dataclass(frozen=True)
class Segment:
    """A message's tokens: what it adds to the rendering of the path above it.

    Attributes:
        parent: key of the message before it; `ROOT` for the first one.
        ids: the tokens, the header that opens the message included.
        scored: index in `ids` from which on tokens are the reply itself; len(ids) where none are.
    """

    parent: str
    ids: tuple[int, ...]
    scored: int

    @property
    def learnable(self) -> bool:
        """Whether any of its tokens are a reply's."""
        return self.scored < len(self.ids)


@dataclass
class Pack:
    """A packed tree, or as much of one as fits.

    Attributes:
        ids: tokens, depth first; N of them.
        positions: for each its number on its own path, from 0.
        ends: for each the index after the last token below it; it is seen from no further.
        spans: for each reply the range of its scored tokens, by key.
    """

    ids: list[int] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)


Segments = Mapping[str, Segment]
Target = tuple[str, ...]
"""Replies, by key, that must be in one pack: a chosen and a rejected one, or a single one."""


@dataclass
class Packed:
    """The packs of a tree.

    Attributes:
        packs: each with the targets it holds.
        too_long: targets whose own paths are longer than a pack may be; they are in none.
    """

    packs: list[tuple[Pack, list[Target]]] = field(default_factory=list)
    too_long: list[Target] = field(default_factory=list)


def pack_tree(segments: Segments, targets: Iterable[Target], limit: int | None = None) -> Packed:
    """Pack what the targets need of a tree, cut between messages where it is longer than `limit`.

    A further pack repeats only the ancestors its own targets need; nothing is truncated.

    Args:
        segments: every message on a path to a target, by key.
        targets: in an order that keeps neighbours in the tree together.
        limit: most tokens in a pack; None for no limit.
    """
    packed = Packed()
    held: dict[str, None] = {}
    here: list[Target] = []
    for target in targets:
        needed = dict.fromkeys(key for reply in target for key in path_to(segments, reply))
        if limit is not None and size_of(segments, needed) > limit:
            packed.too_long.append(target)
            continue
        if here and limit is not None and size_of(segments, held | needed) > limit:
            packed.packs.append((lay_out(segments, held), here))
            held, here = {}, []
        held |= needed
        here.append(target)
    if here:
        packed.packs.append((lay_out(segments, held), here))
    return packed


def path_to(segments: Segments, key: str) -> list[str]:
    """Return the keys from the first message to `key`, both included."""
    path = []
    while key != ROOT:
        path.append(key)
        key = segments[key].parent
    return path[::-1]


def size_of(segments: Segments, keys: Iterable[str]) -> int:
    """Return how many tokens messages take, each once."""
    return sum(len(segments[key].ids) for key in keys)


def lay_out(segments: Segments, keys: Iterable[str]) -> Pack:
    """Lay messages out depth first, siblings in the order of `keys`, which hold every parent."""
    children: dict[str, list[str]] = {}
    for key in keys:
        children.setdefault(segments[key].parent, []).append(key)
    pack = Pack()
    # What is left to do, the next last: a message to enter, or (start of) one to leave.
    agenda: list[tuple[str, int, int | None]] = [
        (key, 0, None) for key in reversed(children.get(ROOT, []))
    ]
    while agenda:
        key, depth, entered = agenda.pop()
        segment = segments[key]
        if entered is not None:
            _leave(pack, entered, len(segment.ids))
            continue
        start = _enter(pack, key, segment, depth)
        agenda.append((key, depth, start))
        below = depth + len(segment.ids)
        agenda += [(child, below, None) for child in reversed(children.get(key, []))]
    return pack


def _enter(pack: Pack, key: str, segment: Segment, depth: int) -> int:
    start = len(pack.ids)
    pack.ids += segment.ids
    pack.positions += range(depth, depth + len(segment.ids))
    pack.ends += [0] * len(segment.ids)
    if segment.learnable:
        pack.spans[key] = (start + segment.scored, len(pack.ids))
    return start


def _leave(pack: Pack, start: int, length: int) -> None:
    pack.ends[start : start + length] = [len(pack.ids)] * length


def row_tokens(segments: Segments, targets: Sequence[Target]) -> int:
    """Return how many tokens the same targets take as rows, each with a prefix of its own."""
    return sum(
        size_of(segments, path_to(segments, reply)) for target in targets for reply in target
    )
