"""Statements: what a message states of its speaker, as a conservative reader takes it."""

import re
from collections.abc import Iterator

from dialogues.prose import sentences

_STATEMENT = re.compile(r"(?:^|[,:] |\bbut )((?:I|I'm|I've|I'd|My|my|We|Our)\b.*[.!])$")
_NEXT_STATEMENT = re.compile(r", and (?=(?:I|I'm|I've|my)\b)")
_NO_FACT = re.compile(
    r"(?:I|We) (?:(?:do not|don't|really|just|also|never|did|can't|cannot|couldn't) )*"
    r"(?:suppose|think|guess|mean|wonder|hope|believe|know|say|said|put|ask|understand|envy|fear|"
    r"hear|heard|haven't|see|will|would|should|must|shall|may|might|could|can|thank|appreciate)\b"
    r"|I'(?:ll|d)\b|I'm (?:sure|not sure|sorry|glad|honest|off|afraid|told|wrong|all ears)\b"
    r"|I(?:'ve| have) (?:completely |just )?(?:lost the thread|reconsidered|changed my mind)\b"
    r"|I am (?:sure|not sure|sorry|glad|afraid)\b"
)
_TO_THE_LISTENER = re.compile(r"\b(?:you|your|yours|yourself)\b", re.IGNORECASE)
_FEWEST_WORDS = 2


def statements(message: str) -> list[str]:
    """Return what a message states of its speaker, as sentences in the first person."""
    return [part for sentence in sentences(message) for part in statements_in(sentence)]


def statements_in(sentence: str) -> Iterator[str]:
    """Give the statements one sentence makes; most of what people say makes none."""
    found = _STATEMENT.search(sentence.replace("’", "'"))
    for part in _NEXT_STATEMENT.split(found[1]) if found else ():
        unclear = _NO_FACT.match(part) or _TO_THE_LISTENER.search(part)
        if not unclear and len(part.split()) >= _FEWEST_WORDS:
            yield part[:1].upper() + part[1:].rstrip(".!") + "."
