"""Prose into sentences and clauses: how a persona's text becomes its facts and traits."""

import re
from pathlib import Path

import regex
import sentencex

from dialogues.storable import storable

_VERBS = (Path(__file__).parent / "data" / "verbs.txt").read_text(encoding="utf-8").split()
_IRREGULAR = {"be": "is", "have": "has", "do": "does", "go": "goes"}
_PAST = (
    "was", "had", "worked", "lived", "grew", "studied", "lost", "moved", "left", "married",
    "served", "retired", "spent", "won",
)  # fmt: skip
NEVER_NAMES = frozenset(
    {
        "a", "after", "all", "although", "an", "as", "at", "because", "before", "both", "by",
        "despite", "during", "each", "every", "for", "from", "her", "his", "if", "in", "it",
        "its", "many", "most", "my", "now", "of", "on", "once", "one", "our", "since", "some",
        "that", "the", "their", "there", "these", "this", "those", "though", "to", "until",
        "we", "when", "while", "with", "you", "your"
    }
)  # fmt: skip
"""Words that open a sentence with a capital letter and are not its subject's name."""

_MISSED_END = re.compile(
    r"(?<=[a-z]{2}\.) (?=(?:I|I'm|I've|My|We)\b)|(?:(?<=\bme\.)|(?<=\bam\.)|(?<=\bno\.)) (?=[A-Z])"
)
"""Where "me.", "am." or "no." ends a sentence although it could be an abbreviation."""

_ADVERBS = r"(?:(?:also|often|always|still|now|never|once|recently|sometimes|rarely|[a-z]+ly)\s+)?"


def third_person(verb: str) -> str:
    """Inflect a base verb for he, she or it: `carry` gives `carries`."""
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb.endswith(("s", "sh", "ch", "x", "z", "o")):
        return verb + "es"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return verb[:-1] + "ies"
    return verb + "s"


BASE_FORM = {third_person(verb): verb for verb in _VERBS}
"""Third person singular to base form, for the verbs persona prose is made of."""

_SINGULAR = "|".join(sorted([*BASE_FORM, *_PAST], key=len, reverse=True))
_PLURAL = "|".join(sorted([*_VERBS, *_PAST, "are", "am"], key=len, reverse=True))
_NAME = r"\p{Lu}[\w-]+(?: \p{Lu}[\w-]+)?"
_SUBJECT = regex.compile(rf"(He|She|They|I|{_NAME})(?:['’](?:s|re|ve|m|d|ll))?\s")
_RELATIVE = re.compile(r"\b(who|whom|whose|which|that|where|while|because|when|if)\b")
_SELF_DESCRIPTION = re.compile(r"\S+ (?:is|was|am|are) an? ")


def sentences(text: str) -> list[str]:
    """Split English prose into sentences; abbreviations such as "M.A. in history" end none."""
    # sentencex panics on white space of several bytes, such as U+0085.
    plain = re.sub(r"\s", " ", storable(text))
    segments = (part.strip() for part in sentencex.segment("en", plain))
    return [part for segment in segments if segment for part in _MISSED_END.split(segment)]


def clauses(text: str) -> list[str]:
    """Split prose into clauses of one statement each, every one with its subject.

    "He plays the guitar, loves films and is shy." gives three. A sentence is left whole where the
    later verbs may belong to somebody else ("She has a son who lives in Rome and works there.").
    """
    return [clause for sentence in sentences(text) for clause in _split(sentence)]


def _split(sentence: str) -> list[str]:
    subject = _SUBJECT.match(sentence)
    if subject is None or subject[1].split()[0].lower() in NEVER_NAMES:
        return [sentence]
    verbs = _PLURAL if subject[1] in ("They", "I") else _SINGULAR
    joint = re.compile(rf"(?:,?\s+(?:and|but)\s+|,\s+)(?={_ADVERBS}(?:{verbs})\b(?!-))")
    found = joint.search(sentence)
    if found is None or _foreign_verb_possible(sentence[: found.start()]):
        return [sentence]
    first, *rest = joint.split(sentence)
    return [_ended(first), *(_ended(f"{subject[1]} {part}") for part in rest)]


def _foreign_verb_possible(head: str) -> bool:
    return bool(_RELATIVE.search(head)) and not _SELF_DESCRIPTION.match(head)


def _ended(clause: str) -> str:
    return clause if clause.endswith((".", "!", "?")) else clause + "."
