"""The interviewer: a held-out user, who tells about itself and tests what was kept.

It exists so that an assistant is also measured with a user it was not trained with. It shares no
phrases, agenda, plan or speech with the scripted user: facts come in any order, however private,
in frames of its own; it asks around them, asks back about what it told some turns ago ("What did I
tell you about my brother?") and says whether the answer was right. The one dependency is
`agents.scripted.facts`, which turns a profile into sentences in the first person, and with it the
remark on what that cannot turn.
"""

from collections.abc import Sequence
from random import Random

from agents.scripted.facts import sayable_facts
from agents.scripted.interviewer_cues import cue_of
from agents.scripted.interviewer_lines import Lines
from agents.scripted.interviewer_notes import Notes
from agents.scripted.interviewer_plan import Move, Plan
from agents.scripted.interviewer_style import Style, style_of
from agents.scripted.remarks import neutral, untold
from agents.seats import UserBrief, Utterance
from dialogues.node import Message
from dialogues.persona import Persona

_LOOSENS_THE_TONGUE = frozenset({"tell", "revisit"})


class Interviewer:
    """Plays the persona as somebody who wants to be remembered; it never leaves."""

    async def speak(self, brief: UserBrief) -> Utterance:
        """Say the next message.

        Raises:
            WrongAnswer: the profile is not in English, or none of its facts can be said.
        """
        rng, style = Random(brief.seed), style_of(brief.persona.personality)
        facts = sayable_facts(brief.persona.profile)
        own, replies = _said("user", brief.history), _said("assistant", brief.history)
        before = Notes.model_validate(brief.notes)
        last, reply = (own or [""])[-1], (replies or [""])[-1]
        plan = Plan(rng, facts, before, brief.turn, last, reply, style)
        moves = plan.moves()
        text = _worded(moves, style, Lines(rng, style, own), rng)
        return Utterance(text, notes=plan.after(moves).model_dump(mode="json"))

    def remarks(self, personas: Sequence[Persona]) -> list[str]:
        """Say what of these personas it cannot play, before a run begins."""
        return [*untold(personas), *neutral(personas, lambda each: bool(style_of(each).habits))]


def _said(role: str, history: Sequence[Message]) -> list[str]:
    return [message.content for message in history if message.role == role]


def _worded(moves: Sequence[Move], style: Style, lines: Lines, rng: Random) -> str:
    parts = []
    for name, fact in moves:
        if fact is None:
            parts.append(lines.line(name))
        elif name == "tell" and rng.random() >= style.frames:
            parts.append(fact.said)
        else:
            parts.append(lines.line(name, fact.said, cue_of(fact.said)))
        if name in _LOOSENS_THE_TONGUE:
            extras = [lines.line(extra) for extra, often in style.extras() if rng.random() < often]
            parts += extras[:1]
    return " ".join(parts)
