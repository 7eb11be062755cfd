"""Reading a benchmark out of trees made by hand: scores, gaps, and what is missing."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from dialogues import Node, Persona, Tree, Verdict
from dialogues.errors import UsageError
from dialogues.node import AGAINST, ASSISTANT, INDUCER, JUDGE, USER
from eval.playing import Played
from eval.reading import Due, gaps_of, read_case, scale_of, scores_of, words_of
from eval.result import Case
from eval.scores import AloeScores, RlpaScores
from eval.scoring import PROTOCOL
from tests.growing import a_failure, a_node, a_turn

PLAYED = Played("u", "a", "aloe/u/a", "a")
Scale = tuple[float, float]


def verdict(reply: Node, *scores: float, scale: Scale = (1, 5)) -> Verdict:
    criteria = {f"criterion {at}": score for at, score in enumerate(scores)}
    return Verdict.from_scores({reply.key: criteria}, scale=scale)


def judging(turn: Sequence[Node], place: int, *scores: float, **values: Any) -> Node:
    """Return a judge's node on the one reply of a turn; without scores, a failed one."""
    user, reply = turn[0], turn[1]
    notes = {PROTOCOL: values.pop("protocol", "aloe")}
    if other := values.pop("other", ""):
        notes[AGAINST] = other
    scale = values.pop("scale", (1, 5))
    said = {"verdict": verdict(reply, *scores, scale=scale)} if scores else {"failure": a_failure()}
    filled = {"spec": "j", "place": place, "notes": notes, **said, **values}
    return a_node(user.key, JUDGE, user.turn, **filled)


def dialogue(persona: Persona, *replies: str) -> list[list[Node]]:
    """Return the turns of a dialogue."""
    turns: list[list[Node]] = []
    tip = Tree(persona).key
    for number, text in enumerate(replies, start=1):
        turns.append(a_turn(tip, text, turn=number, says=f"Message {number}."))
        tip = turns[-1][1].key
    return turns


def case_of(persona: Persona, nodes: Sequence[Node], turns: int = 2, **how: Any) -> Case:
    how = {"judges": ["j"], "protocol": "aloe", **how}
    due = Due(how["judges"], how["protocol"], turns)
    return read_case(Tree(persona, 0, nodes), PLAYED, due, how.get("strangers", "xyz"))


def test_a_score_is_the_mean_over_the_judges_criteria(persona: Persona) -> None:
    first, second = dialogue(persona, "One two three.", "One.")
    judged = [judging(first, 0, 5, 3, 1.5), judging(second, 0, 2)]
    case = case_of(persona, [*first, *second, *judged])
    assert [said.scores for said in case.replies] == [{"j": pytest.approx(19 / 6)}, {"j": 2}]
    assert [said.words for said in case.replies] == [3, 1]
    assert case.missing == []
    assert (case.profile, case.personality) == (persona.profile.id, persona.personality.id)
    assert (case.user, case.assistant, case.run, case.tree) == (*PLAYED[:3], Tree(persona).key)


def test_scores_for_others_stand_beside_and_make_the_gap(persona: Persona) -> None:
    first, second = dialogue(persona, "Hi.", "Ho.")
    judged = [
        judging(first, 0, 4),
        judging(first, 1, 1, other="x"),
        judging(first, 2, 2, other="y"),
        judging(second, 0, 3),
    ]
    case = case_of(persona, [*first, *second, *judged])
    assert case.replies[0].scores == {"j": 4} and case.replies[0].mismatched == {"j": [1, 2]}
    np.testing.assert_allclose(gaps_of([case], "j", 3), [[2.5, np.nan, np.nan]])
    np.testing.assert_allclose(words_of([case], 3), [[1, 1, np.nan]])


def test_a_score_for_others_alone_makes_no_gap_and_no_score(persona: Persona) -> None:
    (first,) = dialogue(persona, "Hi.")
    case = case_of(persona, [*first, judging(first, 1, 1, other="x")], turns=1)
    assert np.isnan(gaps_of([case], "j", 1)).all()
    assert case.replies[0].scores == {}
    assert case.missing == ["no score of j in turn 1 (not asked)"]


def test_what_other_judges_said_or_under_another_protocol_is_no_score(persona: Persona) -> None:
    (first,) = dialogue(persona, "Hi.")
    judged = [judging(first, 0, 5, spec="other"), judging(first, 1, 5, protocol="grove")]
    case = case_of(persona, [*first, *judged], turns=1)
    assert case.replies[0].scores == {}
    assert case.missing == ["no score of j in turn 1 (not asked)"]
    assert case_of(persona, [*first, *judged], 1, protocol="grove").replies[0].scores == {"j": 5}


