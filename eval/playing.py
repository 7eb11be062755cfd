"""Playing a benchmark: every assistant talks with every user, in a run of the store of its own.

Seeds follow from the persona and the place in the dialogue, never from the run or the assistant, so
all assistants meet the same users. What is stored already is not played again.
"""

from collections.abc import Iterable
from typing import ClassVar, NamedTuple

from pydantic import Field
from rich.console import Console

from agents.models.prices import Prices
from dialogues.errors import UsageError
from dialogues.persona import Persona
from dialogues.plain import plain
from dialogues.pool import Pool
from dialogues.records import Progress
from dialogues.run import Run
from dialogues.spec import Spec
from graphs.simulate import Simulate
from graphs.summary import print_failures, print_faults, print_spending


class Dialogues(Simulate):
    """The dialogues of one assistant with one user, in which nobody leaves and nobody judges."""

    suite: str = "aloe"
    candidates: int = Field(default=1, ge=1)
    inducer: str = ""
    judge: list[str] = Field(default=[])
    workers: int = 1
    by_profile: bool = Field(default=False, exclude=True)
    may_leave: ClassVar[bool] = False

    def cases(self, pool: Pool) -> list[tuple[Persona, int]]:
        """List the cases: profiles crossed with personalities.

        Raises:
            UsageError: the pool has fewer than asked for.
        """
        cases = super().cases(pool)
        if self.limit and len(cases) < self.limit:
            raise UsageError(
                f"--cases {self.limit}: the pool gives {len(cases)}; give a larger pool, or "
                f"--cases {len(cases)}"
            )
        if self.by_profile:
            order = {profile.id: at for at, profile in enumerate(pool.profiles)}
            cases.sort(key=lambda case: order[case[0].profile.id])
        return cases[: self.limit]


class Played(NamedTuple):
    """Who talked with whom, and in which run.

    Attributes:
        asked: the assistant's spec with its endpoint, where that is known.
    """

    user: str
    assistant: str
    run: str
    asked: str


def run_name(suite: str, user: str, assistant: str) -> str:
    """Return the name of a benchmark's run."""
    return f"{suite}/{Spec.parse(user).name}/{Spec.parse(assistant).name}"


def played_in(runs: Iterable[Run], suite: str) -> list[Played]:
    """Return who talked with whom in those of the runs that a benchmark of a suite has played."""
    return [
        Played(record.config["user"], assistant, record.name, assistant)
        for record in (run.record for run in runs)
        if record.config.get("suite") == suite
        for assistant in record.config["assistant"]
    ]


def told_briefly(
    run: Run, limit: int, before: Progress, seconds: float, prices: Prices, console: Console
) -> Progress:
    """Print in a line what a run came to, and what failed; return how far it is."""
    far = run.progress(limit)
    new = far.finished - before.finished
    played = f"{far.done:,} of {far.trees:,} dialogues" + f" ({seconds:.1f} s for {new:,})" * (
        new > 0
    )
    console.print(plain(f"{run.record.name}: {played}"))
    if spending := run.spending():
        print_spending(spending, prices, console)
        print_faults(spending, run.answers(), console)
    print_failures(run, console)
    return far
