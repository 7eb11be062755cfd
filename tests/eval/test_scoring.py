"""Scoring: judges see what the protocol has, and what they say is the score."""

from itertools import product
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.models.settings import SeatSampling
from agents.seats import JudgeBrief
from dialogues import Node, Persona, Tree
from dialogues.errors import UsageError
from dialogues.node import AGAINST
from eval.protocol import PROTOCOLS
from eval.result import Result
from eval.scoring import PROTOCOL, unrelated
from tests.eval.benching import (
    CHEAP,
    EXACT,
    ONE,
    OTHER,
    SIX,
    bench,
    forest,
    judged,
    points,
    rescore,
    result_in,
    staged,
)
from tests.growing import a_persona

BOTH = pytest.mark.parametrize("protocol", ["aloe", "grove"])
SWAP = 3


class Scored(NamedTuple):
    """Dialogues scored under both protocols: results, what judges heard, the trees."""

    results: dict[str, Result]
    heard: dict[str, list[JudgeBrief]]
    trees: dict[str, list[Tree]]

    def nodes(self, protocol: str) -> list[tuple[Tree, Node, Node]]:
        """Walk all verdicts with their trees and user messages."""
        return [
            (tree, user, node)
            for trees in self.trees.values()
            for tree in trees
            for user, node in judged(tree)
            if node.notes[PROTOCOL] == protocol
        ]


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Scored:
    folder = tmp_path_factory.mktemp("scored")
    with staged() as first:
        assert bench(folder, *SIX, *CHEAP, "--judge", EXACT) == 0
    with staged() as second:
        assert rescore(folder, "--judge", EXACT, "--protocol", "grove") == 0
    return Scored(
        {"aloe": result_in(folder), "grove": result_in(folder, "again")},
        {"aloe": [each for each in first if isinstance(each, JudgeBrief)], "grove": second},
        {name: forest(folder, name) for name in (ONE, OTHER)},
    )


@BOTH
def test_a_score_is_what_the_judge_said_of_this_reply_to_this_person(
    scored: Scored, protocol: str
) -> None:
    cases = scored.results[protocol].cases
    assert len(cases) == 12
    for case in cases:
        (tree,) = (tree for tree in scored.trees[case.assistant] if tree.key == case.tree)
        for user, said in zip(tree.user_messages(), case.replies, strict=True):
            (reply,) = tree.candidates(user.key)
            seen = 1 if protocol == "aloe" else 2 * user.turn - 1
            assert said.scores == {EXACT: points(tree.persona, seen, reply.text)}
            assert said.words == len(reply.text.split())


@BOTH
def test_scores_for_others_are_those_of_people_who_share_no_half(
    scored: Scored, protocol: str
) -> None:
    people = {tree.persona.id: tree.persona for tree in scored.trees[ONE]}
    mismatched: dict[tuple[str, str, int], list[float]] = {}
    for tree, user, node in scored.nodes(protocol):
        if AGAINST not in node.notes:
            continue
        other = people[node.notes[AGAINST]]
        assert other.profile.id != tree.persona.profile.id
        assert other.personality.id != tree.persona.personality.id
        (reply,) = tree.candidates(user.key)
        seen = 1 if protocol == "aloe" else 2 * user.turn - 1
        place = (reply.spec, tree.key, user.turn)
        mismatched.setdefault(place, []).append(points(other, seen, reply.text))
    for case in scored.results[protocol].cases:
        for said in case.replies:
            found = mismatched[case.assistant, case.tree, said.turn]
            assert len(found) == SWAP
            assert sorted(said.mismatched[EXACT]) == sorted(found)


def test_the_others_are_the_same_for_all_assistants_turns_and_protocols(scored: Scored) -> None:
    drawn: dict[str, set[tuple[str, ...]]] = {}
    for protocol, trees in product(PROTOCOLS, scored.trees.values()):
        for tree in trees:
            for user in tree.user_messages():
                found = [
                    node.notes[AGAINST]
                    for about, node in judged(tree)
                    if about is user and node.notes[PROTOCOL] == protocol and AGAINST in node.notes
                ]
                drawn.setdefault(tree.key, set()).add(tuple(sorted(found)))
    assert [len(each) for each in drawn.values()] == [1] * 6
    assert len(set.union(*drawn.values())) > 1


@BOTH
def test_figures_are_those_worked_out_by_hand(scored: Scored, protocol: str) -> None:
    result = scored.results[protocol]
    for row in result.tables[0].rows:
        cases = [case for case in result.cases if case.assistant == row.assistant]
        own = np.array([[said.scores[EXACT] for said in case.replies] for case in cases])
        other = np.array(
            [[np.mean(said.mismatched[EXACT]) for said in case.replies] for case in cases]
        )
        words = [said.words for case in cases for said in case.replies]
        assert [each.value for each in row.al] == pytest.approx(list(own.mean(axis=0)), abs=1e-6)
        assert row.mean.value == pytest.approx(own.mean(), abs=1e-6)
        assert row.ir.value == pytest.approx((own[:, 2] - own[:, 0]).mean() / 2, abs=1e-6)
        assert row.gap and row.gap.value == pytest.approx((own - other).mean(), abs=1e-6)
        assert row.words == pytest.approx(np.mean(words), abs=1e-6)


