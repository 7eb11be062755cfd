"""The banks of the scripted writer: every phrase in them fits somebody, and reads as a sentence."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any, NamedTuple

import pytest

from agents.scripted.bank import Phrase, filled
from agents.scripted.draws import Draws
from agents.scripted.lexicon import load_data
from agents.scripted.life import Life, draw_life
from agents.scripted.temperament import OPPOSITES, temperament_of
from dialogues.persona import Personality

HERS = {"she": "she", "their": "her", "them": "her", "themselves": "herself"}
OF_A_LIFE = {
    "town": "Bath",
    "partner": "husband Ben",
    "children": "two sons",
    "grown": "a grown son",
    "grand": "a grandson",
    "brother": "an older sister",
    "late": "husband",
    "ago": "two years ago",
}
DWELLINGS = ("{flat} {feature}", "{house} {feature}")
PLACES = {"coast", "river", "mountain", "cold", "hot"}
SIZES = {"city", "town", "village"}
CONDITIONS = {
    *PLACES,
    *SIZES,
    *("student", "working", "retired", "partner", "single", "sibling"),
    *("child", "childless", "young child", "grown child", "grandchild"),
    *("with parents", "alone", "shared"),
}
"""All that may hold of a life."""

ODD = re.compile(
    r"\s\s|\s[.,;:!?]|[.,;:!?]{2}|[{}\[\]]|^\s|\s$|[.!?]$|(?<![\w'])(\w+) \1(?![\w'-])"
    r"|\ba (?=[aeiou])(?!one\b|once|uni|us[eu]|eu|uku|uten)|\ban (?![aeiou]|hour|honest|heir)",
    re.IGNORECASE,
)
"""What stands in no sentence: stray spaces and marks, words doubled, the wrong article."""

GENDERED = re.compile(r"\b(?:he|she|him|his|her|hers|himself|herself)\b", re.IGNORECASE)
ENDS_IN_S = re.compile(r"(?:ss|us|is)$")


class Bank(NamedTuple):
    """A bank: its phrases in lists by kind, its fillers, and how lives fill the other blanks."""

    kinds: Mapping[str, Sequence[Any]]
    fillers: Mapping[str, Sequence[str]]
    given: Sequence[Mapping[str, str]] = ({},)

    @property
    def phrases(self) -> list[Phrase]:
        return [Phrase.read(entry) for kind in self.kinds.values() for entry in kind]

    @property
    def texts(self) -> list[str]:
        """All texts: phrases and fillers."""
        fillers = chain.from_iterable(self.fillers.values())
        return [*(phrase.text for phrase in self.phrases), *fillers]

    def told(self, text: str) -> Iterator[str]:
        """Fill a phrase often enough that every filler has its turn."""
        longest = max((len(entries) for entries in self.fillers.values()), default=1)
        for given in self.given:
            for turn in range(longest if "{" in text else 1):
                yield filled(text, given, self.fillers, InTurn(turn))


class InTurn(Draws):
    """Draws that take entry number `turn` of every list."""

    def __init__(self, turn: int) -> None:
        super().__init__(0)
        self.turn = turn

    def choice(self, seq: Any) -> Any:
        return seq[self.turn % len(seq)]


def of_people(people: Any) -> dict[str, list[Any]]:
    facts = [entry["facts"] for name in ("work", "study") for entry in people[name]]
    texts = [entry["text"] for name in ("work", "study") for entry in people[name]]
    was = [entry["was"] for entry in people["work"]]
    return {"does": texts, "was": was, "facts": [*chain.from_iterable(facts)]}


@cache
def bank(name: str) -> Bank:
    data = load_data(f"lives/{name}.yaml")
    if name == "people":
        return Bank(of_people(data), {}, [HERS])
    if name == "traits":
        return Bank({**data["poles"], "other": data["other"]}, data["fillers"])
    if name == "household":
        homes = [HERS | OF_A_LIFE | {"dwelling": each} for each in DWELLINGS]
        return Bank({**data["home"], **data["family"]}, data["fillers"], homes)
    return Bank(data["facts"], data["fillers"], [HERS])


@cache
def lives() -> list[Life]:
    draw = Draws(5)
    return [draw_life(draw) for _ in range(4000)]


every_bank = pytest.mark.parametrize("name", ["facts", "household", "people", "traits"])


@every_bank
def test_every_phrase_reads_as_a_sentence(name: str) -> None:
    found = (each for phrase in bank(name).phrases for each in bank(name).told(phrase.text))
    assert not {sentence for sentence in found if ODD.search(sentence)}


@every_bank
def test_every_phrase_follows_its_subject(name: str) -> None:
    starts = {next(bank(name).told(phrase.text)).split()[0] for phrase in bank(name).phrases}
    assert not [word for word in starts if not re.fullmatch("[a-z]+(?:-[a-z]+)?,?", word)]


@pytest.mark.parametrize("name", ["facts", "household", "people"])
def test_no_phrase_tells_whether_it_is_of_a_man_or_a_woman(name: str) -> None:
    texts = [re.sub(r"\{.*?\}", "", text) for text in bank(name).texts]
    assert not [text for text in texts if GENDERED.search(text)]


def test_traits_are_told_of_them() -> None:
    texts = [phrase.text for phrase in bank("traits").phrases]
    starts = {text.split()[0] for text in texts if not text.startswith("{")}
    assert not [word for word in starts if word.endswith("s") and not ENDS_IN_S.search(word)]
    assert not [text for text in texts if GENDERED.search(text)]


@every_bank
def test_nothing_stands_twice_in_a_bank(name: str) -> None:
    lists = [[phrase.text for phrase in bank(name).phrases], *bank(name).fillers.values()]
    assert not [text for texts in lists for text, count in Counter(texts).items() if count > 1]


@every_bank
def test_every_list_of_fillers_is_used_and_every_blank_can_be_filled(name: str) -> None:
    _, fillers, given = bank(name)
    told = [text for each in given for text in each.values()]
    blanks = set(re.findall(r"\{(.*?)\}", " ".join(bank(name).texts + told)))
    assert not fillers.keys() - blanks
    assert not blanks - fillers.keys() - given[0].keys()


@every_bank
def test_all_of_a_bank_is_text(name: str) -> None:
    assert not [text for text in bank(name).texts if not isinstance(text, str) or not text.strip()]


@pytest.mark.parametrize("name", ["facts", "work", "study"])
def test_only_what_can_hold_of_a_life_is_asked_for(name: str) -> None:
    people = load_data("lives/people.yaml")
    entries = people.get(name) or [*chain.from_iterable(bank(name).kinds.values())]
    read = [Phrase.read(entry) for entry in entries]
    assert {need for phrase in read for need in phrase.needs} <= CONDITIONS
    assert all(0 <= phrase.ages[0] < phrase.ages[1] <= 200 for phrase in read)
    known = {"text", "ages", "needs", "is", "against", "was", "facts"}
    assert not {key for entry in entries if isinstance(entry, dict) for key in entry} - known


def test_every_fact_fits_somebody() -> None:
    found = [(life.age, life.conditions) for life in lives()]
    facts = bank("facts").phrases
    assert not [fact.text for fact in facts if not any(fact.fits(*each) for each in found)]


@pytest.mark.parametrize(("name", "ages"), [("work", range(18, 68)), ("study", range(18, 28))])
def test_at_every_age_and_in_every_town_there_is_a_calling(name: str, ages: range) -> None:
    people = load_data("lives/people.yaml")
    callings = [Phrase.read(entry) for entry in people[name]]
    towns = {frozenset(tags) for region in people["regions"] for tags in region["towns"].values()}
    for age in ages:
        assert all(any(each.fits(age, tags) for each in callings) for tags in towns), age
    for each in callings:
        assert any(each.fits(age, tags) for age in ages for tags in towns), each.text


def test_regions_are_of_one_kind() -> None:
    for region in load_data("lives/people.yaml")["regions"]:
        assert region.keys() == {"female", "male", "surnames", "towns"}
        assert not set(region["female"]) & set(region["male"])
        for name in ("female", "male", "surnames"):
            assert len(region[name]) == len(set(region[name])) > 20
        for tags in region["towns"].values():
            assert set(tags) <= PLACES | SIZES
            assert len(set(tags) & SIZES) == 1
            assert not {"hot", "cold"} <= set(tags)


def test_the_traits_have_all_poles() -> None:
    assert load_data("lives/traits.yaml")["poles"].keys() == {*OPPOSITES, *OPPOSITES.values()}


def test_no_trait_is_read_as_the_opposite_of_its_pole() -> None:
    both_ways = OPPOSITES | {second: first for first, second in OPPOSITES.items()}
    wrong = {
        sentence
        for pole, texts in load_data("lives/traits.yaml")["poles"].items()
        for text in texts
        for sentence in bank("traits").told(text)
        if both_ways[pole] in temperament_of(Personality.of(f"They {sentence}."))
    }
    assert not wrong


def test_a_phrase_is_a_text_or_says_whom_it_fits() -> None:
    assert Phrase.read("swims") == Phrase("swims")
    entry = {"text": "skis", "ages": [6, 70], "needs": ["cold"], "is": ["snow"], "against": ["hot"]}
    read = Phrase.read(entry)
    assert (read.ages, read.needs) == ((6, 70), {"cold"})
    assert (read.tags, read.against) == ({"snow"}, {"hot"})


@pytest.mark.parametrize(
    ("age", "conditions", "fits"),
    [
        (6, {"cold"}, True),
        (70, {"cold", "city"}, True),
        (5, {"cold"}, False),
        (71, {"cold"}, False),
        (30, {"city"}, False),
        (30, set(), False),
    ],
)
def test_a_phrase_fits_an_age_and_a_life(age: int, conditions: set[str], fits: bool) -> None:
    assert Phrase("skis", (6, 70), frozenset({"cold"})).fits(age, conditions) is fits


def test_phrases_clash_whichever_says_so() -> None:
    cat = Phrase("has a cat", tags=frozenset({"cat"}))
    sneezes = Phrase("sneezes at fur", against=frozenset({"cat"}))
    assert cat.clashes([sneezes]) and sneezes.clashes([Phrase("naps"), cat])
    assert not cat.clashes([cat]) and not sneezes.clashes([sneezes]) and not cat.clashes([])


def test_blanks_are_filled_from_a_life_before_lists_and_within_one_another() -> None:
    lists = {"pet": ["a {size} dog"], "size": ["small"], "their": ["one's"]}
    assert filled("walks {pet} of {their} own", {"their": "her"}, lists, Draws(0)) == (
        "walks a small dog of her own"
    )
    assert filled("swims", {}, {}, Draws(0)) == "swims"
    with pytest.raises(KeyError, match="boat"):
        filled("sails {boat}", {}, lists, Draws(0))
