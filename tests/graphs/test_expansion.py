"""Expansion policies: which candidates go on, and how many branches may be open."""

from collections import Counter
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.seats import Candidate, JudgeBrief, Judgement
from dialogues.errors import UsageError
from dialogues.node import USER, Node
from dialogues.tree import Tree
from dialogues.verdict import Verdict
from graphs.expansion import (
    POLICIES,
    SURE,
    Siblings,
    continue_all,
    continue_best,
    continue_random,
    continue_uncertain,
    load_policy,
    split_width,
    waits,
)
from tests.agents import troupe
from tests.graphs.stage import company, last_messages, play, seats_by_turn

KEYS = ("a", "b", "c")
GREEDY = (troupe.continue_everything, troupe.continue_together)


def a_set(*tiers: str, confidence: float = 1.0, margin: float = 0.5) -> Siblings:
    """Return siblings whose keys are the letters of `tiers`, best tier first."""
    ranking = tuple(tuple(tier) for tier in tiers)
    verdict = Verdict(ranking=ranking, margin=margin, confidence=confidence)
    return Siblings([Candidate(key, key) for tier in tiers for key in tier], verdict)


def continued(tree: Tree) -> list[Node]:
    return [tree[node.parent] for node in tree.user_messages() if node.turn > 1]


widths = st.integers(1, 9)
shapes = {"width": widths, "turns": st.integers(1, 4), "candidates": st.integers(1, 3)}


@given(widths, st.data())
def test_shares_of_a_width_add_up_and_are_even(width: int, data: st.DataObject) -> None:
    branches = data.draw(st.integers(1, width))
    shares = split_width(width, branches)
    assert len(shares) == branches
    assert sum(shares) == width
    assert min(shares) >= 1
    assert max(shares) - min(shares) <= 1


@given(**shapes)
@settings(max_examples=25)
@pytest.mark.parametrize("policy", [continue_all, *GREEDY])
def test_as_many_branches_open_as_the_width_allows(
    policy: Any, width: int, turns: int, candidates: int
) -> None:
    tree = play(company(), policy=policy, width=width, turns=turns, candidates=candidates)
    expected = [min(width, candidates**turn) for turn in range(turns)]
    assert seats_by_turn(tree, USER) == expected


@given(**shapes)
@settings(max_examples=15)
@pytest.mark.parametrize("policy", [continue_all, continue_uncertain])
def test_no_open_branch_is_dropped_for_another(
    policy: Any, width: int, turns: int, candidates: int
) -> None:
    tree = play(company(), policy=policy, width=width, turns=turns, candidates=candidates)
    assert {node.turn for node in last_messages(tree)} == {turns}


@given(**shapes)
@settings(max_examples=15)
@pytest.mark.parametrize("policy", [continue_random, continue_best, troupe.continue_last])
def test_a_policy_that_continues_one_keeps_one_branch(
    policy: Any, width: int, turns: int, candidates: int
) -> None:
    tree = play(company(), policy=policy, width=width, turns=turns, candidates=candidates)
    assert seats_by_turn(tree, USER) == [1] * turns


def test_best_follows_the_verdict() -> None:
    tree = play(company(), policy=continue_best, turns=6, candidates=3)
    preferred = [tree.verdict(node.parent) for node in continued(tree)]
    chosen = [verdict and verdict.preferred for verdict in preferred]
    assert chosen == [(node.key,) for node in continued(tree)]


def test_best_draws_among_those_that_tie_for_the_first_place() -> None:
    drawn = Counter(continue_best([a_set("ab", "c")], 1, Random(n))[0] for n in range(60))
    assert drawn.keys() == {"a", "b"}
    assert min(drawn.values()) > 15


def test_random_draws_uniformly_whatever_the_verdict() -> None:
    drawn = Counter(continue_random([a_set(*KEYS)], 1, Random(n))[0] for n in range(300))
    assert drawn.keys() == {*KEYS}
    assert min(drawn.values()) > 60


def test_random_continues_rejected_replies_too() -> None:
    tree = play(company(), policy=continue_random, turns=20)
    preferred = [tree.verdict(node.parent) for node in continued(tree)]
    won = [node.key in v.preferred for node, v in zip(continued(tree), preferred, strict=True) if v]
    assert len(won) == 19
    assert 0 < sum(won) < 19


