"""Which verdict counts: a named judge's, a person's, the majority's, or the mean of all."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogues import Persona, Tree, Verdict
from dialogues.choice import majority, mean, verdict_chooser
from dialogues.export import Export
from dialogues.node import JUDGE
from tests.growing import a_failure, a_node, a_turn, all_tied, command, ranked, store_trees
from tests.strategies import verdicts

KEYS = ["a", "b", "c"]
panels = st.lists(verdicts(KEYS), min_size=1, max_size=5)
points = st.fixed_dictionaries({"style": st.integers(1, 5), "content": st.integers(1, 5)})
scored = st.fixed_dictionaries(dict.fromkeys(KEYS, points)).map(Verdict.from_scores)
scoring = st.lists(scored, min_size=1, max_size=5)


def judged(persona: Persona, **rankings: Any) -> tuple[Tree, str]:
    """Return a tree of one turn that each of the judges named has ranked, and its user's key."""
    nodes = a_turn(Tree(persona).key, "one", "two")
    keys = [node.key for node in nodes[1:]]
    for place, (judge, order) in enumerate(rankings.items()):
        verdict = ranked(*([keys[index]] for index in order)) if order else None
        failure = None if verdict else a_failure()
        spec = judge.replace("_", "=")
        nodes.append(
            a_node(nodes[0].key, JUDGE, place=place, spec=spec, verdict=verdict, failure=failure)
        )
    return Tree(persona, 0, nodes), nodes[0].key


def best(tree: Tree, key: str, name: str | None) -> str | None:
    """Return the text of the reply that wins under the verdict `name` chooses."""
    verdict = verdict_chooser(name)(tree, key)
    return tree[verdict.preferred[0]].text if verdict else None


def test_without_a_name_the_first_verdict_counts(persona: Persona) -> None:
    assert best(*judged(persona, scripted=(1, 0), panel=(0, 1)), None) == "two"


def test_a_failed_first_judge_is_passed_over(persona: Persona) -> None:
    assert best(*judged(persona, scripted=(), panel=(1, 0)), None) == "two"


def test_a_named_judges_verdict_counts(persona: Persona) -> None:
    tree = judged(persona, scripted=(0, 1), listwise_panel=(1, 0))
    assert best(*tree, "scripted") == "one"
    assert best(*tree, "listwise=panel") == "two"


def test_a_judge_is_found_whatever_its_endpoint(persona: Persona) -> None:
    assert best(*judged(persona, scripted=(1, 0)), "scripted@http://h:1/v1") == "two"


def test_a_persons_verdict_counts_where_it_is_asked_for(persona: Persona) -> None:
    tree = judged(persona, scripted=(0, 1), human=(1, 0))
    assert best(*tree, "human") == "two"
    assert best(*tree, None) == "one"


def test_a_judge_that_said_nothing_gives_none(persona: Persona) -> None:
    tree = judged(persona, scripted=(0, 1), panel=())
    assert best(*tree, "human") is None
    assert best(*tree, "panel") is None


def test_the_majority_outvotes_the_first_judge(persona: Persona) -> None:
    tree = judged(persona, scripted=(0, 1), panel=(1, 0), other=(1, 0))
    assert best(*tree, "majority") == "two"


def test_the_majority_of_nobody_is_none(persona: Persona) -> None:
    assert best(*judged(persona), "majority") is None


def test_margin_and_confidence_are_shares_of_the_votes() -> None:
    verdict = majority([ranked("a", "b"), ranked("a", "b"), ranked("b", "a")])
    assert verdict and verdict.ranking == (("a",), ("b",))
    assert (verdict.margin, verdict.confidence) == (1 / 3, 2 / 3)


def test_an_even_split_is_a_tie() -> None:
    verdict = majority([ranked("a", "b"), ranked("b", "a")])
    assert verdict and verdict.preferred == () and verdict.margin == 0


def test_a_judge_that_ties_votes_for_neither() -> None:
    verdict = majority([all_tied(["a", "b"]), ranked("b", "a")])
    assert verdict and verdict.ranking == (("b",), ("a",))
    assert (verdict.margin, verdict.confidence) == (0.5, 0.5)


def test_verdicts_on_different_candidates_have_no_majority() -> None:
    assert majority([ranked("a", "b"), ranked("a", "c")]) is None


@given(verdicts(KEYS))
def test_a_single_judge_is_its_own_majority(verdict: Verdict) -> None:
    combined = majority([verdict])
    assert combined
    assert [set(tier) for tier in combined.ranking] == [set(tier) for tier in verdict.ranking]
    assert combined.confidence == 1


@given(verdicts(KEYS), st.integers(1, 4))
def test_judges_who_agree_are_followed(verdict: Verdict, judges: int) -> None:
    combined = majority([verdict] * judges)
    assert combined
    assert [set(tier) for tier in combined.ranking] == [set(tier) for tier in verdict.ranking]
    assert combined.margin == float(len(verdict.ranking) > 1)


@given(panels, st.randoms(use_true_random=False))
def test_the_order_of_the_judges_does_not_matter(panel: list[Verdict], random: Any) -> None:
    assert majority(random.sample(panel, len(panel))) == majority(panel)


