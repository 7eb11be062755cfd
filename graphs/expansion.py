"""Expansion policies: which candidates of a turn the dialogue goes on from.

A policy is a function of the sibling sets that wait for its choice, the number of branches it may
open, and a seeded generator; it returns the keys of the candidates to continue. Any function of
this shape can be named on the command line as `package.module:function`. A policy sees one set at
a time; marked with `@waiting`, it sees all open sets of a turn at once.
"""

import importlib
import inspect
import math
from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

from agents.seats import Candidate
from dialogues.errors import UsageError
from dialogues.verdict import Verdict


class Siblings(NamedTuple):
    """The candidates of one turn on one branch, and what the judge said of them."""

    candidates: Sequence[Candidate]
    verdict: Verdict | None

    def best_first(self, rng: Random) -> list[str]:
        """Return the keys in the verdict's order, ties in an order drawn from `rng`."""
        keys = [candidate.key for candidate in self.candidates]
        rng.shuffle(keys)
        return sorted(keys, key=self.verdict.tier) if self.verdict else keys


SURE = 0.75
"""The confidence from which `uncertain` spends no extra branch on a verdict."""

Policy = Callable[[Sequence[Siblings], int, Random], list[str]]


def waiting(policy: Policy) -> Policy:
    """Mark a policy as one that wants to see all open sets of a turn before it chooses."""
    vars(policy)["waits"] = True
    return policy


def continue_random(frontier: Sequence[Siblings], width: int, rng: Random) -> list[str]:
    """Continue one candidate drawn uniformly, preferred or not (the ALOE paper's way)."""
    return [rng.choice(siblings.candidates).key for siblings in frontier]


def continue_best(frontier: Sequence[Siblings], width: int, rng: Random) -> list[str]:
    """Continue the candidate the judge puts first."""
    return [siblings.best_first(rng)[0] for siblings in frontier]


def continue_all(frontier: Sequence[Siblings], width: int, rng: Random) -> list[str]:
    """Continue every candidate; where the width does not allow it, the best ones."""
    return [key for siblings in frontier for key in siblings.best_first(rng)[:width]]


@waiting
def continue_uncertain(frontier: Sequence[Siblings], width: int, rng: Random) -> list[str]:
    """Continue one candidate drawn from each set, and the others where the judge is unsure.

    The least sure sets come first; sets with a confidence of `SURE` or more get no extra branch,
    so that the width is kept for turns that need it.
    """
    drawn = [rng.choice(siblings.candidates).key for siblings in frontier]
    doubtful = sorted((each for each in frontier if _certainty(each)[0] < SURE), key=_certainty)
    others = [
        candidate.key
        for siblings in doubtful
        for candidate in siblings.candidates
        if candidate.key not in drawn
    ]
    return drawn + others[: max(0, width - len(drawn))]


POLICIES: dict[str, Policy] = {
    "random": continue_random,
    "best": continue_best,
    "all": continue_all,
    "uncertain": continue_uncertain,
}


def waits(policy: Policy) -> bool:
    """Tell whether a policy is marked as `waiting`."""
    return bool(getattr(policy, "waits", False))


def load_policy(name: str) -> Policy:
    """Return the policy called `name`, or the function at `package.module:function`.

    Raises:
        UsageError: there is none; the message lists the known ones.
    """
    if name in POLICIES:
        return POLICIES[name]
    module, colon, function = name.partition(":")
    if not colon:
        known = ", ".join(POLICIES)
        raise UsageError(
            f"--expand {name}: unknown policy; known: {known}, or package.module:function"
        )
    try:
        policy: Policy = getattr(importlib.import_module(module), function)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise UsageError(f"--expand {name}: cannot import it ({reason})") from error
    if not inspect.isfunction(policy):
        raise UsageError(f"--expand {name}: it is no function")
    return policy


def policy_name(policy: Policy) -> str:
    """Return the name that `load_policy` finds the policy by."""
    short = [name for name, known in POLICIES.items() if known is policy]
    return short[0] if short else f"{policy.__module__}:{policy.__qualname__}"


def split_width(width: int, branches: int) -> list[int]:
    """Divide the branches one may become among those it became, the first getting any rest."""
    return [math.ceil((width - index) / branches) for index in range(branches)]


def _certainty(siblings: Siblings) -> tuple[float, float]:
    verdict = siblings.verdict
    return (verdict.confidence, verdict.margin) if verdict else (1.0, 1.0)
