"""Benchmarks for the tests: small ones run in this process, with agents that a test can trouble."""

import asyncio
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, cast

import pytest

from agents.seats import AssistantBrief, JudgeBrief, Judgement, Reply, UserBrief, Utterance
from dialogues import Node, Persona, Tree, Verdict
from dialogues.command import parse
from dialogues.hashing import short_hash
from dialogues.node import JUDGE
from eval.aloe import Aloe
from eval.resampling import summarise
from eval.result import Band, Figure, Provenance, Result, Row, Table
from tests.agents import troupe
from tests.growing import command, trees_of

PATH = "tests.eval.benching"
ONE, SAME, OTHER = f"plain={PATH}:Replying", f"{PATH}:Replying", f"reminder={PATH}:Replying"
"""Three assistants; the first two say the same."""

EXACT, UPSIDE_DOWN, BINARY = (f"{PATH}:{name}" for name in ("Exact", "UpsideDown", "Binary"))
CHEAP = ("--user", f"{troupe.PATH}:NumberUser", "--assistant", ONE, "--assistant", OTHER)
"""Flags that seat agents that take no time."""

SIX = ("--cases", "6", "--per-profile", "2", "--turns", "3")
"""Flags of a small benchmark: 3 profiles with 2 personalities each."""

Trouble = Callable[[Any], BaseException | str | None]
Capture = pytest.CaptureFixture[str]


def no_trouble(brief: Any) -> None:
    """Let an agent answer."""


@dataclass
class Stage:
    """What the agents below were told, and what a test has them say or raise instead."""

    heard: list[Any] = field(default_factory=list)
    trouble: Trouble = no_trouble


STAGE = Stage()


@contextmanager
def staged(trouble: Trouble = no_trouble) -> Iterator[list[Any]]:
    """Trouble the agents below; yields the briefs that they answer."""
    STAGE.heard, STAGE.trouble = [], trouble
    try:
        yield STAGE.heard
    finally:
        STAGE.heard, STAGE.trouble = [], no_trouble


def after(calls: int, trouble: BaseException, kind: type[Any] = JudgeBrief) -> Trouble:
    """Let agents of one seat answer so many calls, and none from then on."""
    asked = count()

    def troubled(brief: Any) -> BaseException | None:
        return trouble if isinstance(brief, kind) and next(asked) >= calls else None

    return troubled


def interrupted(calls: int, kind: type[Any] = JudgeBrief) -> Trouble:
    """Press Ctrl-C when an agent of one seat is asked for that many times."""
    asked = count(1)

    def troubled(brief: Any) -> None:
        if isinstance(brief, kind) and next(asked) == calls:
            signal.raise_signal(signal.SIGINT)

    return troubled


def _heard(brief: Any) -> str | None:
    trouble = STAGE.trouble(brief)
    if isinstance(trouble, BaseException):
        raise trouble
    STAGE.heard.append(brief)
    return trouble


class Replying:
    """Says the turn and a few words drawn from the seed; in a role other than plain, more."""

    async def reply(self, brief: AssistantBrief) -> Reply:
        troubled = _heard(brief)
        more = " word" * (brief.seed % 5) + " more" * (brief.role not in ("", "plain"))
        text = f"Reply in turn {brief.turn}, number {brief.seed}.{more}"
        return Reply(text if troubled is None else troubled)


class Leaving:
    """Leaves with every message."""

    async def speak(self, brief: UserBrief) -> Utterance:
        _heard(brief)
        return Utterance(f"Bye {brief.seed}.", ends=True)


def points(persona: Persona, messages: int, reply: str) -> int:
    """Return 1 to 5, drawn from all that a judge may look at."""
    return 1 + int(short_hash(persona.id, messages, reply), 16) % 5


class Exact:
    """Gives a reply its `points`."""

    scale = (1.0, 5.0)

    async def judge(self, brief: JudgeBrief) -> Judgement:
        _heard(brief)
        scores = {
            each.key: {"all": self.score(points(brief.persona, len(brief.history), each.text))}
            for each in brief.candidates
        }
        return Judgement(verdict=Verdict.from_scores(scores, scale=self.scale))

    def score(self, drawn: int) -> float:
        return drawn


class UpsideDown(Exact):
    """Gives 5 points where the other gives 1."""

    def score(self, drawn: int) -> float:
        return 6 - drawn


