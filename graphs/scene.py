"""The scene: all that one tree's dialogue shares."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from agents.casting import Cast, Seated
from agents.seats import Candidate
from dialogues.choice import Chooser, verdict_chooser
from dialogues.errors import UsageError
from dialogues.hashing import derived_seed
from dialogues.node import JUDGE, USER, Belief, Node, Slot
from dialogues.tree import Tree
from graphs.expansion import Policy, Siblings, continue_random, policy_name
from graphs.filling import Filler, Limit, Save, keep_in_memory, no_limit


@dataclass(frozen=True)
class Script:
    """What the trees of a run have in common.

    Attributes:
        turns: user messages on a branch that is not ended early.
        candidates: assistant replies per turn; with one, no preference is judged.
        policy: which candidates the dialogue goes on from.
        width: most branches of one tree that may be open at a time.
        seed: the run's seed.
        system: system text the assistants are deployed with.
        verdict: picks the verdict that counts where several judges give one.
        may_leave: the user may end the dialogue early.
        belief: what is believed of the user before the first message.
    """

    turns: int = 10
    candidates: int = 2
    policy: Policy = continue_random
    width: int = 8
    seed: int = 0
    system: str = ""
    verdict: Chooser = field(default_factory=lambda: verdict_chooser(None))
    may_leave: bool = True
    belief: Belief = field(default_factory=Belief)


@dataclass(frozen=True)
class Scene:
    """One tree as it grows: what it holds so far, who plays, and where nodes are saved.

    Attributes:
        retry: slots that hold a failure are asked once more, as a further attempt.
    """

    tree: Tree
    cast: Cast
    script: Script = field(default_factory=Script)
    save: Save = keep_in_memory
    limit: Limit = no_limit
    retry: bool = False

    async def ask(self, seated: Seated, slot: Slot, turn: int, **told: Any) -> Node:
        """Return what fills `slot`: the node that is there, or what the agent now answers.

        The agent is told the history up to the slot and the fields `told` of its seat's brief.

        Raises:
            StoreError: the node could not be saved.
            UsageError: the agent can never answer as it is configured.
        """
        filler = Filler(self.tree, self.script.seed, self.save, self.limit, self.retry)
        return await filler.fill(seated, slot, turn, {}, **told)

    def judge_slot(self, user_key: str, place: int) -> Slot:
        """Return where judge number `place` says what it thinks of the candidates there are.

        A verdict on fewer of them, or of another judge, stays where it is.
        """
        known = {node.key for node in self.tree.candidates(user_key)}
        name = self.cast.judges[place].spec.name
        slot = Slot(user_key, JUDGE, place)
        while (held := self.tree.latest(slot)) and (
            held.spec != name or (held.verdict and held.verdict.of != known)
        ):
            slot = slot._replace(place=slot.place + len(self.cast.judges))
        return slot

    def siblings(self, user_key: str) -> Siblings:
        """Return the good replies to a user message with the verdict that counts."""
        replies = [Candidate(node.key, node.text) for node in self.tree.candidates(user_key)]
        return Siblings(replies, self.script.verdict(self.tree, user_key))

    def choose(self, user_keys: Sequence[str], width: int) -> list[str]:
        """Let the policy say from which replies to these user messages the tree grows on.

        Raises:
            UsageError: the policy failed or named something that is no candidate.
        """
        frontier = [self.siblings(key) for key in user_keys]
        rng = Random(derived_seed(self.script.seed, min(user_keys), "expand"))
        known = {candidate.key for siblings in frontier for candidate in siblings.candidates}
        policy, name = self.script.policy, policy_name(self.script.policy)
        try:
            chosen = list(dict.fromkeys(policy(frontier, width, rng)))[:width]
        except Exception as error:
            raise UsageError(
                f"expansion policy {name} failed: {type(error).__name__}: {error}"
            ) from error
        if not known.issuperset(chosen):
            raise UsageError(f"expansion policy {name} named a key that is no candidate")
        return chosen

    def belief_before(self, user_key: str) -> Belief:
        """Return what the inducer believed one turn before this user message."""
        before = [node for node in self.tree.path(user_key)[:-1] if node.seat == USER]
        return (self.tree.belief(before[-1].key) if before else None) or self.script.belief

    def notes_before(self, tip: str) -> dict[str, Any]:
        """Return what the user noted with its last message on the path to `tip`."""
        return next((node.notes for node in self.tree.path(tip)[::-1] if node.seat == USER), {})
