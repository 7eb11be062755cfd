"""Summing up: from the stored runs of a benchmark to its result, without asking anybody."""

from collections.abc import Mapping, Sequence

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
from eval.scores import Scores
from eval.suites import SUITES
from eval.tables import table_of


def result_of(
    settings: Aloe, played: Sequence[tuple[Played, Run]], judges: Sequence[str]
) -> Result:
    """Read what a benchmark came to.

    Raises:
        UsageError: a judge has no verdict, or scores on no known scale; the baseline did not play.
    """
    limit = None if settings.rescore else settings.cases
    trees = {one: [each.tree for each in run.planned_trees(limit)] for one, run in played}
    turns = max(int(run.record.config["turns"]) for _, run in played)
    seed = int(played[0][1].record.config["seed"])
    cases = {
        one: [read_case(tree, one, judges, settings.protocol, turns) for tree in trees[one]]
        for one, _ in played
    }
    _check_cases(cases)
    baseline = baseline_of(settings, list(cases))
    users = dict.fromkeys(one.user for one in cases)
    everything = [tree for each in trees.values() for tree in each]
    scales = {judge: scale_of(everything, judge, settings.protocol) for judge in judges}
    tables = [
        table_of(
            [case for one in cases if one.user == user for case in cases[one]],
            user,
            judge,
            kind,
            turns,
            baseline,
            seed,
        )
        for user in users
        for judge, kind in scales.items()
        if kind
    ]
    probes = [probe_of(trees[one], one.assistant, one.user) for one in cases]
    return Result(
        suite=settings.suite,
        protocol=settings.protocol,
        seed=seed,
        turns=turns,
        perfect=rounded(1 / (turns - 1)) if turns > 1 else None,
        digests={one.run: digest(trees[one]) for one in cases},
        tables=tables,
        flips=_flips(settings, cases, trees, scales, turns),
        probes=[each for each in probes if each],
        cases=[case for each in cases.values() for case in each],
    )


def baseline_of(settings: Aloe, played: Sequence[Played]) -> str:
    """Return the name of the baseline; empty if there is none.

    Raises:
        UsageError: it did not take part.
    """
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
    scales: Mapping[str, type[Scores] | None],
    turns: int,
) -> list[Flip]:
    if not SUITES[settings.suite].flips:
        return []
    return [
        flip.model_copy(update={"factor": kind.factor})
        for one in cases
        for judge, kind in scales.items()
        if kind and (flip := flip_of(cases[one], trees[one], one.user, judge, turns))
    ]


def _check_cases(cases: Mapping[Played, list[Case]]) -> None:
    """Make sure that all assistants met the same people.

    Raises:
        UsageError: they did not.
    """
    met = {one: [(case.profile, case.personality) for case in cases[one]] for one in cases}
    first = next(iter(met))
    for one, people in met.items():
        if people != met[first]:
            raise UsageError(
                f"{one.run} has other cases than {first.run} ({len(people)} and "
                f"{len(met[first])}); play both with the same --cases"
            )
