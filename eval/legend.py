"""What is said below a benchmark's tables: what each heading means, and why a cell is blank."""

from itertools import combinations

from eval.pigeonhole import LEAST
from eval.result import Result

_TABLES = (
    "AL(k): mean score of the replies in turn k; the blocks draw it on the scale in the heading",
    "matched - mismatched: the score for this user minus that of the same replies for others",
    "IR: slope of the line through AL(1..K), a turn; span: largest AL(k) minus smallest",
    "N-IR, N-R²: slope and fit of the line through AL scaled to run from 0 to 1",
    "null IR, null N-IR: where 95 % of slopes lie when each case's turns are shuffled",
)
_VERSUS = (
    "minus …: differences from that assistant, paired by case and turn",
    "p (Holm): two-sided, of the difference of mean AL, corrected for the number of assistants",
    "detectable: smallest difference of mean AL that so many cases find four times in five",
    "at equal length: difference of mean AL between replies of the same number of words",
)
_FLIPS = (
    "depth: mean score between the wish and its flip, minus that in the turn of the flip",
    "old, new kept: share of replies that keep the old or the new wish, before or after the flip; "
    "above chance: minus how often it is kept where nobody has wished for it",
    "recovery: turns from the flip until the new wish is kept, to the end, nine tenths as far "
    "above chance as the old one was; blank where it is not, or the old one was not surely kept",
)
_PROBES = (
    "precision: share of what it believes that is true; recall: share of the revealed facts that "
    "it believes; F1: their harmonic mean",
)


def notes(result: Result, listed: str = "named in result.json") -> list[str]:
    """Return what has to be said below the tables, a line each.

    Args:
        result: whose tables they are.
        listed: where to look which scores are missing.
    """
    played = f" (dialogues played under {result.played_elsewise})" * bool(result.played_elsewise)
    said = [
        f"suite {result.suite}, protocol {result.protocol}{played}, {result.turns} turns, seed "
        f"{result.seed}",
        *(_intervals(result), *_blank_gaps(result), *_TABLES),
    ]
    if result.perfect is not None:
        said.append(f"N-IR of a perfectly straight rise over {result.turns} turns: "
                    f"{result.perfect:.3f}")  # fmt: skip
    if any(row.versus for table in result.tables for row in table.rows):
        said += _VERSUS
    said += _FLIPS * bool(result.flips) + _PROBES * bool(result.probes)
    if result.suite == "flip" and not result.flips:
        said.append("no wish has flipped: no dialogue has the gold label of it that the user "
                    "scripted:flip leaves")  # fmt: skip
    if result.missing:
        said.append(f"{len(result.missing):,} scores are missing, {listed}")
    return said


def _intervals(result: Result) -> str:
    """Say what the intervals are, or why there are none."""
    profiles = len({case.profile for case in result.cases})
    personalities = len({case.personality for case in result.cases})
    if result.cases and min(profiles, personalities) < LEAST:
        return (
            f"no intervals and no p: they need {LEAST} profiles and {LEAST} personalities, and "
            f"there are {profiles} and {personalities}; give more --cases (protocol aloe takes "
            "them profile by profile), or more personas"
        )
    return (
        "±: 95 % intervals by two-way bootstrap over profiles and personalities; [ ] where they "
        "end at an end of the scale"
    )


def _blank_gaps(result: Result) -> list[str]:
    """Say why a matched - mismatched is blank."""
    gaps = [row.gap for table in result.tables for row in table.rows]
    if all(gap and gap.value is not None for gap in gaps):
        return []
    people = {(case.profile, case.personality) for case in result.cases}
    if not any(one[0] != two[0] and one[1] != two[1] for one, two in combinations(people, 2)):
        why = "any two of these personas share a profile or a personality; give more --cases"
    elif not any(said.mismatched for case in result.cases for said in case.replies):
        why = "no reply was scored for anybody else; give --swap 1 or more"
    else:
        why = "an assistant has a turn without a score for anybody else"
    return [f"matched - mismatched is blank: {why}"]
