"""Hints: what an inducer believes, as its user would say it, whoever the inducer is."""

import re
from collections.abc import Iterator, Sequence

from agents.scripted.pronouns import first_person
from dialogues.persona import Profile

_OF_THE_SPEAKER = re.compile(r"(?:I|I'm|I've|My|We|Our)\b")
_THE_USER = re.compile(r"^(?:The|This) (?:user|person|speaker)\b")
_INTRODUCTION = re.compile(r"[A-Z][\w-]+(?: [A-Z][\w'-]+)? (?:is|was|has|lives|works)\b")


def as_spoken(facts: Sequence[str]) -> list[str]:
    """Return the facts in the first person: those that are, and those that can surely be turned.

    An inducer may quote the user ("I keep bees."), name clauses of the persona ("Ann keeps bees.")
    or speak of "the user".
    """
    return list(_spoken(facts))


def _spoken(facts: Sequence[str]) -> Iterator[str]:
    known = [_THE_USER.sub("They", fact) for fact in facts if any(map(str.isalnum, fact))]
    if not known:
        return
    named = _INTRODUCTION.match(known[0])
    about = Profile.of(" ".join([*([] if named else ["They are a person."]), *known]))
    for fact in known:
        said = fact if _OF_THE_SPEAKER.match(fact) else first_person(fact, about)
        if said and _OF_THE_SPEAKER.match(said):
            yield said
