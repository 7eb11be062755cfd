"""The scripted user: a stochastic agenda of facts, told as the assistant earns it.

What it discloses depends on the turn, the personality and on what the assistant did: attention
raises rapport, interrogation, flattery, repetition and deafness cost it. Its notes carry the gold
label of every message, which no assistant or inducer is shown.
"""

from collections.abc import Sequence

from agents.scripted.agenda import Agenda
from agents.scripted.draws import Draws
from agents.scripted.facts import Fact, sayable_facts
from agents.scripted.gold import Gold
from agents.scripted.listening import hear
from agents.scripted.options import UserOptions
from agents.scripted.phrases import Phrasebook
from agents.scripted.plan import Planner
from agents.scripted.speech import Speaker
from agents.scripted.temperament import temperament_of
from agents.scripted.topics import PRIVATE
from agents.seats import UserBrief, Utterance, WrongAnswer
from dialogues.persona import Persona, Profile


class ScriptedUser:
    """Plays the persona by rules; see `UserOptions` for its variants and rates."""

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
        planner = Planner(rng, before, facts, heard, brief.turn, manner, self.options)
        acts = planner.plan()
        book = Phrasebook(rng, manner, brief.history, "user")
        sober = any(fact.id == before.latest and fact.depth == PRIVATE for fact in facts)
        text = Speaker(rng, manner, self.options, book, sober).say(acts)
        gold = Gold.of(acts, text, manner, book.poles, planner.agenda)
        leaves = any(act.name == "leave" for act in acts)
        return Utterance(text, notes=gold.model_dump(mode="json"), ends=leaves)

    def remarks(self, personas: Sequence[Persona]) -> list[str]:
        """Say what of these personas it cannot play, before a run begins."""
        return [*_untold(personas), *_neutral(personas)]


def _untold(personas: Sequence[Persona]) -> list[str]:
    profiles = {persona.profile.id: persona.profile for persona in personas}.values()
    total = sum(len(profile.facts) for profile in profiles)
    untold = total - sum(len(_sayable(profile)) for profile in profiles)
    silent = [profile.text[:30] for profile in profiles if not _sayable(profile)]
    said = f"facts left out because the first person is not sure: {untold:,} of {total:,}"
    unable = f"not playable (not English, or no fact to say): {len(silent):,} of {len(profiles):,}"
    return [said] * bool(untold) + [f"{unable} profiles, such as {text}…" for text in silent[:1]]


def _sayable(profile: Profile) -> tuple[Fact, ...]:
    try:
        return sayable_facts(profile)
    except WrongAnswer:
        return ()


def _neutral(personas: Sequence[Persona]) -> list[str]:
    personalities = {persona.personality.id: persona.personality for persona in personas}.values()
    neutral = sum(not temperament_of(personality) for personality in personalities)
    said = f"{neutral:,} of {len(personalities):,}"
    return [f"personalities without a known trait, spoken neutrally: {said}"] * bool(neutral)
