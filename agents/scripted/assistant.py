"""The scripted assistants: one that uses what it believes of the user, and lesser ones beside it.

Without a hint the assistant is attentive but generic. The variant `remembers` brings in more of
what it believes the more that is; `mistaken` speaks as that does, of somebody else's life, and
`stutters` as the mistaken one, in circles; `ignores` and `interrogates` are worse on purpose, too,
for contrast.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, get_args

from agents.scripted.draws import Draws
from agents.scripted.gist import gist_of
from agents.scripted.hints import as_spoken
from agents.scripted.lexicon import load_data
from agents.scripted.phrases import Phrasebook
from agents.scripted.pronouns import second_person
from agents.scripted.reading import is_private, kind_of, latest_wish
from agents.scripted.roles import (
    SCRIPTED_ROLES,
    as_allowed,
    as_remembered,
    belief_in,
    refuse_unknown,
)
from agents.scripted.statements import statements
from agents.scripted.stranger import facts_of_strangers
from agents.scripted.stutter import stuttered
from agents.scripted.topics import PRIVATE, topic_of, topics_in
from agents.scripted.words import content_words, coverage
from agents.seats import AssistantBrief, Induction, Reply
from dialogues.node import Belief

Variant = Literal["", "ignores", "interrogates", "mistaken", "remembers", "stutters"]

_RECALLS, _REMARKS, _JOKES, _REASSURES = 0.3, 0.2, 0.35, 0.35
_REMARKS_IN_GENERAL, _ASKS_ANYWAY, _LEAVES_IT_OPEN = 0.9, 0.2, 0.6
_JUST_SAID = 0.7
_HALF_KNOWN, _BRINGS_MORE = 2, 0.5
_SHORT_MESSAGE, _LONG_OPENING, _LONG_ENOUGH = 14, 20, 20
_ABOUT_THE_TALK = frozenset(
    {
        "confusion", "deflection", "refusal", "complaint_questions", "complaint_ignored",
        "complaint_flattery", "complaint_repeat",
    }
)  # fmt: skip
_STAYS_TERSE = frozenset({"terse"})
_OF_STRANGERS = frozenset({"mistaken", "stutters"})


class ScriptedAssistant:
    """Replies from phrase banks, to the message at hand and, with a hint, to who said it."""

    roles = SCRIPTED_ROLES
    variants = tuple(filter(None, get_args(Variant)))

    def __init__(self, variant: str = "") -> None:
        """Take the variant of the spec: none, or one of `variants`.

        Raises:
            ValueError: there is no such variant.
        """
        if variant not in get_args(Variant):
            raise ValueError(f"unknown variant {variant!r}; known: {', '.join(self.variants)}")
        self.variant = variant

    async def reply(self, brief: AssistantBrief) -> Reply:
        """Compose a reply of one to four sentences.

        Raises:
            UsageError: the brief's role is none of a scripted assistant's, or lacks what it needs.
        """
        belief = (await self.believe(brief)).belief
        text = self._composed(Composer(replace(as_remembered(brief), hint=belief)), belief)
        return Reply(as_allowed(text, brief.role))

    async def believe(self, brief: AssistantBrief) -> Induction:
        """Say what it holds of the user: nothing, unless its role tells it or lets it induce.

        Raises:
            UsageError: the brief's role is none of a scripted assistant's, or lacks what it needs.
        """
        refuse_unknown(brief.role)
        return Induction(belief=await belief_in(brief))

    def _composed(self, composer: "Composer", belief: Belief) -> str:
        if self.variant == "ignores":
            return composer.monologue()
        if self.variant == "interrogates":
            return composer.interrogation()
        facts = as_spoken(belief.facts)
        if self.variant in _OF_STRANGERS:
            composer.instead = facts_of_strangers(facts, composer.rng)
        text = composer.attentive(facts, remembers=bool(self.variant))
        return stuttered(text, composer.rng) if self.variant == "stutters" else text


class Composer:
    """Composes one reply.

    Attributes:
        instead: what is named in place of a fact.
    """

    def __init__(self, brief: AssistantBrief) -> None:
        """Take in the dialogue so far; the manner is that of the user, as far as believed."""
        self.rng = Draws(brief.seed)
        manner = frozenset(brief.hint.traits if brief.hint else ())
        self.wish = latest_wish(brief.history)
        if self.wish == "short":
            manner |= _STAYS_TERSE
        elif self.wish == "long":
            manner -= _STAYS_TERSE
        self.manner = manner
        self.book = Phrasebook(self.rng, manner, brief.history, "assistant")
        self.messages = [turn.content for turn in brief.history if turn.role == "user"]
        self.message = self.messages[-1]
        self.turn = brief.turn
        self.bank: dict[str, Any] = load_data("assistant.yaml")
        self.instead: Mapping[str, str] = {}

    def monologue(self) -> str:
        """Talk past the user."""
        return self._joined(self.book.pick(self.bank["ignore"]))

    def interrogation(self) -> str:
        """Ask three questions and say nothing else."""
        return self._joined(*(self.book.pick(self.bank["interrogate"]) for _ in range(3)))

    def attentive(self, facts: Sequence[str], remembers: bool = False) -> str:
        """Answer from the facts believed if one of them is to the point, else in general.

        Who remembers brings in others, the more of them the more are known.
        """
        kind = kind_of(self.message)
        responds = self._respond(kind)
        if kind in ("farewell", "aside"):
            return self._joined(responds)
        fact = "" if kind in _ABOUT_THE_TALK else self._fact_to_take_up(facts)
        sober = is_private(self.message) or topic_of(fact).depth == PRIVATE
        if not fact:
            opening = responds or self.book.pick(self.bank["acknowledge"], sober=sober)
            return self._joined(opening, *self._generic(sober))
        if remembers:
            back = self._say_back(fact, sober) if self._is_new(fact) else self._recall_gist(fact)
            taken_up = [back, *self._brought_in(fact, facts)]
        else:
            taken_up = [responds, *self._take_up(fact, facts, sober, bool(responds))]
        at_length = len(" ".join(taken_up).split()) >= _LONG_ENOUGH
        if at_length and self.wish != "more_questions" and self.rng.happens(_LEAVES_IT_OPEN):
            return self._joined(*taken_up)
        return self._joined(*taken_up, self._question(fact, sober))

    def _respond(self, kind: str) -> str:
        if self.turn == 1 and kind in ("", "question"):
            kind = "greeting"
        return self.book.pick(self.bank["respond"].get(kind, []))

    def _fact_to_take_up(self, facts: Sequence[str]) -> str:
        """Return what was just said, else what is nearest to it; else nothing."""
        heard, topics = content_words(self.message), topics_in(self._told())

        def nearness(fact: str) -> tuple[float, bool]:
            return coverage(fact, heard), topic_of(fact).name in topics

        def may_be_named(fact: str) -> bool:
            # Nobody is reminded of something private that they do not speak of themselves.
            return topic_of(fact).depth < PRIVATE or nearness(fact) >= (_JUST_SAID, False)

        known = [fact for fact in facts if may_be_named(fact)]
        worth = [fact for fact in known if topic_of(fact).name != "age"] or known
        return max(reversed(worth), key=nearness, default="")

    def _take_up(self, fact: str, facts: Sequence[str], sober: bool, responded: bool) -> list[str]:
        topic, is_new = topic_of(fact).name, self._is_new(fact)
        parts = [self._say_back(fact, sober)]
        at_length = len(parts[0].split()) >= _LONG_OPENING
        if at_length or self._is_brief() or (responded and self.turn > 1):
            return parts
        earlier = [each for each in facts if each != fact and topic_of(each).name == topic]
        if is_new and earlier and self.rng.happens(_RECALLS):
            parts.append(self._recall(self.rng.choice(earlier)))
        elif self.rng.happens(_REMARKS):
            parts.append(self.book.pick(self.bank["remark"][topic]))
        elif not sober:
            parts.append(self._in_their_manner())
        return parts

    def _say_back(self, fact: str, sober: bool) -> str:
        bank = self.bank["echo" if self._is_new(fact) else "recall"]
        return self.book.pick(bank, sober=sober, fact=self._told_back(fact))

    def _recall(self, fact: str) -> str:
        return self.book.pick(self.bank["recall"], fact=self._told_back(fact))

    def _recall_gist(self, fact: str) -> str:
        return self.book.pick(self.bank["recall"], fact=gist_of(self._told_back(fact)))

    def _told_back(self, fact: str) -> str:
        return second_person(self.instead.get(fact, fact))

    def _brought_in(self, fact: str, facts: Sequence[str]) -> list[str]:
        """Recall none to two other facts, more the more there are."""
        fit = [each for each in facts if each != fact and self._may_be_brought_in(each)]
        if not self.rng.happens(len(fit) / (len(fit) + _HALF_KNOWN)):
            return []
        more = "terse" not in self.manner and len(fit) > _HALF_KNOWN
        count = 1 + (more and self.rng.happens(_BRINGS_MORE))
        return [self._recall_gist(each) for each in self.rng.sample(fit, count)]

    def _may_be_brought_in(self, fact: str) -> bool:
        topic = topic_of(fact)
        return topic.depth < PRIVATE and topic.name != "age" and not self._is_new(fact)

    def _is_new(self, fact: str) -> bool:
        """Tell whether the user has just said this, and not before."""
        before = content_words(" ".join(self.messages[:-1]))
        return coverage(fact, content_words(self.message)) >= _JUST_SAID > coverage(fact, before)

    def _told(self) -> str:
        """Return what the message says of its speaker, without the words around it."""
        return " ".join(statements(self.message))

    def _is_brief(self) -> bool:
        short_message = self.turn > 1 and len(self.message.split()) <= _SHORT_MESSAGE
        return "terse" in self.manner or (short_message and self.wish != "long")

    def _generic(self, sober: bool) -> list[str]:
        """Go on without naming anything the user said; at best, stay with its side of life."""
        parts = []
        if not sober and self.wish != "short" and self.rng.happens(_REMARKS_IN_GENERAL):
            topic = topic_of(self._told()).name
            parts.append(self.book.pick(self.bank["remark"][topic]) if topic != "other" else "")
        if self.wish != "fewer_questions" or self.rng.happens(_ASKS_ANYWAY):
            parts.append(self.book.pick(self.bank["soft_question" if sober else "plain_question"]))
        return parts

    def _in_their_manner(self) -> str:
        jokes = "humorous" in self.manner or self.wish == "light"
        at_ease = self.wish != "serious" and not any(map(is_private, self.messages[-2:]))
        if jokes and at_ease and self.rng.happens(_JOKES):
            return self.book.pick(self.bank["light"])
        if "hesitant" in self.manner and self.rng.happens(_REASSURES):
            return self.book.pick(self.bank["reassure"])
        return ""

    def _question(self, fact: str, sober: bool) -> str:
        if self.wish == "fewer_questions" and not self.rng.happens(_ASKS_ANYWAY):
            return ""
        if sober:
            return self.book.pick(self.bank["soft_question"]) if self.rng.happens(0.7) else ""
        topic = self.bank["question"][topic_of(fact).name]
        return self.book.pick(topic if self.rng.happens(0.8) else self.bank["general_question"])

    def _joined(self, *parts: str) -> str:
        """Join what was found to say; if that is nothing, ask something not asked lately."""
        return " ".join(filter(None, parts)) or self.book.pick(self.bank["general_question"])
