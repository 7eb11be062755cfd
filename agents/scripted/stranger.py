"""Strangers: people made up on the spot, whose facts stand in for those of the user."""

from collections.abc import Sequence
from functools import cache, partial

from agents.scripted.draws import Draws
from agents.scripted.facts import sayable_facts
from agents.scripted.life import draw_life
from agents.scripted.telling import told_life
from agents.scripted.topics import PRIVATE, topic_of
from agents.scripted.words import content_words
from dialogues.persona import Profile

_LIVES, _CHOICE = 1000, 5


def facts_of_strangers(facts: Sequence[str], draw: Draws) -> dict[str, str]:
    """Return for each fact one of somebody else, in the first person, none of them twice.

    It is of the same topic where the strangers have one, as long as can be found, and has no
    telling word in common with any of `facts`.
    """
    own = content_words(" ".join(facts))
    theirs: list[str] = []
    while len(theirs) < _CHOICE * len(facts):
        life = _tellable(draw.randrange(_LIVES))
        theirs += (said for said in life if not content_words(said) & own and said not in theirs)
    found = {}
    for fact in facts:
        alike = [each for each in theirs if topic_of(each).name == topic_of(fact).name]
        found[fact] = min(alike or theirs, key=partial(_difference_in_length, fact))
        theirs.remove(found[fact])
    return found


def _difference_in_length(one: str, other: str) -> int:
    return abs(len(one.split()) - len(other.split()))


@cache
def _tellable(number: int) -> tuple[str, ...]:
    """Make up a life; return what of it anybody would tell."""
    draw = Draws(number)
    facts = sayable_facts(Profile.of(told_life(draw_life(draw), draw)))
    return tuple(fact.said for fact in facts if fact.depth < PRIVATE and fact.topic != "age")
