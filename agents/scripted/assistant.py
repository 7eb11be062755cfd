"""The scripted assistants: one that uses what it believes of the user, and lesser ones beside it.

Without a hint the assistant is attentive but generic; the variants `ignores` and `interrogates`
are worse on purpose, for contrast.
"""

from random import Random
from typing import Any, Literal, get_args

from agents.scripted.lexicon import load_data
from agents.scripted.phrases import Phrasebook
from agents.scripted.pronouns import second_person
from agents.scripted.reading import is_private, kind_of, latest_wish
from agents.scripted.topics import PRIVATE, topic_of, topics_in
from agents.scripted.words import content_words
from agents.seats import AssistantBrief, Reply
from dialogues.node import Belief

Variant = Literal["", "ignores", "interrogates"]

_RECALLS, _REMARKS, _JOKES, _REASSURES = 0.45, 0.4, 0.35, 0.35
_JUST_SAID = 0.7
_SHORT_MESSAGE = 14
_ABOUT_THE_TALK = frozenset(
    {
        "confusion", "refusal", "complaint_questions", "complaint_ignored", "complaint_flattery",
        "complaint_repeat",
    }
)  # fmt: skip
_STAYS_TERSE = frozenset({"terse"})


class ScriptedAssistant:
    """Replies from phrase banks, to the message at hand and, with a hint, to who said it."""

    def __init__(self, variant: str = "") -> None:
        """Take the variant of the spec: none, `ignores` or `interrogates`.

        Raises:
            ValueError: there is no such variant.
        """
        if variant not in get_args(Variant):
            known = ", ".join(filter(None, get_args(Variant)))
            raise ValueError(f"unknown variant {variant!r}; known: {known}")
        self.variant = variant

    async def reply(self, brief: AssistantBrief) -> Reply:
        """Compose a reply of one to four sentences."""
        composer = Composer(brief)
        if self.variant == "ignores":
            return Reply(composer.monologue())
        if self.variant == "interrogates":
            return Reply(composer.interrogation())
        return Reply(composer.attentive(brief.hint or Belief()))


class Composer:
    """Composes one reply."""

    def __init__(self, brief: AssistantBrief) -> None:
        """Take in the dialogue so far; the manner is that of the user, as far as believed."""
        self.rng = Random(brief.seed)
        manner = frozenset(brief.hint.traits if brief.hint else ())
        self.wish = latest_wish(brief.history)
        if self.wish == "short":
            manner |= _STAYS_TERSE
        elif self.wish == "long":
            manner -= _STAYS_TERSE
        self.manner = manner
        self.book = Phrasebook(self.rng, manner, brief.history, "assistant")
        self.message = brief.history[-1].content
        self.turn = brief.turn
        self.bank: dict[str, Any] = load_data("assistant.yaml")

    def monologue(self) -> str:
        """Talk past the user."""
        return self._joined(self.book.pick(self.bank["ignore"]))

    def interrogation(self) -> str:
        """Ask three questions and say nothing else."""
        return self._joined(*(self.book.pick(self.bank["interrogate"]) for _ in range(3)))

    def attentive(self, belief: Belief) -> str:
        """Answer the message: from the belief if it holds something to the point, else in general."""
        kind = kind_of(self.message)
        responds = self._respond(kind)
        if kind in ("farewell", "aside"):
            return responds
        fact = "" if kind in _ABOUT_THE_TALK else self._fact_to_take_up(belief)
        sober = is_private(self.message) or topic_of(fact).depth == PRIVATE
        if not fact:
            opening = responds or self.book.pick(self.bank["acknowledge"], sober=sober)
            return self._joined(opening, *self._generic(sober))
        taken_up = self._take_up(fact, belief, sober, bool(responds))
        return self._joined(responds, *taken_up, self._question(fact, sober))

    def _respond(self, kind: str) -> str:
        if kind:
            return self.book.pick(self.bank["respond"][kind])
        return self.book.pick(self.bank["respond"]["greeting"]) if self.turn == 1 else ""

    def _fact_to_take_up(self, belief: Belief) -> str:
        """Return what was just revealed, else what lies nearest to the message; empty if nothing."""
        worth = [fact for fact in belief.facts if topic_of(fact).name != "age"] or belief.facts
        heard, topics = content_words(self.message), topics_in(self.message)

        def nearness(fact: str) -> tuple[float, bool]:
            return _share(fact, heard), topic_of(fact).name in topics

        return max(reversed(worth), key=nearness, default="")

    def _take_up(self, fact: str, belief: Belief, sober: bool, responded: bool) -> list[str]:
        just_said = _share(fact, content_words(self.message)) >= _JUST_SAID
        topic = topic_of(fact).name
        bank = self.bank["echo" if just_said else "recall"]
        parts = [self.book.pick(bank, sober=sober, fact=second_person(fact))]
        if self._is_brief() or (responded and self.turn > 1):
            return parts
        earlier = [each for each in belief.facts if each != fact and topic_of(each).name == topic]
        if just_said and earlier and self._chance(_RECALLS):
            told = second_person(self.rng.choice(earlier))
            parts.append(self.book.pick(self.bank["recall"], fact=told))
        elif self._chance(_REMARKS):
            parts.append(self.book.pick(self.bank["remark"][topic]))
        elif not sober:
            parts.append(self._in_their_manner())
        return parts

    def _is_brief(self) -> bool:
        short_message = self.turn > 1 and len(self.message.split()) <= _SHORT_MESSAGE
        return "terse" in self.manner or (short_message and self.wish != "long")

    def _generic(self, sober: bool) -> list[str]:
        """Go on without naming anything the user said; at best, stay with its side of life."""
        topic = topic_of(self.message).name
        near = topic not in ("age", "other") and not sober
        remark = self.book.pick(self.bank["remark"][topic]) if near and self._chance(0.3) else ""
        if self.wish == "fewer_questions" and self._chance(0.8):
            return [remark]
        bank = "soft_question" if sober and self._chance(0.5) else "plain_question"
        return [remark, self.book.pick(self.bank[bank])]

    def _in_their_manner(self) -> str:
        jokes = "humorous" in self.manner or self.wish == "light"
        if jokes and self.wish != "serious" and self._chance(_JOKES):
            return self.book.pick(self.bank["light"])
        if "hesitant" in self.manner and self._chance(_REASSURES):
            return self.book.pick(self.bank["reassure"])
        return ""

    def _question(self, fact: str, sober: bool) -> str:
        if self.wish == "fewer_questions" and self._chance(0.8):
            return ""
        if sober:
            return self.book.pick(self.bank["soft_question"]) if self._chance(0.7) else ""
        topic = self.bank["question"][topic_of(fact).name]
        return self.book.pick(topic if self._chance(0.8) else self.bank["general_question"])

    def _joined(self, *parts: str) -> str:
        return " ".join(filter(None, parts)) or self.rng.choice(self.bank["acknowledge"]["any"])

    def _chance(self, probability: float) -> bool:
        return self.rng.random() < probability


def _share(statement: str, heard: frozenset[str]) -> float:
    words = content_words(statement)
    return len(words & heard) / len(words) if words else 0.0