def test_under_aloe_a_judge_sees_the_last_message_alone(scored: Scored) -> None:
    said = {user.text for tree in scored.trees[ONE] for user in tree.user_messages()}
    for brief in scored.heard["aloe"]:
        (message,) = brief.history
        assert message.role == "user" and message.content in said
        assert len(brief.candidates) == 1


def test_under_grove_a_judge_sees_the_whole_dialogue(scored: Scored) -> None:
    for brief in scored.heard["grove"]:
        assert len(brief.history) == 2 * brief.turn - 1
        assert brief.history[-1].role == "user"
        assert {said.role for said in brief.history[1::2]} <= {"assistant"}


@BOTH
def test_a_judge_is_told_who_spoke_where_it_judges_for_another(
    scored: Scored, protocol: str
) -> None:
    heard = scored.heard[protocol]
    swapped = [brief for brief in heard if brief.speaker is not None]
    assert len(swapped) * (SWAP + 1) == len(heard) * SWAP
    by_message = {
        tree.history(user.key)[-1]: tree.persona
        for trees in scored.trees.values()
        for tree in trees
        for user in tree.user_messages()
    }
    for brief in heard:
        speaker = by_message[brief.history[-1]]
        assert (brief.speaker or brief.persona) == speaker
        assert brief.speaker is None or brief.persona != speaker


def test_without_a_swap_nobody_else_is_judged_for(tmp_path: Path) -> None:
    with staged() as heard:
        assert bench(tmp_path, *SIX, *CHEAP, "--judge", EXACT, "--swap", "0") == 0
    assert not [brief for brief in heard if getattr(brief, "speaker", None)]
    assert [row.gap for row in result_in(tmp_path).tables[0].rows] == [None, None]


def crowd(profiles: int, personalities: int) -> list[Persona]:
    return [
        a_persona(f"He is {one}.", f"She is shy {other}.")
        for one, other in product(range(profiles), range(personalities))
    ]


@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 5), st.integers(0, 99), st.randoms())
def test_strangers_share_neither_half_and_do_not_depend_on_the_order_of_the_crowd(
    profiles: int, personalities: int, count: int, seed: int, random: Random
) -> None:
    people = crowd(profiles, personalities)
    me = people[seed % len(people)]
    found = unrelated(me, people, count, seed)
    strangers = (profiles - 1) * (personalities - 1)
    assert len({each.id for each in found}) == len(found) == min(count, strangers)
    assert all(each.profile.id != me.profile.id for each in found)
    assert all(each.personality.id != me.personality.id for each in found)
    shuffled = sorted([*people, *people], key=lambda _: random.random())
    assert unrelated(me, shuffled, count, seed) == found


def test_different_people_meet_different_strangers() -> None:
    people = crowd(8, 5)
    drawn = {tuple(each.id for each in unrelated(me, people, 3, 0)) for me in people}
    assert len(drawn) > 30


@pytest.mark.parametrize(
    ("protocol", "judge", "taken"),
    [
        ("aloe", "openai:m@lab", "overall=openai:m@lab"),
        ("grove", "openai:m@lab", "pointwise=openai:m@lab"),
        ("aloe", "hf:models/m", "overall=hf:models/m"),
        ("aloe", "binary=openai:m", "binary=openai:m"),
        ("grove", "overall=openai:m", "overall=openai:m"),
        ("aloe", "scripted", "scripted"),
        ("grove", "scripted:recall", "scripted:recall"),
        ("aloe", "my.module:Judge", "my.module:Judge"),
    ],
)
def test_a_model_named_without_a_role_judges_as_the_protocol_has_it(
    protocol: str, judge: str, taken: str
) -> None:
    assert PROTOCOLS[protocol].judge(judge) == taken


@pytest.mark.parametrize(
    ("protocol", "judge"),
    [("aloe", "scripted:recall"), ("aloe", "listwise=openai:m"), ("grove", "listwise=hf:m")],
)
def test_a_judge_that_makes_no_sense_there_is_refused(protocol: str, judge: str) -> None:
    with pytest.raises(UsageError, match=f"--judge {judge}"):
        PROTOCOLS[protocol].judge(judge)


@pytest.mark.parametrize(("protocol", "temperature"), [("aloe", 0.0), ("grove", 0.7)])
def test_the_protocol_sets_the_temperature_of_assistants_and_judges_alone(
    protocol: str, temperature: float
) -> None:
    asked = SeatSampling.model_validate(
        {"assistant": {"temperature": 1.3, "max_tokens": 9}, "judge": {"temperature": 1}}
    )
    sampled = PROTOCOLS[protocol].sampled(asked)
    assert (sampled.assistant.temperature, sampled.assistant.max_tokens) == (temperature, 9)
    assert sampled.judge.temperature == 0
    assert (sampled.user, sampled.inducer) == (asked.user, asked.inducer)