def test_each_judge_is_missed_by_itself(persona: Persona) -> None:
    (first,) = dialogue(persona, "Hi.")
    judged = [judging(first, 0, 5), judging(first, 1, spec="k")]
    case = case_of(persona, [*first, *judged], turns=1, judges=["j", "k", "l"])
    assert case.missing == [
        "no score of k in turn 1 (TimeoutError)",
        "no score of l in turn 1 (not asked)",
    ]


def test_a_later_attempt_that_came_off_takes_the_place_of_a_failure(persona: Persona) -> None:
    (first,) = dialogue(persona, "Hi.")
    judged = [judging(first, 0), judging(first, 0, 4, attempt=1)]
    case = case_of(persona, [*first, *judged], turns=1)
    assert case.replies[0].scores == {"j": 4} and case.missing == []


def test_a_later_attempt_that_failed_again_is_missing_still(persona: Persona) -> None:
    (first,) = dialogue(persona, "Hi.")
    case = case_of(persona, [*first, judging(first, 0), judging(first, 0, attempt=1)], turns=1)
    assert case.missing == ["no score of j in turn 1 (TimeoutError)"]


@pytest.mark.parametrize("seat", [USER, INDUCER, ASSISTANT])
def test_a_dialogue_that_broke_off_misses_its_later_turns(persona: Persona, seat: str) -> None:
    (first,) = dialogue(persona, "Hi.")
    if seat == USER:
        broken = [a_node(first[1].key, USER, 2, failure=a_failure())]
    else:
        user = a_node(first[1].key, USER, 2, text="Well?")
        broken = [user, a_node(user.key, seat, 2, failure=a_failure())]
    case = case_of(persona, [*first, judging(first, 0, 4), *broken], turns=4)
    assert case.missing == [f"{seat} failed in turn 2 (TimeoutError)", "no reply in turns 2-4"]
    assert [said.turn for said in case.replies] == [1]


def test_a_dialogue_that_was_left_off_is_missed_without_a_failure(persona: Persona) -> None:
    first, second = dialogue(persona, "Hi.", "Ho.")
    case = case_of(persona, [*first, second[0], judging(first, 0, 4)], turns=3)
    assert case.missing == ["no reply in turns 2-3"]


def test_scores_are_cases_by_turns_with_holes_where_nothing_is(persona: Persona) -> None:
    first, second = dialogue(persona, "Hi.", "Ho.")
    whole = case_of(persona, [*first, *second, judging(first, 0, 4), judging(second, 0, 2)], 3)
    holes = case_of(persona, [*first, *second, judging(second, 0, 1)], 3)
    scores = scores_of([whole, holes], "j", AloeScores, 3)
    np.testing.assert_array_equal(scores.values, [[4, 2, np.nan], [np.nan, 1, np.nan]])
    assert scores.profiles == (persona.profile.id,) * 2
    assert scores.missing == ((0, 3), (1, 1), (1, 3))


@pytest.mark.parametrize(("scale", "kind"), [((1, 5), AloeScores), ((0, 1), RlpaScores)])
def test_the_scale_says_in_which_style_a_judge_scores(
    persona: Persona, scale: Scale, kind: type
) -> None:
    (first,) = dialogue(persona, "Hi.")
    nodes = [
        *first,
        judging(first, 0, 1, scale=scale),
        judging(first, 1, 7, scale=(0, 9), spec="k"),
    ]
    assert scale_of([Tree(persona), Tree(persona, 0, nodes)], "j", "aloe") is kind


@pytest.mark.parametrize(
    ("scales", "told"),
    [
        ([(0, 10)], "scores from 0 to 10; it must be 1 to 5, or 0 to 1"),
        ([(1, 5), (0, 1)], "scores from 0 to 1, 1 to 5; it must be"),
    ],
)
def test_a_judge_without_one_known_scale_is_refused(
    persona: Persona, scales: list[Scale], told: str
) -> None:
    (first,) = dialogue(persona, "Hi.")
    judged = [judging(first, at, 1, scale=each) for at, each in enumerate(scales)]
    hidden = [judging(first, 8, 3, protocol="grove"), judging(first, 9)]
    with pytest.raises(UsageError, match=told):
        scale_of([Tree(persona, 0, [*first, *judged, *hidden])], "j", "aloe")


def test_a_judge_that_never_scored_has_no_scale(persona: Persona) -> None:
    (first,) = dialogue(persona, "Hi.")
    hidden = [judging(first, 8, 3, protocol="grove"), judging(first, 9)]
    assert scale_of([Tree(persona, 0, [*first, *hidden])], "j", "aloe") is None
