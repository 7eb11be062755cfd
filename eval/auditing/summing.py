"""Summing up: from the answers of judges to their audits, without asking anybody."""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.casting import Seated
from agents.models.settings import ReaderSampling
from eval.auditing.agreement import Agreement, Rater
from eval.auditing.answers import Answers
from eval.auditing.asking import PAIR, Question, of_set
from eval.auditing.items import Item
from eval.auditing.labelling import among, judged_pairs, rightness, with_labels
from eval.auditing.length import length
from eval.auditing.panel import panel
from eval.auditing.placing import both_ways, place
from eval.auditing.record import Audit
from eval.auditing.repeating import repetition
from eval.labels import Labelled


@dataclass(frozen=True)
class Matter:
    """What judges are audited on.

    Attributes:
        run: name of the run.
        seed: of the audit.
        repeats: how often each set is judged.
        sets: drawn from the run.
        labels: labelled pairs.
        pairs: the same as items, in the same order.
        raters: who spoke of these pairs: the labels, then people.
    """

    run: str
    seed: int
    repeats: int
    sets: Sequence[Item]
    labels: Sequence[Labelled]
    pairs: Sequence[Item]
    raters: Sequence[Rater]

    @property
    def questions(self) -> list[tuple[Item, Sequence[Question]]]:
        """Everything a judge is asked."""
        of_sets = [(item, of_set(item, self.repeats)) for item in self.sets]
        return [*of_sets, *((item, PAIR) for item in self.pairs)]


def audits_of(
    matter: Matter,
    judges: Sequence[Seated],
    answers: Sequence[Answers],
    sampling: ReaderSampling,
) -> list[Audit]:
    """Make the audit of each judge from what all of them answered."""
    panelled = panel(matter.sets, answers, matter.seed)
    people = among(matter.raters, matter.pairs, matter.seed)
    return [
        _audit(matter, seated, given, sampling, people, panelled)
        for seated, given in zip(judges, answers, strict=True)
    ]


def _audit(
    matter: Matter,
    seated: Seated,
    given: Answers,
    sampling: ReaderSampling,
    people: list[Agreement],
    panelled: list[Agreement],
) -> Audit:
    name, seed = given.judge, matter.seed
    shown = both_ways(matter.sets, given)
    judged = judged_pairs(matter.pairs, matter.labels, given)
    return Audit(
        judge=name,
        agent=seated.class_path,
        prompt=seated.prompt_hash,
        sampling=sampling if seated.limits_itself else None,
        run=matter.run,
        seed=seed,
        repeats=matter.repeats,
        sets=len(matter.sets),
        single=all(len(item.replies) == 1 for item in matter.sets),
        pairs=len(matter.pairs),
        asked=len(given.given),
        failures=given.failures,
        repetition=repetition(matter.sets, given, matter.repeats, seed),
        place=place(shown, seed),
        length=length(shown, judged, seed),
        rightness=rightness(judged, matter.labels, seed),
        people=people,
        labelled=with_labels(name, judged, matter.raters, seed),
        panel=[each for each in panelled if name in (each.one, each.other)],
        answers=given.given,
    )
