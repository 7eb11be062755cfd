"""Keeping training out of evaluation: who was trained on is not measured on."""

from collections.abc import Sequence
from pathlib import Path

from agents.casting import MODEL_KINDS
from dialogues.card import read_card, trained_on
from dialogues.errors import UsageError
from dialogues.persona import Persona
from dialogues.spec import Spec


def refuse_seen(assistants: Sequence[str], personas: Sequence[Persona]) -> None:
    """Make sure that no assistant was trained on anybody it is measured on.

    Raises:
        UsageError: the card in an assistant's folder names one of them.
    """
    for text in assistants:
        spec = Spec.parse(text)
        if spec.kind not in MODEL_KINDS:
            continue
        card = read_card(Path(spec.variant).expanduser())
        for half, halves in (("profile", "profiles"), ("personality", "personalities")):
            seen = set(trained_on(card, halves))
            found = next((p for p in personas if getattr(p, half).id in seen), None)
            if found:
                raise UsageError(
                    f"--assistant {text}: was trained on {half} {getattr(found, half).id} "
                    f"({getattr(found, half).text[:40]}…), which is in this benchmark; train on "
                    "other people, or measure on others (--pool)"
                )
