"""The scripted user: works through an agenda of its facts, at most one new fact a turn."""

import re
from random import Random

from agents.scripted.pronouns import first_person
from agents.scripted.style import Style, style_of
from agents.seats import UserBrief, Utterance, WrongAnswer
from dialogues.persona import Profile

_OPENINGS: dict[Style, tuple[str, ...]] = {
    "brief": ("Hi.", "Hello.", "Evening."),
    "even": ("Hi there.", "Hey, how are you?", "Hello, nice to meet you."),
    "lively": (
        "Hey! So good to talk to somebody!",
        "Hi hi! How's it going?",
        "Hello there, friend!",
    ),
}
_REACTIONS: dict[Style, tuple[str, ...]] = {
    "brief": ("", "", "Fine.", "Right.", "Could be."),
    "even": ("Yes, I suppose so.", "Fair enough.", "That is kind of you.", "Good question.", ""),
    "lively": (
        "Ha, exactly!",
        "Oh, you have no idea!",
        "I love that you ask!",
        "Right?!",
        "Aww, thanks!",
    ),
}
_LEADS: dict[Style, tuple[str, ...]] = {
    "brief": ("", "", "Well."),
    "even": ("", "There is more.", "Something else, then.", "You may as well know:"),
    "lively": ("Guess what!", "Okay, so!", "Did I mention?", "Listen to this."),
}
_TAILS: dict[Style, tuple[str, ...]] = {
    "brief": ("", "", "", "That's all."),
    "even": ("", "It matters to me.", "That is how it is.", "You get used to it."),
    "lively": (
        "Can you believe it?",
        "It's a whole story!",
        "That's me in a nutshell!",
        "Imagine!",
    ),
}
_POINTS_BACK = re.compile(r"\b(?:that|this|these|those|there|it|them|still|also|now|then)\b")
_FOLLOW_UPS = (
    "I keep coming back to what I told you before. {fact}",
    "What I said earlier is still on my mind. {fact}",
    "You know, it is as I said. {fact}",
    "Anyway, it's like I told you. {fact}",
)


class ScriptedUser:
    """Reveals the persona's facts one by one, in the personality's manner of speaking."""

    async def speak(self, brief: UserBrief) -> Utterance:
        """Say the next fact of the agenda, or come back to an earlier one.

        Raises:
            WrongAnswer: no fact of this profile can be said in the first person.
        """
        rng = Random(brief.seed)
        style = style_of(brief.persona.personality)
        facts = _sayable(brief.persona.profile)
        start = brief.notes.get("start", _draw_start(facts, rng))
        told = brief.notes.get("told", 0)
        agenda = facts[start:] + facts[:start]
        fact_is_new = told < len(agenda)
        fact_id, spoken = agenda[told] if fact_is_new else rng.choice(agenda)
        if not fact_is_new:
            spoken = rng.choice(_FOLLOW_UPS).format(fact=spoken)
        first = brief.turn == 1
        opening = _OPENINGS[style] if first else _REACTIONS[style]
        lead = _LEADS[style] if fact_is_new and not first else ("",)
        parts = [opening, lead, (spoken,), _TAILS[style]]
        text = " ".join(part for choices in parts if (part := rng.choice(choices)))
        notes = {"start": start, "told": told + fact_is_new, "fact": fact_id, "new": fact_is_new}
        return Utterance(text, notes=notes)


def _sayable(profile: Profile) -> list[tuple[str, str]]:
    spoken = [(fact.id, first_person(fact.text, profile)) for fact in profile.facts]
    facts = [(fact_id, sentence) for fact_id, sentence in spoken if sentence]
    if not facts:
        raise WrongAnswer(f"no fact of profile {profile.id} can be said in the first person")
    return facts


def _draw_start(facts: list[tuple[str, str]], rng: Random) -> int:
    # A fact that points back ("that workshop") must not open the dialogue.
    openers = [at for at, (_, fact) in enumerate(facts) if not _POINTS_BACK.search(fact)]
    return rng.choice(openers or [0])
