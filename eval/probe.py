"""Belief probes: what does an assistant hold of its user after the last turn, against gold?

A belief is taken sentence by sentence: each is one statement, true or not, which may hold a few
facts and never all, so that nobody gains by telling a whole dialogue again.
"""

from collections.abc import Mapping, Sequence
from statistics import harmonic_mean
from typing import Any, NamedTuple

from agents.casting import Seated
from agents.scripted.pronouns import own_names
from agents.seats import AssistantBrief, InducerBrief, Induction
from dialogues.node import INDUCER, Belief, Node, Slot
from dialogues.prose import sentences
from dialogues.tree import Tree
from eval.matching import likeness, names_in
from eval.result import Probe, rounded
from graphs.filling import Filler

_AT_ONCE = 3
_PLACE = 1
"""A probe's place below the last user message; the inducer's own is 0."""

PROBE = {"probe": True}


class Probed:
    """An assistant in the inducer's seat: asked for what it believes, not for a reply."""

    def __init__(self, seated: Seated, **told: Any) -> None:
        """Ask the agent of an assistant's seat, told what its role is told."""
        self._seated, self._told = seated, told

    async def induce(self, brief: InducerBrief) -> Induction:
        """Return the assistant's belief."""
        told = AssistantBrief(
            role=brief.role,
            history=brief.history,
            turn=brief.turn,
            seed=brief.seed,
            key=brief.key,
            place=0,
            **self._told,
        )
        belief: Induction = await self._seated.agent.believe(told)
        return belief


class Counted(NamedTuple):
    """Statements and facts that were matched, of how many."""

    true: int
    stated: int
    held: int
    revealed: int


async def probe(filler: Filler, seated: Seated, system: str) -> None:
    """Ask an assistant for its belief after the last message of a dialogue, once.

    One that cannot say what it believes is left alone.
    """
    users = filler.tree.user_messages()
    if not users or not hasattr(seated.agent, "believe"):
        return
    last, role = users[-1], seated.spec.role
    persona = filler.tree.persona if role == "oracle" else None
    hint = filler.tree.belief(last.key) if role == "hinted" else None
    probed = Probed(seated, persona=persona, hint=hint, system=system)
    asked = Seated(INDUCER, seated.spec, probed, seated.limits_itself)
    await filler.fill(asked, Slot(last.key, INDUCER, _PLACE), last.turn, PROBE, belief=Belief())


def probe_of(trees: Sequence[Tree], assistant: str, user: str) -> Probe | None:
    """Compare beliefs with what users have revealed; None where nobody was asked, or says so."""
    counted = [found for tree in trees if (found := _counted(tree))]
    if not counted:
        return None
    true, stated, held, revealed = (sum(column) for column in zip(*counted, strict=True))
    precision = true / stated if stated else None
    recall = held / revealed if revealed else None
    return Probe(
        assistant=assistant,
        user=user,
        precision=rounded(precision),
        recall=rounded(recall),
        f1=rounded(_harmonic(precision, recall)),
        cases=len(counted),
    )


def _harmonic(one: float | None, other: float | None) -> float | None:
    if one is None or other is None or not one + other:
        return None
    return harmonic_mean([one, other])


def _counted(tree: Tree) -> Counted | None:
    belief = next((node.belief for node in tree if _is_probe(node) and node.belief), None)
    notes = [user.notes for user in tree.user_messages()]
    if belief is None or not any("reveals" in each for each in notes):
        return None
    told = {fact for each in notes for fact in each.get("reveals", ())}
    facts = {fact.id: fact.text for fact in tree.persona.profile.facts}
    stated = [one for fact in belief.facts for line in fact.splitlines() for one in sentences(line)]
    names = names_in(*own_names(tree.persona.profile))
    said = [_said(one, facts, names) for one in stated]
    held = told & set().union(*said)
    return Counted(sum(map(bool, said)), len(stated), len(held), len(told & facts.keys()))


def _said(statement: str, facts: Mapping[str, str], names: frozenset[str]) -> set[str]:
    """Return the ids of the facts a statement says: the likest few, for it may be a mere list."""
    alike = {key: likeness(statement, text, names) for key, text in facts.items()}
    likest = sorted(facts, key=lambda key: -alike[key])[:_AT_ONCE]
    return {key for key in likest if alike[key]}


def _is_probe(node: Node) -> bool:
    return node.seat == INDUCER and node.place == _PLACE and not node.failure
