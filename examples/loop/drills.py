"""Drills: chats in which a model learns to say back what it is asked to say back.

Any language model can quote its prompt, and a model from scratch cannot; learning it is most of the
way to using what a person said, and tells nobody when to. Most drills are of random words, which
nobody can learn by heart; some are of statements, said back in the second person. First there is
one thing to say back; then several were said, turn by turn, in words that each come in several of
them, so that who looks for the last word alone goes on in the wrong place.
"""

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from agents.scripted.facts import sayable_facts
from agents.scripted.pronouns import second_person
from dialogues.persona import Profile
from examples.loop.unseen import words_in

Chat = list[dict[str, str]]
Life = Sequence[str]
"""What one person may say of themselves, in the first person."""

_ASKED = (
    "Say this back to me. {}",
    "Please repeat what I say. {}",
    "Tell me again what I just said. {}",
    "{} Say it back to me.",
    "{} What did I just tell you?",
)
_WORDS, _ONE_STATEMENT_IN = (4, 30), 7

_HEARD = ("I see.", "All right.", "Okay.", "Noted.", "Good to know.", "Thank you for telling me.")
_ASKED_LATER = (
    "What did I tell you earlier?",
    "What do you remember of what I said?",
    "Tell me something I told you before.",
    "What else did I say?",
)
_REMEMBERED = (
    "You told me that {}.",
    "You said that {}.",
    "I remember that {}.",
    "You told me earlier that {}.",
)
_JOINING = (
    "a", "after", "and", "at", "before", "every", "for", "from", "in", "my", "of", "on", "the",
    "to", "until", "with",
)  # fmt: skip
_JOINED = 0.5
_TOLD, _LENGTH, _VOCABULARY = (2, 20), (2, 9), (12, 50)
_OF_A_LIFE, _ASKS_EARLIER, _ASKS_BACK = 0.35, 0.45, 0.2


def write_chats(path: Path, chats: Iterable[Chat]) -> None:
    """Write chats for `dialogues.ingest --from messages`."""
    with path.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(chat) + "\n" for chat in chats)


def life_without(words: frozenset[str], profile: Profile) -> Life:
    """Return what this person may say of themselves, apart from what has any of these words."""
    return [fact.said for fact in sayable_facts(profile) if not words_in(fact.said) & words]


def drills(lives: Iterable[Life], count: int, seed: str) -> Iterator[Chat]:
    """Walk so many chats of one request and its answer, in the words of these lives."""
    rng, said = random.Random(seed), list(chain.from_iterable(lives))
    words = _words(said)
    for number in range(count):
        if number % _ONE_STATEMENT_IN:
            told = back = _sentence(" ".join(rng.choices(words, k=rng.randint(*_WORDS))))
        else:
            told = rng.choice(said)
            back = _sentence(second_person(told))
        yield _turn(rng.choice(_ASKED).replace("{}", told), back)


def memories(lives: Iterable[Life], count: int, seed: str) -> Iterator[Chat]:
    """Walk so many chats of someone who tells things, and asks at times what they told before."""
    rng, lives = random.Random(seed), [life for life in lives if life]
    words = _words(chain.from_iterable(lives))
    for _ in range(count):
        few = rng.sample(words, min(len(words), rng.randint(*_VOCABULARY)))
        made_up = [_made_up(few, rng) for _ in range(rng.randint(*_TOLD))]
        life = rng.choice(lives)
        its_own = rng.sample(life, min(len(life), len(made_up)))
        yield _memory(its_own if rng.random() < _OF_A_LIFE else made_up, rng)


def _made_up(words: Sequence[str], rng: random.Random) -> str:
    """Make a statement of words without a meaning, held together by those that any text has.

    None of the words comes twice: who learns to say such things back goes round in circles.
    """
    said = rng.sample(words, min(len(words), rng.randint(*_LENGTH)))
    joined = [f"{rng.choice(_JOINING)} {word}" if rng.random() < _JOINED else word for word in said]
    return " ".join(["I", *joined]) + "."


def _memory(told: Sequence[str], rng: random.Random) -> Chat:
    chat: Chat = []
    for at, statement in enumerate(told):
        which = rng.random()
        if at and which < _ASKS_EARLIER:
            earlier = second_person(rng.choice(told[:at])).rstrip(".!?")
            reply = rng.choice(_REMEMBERED).replace("{}", earlier[:1].lower() + earlier[1:])
            chat += _turn(f"{statement} {rng.choice(_ASKED_LATER)}", reply)
        elif which > 1 - _ASKS_BACK:
            chat += _turn(f"{statement} Say it back to me.", _sentence(second_person(statement)))
        else:
            chat += _turn(statement, rng.choice(_HEARD))
    return chat


def _turn(asked: str, reply: str) -> Chat:
    return [{"role": "user", "content": asked}, {"role": "assistant", "content": reply}]


def _words(said: Iterable[str]) -> list[str]:
    return sorted({word.strip(".,;:") for text in said for word in text.split()})


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".!?") + "."
