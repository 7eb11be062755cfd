"""Statements: what a message states of its speaker, as a conservative reader takes it."""

import re

from dialogues.prose import sentences

_START = re.compile(r"(?:^|[,:] (?:so |and )?|\bbut )(?=(?:I|I'm|I've|I'd|My|my|We|Our)\b)")
_NEXT_STATEMENT = re.compile(r", and (?=(?:I|I'm|I've|my)\b)")
_NO_FACT = re.compile(
    r"(?:I|We) (?:(?:do not|don't|really|just|also|never|did|can't|cannot|couldn't) )*"
    r"(?:(?:suppose|think|guess|mean|wonder|hope|believe|understand|envy|thank|appreciate|talked|"
    r"will|would|should|must|shall|may|might|could|can(?!'))\b"
    r"|(?:know|say|said|put|ask|fear|hear|heard|see)(?: (?:it|that|what|you|how|so|why|where|"
    r"nothing|if|anything)\b|[,.!]))"
    r"|I'(?:ll|d)\b|I'm (?:sure|not sure|sorry|glad|honest|off|afraid|told|wrong|all ears)\b"
    r"|(?:My|my) (?:words|message|head|mistake)\b|I took it\b"
    r"|I(?:'ve| have) (?:completely |just )?(?:lost the thread|reconsidered|changed my mind)\b"
    r"|I am (?:sure|not sure|sorry|glad|off|afraid)\b|I regret that\b|We(?:'re| are) finished\b"
)
_TO_THE_LISTENER = re.compile(r"\b(?:you|your|yours|yourself)\b", re.IGNORECASE)
_FEWEST_WORDS = 2


def statements(message: str) -> list[str]:
    """Return what a message states of its speaker, as sentences in the first person."""
    return [part for sentence in sentences(message) for part in statements_in(sentence)]


def statements_in(sentence: str) -> list[str]:
    """Return the statements one sentence makes; most of what people say makes none."""
    plain = sentence.replace("’", "'")
    if not plain.endswith((".", "!")):
        return []
    starts = (plain[found.end() :] for found in _START.finditer(plain))
    said = next((said for said in starts if not _NO_FACT.match(said)), "")
    parts = [part for part in _NEXT_STATEMENT.split(said) if _is_clear(part)]
    return [part[:1].upper() + part[1:].rstrip(".!") + "." for part in parts]


def _is_clear(part: str) -> bool:
    unclear = _NO_FACT.match(part) or _TO_THE_LISTENER.search(part)
    return not unclear and len(part.split()) >= _FEWEST_WORDS
