"""The scripted user: a stochastic agenda of facts, told as the assistant earns it.

What it discloses depends on the turn, the personality and on what the assistant did: attention
raises rapport, interrogation, flattery, repetition and deafness cost it. Its notes carry the gold
label of every message, which no assistant or inducer is shown.
"""

from collections.abc import Sequence

from agents.scripted.agenda import Agenda
from agents.scripted.draws import Draws
from agents.scripted.facts import sayable_facts
from agents.scripted.gold import Gold
from agents.scripted.listening import hear
from agents.scripted.options import VARIANTS, UserOptions
from agents.scripted.phrases import Phrasebook
from agents.scripted.plan import Planner
from agents.scripted.remarks import neutral, untold
from agents.scripted.speech import Speaker
from agents.scripted.temperament import temperament_of
from agents.scripted.topics import PRIVATE
from agents.seats import UserBrief, Utterance
from dialogues.persona import Persona


class ScriptedUser:
    """Plays the persona by rules; see `UserOptions` for its variants and rates."""

    variants = VARIANTS

    def __init__(self, options: str = "") -> None:
        """Take the options of the spec, `scripted:VARIANT,RATE=NUMBER`.

        Raises:
            ValueError: there is no such variant or rate.
        """
        self.options = UserOptions.parse(options)

    async def speak(self, brief: UserBrief) -> Utterance:
        """Say the next message.

        Raises:
            WrongAnswer: the profile is not in English, or none of its facts can be said.
        """
        rng = Draws(brief.seed)
        facts = sayable_facts(brief.persona.profile)
        manner = temperament_of(brief.persona.personality)
        before = Gold.model_validate(brief.notes).agenda if brief.notes else Agenda.at_first(manner)
        heard = hear(brief.history)
        told = (heard, brief.turn, manner, self.options, brief.may_leave)
        planner = Planner(rng, before, facts, *told)
        acts = planner.plan()
        book = Phrasebook(rng, manner, brief.history, "user")
        sober = any(fact.id == before.latest and fact.depth == PRIVATE for fact in facts)
        text = Speaker(rng, manner, self.options, book, sober).say(acts)
        gold = Gold.of(acts, text, manner, book.poles, planner.agenda)
        leaves = any(act.name == "leave" for act in acts)
        return Utterance(text, notes=gold.model_dump(mode="json"), ends=leaves)

    def remarks(self, personas: Sequence[Persona]) -> list[str]:
        """Say what of these personas it cannot play, before a run begins."""
        return [*untold(personas), *neutral(personas, lambda each: bool(temperament_of(each)))]
