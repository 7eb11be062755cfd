"""Consistency by rules: what can be seen of a contradiction without a model.

They see another age than one's own, another number where the same thing is told, a telling word
that is negated in one of two clauses that tell the same, and relatives or pets that one has said
not to have. The same is told where at least half of the telling words are shared, and no fewer than
two. Whatever else contradicts, they pass over.
"""

import re
from collections.abc import Iterable, Sequence

from dialogues.node import Message
from dialogues.persona import Persona, Profile
from eval.matching import speaks_of
from eval.realism.wording import clauses, in_figures, negated, numbers, statements, telling

_SHARED = 2
_ENDS = r"(?=-year-old|[.,;!?]| years old| and\b| but\b| now\b| who\b|$)"
_NOW = r"(?: (?:now|just|only|already|still))?(?: an?(?: \w+)?)?"
_OWN_AGE = re.compile(rf"\bI(?:'m| am){_NOW} (\d{{2,3}}){_ENDS}", re.IGNORECASE)
_ITS_AGE = re.compile(rf"\b(?:is|are|am){_NOW} (\d{{2,3}}){_ENDS}")
_DENIALS = tuple(
    (re.compile(denial, re.IGNORECASE), re.compile(claim, re.IGNORECASE))
    for denial, claim in (
        (r"\b(?:never|not|n't|not been) married\b|\bunmarried\b|(?:\bis|\bam|'m) single\b",
         r"\bmy (?:husband|wife|spouse)\b"),
        (r"\bno (?:children|kids)\b(?! at home)|\bchildless\b",
         r"\bmy (?:\w+ )?(?:son|daughter|child|kid)(?:s|ren)?\b"),
        (r"\bno siblings\b|(?:\bis|\bam|'m) an only child\b",
         r"\bmy (?:\w+ )?(?:brother|sister|sibling|twin)s?\b"),
        (r"\bno pets?\b", r"\bmy (?:\w+ )?(?:dog|cat|pet)s?\b"),
    )
)  # fmt: skip


class Rules:
    """Checks consistency by rules; see `eval.realism.consistency.Checker`."""

    async def against_persona(
        self, persona: Persona, history: Sequence[Message], seed: int
    ) -> str | None:
        """Return the statement of the last message that contradicts the profile, if one does."""
        facts = [in_figures(fact.text) for fact in persona.profile.facts]
        return _contradiction(history[-1].content, facts, _ages(_ITS_AGE, facts))

    async def against_earlier(self, history: Sequence[Message], seed: int) -> str | None:
        """Return the statement of the last message that contradicts an earlier one."""
        own = [message.content for message in history[:-1] if message.role == "user"]
        known = [stated for message in own for stated in statements(message)]
        return _contradiction(history[-1].content, known, _ages(_OWN_AGE, known))

    async def quizzed(
        self, profile: Profile, history: Sequence[Message], seed: int
    ) -> list[bool | None]:
        """Take a fact as told where a message has its telling words; right if nothing differs."""
        own = [message.content for message in history if message.role == "user"]
        return [_told(fact.text, own) for fact in profile.facts]


def _told(fact: str, own: Iterable[str]) -> bool | None:
    told = [message for message in own if speaks_of(message, fact)]
    known = [in_figures(fact)]
    wrong = any(_contradiction(message, known, _ages(_ITS_AGE, known)) for message in told)
    return not wrong if told else None


def _contradiction(message: str, known: Sequence[str], ages: frozenset[str]) -> str | None:
    return next((said for said in statements(message) if _contradicts(said, known, ages)), None)


def _contradicts(said: str, known: Sequence[str], ages: frozenset[str]) -> bool:
    own = frozenset(_OWN_AGE.findall(said))
    if ages and own and not own & ages:
        return True
    return any(_other_number(said, each) or _other_sign(said, each) for each in known) or any(
        claim.search(said) and any(denial.search(each) for each in known)
        for denial, claim in _DENIALS
    )


def _other_number(said: str, known: str) -> bool:
    here, there = numbers(said), numbers(known)
    return bool(here and there) and not here & there and _of_the_same(said, known)


def _other_sign(said: str, known: str) -> bool:
    return any(
        (negated(here) ^ negated(there)) & telling(here) & telling(there)
        and _of_the_same(here, there)
        for here in clauses(said)
        for there in clauses(known)
    )


def _of_the_same(one: str, other: str) -> bool:
    here, there = telling(one), telling(other)
    return len(here & there) >= max(_SHARED, len(here) / 2, len(there) / 2)


def _ages(stated: re.Pattern[str], known: Iterable[str]) -> frozenset[str]:
    return frozenset(age for each in known for age in stated.findall(each))
