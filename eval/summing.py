"""Summing up: from the stored runs of a benchmark to its result, without asking anybody."""

from collections.abc import Sequence

from dialogues.digest import digest
from dialogues.errors import UsageError
from dialogues.run import Run
from dialogues.spec import Spec
from dialogues.tree import Tree
from eval.aloe import Aloe
from eval.flip import flip_of
from eval.playing import Played
from eval.probe import probe_of
from eval.reading import read_case, scale_of
from eval.result import Case, Flip, Result, rounded
from eval.suites import SUITES
from eval.tables import table_of


def result_of(
    settings: Aloe, played: Sequence[tuple[Played, Run]], judges: Sequence[str]
) -> Result:
    """Read what a benchmark came to.

    Raises:
        UsageError: a judge has no verdict, or scores on no known scale; the baseline did not play.
    """
    trees = {one: list(run.trees()) for one, run in played}
    turns = max(int(run.record.config["turns"]) for _, run in played)
    cases = {
        one: [read_case(tree, one, judges, settings.protocol, turns) for tree in trees[one]]
        for one, _ in played
    }
    baseline = _baseline(settings, [one for one, _ in played])
    users = dict.fromkeys(one.user for one, _ in played)
    tables = [
        table_of(
            [case for one in cases if one.user == user for case in cases[one]],
            user,
            judge,
            scale_of((tree for each in trees.values() for tree in each), judge, settings.protocol),
            turns,
            baseline,
            settings.seed,
        )
        for user in users
        for judge in judges
    ]
    probes = [probe_of(trees[one], one.assistant, one.user) for one in cases]
    return Result(
        suite=settings.suite,
        protocol=settings.protocol,
        seed=settings.seed,
        turns=turns,
        perfect=rounded(1 / (turns - 1)) if turns > 1 else None,
        digests={one.run: digest(trees[one]) for one in cases},
        tables=tables,
        flips=_flips(settings, cases, trees, judges, turns),
        probes=[each for each in probes if each],
        cases=[case for each in cases.values() for case in each],
    )


def _baseline(settings: Aloe, played: Sequence[Played]) -> str:
    if not settings.baseline:
        return ""
    name = Spec.parse(settings.baseline).name
    known = list(dict.fromkeys(one.assistant for one in played))
    if name not in known:
        raise UsageError(f"--baseline {name}: did not take part; known: {', '.join(known)}")
    return name


def _flips(
    settings: Aloe,
    cases: dict[Played, list[Case]],
    trees: dict[Played, list[Tree]],
    judges: Sequence[str],
    turns: int,
) -> list[Flip]:
    if not SUITES[settings.suite].flips:
        return []
    found = [
        flip_of(cases[one], trees[one], one.user, judge, turns) for one in cases for judge in judges
    ]
    return [each for each in found if each]
