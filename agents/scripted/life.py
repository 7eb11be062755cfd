"""A life: the frame of a made-up person, drawn so that nothing in it contradicts itself.

Age comes first; then what an age allows: work, a partner, children born when their parent was of an
age to have them, grandchildren of grown children only. All that is told of a person later must fit
the conditions this frame sets.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from agents.scripted.bank import Phrase
from agents.scripted.draws import Draws
from agents.scripted.lexicon import load_data

_ADULT, _OLDEST = 18, 88
_RETIRES, _STUDIES = (60, 68), (18, 27)
_PARENT = (20, 40)
_GROWN, _YOUNG, _LEAVES = 20, 12, 21
_MOST_CHILDREN = 4
_HER = {"she": "she", "their": "her", "them": "her", "themselves": "herself"}
_HIS = {"she": "he", "their": "his", "them": "him", "themselves": "himself"}


@dataclass(frozen=True)
class Life:
    """The frame of a person.

    Attributes:
        words: the pronouns, by the blanks that stand for them.
        town: where they live.
        children: their children as sex and age, eldest first.
        conditions: what holds of the person, in the words phrases ask for.
        calling: the entry of the work they do or did, or of what they study.
        dwelling: `flat` or `house`.
        partner: first name of the partner; empty without one.
        lost: how a marriage ended: `widowed`, `divorced` or empty.
    """

    first: str
    surname: str
    words: dict[str, str]
    age: int
    town: str
    children: tuple[tuple[str, int], ...]
    conditions: frozenset[str]
    calling: dict[str, Any]
    dwelling: str
    partner: str = ""
    lost: str = ""

    @property
    def frame(self) -> Phrase:
        """What is told of them already, for further facts to fit."""
        tags, against = {self.dwelling}, {"house", "flat", "elsewhere"} - {self.dwelling}
        if "with parents" in self.conditions:
            tags, against = tags | {"mother-alive"}, against | {"mother-dead", "owner"}
        return Phrase(
            "",
            tags=frozenset(tags | set(self.calling.get("is", ()))),
            against=frozenset(against | set(self.calling.get("against", ()))),
        )

    @property
    def at_home(self) -> tuple[tuple[str, int], ...]:
        """The children who still live at home."""
        return tuple(child for child in self.children if child[1] < _LEAVES)

    @property
    def grown(self) -> tuple[tuple[str, int], ...]:
        """The children who have left."""
        return tuple(child for child in self.children if child[1] >= _LEAVES)


def draw_life(draw: Draws) -> Life:
    """Draw the frame of a person."""
    people = load_data("lives/people.yaml")
    region = draw.choice(people["regions"])
    sex, other = draw.sample(["female", "male"], 2)
    age = round(draw.triangular(_ADULT, _OLDEST, 40))
    town = draw.choice(list(region["towns"]))
    partner, lost = _marriage(age, draw)
    children = _children(age, bool(partner or lost), draw)
    stage = _stage(age, draw)
    conditions = {stage, *region["towns"][town], *_household(age, bool(partner), children, draw)}
    return Life(
        first=draw.choice(region[sex]),
        surname=draw.choice(region["surnames"]),
        words=_HER if sex == "female" else _HIS,
        age=age,
        town=town,
        children=children,
        conditions=frozenset(conditions),
        calling=_calling(stage, age, conditions, draw),
        dwelling=draw.choice(["flat", "house"]),
        partner=draw.choice(region[other]) if partner else "",
        lost=lost,
    )


def _marriage(age: int, draw: Draws) -> tuple[bool, str]:
    chance = 0.1 if age < 22 else 0.4 if age < 30 else 0.62 if age < 66 else 0.45
    if draw.happens(chance):
        return True, ""
    if age >= 60 and draw.happens(0.55):
        return False, "widowed"
    return False, "divorced" if age >= 32 and draw.happens(0.4) else ""


def _children(age: int, married: bool, draw: Draws) -> tuple[tuple[str, int], ...]:
    if age < _PARENT[0] + 2 or not draw.happens(0.75 if married else 0.15):
        return ()
    births = range(_PARENT[0], min(_PARENT[1], age - 1) + 1, 2)
    count = min(draw.randint(1, _MOST_CHILDREN), len(births))
    ages = sorted((age - born for born in draw.sample(births, count)), reverse=True)
    return tuple((draw.choice(["son", "daughter"]), each) for each in ages)


def _stage(age: int, draw: Draws) -> str:
    if _STUDIES[0] <= age <= _STUDIES[1] and draw.happens(0.4):
        return "student"
    first, last = _RETIRES
    return "retired" if age >= last or (age >= first and draw.happens(0.4)) else "working"


def _household(
    age: int, partner: bool, children: tuple[tuple[str, int], ...], draw: Draws
) -> set[str]:
    ages = [each for _, each in children]
    conditions = {"partner" if partner else "single", "child" if children else "childless"}
    conditions |= {"young child"} if any(each < _YOUNG for each in ages) else set()
    conditions |= {"grown child"} if any(each >= _GROWN for each in ages) else set()
    if any(each >= _PARENT[0] + 2 for each in ages) and draw.happens(0.7):
        conditions.add("grandchild")
    conditions |= {"sibling"} if draw.happens(0.75) else set()
    if not partner and all(each >= _LEAVES for each in ages):
        young = age <= 30 and not children and draw.happens(0.45)
        conditions.add("with parents" if young else "alone" if draw.happens(0.8) else "shared")
    return conditions


def _calling(stage: str, age: int, conditions: set[str], draw: Draws) -> dict[str, Any]:
    entries = load_data("lives/people.yaml")["study" if stage == "student" else "work"]
    # Who is retired may have worked anywhere, and at any age.
    fit = [
        entry
        for entry, phrase in zip(entries, _phrases(stage == "student"), strict=True)
        if stage == "retired" or phrase.fits(age, conditions)
    ]
    chosen: dict[str, Any] = draw.choice(fit)
    return chosen


@cache
def _phrases(study: bool) -> list[Phrase]:
    entries = load_data("lives/people.yaml")["study" if study else "work"]
    return [Phrase.read(entry) for entry in entries]
