"""Playing a benchmark: every assistant talks with every user, in a run of the store of its own.

Seeds follow from the persona and the place in the dialogue, never from the run or the assistant, so
all assistants meet the same users. What is stored already is not played again.
"""

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
from eval.aloe import Aloe
from eval.protocol import PROTOCOLS
from eval.suites import SUITES
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
        splits = {half.split for half in pool.profiles}
        if self.split != "all" and self.split not in splits:
            raise UsageError(
                f"--suite {self.suite} talks to people of split {self.split!r}, and the pool has "
                f"none (its splits: {', '.join(sorted(splits))}); give another --pool or --suite"
            )
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


def dialogues_of(settings: Aloe, user: str, assistant: str) -> Dialogues:
    """Return the settings under which an assistant talks with a user."""
    suite, own = SUITES[settings.suite], settings.pool or settings.profiles
    hinted = Spec.parse(assistant).role == "hinted"
    return Dialogues(
        store=str(settings.store),
        run=run_name(settings.suite, user, assistant),
        suite=settings.suite,
        by_profile=PROTOCOLS[settings.protocol].by_profile,
        pool=settings.pool if own else suite.pool,
        profiles=settings.profiles,
        personalities=settings.personalities,
        split="all" if settings.profiles else suite.split,
        per_profile=settings.per_profile,
        limit=settings.cases,
        turns=settings.turns or suite.turns,
        user=user,
        inducer=settings.inducer if hinted else "",
        assistant=[assistant],
        system=settings.system,
        seed=settings.seed,
        concurrency=settings.concurrency,
        workers=settings.workers,
        cluster=settings.cluster,
        sampling=settings.models.sampling,
        endpoints=settings.endpoints,
        prompts=settings.prompts,
        overflow=settings.overflow,
        retry_failed=settings.retry_failed,
    )


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
