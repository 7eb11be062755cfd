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
from eval.provenance import provenance_of
from eval.reading import Due, read_case, scale_of
from eval.result import Case, Flip, Result, rounded
from eval.scores import Scores
from eval.scoring import unrelated
from eval.suites import SUITES
from eval.tables import table_of


def result_of(
    settings: Aloe, played: Sequence[tuple[Played, Run]], judges: Sequence[str]
) -> Result:
    """Read what a benchmark came to.

    Raises:
        UsageError: a judge has no verdict, or scores on no known scale; the baseline did not play.
    """
    trees = {one: [each.tree for each in run.planned_trees(settings.limit)] for one, run in played}
    turns = max(int(run.record.config["turns"]) for _, run in played)
    seed = int(played[0][1].record.config["seed"])
    due = Due(judges, settings.protocol, turns)
    cases = {one: _cases(trees[one], one, due, settings.swap, seed) for one, _ in played}
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
        provenance=provenance_of(settings, [run.record for _, run in played], everything, judges),
        digests={one.run: digest(trees[one]) for one in cases},
        tables=tables,
        flips=_flips(settings, cases, trees, scales, turns, seed),
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
    for user in dict.fromkeys(one.user for one in played):
        known = [one.assistant for one in played if one.user == user]
        if name not in known:
            raise UsageError(f"--baseline {name}: did not take part; known: {', '.join(known)}")
    return name


def _cases(trees: Sequence[Tree], played: Played, due: Due, swap: int, seed: int) -> list[Case]:
    """Read the dialogues of an assistant, with the scores for the strangers that are drawn now."""
    people = [tree.persona for tree in trees]
    drawn = [unrelated(tree.persona, people, swap, seed) for tree in trees]
    return [
        read_case(tree, played, due, [each.id for each in strangers])
        for tree, strangers in zip(trees, drawn, strict=True)
    ]


def _flips(
    settings: Aloe,
    cases: dict[Played, list[Case]],
    trees: dict[Played, list[Tree]],
    scales: Mapping[str, type[Scores] | None],
    turns: int,
    seed: int,
) -> list[Flip]:
    if not SUITES[settings.suite].flips:
        return []
    return [
        flip
        for one in cases
        for judge, kind in scales.items()
        if kind and (flip := flip_of(cases[one], trees[one], one.user, judge, kind, turns, seed))
    ]
