"""Drills: chats in which a model learns to say back what it is asked to say back.

Any language model can quote its prompt, and a model from scratch cannot; learning it is most of the
way to using what a person said, and tells nobody when to. Most drills are of random words, which
nobody can learn by heart. Some are statements, said back in the second person. In others one
sentence is to be found among several of the same words, by how it begins.
"""

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from agents.scripted.facts import sayable_facts
from agents.scripted.pronouns import second_person
from dialogues.persona import Profile
from examples.loop.unseen import words_in

Chat = list[dict[str, str]]

_ASKED = (
    "Say this back to me. {}",
    "Please repeat what I say. {}",
    "Tell me again what I just said. {}",
    "{} Say it back to me.",
    "{} What did I just tell you?",
)
_SOUGHT = (
    "{} What was it that began with {}?",
    "{} Which of them began with {}?",
    "{} Say again what began with {}.",
)
_FEWEST, _MOST, _KINDS = 4, 30, 7
_SENTENCES, _WORDS, _OWN = (3, 7), (4, 10), 14


def write_drills(path: Path, said: Sequence[str], count: int, seed: str) -> None:
    """Write drills for `dialogues.ingest --from messages`."""
    with path.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(chat) + "\n" for chat in drills(said, count, seed))


def statements_without(words: frozenset[str], profiles: Iterable[Profile]) -> list[str]:
    """Return what these people may say of themselves, apart from what has any of these words."""
    said = (fact.said for profile in profiles for fact in sayable_facts(profile))
    return [each for each in said if not words_in(each) & words]


def drills(said: Sequence[str], count: int, seed: str) -> Iterator[Chat]:
    """Walk so many chats of one request and its answer, in the words of these statements."""
    rng = random.Random(seed)
    words = sorted({word.strip(".,;:") for text in said for word in text.split()})
    for number in range(count):
        kind = number % _KINDS
        if kind == 0:
            asked, back = _statement(said, rng)
        elif kind < 4:
            asked, back = _random_words(words, rng)
        else:
            asked, back = _sought(words, rng)
        yield [{"role": "user", "content": asked}, {"role": "assistant", "content": back}]


def _statement(said: Sequence[str], rng: random.Random) -> tuple[str, str]:
    told = rng.choice(said)
    return _asked(told, rng), _sentence(second_person(told))


def _random_words(words: Sequence[str], rng: random.Random) -> tuple[str, str]:
    told = _sentence(" ".join(rng.choices(words, k=rng.randint(_FEWEST, _MOST))))
    return _asked(told, rng), told


def _sought(words: Sequence[str], rng: random.Random) -> tuple[str, str]:
    """Ask for a sentence among others: as all have the same words, one word does not lead to it."""
    few = rng.choices(words, k=_OWN)
    told = [
        _sentence(" ".join(rng.choices(few, k=rng.randint(*_WORDS))))
        for _ in range(rng.randint(*_SENTENCES))
    ]
    back = rng.choice(told)
    beginning = " ".join(back.rstrip(".").split()[:2])
    return rng.choice(_SOUGHT).format(" ".join(told), beginning), back


def _asked(told: str, rng: random.Random) -> str:
    return rng.choice(_ASKED).replace("{}", told)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".!?") + "."
