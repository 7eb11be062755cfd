"""Drills: chats in which a model learns to say back what it is asked to say back.

Any language model can quote its prompt, and a model from scratch cannot; learning it is most of the
way to using what a person said, and tells nobody when to. Most drills are of random words, which
nobody can learn by heart; some are statements, said back in the second person.
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
_FEWEST, _MOST, _ONE_STATEMENT_IN = 4, 30, 7


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
        if number % _ONE_STATEMENT_IN:
            told = back = _sentence(" ".join(rng.choices(words, k=rng.randint(_FEWEST, _MOST))))
        else:
            told = rng.choice(said)
            back = _sentence(second_person(told))
        asked = rng.choice(_ASKED).replace("{}", told)
        yield [{"role": "user", "content": asked}, {"role": "assistant", "content": back}]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".!?") + "."
