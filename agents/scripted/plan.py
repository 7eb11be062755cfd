"""The plan of one user message: which dialogue acts it makes, drawn from agenda and manner."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from agents.scripted.agenda import OPPOSITE_WISH, Agenda, Wish, next_fact
from agents.scripted.draws import Draws
from agents.scripted.facts import Fact
from agents.scripted.listening import Heard
from agents.scripted.options import UserOptions
from agents.scripted.temperament import Temperament, by_pole
from agents.scripted.topics import PRIVATE, depth_of

_REACTS = {"terse": 0.25, "talkative": 0.9}
_ANSWERS = {"terse": 0.4, "talkative": 0.85}
_ADDS = {"terse": 0.0, "talkative": 0.6}
_ASKS = {"curious": 0.45, "incurious": 0.04, "terse": 0.08}
_TO_SMALL_TALK = 0.4
_CLOSING = frozenset(
    {"refuse", "drift", "misunderstand", "complain", "deflect", "dislike", "change"}
)
_LEAVES_BELOW = 0.3
_REFUSES_ANYTHING, _TRUSTS, _EVEN_SO = 0.3, 0.7, 0.2
_LATELY = 3
_KEEPS_A_WISH = 3
FLIP_SAYS, FLIP_CHANGES = 2, 6
"""The turns in which `flip` says how it wants to be talked to, and asks for the opposite."""

_MEASURABLE: tuple[Wish, ...] = ("short", "long", "fewer_questions", "more_questions")


class Act(NamedTuple):
    """A dialogue act: what it is called, which of its kinds, the facts it speaks of."""

    name: str
    kind: str = ""
    facts: tuple[Fact, ...] = ()


@dataclass
class Planner:
    """Draws the acts of one message and brings the agenda up to date.

    Attributes:
        agenda: at first as it was before this message, then as it is after it.
        facts: all that can be told.
        heard: what the assistant's last reply did; None in the first turn.
        turn: number of the message, from 1.
        may_leave: it may end the dialogue if its patience does.
    """

    rng: Draws
    agenda: Agenda
    facts: Sequence[Fact]
    heard: Heard | None
    turn: int
    temperament: Temperament
    options: UserOptions
    may_leave: bool = True
    acts: list[Act] = field(default_factory=list)
    _just_told: str = ""

    def plan(self) -> list[Act]:
        """Return the acts of the message, in the order they are said."""
        if self.heard is None:
            self.acts.append(Act("greet"))
            self._tell(self.facts if self.options.variant == "fixed" else self._open_facts())
            self._make_up_its_mind()
            return self.acts
        if self.options.variant == "fixed":
            if not self._tell(self.facts[len(self.agenda.told) :]):
                self._elaborate()
            return self.acts
        self._just_told = self.agenda.latest
        self.agenda = self.agenda.after(self.heard, self.temperament)
        if self._leaves():
            self.acts.append(Act("leave"))
            return self.acts
        if not self._come_back():
            self._react(self.heard)
        self._main(self.heard)
        self._wish(self.heard)
        self._ask()
        return self.acts

    def _leaves(self) -> bool:
        impatient = self.may_leave and self.options.variant == "uncooperative"
        return impatient and self.agenda.patience < _LEAVES_BELOW and self.rng.happens(0.6)

    def _come_back(self) -> bool:
        aside = {"drift": "return", "misunderstanding": "repair"}.get(self.agenda.aside)
        self.agenda = self.agenda.model_copy(update={"aside": ""})
        if aside:
            self.acts.append(Act(aside))
        return bool(aside)

    def _react(self, heard: Heard) -> None:
        complaint = "" if self._is_to_wish() else self._complaint(heard)
        if complaint:
            self.acts.append(Act("complain", complaint))
        elif heard.question not in ("", "invite"):
            if self.rng.happens(by_pole(self.temperament, _ANSWERS, 0.7)):
                self.acts.append(Act("answer", heard.question))
        elif not heard.ignores and self.rng.happens(self._chance_to_acknowledge(heard)):
            self.acts.append(Act("acknowledge"))

    def _chance_to_acknowledge(self, heard: Heard) -> float:
        chance = by_pole(self.temperament, _REACTS, 0.6)
        return chance if heard.takes_up else chance * _TO_SMALL_TALK

    def _complaint(self, heard: Heard) -> str:
        causes = {
            "questions": 0.5 * heard.interrogates,
            "repeat": 0.5 * heard.repeats,
            "flattery": (0.6 if "sceptical" in self.temperament else 0.2) * heard.flatters,
            "ignored": 0.4 * heard.ignores,
        }
        complains = 0.5 if "patient" in self.temperament else 1.0
        return next((kind for kind, p in causes.items() if self.rng.happens(p * complains)), "")

    def _main(self, heard: Heard) -> None:
        if not self._is_to_wish() and self._refuses(heard):
            self._take_back("answer", "acknowledge", "return", "repair")
            self.acts.append(Act("refuse"))
        elif not self._is_to_wish() and self._goes_aside(heard):
            return
        elif not (self.rng.happens(self._chance_to_tell(heard)) and self._tell(self._open_facts())):
            self._elaborate()

    def _refuses(self, heard: Heard) -> bool:
        if self.options.variant == "uncooperative":
            return bool(heard.question) and self.rng.happens(_REFUSES_ANYTHING)
        into_private = any(depth_of(topic) == PRIVATE for topic in heard.topics)
        goes_on = any(fact.id == self._just_told and fact.depth == PRIVATE for fact in self.facts)
        if not heard.question or not (into_private or goes_on):
            return False
        trusts = self.agenda.rapport >= _TRUSTS
        return self.rng.happens(self.options.refusal * (_EVEN_SO if trusts else 1.0))

    def _goes_aside(self, heard: Heard) -> bool:
        if heard.question and heard.topics and self.rng.happens(self.options.misunderstanding):
            return self._aside("misunderstanding", "misunderstand")
        complains = any(act.name == "complain" for act in self.acts)
        drifts = not complains and self.rng.happens(self.options.drift)
        return drifts and self._aside("drift", "drift")

    def _aside(self, left_open: str, act: str) -> bool:
        self.agenda = self.agenda.model_copy(update={"aside": left_open})
        self._take_back("answer", "acknowledge", "return", "repair")
        self.acts.append(Act(act))
        return True

    def _take_back(self, *names: str) -> None:
        self.acts = [act for act in self.acts if act.name not in names]

    def _chance_to_tell(self, heard: Heard) -> float:
        chance = self.agenda.chance_to_tell(heard, self.temperament)
        return chance * (0.4 if self.options.variant == "uncooperative" else 1.0)

    def _open_facts(self) -> list[Fact]:
        return self.agenda.open_facts(self.facts, self.temperament)

    def _tell(self, choices: Sequence[Fact]) -> bool:
        """Disclose one of the facts, with its companion if the user is in the mood."""
        if not choices:
            return False
        if self.options.variant == "fixed":
            told = [choices[0]]
        else:
            topics = self.heard.topics if self.heard else frozenset[str]()
            told = [next_fact(choices, self._told(), topics, self.rng)]
            told += self._companion(told[0])
            if told[-1].topic in topics:
                # The fact is the answer.
                self._take_back("answer")
        if any(fact.depth == PRIVATE for fact in told):
            self._take_back("acknowledge")
        self.agenda = self.agenda.telling(told)
        self.acts.append(Act("disclose", facts=tuple(told)))
        return True

    def _companion(self, first: Fact) -> list[Fact]:
        """Add what the sentence goes on with; an age alone would be a bare thing to say."""
        rest = self.agenda.telling([first]).open_facts(self.facts, self.temperament)
        same = [fact for fact in rest if fact.sentence == first.sentence]
        alone = first.topic == "age"
        wants = by_pole(self.temperament, _ADDS, 0.15)
        return same[:1] if alone or self.rng.happens(wants) else []

    def _told(self) -> list[Fact]:
        by_id = {fact.id: fact for fact in self.facts}
        return [by_id[told] for told in self.agenda.told if told in by_id]

    def _elaborate(self) -> None:
        """Say more about a fact told before: what was asked about, else any."""
        worth = [fact for fact in self._told() if fact.topic != "age"]
        if not worth or self.rng.happens(0.15):
            self.acts.append(Act("deflect"))
            return
        topics = self.heard.topics if self.heard else frozenset[str]()
        asked = [fact for fact in worth if fact.topic in topics]
        lately = {self._just_told, *self.agenda.revisited[-_LATELY:]}
        others = [fact for fact in worth if fact.id not in lately]
        fact = self._least_revisited(asked or others or worth)
        is_clear = bool(asked) or fact.id == self._just_told
        self.agenda = self.agenda.coming_back_to(fact)
        self.acts.append(Act("elaborate", "" if is_clear else "reminding", (fact,)))

    def _least_revisited(self, facts: Sequence[Fact]) -> Fact:
        times = Counter(self.agenda.revisited)
        fewest = min(times[fact.id] for fact in facts)
        return self.rng.choice([fact for fact in facts if times[fact.id] == fewest])

    def _is_to_wish(self) -> bool:
        """Tell whether `flip` speaks of its wish now, which nothing may drown."""
        return self.options.variant == "flip" and self.turn in (FLIP_SAYS, FLIP_CHANGES)

    def _wish(self, heard: Heard) -> None:
        if self.options.variant == "flip":
            self._flip()
        elif not self.agenda.wish and self.rng.happens(self.options.dislike):
            self._ask_for("dislike", self._likely_wish(heard))
        elif self._may_change() and self.rng.happens(self.options.change):
            self._ask_for("change", OPPOSITE_WISH[self.agenda.wish])

    def _make_up_its_mind(self) -> None:
        if self.options.variant == "flip":
            will_wish = self.rng.choice(_MEASURABLE)
            self.agenda = self.agenda.model_copy(update={"will_wish": will_wish})

    def _flip(self) -> None:
        if self.turn == FLIP_SAYS and self.agenda.will_wish:
            self._ask_for("dislike", self.agenda.will_wish)
        elif self.turn == FLIP_CHANGES and self.agenda.wish:
            self._ask_for("change", OPPOSITE_WISH[self.agenda.wish])

    def _may_change(self) -> bool:
        said = self.turn - self.agenda.wished_at
        return bool(self.agenda.wish) and not self.agenda.changed and said >= _KEEPS_A_WISH

    def _ask_for(self, act: str, wish: Wish) -> None:
        changed = act == "change"
        update = {"wish": wish, "wished_at": self.turn, "changed": changed}
        self.agenda = self.agenda.model_copy(update=update)
        self.acts.append(Act(act, wish))

    def _likely_wish(self, heard: Heard) -> Wish:
        likely: dict[str, Wish] = {
            "terse": "short",
            "impatient": "short",
            "talkative": "long",
            "guarded": "fewer_questions",
            "incurious": "more_questions",
            "serious": "serious",
            "humorous": "light",
        }
        wishes: list[Wish] = [wish for pole, wish in likely.items() if pole in self.temperament]
        if heard.interrogates:
            wishes.append("fewer_questions")
        return self.rng.choice(wishes or ["short", "light"])

    def _ask(self) -> None:
        closing = _CLOSING & {act.name for act in self.acts}
        private = any(fact.depth == PRIVATE for act in self.acts for fact in act.facts)
        if not closing and not private and self.rng.happens(by_pole(self.temperament, _ASKS, 0.15)):
            self.acts.append(Act("ask"))
