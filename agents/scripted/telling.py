"""Telling: a life, or a manner, put into the sentences of a description."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from agents.scripted.bank import Phrase, filled
from agents.scripted.draws import Draws
from agents.scripted.lexicon import load_data
from agents.scripted.life import Life
from agents.scripted.temperament import OPPOSITES

_FACTS, _TRAITS = (6, 7), (6, 8)
_JOINED, _BY_NAME = 0.2, 0.2
_NUMBERS = ("", "a", "two", "three", "four")


def told_life(life: Life, draw: Draws) -> str:
    """Tell of a person in eight to a dozen facts: who, where, with whom, and what else."""
    phrases = [_at_home(life, draw), *_of_family(life, draw), *_at_work(life, draw)]
    phrases += _facts(life, draw)
    first, *rest = phrases
    draw.shuffle(rest)
    sentences = [_who(life, draw)]
    for phrase in _joined([first, *rest], draw):
        subject = life.first if draw.happens(_BY_NAME) else life.words["she"].capitalize()
        sentences.append(f"{subject} {phrase}.")
    return " ".join(sentences)


def told_manner(draw: Draws) -> str:
    """Tell of a character in six to eight traits: most at a pole of a dimension, some at none."""
    bank = load_data("lives/traits.yaml")
    count = draw.randint(*_TRAITS)
    others = draw.randint(1, 2)
    dimensions = draw.sample(list(OPPOSITES.items()), count - others)
    lists = [bank["poles"][draw.choice(poles)] for poles in dimensions]
    phrases = [draw.choice(each) for each in lists] + draw.sample(bank["other"], others)
    draw.shuffle(phrases)
    texts = [filled(phrase, {}, bank["fillers"], draw) for phrase in phrases]
    return " ".join(f"They {text}." for text in _joined(texts, draw))


def _who(life: Life, draw: Draws) -> str:
    name = f"{life.first} {life.surname}"
    if "retired" in life.conditions:
        did = _with_pronouns(life.calling["was"], life)
        return draw.choice(
            [
                f"{name} is {life.age} and {did}.",
                f"{name} is a retired {life.age}-year-old who {did}.",
            ]
        )
    does = _with_pronouns(life.calling["text"], life)
    return draw.choice(
        [
            f"{name} is {life.age} and {does}.",
            f"{name} is {life.age} years old and {does}.",
            f"{name} is {_article(life.age)} {life.age}-year-old from {life.town} who {does}.",
        ]
    )


def _at_home(life: Life, draw: Draws) -> str:
    bank, blanks = load_data("lives/household.yaml"), {**life.words, "town": life.town}
    blanks["dwelling"] = f"{{{life.dwelling}}} {{feature}}"
    if life.partner:
        kind = "family" if life.at_home else "partner"
        blanks["partner"] = f"{'husband' if life.words['she'] == 'she' else 'wife'} {life.partner}"
    elif life.at_home:
        kind = "raising"
    else:
        kind = next(
            name
            for name, holds in (("parents", "with parents"), ("shared", "shared"), ("alone", ""))
            if not holds or holds in life.conditions
        )
    blanks["children"] = _children(life.at_home)
    return filled(draw.choice(bank["home"][kind]), blanks, bank["fillers"], draw)


def _of_family(life: Life, draw: Draws) -> Iterator[str]:
    bank, blanks = load_data("lives/household.yaml"), dict(life.words)
    kinds = [life.lost] * bool(life.lost) + ["grown"] * bool(life.grown)
    kinds += [kind for kind in ("grandchild", "sibling") if kind in life.conditions]
    blanks["grown"] = f"a grown {life.grown[0][0]}" if life.grown else ""
    blanks["grand"] = draw.choice(["a grandson", "a granddaughter", "two grandchildren"])
    blanks["brother"] = draw.choice(
        ["a younger brother", "an older sister", "a twin brother", "a half-sister", "a stepbrother"]
    )
    blanks["late"] = "husband" if life.words["she"] == "she" else "wife"
    blanks["ago"] = f"{draw.choice(['two', 'three', 'five', 'six', 'eight', 'nine'])} years ago"
    for kind in draw.sample(kinds, min(len(kinds), draw.randint(0, 2))):
        yield filled(draw.choice(bank["family"][kind]), blanks, bank["fillers"], draw)


def _at_work(life: Life, draw: Draws) -> list[str]:
    if "retired" in life.conditions:
        return []
    chosen = draw.sample(life.calling["facts"], draw.randint(0, 2))
    return [_with_pronouns(text, life) for text in chosen]


def _facts(life: Life, draw: Draws) -> list[str]:
    kinds = _bank()
    chosen = [life.frame]
    wanted = draw.randint(*_FACTS)
    for kind in draw.sample(list(kinds), len(kinds)):
        if len(chosen) > wanted:
            break
        fit = [
            phrase
            for phrase in kinds[kind]
            if phrase.fits(life.age, life.conditions) and not phrase.clashes(chosen)
        ]
        if fit:
            chosen.append(draw.choice(fit))
    lists = load_data("lives/facts.yaml")["fillers"]
    return [filled(phrase.text, life.words, lists, draw) for phrase in chosen[1:]]


@cache
def _bank() -> dict[str, list[Phrase]]:
    facts: dict[str, list[Any]] = load_data("lives/facts.yaml")["facts"]
    return {kind: [Phrase.read(entry) for entry in entries] for kind, entries in facts.items()}


def _joined(phrases: Sequence[str], draw: Draws) -> list[str]:
    """Make one sentence of two here and there."""
    told: list[str] = []
    for phrase in phrases:
        both = f"{told[-1] if told else ','} {phrase}"
        if draw.happens(_JOINED) and "," not in both and " and " not in both:
            told[-1] += f" and {phrase}"
        else:
            told.append(phrase)
    return told


def _article(age: int) -> str:
    return "an" if age == 18 or str(age).startswith("8") else "a"


def _children(children: Sequence[tuple[str, int]]) -> str:
    if not children:
        return ""
    if len({sex for sex, _ in children}) > 1:
        return f"{_NUMBERS[len(children)]} children"
    sex = children[0][0]
    if len(children) == 1:
        return f"a {sex} of {children[0][1]}"
    return f"{_NUMBERS[len(children)]} {sex}s"


def _with_pronouns(text: str, life: Life) -> str:
    return filled(text, life.words, {}, Draws(0))
