"""Facts as their owner says them: in the first person, with their topic and depth."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from agents.scripted.pronouns import first_person
from agents.scripted.topics import topic_of
from agents.scripted.words import is_english
from agents.seats import WrongAnswer
from dialogues.persona import Profile
from dialogues.prose import clauses, sentences

_POINTS_BACK = re.compile(r"\b(?:that|this|these|those|there|it|its|them)\b")


class Fact(NamedTuple):
    """A fact that can be said.

    Attributes:
        id: the clause's id in the profile.
        said: the statement in the first person, a sentence.
        topic: the side of life it is about.
        depth: 1 small talk, 2 personal, 3 private.
        sentence: number of the profile's sentence it comes from.
        leans_on: id of the fact it cannot be understood without; empty for most.
    """

    id: str
    said: str
    topic: str
    depth: int
    sentence: int
    leans_on: str = ""


@lru_cache(maxsize=4096)
def sayable_facts(profile: Profile) -> tuple[Fact, ...]:
    """Return the facts of `profile` that surely can be said in the first person, in its order.

    Raises:
        WrongAnswer: the profile is not in English, or none of its facts can be said.
    """
    if not is_english(profile.text):
        raise WrongAnswer(
            f"profile {profile.id} ({profile.text[:40]}…) is not in English, and the scripted user "
            "speaks nothing else; take a model-backed user"
        )
    facts = tuple(_sayable(profile))
    if not facts:
        raise WrongAnswer(
            f"profile {profile.id} ({profile.text[:40]}…) has no fact to say in the first person"
        )
    return facts


def _sayable(profile: Profile) -> Iterator[Fact]:
    origin = _sentence_of_each_clause(profile)
    sayable = {""}
    for index, clause in enumerate(profile.facts):
        said = first_person(clause.text, profile)
        before = profile.facts[index - 1].id if index else ""
        follows = index > 0 and origin[index] == origin[index - 1]
        leans_on = before if said and (follows or _POINTS_BACK.search(said)) else ""
        # What leans on a fact nobody can say would be understood by nobody.
        if said and leans_on in sayable:
            sayable.add(clause.id)
            yield Fact(clause.id, said, *topic_of(said), origin[index], leans_on)


def _sentence_of_each_clause(profile: Profile) -> list[int]:
    numbers = [
        number for number, sentence in enumerate(sentences(profile.text)) for _ in clauses(sentence)
    ]
    # A stored profile may have been cut by other rules; then each clause stands for itself.
    return numbers if len(numbers) == len(profile.facts) else list(range(len(profile.facts)))
