"""A panel: how far do judges agree with each other on what was drawn?"""

from collections.abc import Sequence
from itertools import combinations

from eval.auditing.agreement import Agreement, Level, Rater, agreement
from eval.auditing.answers import Answered, Answers
from eval.auditing.asking import FORWARD, whole
from eval.auditing.items import Item


def panel(items: Sequence[Item], panelists: Sequence[Answers], seed: int) -> list[Agreement]:
    """Compare all judges pair by pair.

    Of sets, it is which of the first two replies is preferred; of single replies, their scores.
    """
    owners = {item.key: item.person for item in items}
    single = all(len(item.replies) == 1 for item in items)
    raters = [(_scorer if single else _chooser)(items, answers) for answers in panelists]
    level: Level = "ordinal" if single else "nominal"
    return [agreement(one, other, owners, seed, level) for one, other in combinations(raters, 2)]


def _chooser(items: Sequence[Item], answers: Answers) -> Rater:
    found = ((item.key, answers.get(item, FORWARD)) for item in items)
    return Rater(answers.judge, {key: told.preferred for key, told in found if told})


def _scorer(items: Sequence[Item], answers: Answers) -> Rater:
    found = ((item.key, answers.get(item, whole(item))) for item in items)
    scored: dict[str, Answered] = {key: told for key, told in found if told and told.scores}
    scale = next((told.scale for told in scored.values()), None)
    return Rater(answers.judge, {key: told.steps[0] for key, told in scored.items()}, scale)
