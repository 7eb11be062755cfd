"""Turns: what a verdict says of each turn of a tree, and of what was chosen there."""

from typing import NamedTuple

from dialogues.choice import Chooser
from dialogues.node import Node
from dialogues.tree import Tree
from dialogues.verdict import Verdict


class Chosen(NamedTuple):
    """A reply that the dialogue went on from, or the only one there is.

    Attributes:
        score: mean over the criteria; None where the judge only ranks.
        regret: how far it lies behind the best candidate, in [0, 1]; None where it is the only one.
    """

    reply: Node
    score: float | None
    regret: float | None


class Turn(NamedTuple):
    """A user's message, the candidates and the verdict that counts, if there is one."""

    user: Node
    candidates: list[Node]
    verdict: Verdict | None
    chosen: list[Chosen]

    @property
    def margin(self) -> float | None:
        """Lead of the best candidate over the next; None where nothing was compared."""
        return self.verdict.margin if self.verdict and len(self.candidates) > 1 else None


def turns_of(tree: Tree, choose: Chooser) -> list[Turn]:
    """Return the turns of all branches of a tree."""
    return [_turn(tree, user, choose) for user in tree.user_messages()]


def _turn(tree: Tree, user: Node, choose: Chooser) -> Turn:
    candidates = tree.candidates(user.key)
    verdict = choose(tree, user.key)
    went_on = [reply for reply in candidates if tree.continued(reply.key)]
    if not went_on and len(candidates) == 1:
        went_on = candidates
    ranked = {key for tier in verdict.ranking for key in tier} if verdict else set()
    chosen = [
        Chosen(reply, _score(verdict, reply.key), _regret(verdict, reply.key))
        for reply in went_on
        if verdict and reply.key in ranked
    ]
    return Turn(user, candidates, verdict, chosen)


def _score(verdict: Verdict, key: str) -> float | None:
    return verdict.mean_score(key) if verdict.scores else None


def _regret(verdict: Verdict, key: str) -> float | None:
    if sum(map(len, verdict.ranking)) < 2:
        return None
    if key in verdict.ranking[0]:
        return 0.0
    return verdict.margin_between(verdict.ranking[0][0], key)
