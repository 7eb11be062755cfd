"""Scoring: judges give every stored reply its points, for its own user and for unrelated ones.

What a judge says is a node of the tree like any other, so scoring resumes, a further judge can be
asked later without a new dialogue, and every table can be made again without a call.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from agents.casting import Seated
from agents.seats import Candidate
from dialogues.hashing import short_hash
from dialogues.node import AGAINST, JUDGE, Node, Slot
from dialogues.persona import Persona
from dialogues.tree import Tree
from eval.protocol import Protocol
from graphs.filling import Filler

PROTOCOL = "protocol"
"""In a judge's notes: name of the protocol it judged under."""


@dataclass(frozen=True)
class Scoring:
    """How replies are scored.

    Attributes:
        judges: who scores them.
        protocol: what the judges see.
        swap: for how many unrelated personas each reply is scored, too.
        others: among whom those are drawn, which are the people of the cases that are measured.
    """

    judges: Sequence[Seated]
    protocol: Protocol
    swap: int
    others: Sequence[Persona]

    async def score(self, filler: Filler) -> None:
        """Score all replies of a tree.

        Raises:
            GroveError: the store failed, or a judge can never answer as it is configured.
        """
        tree = filler.tree
        personas = [None, *unrelated(tree.persona, self.others, self.swap, filler.seed)]
        await asyncio.gather(
            *(
                self._ask(filler, user, slot, seated, against)
                for user in tree.user_messages()
                if tree.candidates(user.key)
                for slot, seated, against in self._slots(tree, user.key, personas)
            )
        )

    def _slots(
        self, tree: Tree, user_key: str, personas: Sequence[Persona | None]
    ) -> Iterator[tuple[Slot, Seated, Persona | None]]:
        """Walk who judges for whom, and where: where it stands, or in the next free place."""
        held = {_told(node): node.place for node in tree.children(user_key, JUDGE)}
        for seated in self.judges:
            for against in personas:
                told = (seated.spec.name, self.protocol.name, against.id if against else "")
                free = next(place for place in count() if place not in held.values())
                place = held.setdefault(told, free)
                yield Slot(user_key, JUDGE, place), seated, against

    async def _ask(
        self, filler: Filler, user: Node, slot: Slot, seated: Seated, against: Persona | None
    ) -> Node:
        tree, noted = filler.tree, {PROTOCOL: self.protocol.name}
        told: dict[str, Any] = {
            "history": self.protocol.shown(tree.history(user.key)),
            "persona": against or tree.persona,
            "candidates": [Candidate(node.key, node.text) for node in tree.candidates(user.key)],
        }
        if against:
            noted[AGAINST] = against.id
            told["speaker"] = tree.persona
        return await filler.fill(seated, slot, user.turn, noted, **told)


def unrelated(persona: Persona, others: Sequence[Persona], count: int, seed: int) -> list[Persona]:
    """Draw personas that share neither half with `persona`; fewer where there are no more.

    Who is drawn follows from the seed, the persona and who the others are, in whatever order; one
    more among the others takes the place of one of those drawn, or leaves them as they are.
    """
    strangers = {
        other.id: other
        for other in others
        if other.profile.id != persona.profile.id and other.personality.id != persona.personality.id
    }
    ranked = sorted(strangers, key=lambda each: short_hash(seed, persona.id, each, "swap"))
    return [strangers[each] for each in ranked[:count]]


def _told(node: Node) -> tuple[str, str, str]:
    return node.spec, str(node.notes.get(PROTOCOL, "")), str(node.notes.get(AGAINST, ""))