@given(panels)
def test_nobody_all_judges_put_behind_another_comes_before_it(panel: list[Verdict]) -> None:
    combined = majority(panel)
    assert combined
    for one in KEYS:
        for other in KEYS:
            if all(verdict.tier(one) < verdict.tier(other) for verdict in panel):
                assert combined.tier(one) < combined.tier(other)


def test_export_follows_the_verdict_it_is_told(tmp_path: Path, persona: Persona) -> None:
    tree, _ = judged(persona, scripted=(0, 1), panel=(1, 0), other=(1, 0), human=(1, 0))
    store_trees(tmp_path / "a.db", [tree]).engine.dispose()
    chosen = {}
    for name in ("scripted", "majority", "human"):
        out = tmp_path / f"{name}.jsonl"
        flags = ("--format", "sft", "--out", out, "--verdict", name)
        assert command(Export, tmp_path / "a.db", *flags) == 0
        chosen[name] = "one" in out.read_text()
    assert chosen == {"scripted": True, "majority": False, "human": False}


def of(**means: float) -> Verdict:
    """Return the verdict of one criterion."""
    return Verdict.from_scores({key: {"style": mean} for key, mean in means.items()})


def test_the_mean_ranks_by_the_mean_of_all_judges_scores() -> None:
    verdict = mean([of(a=5, b=4), of(a=1, b=3)])
    assert verdict and verdict.ranking == (("b",), ("a",))
    assert verdict.scores == {"a": {"style": 3.0}, "b": {"style": 3.5}}
    assert (verdict.margin, verdict.confidence) == (0.125, 0.5)


def test_equal_means_of_unequal_scores_tie() -> None:
    verdict = mean([of(a=5, b=1), of(a=1, b=5)])
    assert verdict and (verdict.preferred, verdict.margin, verdict.confidence) == ((), 0.0, 0.0)


@pytest.mark.parametrize(
    "panel",
    [
        [],
        [ranked("a", "b")],
        [of(a=1, b=2), ranked("a", "b")],
        [of(a=1, b=2), of(a=1, c=2)],
        [of(a=1, b=2), Verdict.from_scores({"a": {"content": 1}, "b": {"content": 2}})],
        [of(a=1, b=2), Verdict.from_scores({"a": {"style": 1}, "b": {"style": 2}}, scale=(0, 10))],
    ],
    ids=["nobody", "a ranking", "one ranking", "candidates", "criteria", "scale"],
)
def test_what_has_no_scores_in_common_has_no_mean(panel: list[Verdict]) -> None:
    assert mean(panel) is None


@given(scored, st.integers(1, 4))
def test_judges_who_score_alike_are_their_own_mean(verdict: Verdict, judges: int) -> None:
    combined = mean([verdict] * judges)
    assert combined
    assert (combined.ranking, combined.scores) == (verdict.ranking, verdict.scores)
    assert (combined.margin, combined.confidence) == (verdict.margin, 1.0)


@given(scoring, st.randoms(use_true_random=False))
def test_the_order_of_the_judges_does_not_matter_to_the_mean(
    panel: list[Verdict], random: Any
) -> None:
    one, other = mean(panel), mean(random.sample(panel, len(panel)))
    assert one and other and one.scores == other.scores
    assert [set(tier) for tier in one.ranking] == [set(tier) for tier in other.ranking]


@given(scoring)
def test_a_mean_lies_within_what_was_given(panel: list[Verdict]) -> None:
    combined = mean(panel)
    assert combined and 0 <= combined.margin <= 1 and 0 <= combined.confidence <= 1
    for key in KEYS:
        given_styles = [verdict.scores[key]["style"] for verdict in panel]
        assert min(given_styles) <= combined.scores[key]["style"] <= max(given_styles)


def test_the_mean_counts_where_it_is_named(persona: Persona) -> None:
    nodes = a_turn(Tree(persona).key, "one", "two")
    first, second = (node.key for node in nodes[1:])
    for place, points in enumerate([(5, 4), (1, 4)]):
        given_points = {first: {"style": points[0]}, second: {"style": points[1]}}
        verdict = Verdict.from_scores(given_points)
        spec = f"pointwise=j{place}"
        nodes.append(a_node(nodes[0].key, JUDGE, place=place, spec=spec, verdict=verdict))
    tree = Tree(persona, 0, nodes), nodes[0].key
    assert [best(*tree, name) for name in ("mean", None)] == ["two", "one"]


def test_a_person_belongs_to_no_panel_and_corrects_where_asked(persona: Persona) -> None:
    nodes = a_turn(Tree(persona).key, "one", "two")
    first, second = (node.key for node in nodes[1:])
    for place, spec in enumerate(["scripted", "human", "human"]):
        order = [[first], [second]] if place < 2 else [[second], [first]]
        verdict = ranked(*order)
        nodes.append(a_node(nodes[0].key, JUDGE, place=place, spec=spec, verdict=verdict))
    tree, user = Tree(persona, 0, nodes), nodes[0].key
    told = {name: best(tree, user, name) for name in ("scripted", "human", "corrected", "majority")}
    assert told == {"scripted": "one", "human": "two", "corrected": "two", "majority": "one"}
    unseen = Tree(persona, 0, nodes[:4])
    assert best(unseen, user, "corrected") == "one"
