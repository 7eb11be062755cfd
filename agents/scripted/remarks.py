"""Remarks: what a user that speaks from a profile's facts says of personas before a run begins."""

from collections.abc import Callable, Sequence

from agents.scripted.facts import Fact, sayable_facts
from agents.seats import WrongAnswer
from dialogues.persona import Persona, Personality, Profile


def untold(personas: Sequence[Persona]) -> list[str]:
    """Say how many facts, and which profiles, cannot be told in the first person."""
    profiles = {persona.profile.id: persona.profile for persona in personas}.values()
    total = sum(len(profile.facts) for profile in profiles)
    untold = total - sum(len(_sayable(profile)) for profile in profiles)
    silent = [profile.text[:30] for profile in profiles if not _sayable(profile)]
    said = f"facts left out because the first person is not sure: {untold:,} of {total:,}"
    unable = f"not playable (not English, or no fact to say): {len(silent):,} of {len(profiles):,}"
    return [said] * bool(untold) + [f"{unable} profiles, such as {text}…" for text in silent[:1]]


def neutral(personas: Sequence[Persona], is_known: Callable[[Personality], bool]) -> list[str]:
    """Say how many personalities show nothing that the user's manner would follow."""
    personalities = {persona.personality.id: persona.personality for persona in personas}.values()
    neutral = sum(not is_known(personality) for personality in personalities)
    said = f"{neutral:,} of {len(personalities):,}"
    return [f"personalities without a known trait, spoken neutrally: {said}"] * bool(neutral)


def _sayable(profile: Profile) -> tuple[Fact, ...]:
    try:
        return sayable_facts(profile)
    except WrongAnswer:
        return ()
