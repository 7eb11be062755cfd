"""The scripted writer: lives without contradiction, told in sentences of which no two are alike."""

import asyncio
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.models.lexical import THRESHOLDS, lexical
from agents.scripted.bank import Phrase
from agents.scripted.draws import Draws
from agents.scripted.facts import sayable_facts
from agents.scripted.lexicon import load_data
from agents.scripted.life import Life, draw_life
from agents.scripted.telling import told_life, told_manner
from agents.scripted.temperament import OPPOSITES, temperament_of
from agents.scripted.writer import ScriptedWriter
from agents.seats import WriterBrief
from dialogues.errors import UsageError
from dialogues.persona import Kind, Personality, Profile
from tests.agents.scripted.test_bank import GENDERED, PLACES, SIZES

MANY, SOME = 10_000, 1000
HIS = re.compile(r"\b(?:he|him|his|himself)\b", re.IGNORECASE)
HERS = re.compile(r"\b(?:she|her|hers|herself)\b", re.IGNORECASE)
ODD = re.compile(
    r"\s\s|\s[.,;:!?]|[.,;:!?]{2}|[{}]|(?<![\w'])(\w+) \1(?![\w'-])",
    re.IGNORECASE,
)
AGO = re.compile(r"\b(two|three|four|five|six|seven|eight|nine|ten) years ago")
NUMBERS = ("", "", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
REGIONS = load_data("lives/people.yaml")["regions"]
OF_A_LIFE = {
    "town": f"(?:{'|'.join(town for region in REGIONS for town in region['towns'])})",
    "partner": r"(?:husband|wife) [\w-]+(?: \w+)?",
    "children": r"(?:a (?:son|daughter) of \d+|(?:two|three|four) (?:sons|daughters|children))",
    "grown": r"a grown (?:son|daughter)",
    "grand": r"(?:a grandson|a granddaughter|two grandchildren)",
    "brother": r"an? [\w-]+(?: (?:brother|sister))?",
    "late": r"(?:husband|wife)",
    "ago": r"\w+ years ago",
}
"""How the blanks of a household are filled."""

BOTH_WAYS = OPPOSITES | {second: first for first, second in OPPOSITES.items()}
WRITE = """
import asyncio
from agents.scripted.writer import ScriptedWriter
from agents.seats import WriterBrief
for kind in ("profile", "personality"):
    brief = WriterBrief(kind=kind, count=5, examples=(), language="en", number=0, seed=7)
    print("\\n".join(asyncio.run(ScriptedWriter().write(brief)).texts))
"""
seeds = st.integers(0, 2**32)


class Told(NamedTuple):
    """A phrase found in a text: which bank and list it is from."""

    bank: str
    kind: str
    phrase: Phrase


class Entry(NamedTuple):
    """How a phrase of a bank is found."""

    told: Told
    pattern: re.Pattern[str]


def a_life(seed: int) -> tuple[Life, str]:
    draw = Draws(seed)
    life = draw_life(draw)
    return life, told_life(life, draw)


def pattern(text: str, lists: Mapping[str, Sequence[str]], words: Mapping[str, str]) -> str:
    """Return what matches a phrase however its blanks are filled."""
    parts = re.split(r"\{(.*?)\}", text)
    for at, part in enumerate(parts):
        if at % 2 == 0:
            parts[at] = re.escape(part)
        elif part in words:
            parts[at] = re.escape(words[part])
        elif part in lists:
            parts[at] = f"(?:{'|'.join(pattern(each, lists, words) for each in lists[part])})"
        else:
            parts[at] = OF_A_LIFE[part] if part != "dwelling" else dwelling(lists)
    return "".join(parts)


def dwelling(lists: Mapping[str, Sequence[str]]) -> str:
    return f"(?:{pattern('{flat}', lists, {})}|{pattern('{house}', lists, {})}) " + pattern(
        "{feature}", lists, {}
    )


@cache
def entries(name: str, she: str = "") -> dict[str, list[Entry]]:
    """Return the phrases of a bank by their first word, or by nothing where that is a blank."""
    data = load_data(f"lives/{name}.yaml")
    words = {"she": "she", "their": "her", "them": "her", "themselves": "herself"}
    if she != "she":
        words = {"she": "he", "their": "his", "them": "him", "themselves": "himself"}
    if name == "people":
        kinds = {one["text"]: one["facts"] for part in ("work", "study") for one in data[part]}
    elif name == "household":
        kinds = {**data["home"], **data["family"]}
    else:
        kinds = data["facts"] if name == "facts" else {**data["poles"], "other": data["other"]}
    found: dict[str, list[Entry]] = {}
    for kind, texts in kinds.items():
        for phrase in map(Phrase.read, texts):
            first = "" if phrase.text.startswith("{") else phrase.text.split()[0]
            whole = re.compile(pattern(phrase.text, data.get("fillers", {}), words if she else {}))
            found.setdefault(first, []).append(Entry(Told(name, kind, phrase), whole))
    return found


def phrases_in(body: str, banks: Sequence[str], she: str = "") -> list[Told]:
    """Find the one phrase, or the two joined ones, that a sentence is made of."""
    halves = [(body[: at.start()], body[at.end() :]) for at in re.finditer(" and ", body)]
    for parts in ((body,), *halves):
        found = [next(matching(part, banks, she), None) for part in parts]
        if all(found):
            return [each for each in found if each]
    pytest.fail(f"of no bank: {body}")


def matching(text: str, banks: Sequence[str], she: str) -> Iterator[Told]:
    for name in banks:
        known = entries(name, she)
        for entry in known.get(text.split()[0], []) + known.get("", []):
            if entry.pattern.fullmatch(text):
                yield entry.told


def taken_apart(life: Life, text: str) -> list[Told]:
    """Find the phrases of all sentences but the first."""
    told = []
    for sentence in text.removesuffix(".").split(". ")[1:]:
        subject, body = sentence.split(" ", life.first.count(" ") + 1)[0], sentence
        subject = life.first if sentence.startswith(f"{life.first} ") else subject
        assert subject in (life.first, life.words["she"].capitalize())
        body = sentence.removeprefix(f"{subject} ")
        told += phrases_in(body, ("facts", "people", "household"), life.words["she"])
    return told


def manner_of(text: str) -> list[Told]:
    """Find the phrases of a personality."""
    told = []
    for sentence in text.removesuffix(".").split(". "):
        assert sentence.startswith("They ")
        told += phrases_in(sentence.removeprefix("They "), ("traits",))
    return told


def written(kind: Kind, count: int, seed: int = 7, language: str = "en") -> tuple[str, ...]:
    brief = WriterBrief(kind=kind, count=count, examples=(), language=language, number=0, seed=seed)
    return asyncio.run(ScriptedWriter().write(brief)).texts


@cache
def some(kind: Kind) -> tuple[str, ...]:
    return written(kind, SOME)


def nearest_earlier(texts: Sequence[str], at_once: int = 500) -> np.ndarray[Any, Any]:
    """Return how alike each text is to that of those before it to which it is most alike."""
    vectors = lexical(texts).astype(np.float32)
    nearest = np.zeros(len(texts))
    for start in range(0, len(texts), at_once):
        part = vectors[start : start + at_once]
        alike = part @ vectors[: start + len(part)].T
        among = np.arange(alike.shape[1]) < np.arange(start, start + len(part))[:, None]
        nearest[start : start + len(part)] = np.where(among, alike, 0).max(axis=1)
    return nearest


def admitted(texts: Sequence[str], threshold: float) -> int:
    """Count the texts admitted one after the other, each compared with those admitted before."""
    kept = np.zeros_like(vectors := lexical(texts).astype(np.float32))
    count = 0
    for vector in vectors:
        if not count or (kept[:count] @ vector).max() <= threshold:
            kept[count] = vector
            count += 1
    return count


@given(seeds)
def test_children_were_born_when_their_parent_was_of_an_age_for_it(seed: int) -> None:
    life, _ = a_life(seed)
    ages = [age for _, age in life.children]
    assert ages == sorted(ages, reverse=True) and len(ages) <= 4
    assert all(20 <= life.age - age <= 40 for age in ages)
    assert life.children == life.grown + life.at_home
    assert all(sex in ("son", "daughter") for sex, _ in life.children)


@given(seeds)
def test_what_is_said_to_hold_of_children_does(seed: int) -> None:
    life, _ = a_life(seed)
    ages = [age for _, age in life.children]
    assert ("child" in life.conditions, "childless" in life.conditions) == (bool(ages), not ages)
    assert ("young child" in life.conditions) == any(age < 12 for age in ages)
    assert ("grown child" in life.conditions) == any(age >= 20 for age in ages)
    if "grandchild" in life.conditions:
        assert max(ages) >= 22


@given(seeds)
def test_everybody_works_studies_or_is_retired_at_an_age_for_it(seed: int) -> None:
    life, _ = a_life(seed)
    people = load_data("lives/people.yaml")
    (stage,) = life.conditions & {"student", "working", "retired"}
    assert 18 <= life.age <= 88
    assert stage == "retired" or life.age < 68
    assert stage != "retired" or life.age >= 60
    assert stage != "student" or 18 <= life.age <= 27
    assert life.calling in people["study" if stage == "student" else "work"]
    if stage != "retired":
        assert Phrase.read(life.calling).fits(life.age, life.conditions)


@given(seeds)
def test_everybody_lives_with_somebody_or_alone(seed: int) -> None:
    life, _ = a_life(seed)
    homes = life.conditions & {"alone", "shared", "with parents"}
    assert ("partner" in life.conditions) == bool(life.partner)
    assert ("single" in life.conditions) == (not life.partner)
    assert len(homes) == (not life.partner and not life.at_home)
    if life.partner:
        assert not life.lost
    if "with parents" in homes:
        assert life.age <= 30 and not life.children
    assert life.lost in ("", "widowed", "divorced")
    assert life.age >= {"": 18, "widowed": 60, "divorced": 32}[life.lost]


@given(seeds)
def test_everybody_is_of_one_region(seed: int) -> None:
    life, _ = a_life(seed)
    sex, other = ("female", "male") if life.words["she"] == "she" else ("male", "female")
    assert any(
        life.first in region[sex]
        and life.surname in region["surnames"]
        and life.conditions & (PLACES | SIZES) == set(region["towns"].get(life.town, ()))
        and (not life.partner or life.partner in region[other])
        for region in REGIONS
    )


def test_lives_differ() -> None:
    lives = [a_life(seed)[0] for seed in range(300)]
    assert len({life.age for life in lives}) > 50
    assert len({life.town for life in lives}) > 100
    assert len({life.calling["text"] for life in lives}) > 50
    shares = Counter(condition for life in lives for condition in life.conditions)
    for condition in ("student", "retired", "partner", "child", "grandchild", "alone", "village"):
        assert shares[condition] > 0.02 * 300
    assert 0.4 < sum(life.words["she"] == "she" for life in lives) / 300 < 0.6


@given(seeds)
def test_the_first_sentence_names_the_person_and_their_age(seed: int) -> None:
    life, text = a_life(seed)
    first = text.partition(". ")[0]
    assert first.startswith(f"{life.first} {life.surname} is ")
    assert re.findall(r"\d+", first)[0] == str(life.age)


@given(seeds)
def test_only_the_persons_own_pronouns_are_told(seed: int) -> None:
    life, text = a_life(seed)
    assert not (HIS if life.words["she"] == "she" else HERS).search(text)


@pytest.mark.parametrize("kind", ["profile", "personality"])
def test_every_text_reads_as_sentences(kind: Kind) -> None:
    assert all(text.endswith(".") for text in some(kind))
    assert not [text for text in some(kind) if ODD.search(text)]


@given(seeds)
def test_a_life_is_told_in_eight_facts_or_more(seed: int) -> None:
    life, text = a_life(seed)
    assert len(taken_apart(life, text)) + 1 >= 8


def test_hardly_a_life_is_read_in_fewer_than_eight_clauses() -> None:
    counts = [len(Profile.of(text).clauses) for text in some("profile")[:300]]
    assert np.mean([count >= 8 for count in counts]) >= 0.98


@given(seeds)
def test_every_fact_fits_the_life_and_there_is_one_of_a_kind(seed: int) -> None:
    life, text = a_life(seed)
    facts = [told for told in taken_apart(life, text) if told.bank == "facts"]
    assert all(told.phrase.fits(life.age, life.conditions) for told in facts)
    assert len({told.kind for told in facts}) == len(facts)


@given(seeds)
def test_no_two_facts_clash(seed: int) -> None:
    life, text = a_life(seed)
    facts = [told.phrase for told in taken_apart(life, text) if told.bank == "facts"]
    assert not any(fact.clashes([life.frame, *facts[:at]]) for at, fact in enumerate(facts))


@given(seeds)
def test_what_is_told_of_work_and_family_is_of_this_life(seed: int) -> None:
    life, text = a_life(seed)
    told = taken_apart(life, text)
    for each in told:
        if each.bank == "people":
            assert each.kind == life.calling["text"] and "retired" not in life.conditions
    homes = load_data("lives/household.yaml")["home"]
    (home,) = (each.kind for each in told if each.bank == "household" and each.kind in homes)
    assert bool(life.partner) == (home in ("partner", "family"))
    assert bool(life.at_home) == (home in ("family", "raising"))
    assert ("with parents" in life.conditions) == (home == "parents")
    family = [each.kind for each in told if each.bank == "household" and each.kind not in homes]
    assert len(set(family)) == len(family) <= 2
    allowed = {*life.conditions & {"sibling", "grandchild"}, life.lost}
    allowed |= {"grown"} if life.grown else set()
    assert set(family) <= allowed


@given(seeds, st.sampled_from([18, 80, 88]))
def test_the_article_fits_the_age(seed: int, age: int) -> None:
    life = replace(draw_life(draw := Draws(seed)), age=age)
    assert not re.search(r"\ba (?:18|8\d)-", told_life(life, draw).partition(". ")[0])


def test_what_happened_years_ago_happened_to_somebody_of_age() -> None:
    for text in some("profile"):
        age = int(re.findall(r"\d+", text)[0])
        assert all(age - NUMBERS.index(number) >= 12 for number in AGO.findall(text)), text


@given(seeds)
def test_the_frame_says_whether_it_is_a_flat_or_a_house(seed: int) -> None:
    life, text = a_life(seed)
    home = text.split(". ")[1]
    kinds = load_data("lives/household.yaml")["fillers"]
    assert any(each in home for each in kinds[life.dwelling])
    assert life.dwelling in life.frame.tags
    assert {"flat", "house"} - {life.dwelling} <= life.frame.against


@given(seeds)
def test_a_manner_is_six_to_eight_traits_and_no_two_poles_of_one_dimension(seed: int) -> None:
    text = told_manner(Draws(seed))
    poles = [each.kind for each in manner_of(text)]
    assert 6 <= len(poles) <= 8
    named = [pole for pole in poles if pole != "other"]
    assert 1 <= len(poles) - len(named) <= 2
    assert len({frozenset((pole, BOTH_WAYS[pole])) for pole in named}) == len(named)


@given(seeds)
def test_a_manner_is_told_of_them(seed: int) -> None:
    text = told_manner(Draws(seed))
    assert text.startswith("They ") and not GENDERED.search(text)


def test_hardly_a_pole_told_is_read_as_its_opposite() -> None:
    told = wrong = 0
    for text in some("personality")[:300]:
        poles = {each.kind for each in manner_of(text)} - {"other"}
        told += len(poles)
        wrong += len(temperament_of(Personality.of(text)) & {BOTH_WAYS[pole] for pole in poles})
    assert wrong <= 0.01 * told


def test_four_poles_are_read_from_a_manner_on_average() -> None:
    manners = some("personality")[:300]
    assert np.mean([len(temperament_of(Personality.of(text))) for text in manners]) >= 4


def test_what_is_told_can_be_said_by_the_scripted_user() -> None:
    profiles = [Profile.of(text) for text in some("profile")[:300]]
    said = sum(len(sayable_facts(profile)) for profile in profiles)
    assert said >= 0.9 * sum(len(profile.facts) for profile in profiles)


def test_a_name_with_accents_hinders_nobody_from_saying_their_facts() -> None:
    profiles = [Profile.of(text) for text in some("profile") if not text.split()[0].isascii()]
    said = sum(len(sayable_facts(profile)) for profile in profiles)
    assert said >= 0.9 * sum(len(profile.facts) for profile in profiles)


@pytest.mark.parametrize("kind", ["profile", "personality"])
def test_equal_seeds_give_equal_texts_and_others_others(kind: Kind) -> None:
    assert written(kind, 20, 3) == written(kind, 20, 3)
    assert not set(written(kind, 20, 3)) & set(written(kind, 20, 4))
    assert written(kind, 5, 3) == written(kind, 20, 3)[:5]


def test_another_process_writes_the_same() -> None:
    said = subprocess.run(
        [sys.executable, "-c", WRITE], capture_output=True, text=True, check=True, timeout=60
    )
    assert said.stdout.splitlines() == [*written("profile", 5), *written("personality", 5)]


def test_10000_profiles_are_all_distinct_and_hardly_any_is_near_an_earlier_one() -> None:
    profiles = written("profile", MANY)
    assert len(set(profiles)) == MANY
    assert (nearest_earlier(profiles) > THRESHOLDS["profile"]).mean() <= 0.05


def test_10000_personalities_are_all_distinct() -> None:
    assert len(set(written("personality", MANY))) == MANY


def test_of_a_thousand_personalities_most_are_admitted() -> None:
    assert admitted(some("personality"), THRESHOLDS["personality"]) >= 500


@pytest.mark.parametrize("kind", ["profile", "personality"])
def test_another_language_is_refused_with_the_way_out(kind: Kind) -> None:
    with pytest.raises(UsageError, match=r"--language de: .*only English.*--writer openai:MODEL"):
        written(kind, 1, language="de")


def test_no_texts_can_be_asked_for_too() -> None:
    assert written("profile", 0) == ()