def test_all_takes_the_best_where_not_all_fit() -> None:
    assert continue_all([a_set("c", "a", "b")], 2, Random(0)) == ["c", "a"]


def test_all_works_without_a_verdict() -> None:
    siblings = Siblings([Candidate(key, key) for key in KEYS], None)
    assert sorted(continue_all([siblings], 3, Random(0))) == ["a", "b", "c"]


def test_uncertain_continues_one_of_each_set_and_more_where_the_judge_is_least_sure() -> None:
    sure, unsure = a_set("a", "b", confidence=0.9), a_set("c", "d", confidence=0.1)
    for n in range(10):
        chosen = continue_uncertain([sure, unsure], 3, Random(n))
        assert len(chosen) == 3
        assert {"c", "d"} < {*chosen}


def test_uncertain_takes_the_smaller_margin_where_the_judge_is_equally_sure() -> None:
    clear = a_set("a", "b", margin=0.8, confidence=0.5)
    close = a_set("c", "d", margin=0.1, confidence=0.5)
    assert {"c", "d"} < {*continue_uncertain([clear, close], 3, Random(0))}


def test_uncertain_trusts_a_single_candidate() -> None:
    alone = Siblings([Candidate("a", "a")], None)
    doubtful = a_set("b", "c", confidence=0.5)
    assert continue_uncertain([alone, doubtful], 3, Random(0))[2:] in (["b"], ["c"])


def test_uncertain_spends_no_branch_on_sets_the_judge_is_sure_of() -> None:
    sure = [a_set("a", "b", confidence=0.9), a_set("c", "d", confidence=SURE)]
    assert len(continue_uncertain(sure, 8, Random(0))) == 2


class DoubtsAfterReplyZero:
    """A judge who is unsure at the first turn, and of all that follows its reply 0."""

    async def judge(self, brief: JudgeBrief) -> Judgement:
        told = (await troupe.DrawingJudge().judge(brief)).verdict
        doubts = len(brief.history) == 1 or "Reply 0" in brief.history[1].content
        return Judgement(verdict=told.model_copy(update={"confidence": 0.1 if doubts else 0.9}))


def test_in_a_tree_uncertain_opens_its_extra_branch_below_the_doubtful_reply() -> None:
    cast = company(judge=DoubtsAfterReplyZero())
    tree = play(cast, policy=continue_uncertain, width=3, turns=3)
    origins = [tree.path(node.key)[1].place for node in last_messages(tree)]
    assert sorted(origins) == [0, 0, 1]


def test_a_policy_that_continues_nothing_ends_the_dialogue() -> None:
    tree = play(company(), policy=troupe.continue_nothing, turns=3)
    assert seats_by_turn(tree, USER) == [1]


def test_a_policy_does_not_change_what_it_is_shown() -> None:
    siblings = a_set(*KEYS)
    for policy in POLICIES.values():
        policy([siblings], 2, Random(0))
    assert siblings == a_set(*KEYS)


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_is_found_by_its_name(name: str) -> None:
    assert load_policy(name) is POLICIES[name]


def test_a_policy_is_found_by_a_dotted_path() -> None:
    assert load_policy(f"{troupe.PATH}:continue_last") is troupe.continue_last


def test_only_uncertain_waits_for_the_other_branches() -> None:
    assert [name for name, policy in POLICIES.items() if waits(policy)] == ["uncertain"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("bestest", "random, best, all, uncertain"),
        ("no_such_module:policy", "no_such_module"),
        (f"{troupe.PATH}:no_such_policy", "no_such_policy"),
        (f"{troupe.PATH}:NOT_A_CLASS", "function"),
    ],
)
def test_what_is_no_policy_is_refused(name: str, reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_policy(name)
    assert f"--expand {name}" in str(caught.value)
    assert reason in str(caught.value)


@pytest.mark.parametrize("policy", [troupe.continue_wrongly, troupe.continue_stranger])
def test_a_policy_that_fails_or_names_strangers_stops_the_growth_by_name(policy: Any) -> None:
    with pytest.raises(UsageError, match=policy.__name__) as caught:
        play(company(), policy=policy)
    assert " at 0x" not in str(caught.value)
