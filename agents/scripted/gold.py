"""Gold labels: what a scripted user's message really did, which no language model can tell.

They stand in the notes of the user's node: in the store and, if asked for, in exports, and are
shown to no assistant and no inducer.
"""

from collections.abc import Sequence
from typing import Self

from agents.scripted.agenda import Agenda
from agents.scripted.plan import Act
from agents.scripted.temperament import Temperament
from dialogues.persona import Frozen

_BRIEF_WORDS, _LONG_WORDS = 12, 24


class Gold(Frozen):
    """The gold label of one user message.

    Attributes:
        acts: the dialogue acts it makes, in order, `disclose` or `complain:repeat`.
        reveals: ids of the facts it tells for the first time.
        speaks_of: ids of the facts it comes back to.
        traits: the poles of personality its words show.
        agenda: where the user stands after it.
    """

    acts: tuple[str, ...]
    reveals: tuple[str, ...]
    speaks_of: tuple[str, ...]
    traits: tuple[str, ...]
    agenda: Agenda

    @classmethod
    def of(
        cls, acts: Sequence[Act], text: str, manner: Temperament, used: set[str], agenda: Agenda
    ) -> Self:
        """Label a message that was made of these acts, with lines of the poles `used`."""
        return cls(
            acts=tuple(f"{act.name}:{act.kind}" if act.kind else act.name for act in acts),
            reveals=_facts_of(acts, "disclose"),
            speaks_of=_facts_of(acts, "elaborate"),
            traits=tuple(sorted(used | _shown_by_form(text, manner))),
            agenda=agenda,
        )


def _facts_of(acts: Sequence[Act], name: str) -> tuple[str, ...]:
    return tuple(fact.id for act in acts if act.name == name for fact in act.facts)


def _shown_by_form(text: str, manner: Temperament) -> set[str]:
    words = len(text.split())
    shown = {
        "terse": words <= _BRIEF_WORDS,
        "talkative": words >= _LONG_WORDS,
        "lively": "!" in text,
    }
    return {pole for pole, is_shown in shown.items() if is_shown} & manner