class Binary(Exact):
    """Gives 1 from 4 points on, else 0."""

    scale = (0.0, 1.0)

    def score(self, drawn: int) -> float:
        return float(drawn >= 4)


class OutOfTen(Exact):
    """Scores on a scale that no benchmark has."""

    scale = (0.0, 10.0)


class Dawdling(Exact):
    """Thinks longest where it was asked first: of the user's own persona."""

    async def judge(self, brief: JudgeBrief) -> Judgement:
        await asyncio.sleep(0.02 * (brief.speaker is None))
        return await super().judge(brief)


def settings(*flags: str) -> Aloe:
    """Return the settings of a benchmark that is not run."""
    return cast(Aloe, parse(Aloe, "eval.aloe", ["--store", "a.db", "--out", "out", *flags]))


def bench(
    folder: Path, *flags: object, out: str = "out", whole: bool = False, store: object = None
) -> int:
    """Run a benchmark in this process into `folder`; return the exit status.

    What only takes time is left out unless the `whole` is wanted: plots, most of the draws.
    """
    return _run("--store", store or folder / "a.db", folder / out, flags, whole)


def rescore(folder: Path, *flags: object, out: str = "again", store: object = None) -> int:
    """Score the dialogues in `folder` again; return the exit status."""
    return _run("--rescore", store or folder / "a.db", folder / out, flags, False)


def _run(how: str, store: object, out: Path, flags: Sequence[object], whole: bool) -> int:
    with pytest.MonkeyPatch.context() as patched:
        if not whole:
            patched.setattr("eval.writing.plot", lambda chart, *paths: None)
            patched.setattr("eval.tables.summarise", partial(summarise, draws=100))
        # A full collection takes half a second where a test session has loaded everything.
        patched.setattr("graphs.worker._nothing_old_collected", nullcontext)
        return command(Aloe, how, store, "--out", out, *flags)


def written(folder: Path, out: str = "out") -> bytes:
    """Return the JSON of a benchmark."""
    return (folder / out / "result.json").read_bytes()


def result_in(folder: Path, out: str = "out") -> Result:
    """Read the result of a benchmark."""
    return Result.model_validate_json(written(folder, out))


def last_line(stderr: str) -> str:
    """Return the one line in which a command says why it ended, and make sure that it is one."""
    lines = [line for line in stderr.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1 and "Traceback" not in stderr, stderr
    return lines[0]


def forest(folder: Path, assistant: str, user: str = CHEAP[1], suite: str = "aloe") -> list[Tree]:
    """Load the dialogues of one assistant."""
    return trees_of(folder / "a.db", f"{suite}/{user}/{assistant}")


def judged(tree: Tree) -> list[tuple[Node, Node]]:
    """Pair all of a tree's judge nodes with the user messages they are below."""
    users = tree.user_messages()
    return [(user, node) for user in users for node in tree.children(user.key, JUDGE)]


def a_row(assistant: str, *al: float | None, **values: Any) -> Row:
    """Return a row of a table, whose intervals reach a tenth to both sides."""
    known = [each for each in al if each is not None]
    mean, none = _figure(sum(known) / len(known)), _figure(None)
    filled = {
        "al": [_figure(each) for each in al],
        "mean": mean,
        **dict.fromkeys(("ir", "r2", "n_ir", "n_r2"), none),
        **dict.fromkeys(("null_ir", "null_n_ir"), Band(low=None, high=None)),
        **{"span": max(known) - min(known), "gap": mean, "gap_p": 0.01, "words": 21.4},
        **{"missing": 0, **values},
    }
    return Row(assistant=assistant, **filled)


def a_result(*rows: Row, factor: int = 1, **values: Any) -> Result:
    """Return a result of one table."""
    style = "ALOE-style" if factor == 1 else "RLPA-style"
    table = Table(user="scripted", judge="scripted", style=style, factor=factor, rows=list(rows))
    filled = {"suite": "aloe", "protocol": "aloe", "seed": 0, "turns": 10, "perfect": 1 / 9}
    filled["provenance"] = Provenance(
        **{"grove": "0", "played": "aloe", "swap": 3, "cases": 6, "baseline": ""},
        **{"judges": {}, "judge_sampling": {}, "runs": {}},
    )
    return Result(**{**filled, "digests": {}, "tables": [table], **values})


def _figure(value: float | None) -> Figure:
    if value is None:
        return Figure(value=None, low=None, high=None)
    return Figure(value=value, low=value - 0.1, high=value + 0.1)
