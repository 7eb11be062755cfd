"""Wishes: how a user asks to be talked to, and which replies keep to that.

Turns and wishes are read from the gold labels in the user's notes; whether a reply keeps a wish is
read from its form alone, so only wishes of form are measured.
"""

from collections.abc import Callable
from typing import NamedTuple

from dialogues.tree import Tree

_SHORT, _LONG = 25, 35

KEPT: dict[str, Callable[[str], bool]] = {
    "short": lambda reply: len(reply.split()) <= _SHORT,
    "long": lambda reply: len(reply.split()) >= _LONG,
    "fewer_questions": lambda reply: "?" not in reply,
    "more_questions": lambda reply: "?" in reply,
}
"""Whether a reply keeps a wish."""

_OF_A_KIND = (frozenset({"short", "long"}), frozenset({"fewer_questions", "more_questions"}))


class Wishes(NamedTuple):
    """What the user of a dialogue wished.

    Attributes:
        since: turn of the first wish.
        flipped: turn of its opposite.
    """

    since: int
    old: str
    flipped: int
    new: str

    def speak_of(self, wish: str) -> bool:
        """Tell whether the user ever wished that, or something else of its kind."""
        return any(wish in kind and kind & {self.old, self.new} for kind in _OF_A_KIND)


def wishes_of(tree: Tree) -> Wishes | None:
    """Read the wishes from the gold labels; None where there is no flip that can be measured."""
    agendas = [(user.turn, user.notes.get("agenda", {})) for user in tree.user_messages()]
    flips = [(turn, each["wish"]) for turn, each in agendas if each.get("changed")]
    before = [each for turn, each in agendas if each.get("wish") and not each.get("changed")]
    if not (flips and before):
        return None
    (flipped, new), old = flips[0], before[-1]
    known = new in KEPT and old["wish"] in KEPT
    return Wishes(int(old["wished_at"]), old["wish"], flipped, new) if known else None
