"""Reading a benchmark out of its store: which reply was given which score by whom."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dialogues.errors import UsageError
from dialogues.node import AGAINST, JUDGE, Node
from dialogues.tree import Tree
from dialogues.verdict import Verdict
from eval.playing import Played
from eval.result import Case, Said
from eval.scores import AloeScores, RlpaScores, Scores
from eval.scoring import PROTOCOL

_SCALES: dict[tuple[float, float], type[Scores]] = {
    (kind.low, kind.high): kind for kind in (AloeScores, RlpaScores)
}


class Due(NamedTuple):
    """What of a store's verdicts counts, and what a case must have.

    Attributes:
        judges: names of the judges.
        protocol: name of the protocol they judged under.
        turns: how many replies there must be.
    """

    judges: Sequence[str]
    protocol: str
    turns: int


def read_case(tree: Tree, played: Played, due: Due, strangers: Sequence[str] = ()) -> Case:
    """Read one dialogue.

    Args:
        tree: with the judges' verdicts.
        played: whose it is.
        due: what counts.
        strangers: ids of the unrelated personas that count, in order; what a store holds of others
            does not.
    """
    replies, missing = [], [_failed(node) for node in tree.failures() if node.seat != JUDGE]
    users = [user for user in tree.user_messages() if tree.candidates(user.key)]
    for user in users:
        (reply,) = tree.candidates(user.key)
        said = Said(turn=user.turn, words=len(reply.text.split()), reply=reply.content_hash)
        given = _given(tree, user, due, strangers)
        for node in given:
            _enter(said, node, reply.key)
        replies.append(said)
        missing += _unscored(user, said, due.judges, given)
    said_turns = {said.turn for said in replies}
    gone = [turn for turn in range(1, due.turns + 1) if turn not in said_turns]
    if gone:
        several = f"turns {gone[0]}-{gone[-1]}"
        missing.append(f"no reply in {several if len(gone) > 1 else f'turn {gone[0]}'}")
    return Case(
        user=played.user,
        assistant=played.assistant,
        run=played.run,
        tree=tree.key,
        profile=tree.persona.profile.id,
        personality=tree.persona.personality.id,
        replies=replies,
        missing=missing,
    )


def scores_of(cases: Sequence[Case], judge: str, kind: type[Scores], turns: int) -> Scores:
    """Return what a judge gave the replies of cases."""
    values = np.full((len(cases), turns), np.nan)
    for at, case in enumerate(cases):
        for said in case.replies:
            values[at, said.turn - 1] = said.scores.get(judge, np.nan)
    profiles = tuple(case.profile for case in cases)
    return kind(values, profiles, tuple(case.personality for case in cases))


def gaps_of(cases: Sequence[Case], judge: str, turns: int) -> NDArray[np.float64]:
    """Return score minus mean score for unrelated personas, cases by turns, NaN where missing."""
    values = np.full((len(cases), turns), np.nan)
    for at, case in enumerate(cases):
        for said in case.replies:
            others = said.mismatched.get(judge)
            if others and judge in said.scores:
                values[at, said.turn - 1] = said.scores[judge] - np.mean(others)
    return values


def words_of(cases: Sequence[Case], turns: int) -> NDArray[np.float64]:
    """Return words per reply, cases by turns, NaN where there is none."""
    values = np.full((len(cases), turns), np.nan)
    for at, case in enumerate(cases):
        for said in case.replies:
            values[at, said.turn - 1] = said.words
    return values


def scale_of(trees: Iterable[Tree], judge: str, protocol: str) -> type[Scores] | None:
    """Return the scale a judge scored on; None where it never gave a score.

    Raises:
        UsageError: it does not score on one of the two scales.
    """
    found = {verdict.scale for tree in trees for verdict in _verdicts(tree, judge, protocol)}
    if not found:
        return None
    if len(found) > 1 or not found <= _SCALES.keys():
        shown = ", ".join(f"{low:g} to {high:g}" for low, high in sorted(found))
        raise UsageError(f"--judge {judge} scores from {shown}; it must be 1 to 5, or 0 to 1")
    return _SCALES[found.pop()]


def prompts_of(trees: Iterable[Tree], judge: str, protocol: str) -> list[str]:
    """Return the hashes of the prompts a judge scored with; none where it has no prompt."""
    verdicts = (verdict for tree in trees for verdict in _verdicts(tree, judge, protocol))
    return sorted({verdict.prompt_hash for verdict in verdicts} - {""})


def _verdicts(tree: Tree, judge: str, protocol: str) -> Iterable[Verdict]:
    for user in tree.user_messages():
        for node in tree.children(user.key, JUDGE):
            scored = node.verdict if node.verdict and node.verdict.scores else None
            if scored and node.spec == judge and node.notes.get(PROTOCOL) == protocol:
                yield scored


def _given(tree: Tree, user: Node, due: Due, strangers: Sequence[str]) -> list[Node]:
    """Return what the judges left below a message, of its own persona first and then in order."""
    order = {who: at for at, who in enumerate(("", *strangers))}
    found = [
        node
        for node in tree.children(user.key, JUDGE)
        if node.spec in due.judges and node.notes.get(PROTOCOL) == due.protocol
    ]
    counted = [node for node in found if node.notes.get(AGAINST, "") in order]
    return sorted(counted, key=lambda node: order[node.notes.get(AGAINST, "")])


def _enter(said: Said, node: Node, key: str) -> None:
    if node.verdict is None or not node.verdict.scores:
        return
    score = node.verdict.mean_score(key)
    if AGAINST in node.notes:
        said.mismatched.setdefault(node.spec, []).append(score)
    else:
        said.scores[node.spec] = score


def _unscored(user: Node, said: Said, judges: Sequence[str], given: Sequence[Node]) -> list[str]:
    why = {node.spec: _why(node) for node in given if AGAINST not in node.notes}
    lines = [
        f"no score of {judge} in turn {user.turn} ({why.get(judge, 'not asked')})"
        for judge in judges
        if judge not in said.scores
    ]
    return lines + [
        f"no score of {node.spec} for somebody else in turn {user.turn} ({node.failure.type})"
        for node in given
        if node.failure and AGAINST in node.notes
    ]


def _why(node: Node) -> str:
    return node.failure.type if node.failure else "it only ranks"


def _failed(node: Node) -> str:
    assert node.failure
    return f"{node.seat} failed in turn {node.turn} ({node.failure.type})"
