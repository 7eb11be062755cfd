"""Verdicts: rankings with ties, scores, margins."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dialogues import Verdict
from tests.growing import all_tied, ranked

scores = st.dictionaries(
    st.sampled_from("abcde"),
    st.fixed_dictionaries({"style": st.integers(1, 5), "content": st.integers(1, 5)}),
    min_size=1,
)


def from_means(**means: float) -> Verdict:
    """Return the verdict of one criterion on the scale from 1 to 5."""
    return Verdict.from_scores({key: {"overall": mean} for key, mean in means.items()})


def test_candidates_are_ranked_by_their_mean_score() -> None:
    verdict = Verdict.from_scores(
        {"a": {"x": 1, "y": 2}, "b": {"x": 5, "y": 4}, "c": {"x": 2, "y": 2}}
    )
    assert verdict.ranking == (("b",), ("c",), ("a",))
    assert verdict.mean_score("b") == 4.5


def test_equal_means_tie() -> None:
    assert from_means(a=3, b=4, c=3, d=4).ranking == (("b", "d"), ("a", "c"))


def test_means_that_differ_by_rounding_alone_tie() -> None:
    verdict = Verdict.from_scores({"a": {"x": 1.1, "y": 1.2, "z": 1.3}, "b": {"x": 1.2}})
    assert verdict.ranking == (("a", "b"),)


def test_the_margin_is_the_lead_of_the_best_tier_over_the_scale() -> None:
    assert from_means(a=5, b=3, c=1).margin == 0.5
    assert Verdict.from_scores({"a": {"x": 8}, "b": {"x": 6}}, scale=(0, 10)).margin == 0.2


def test_a_full_tie_has_no_margin_and_prefers_nobody() -> None:
    verdict = from_means(a=3, b=3)
    assert (verdict.margin, verdict.preferred) == (0.0, ())


def test_a_single_candidate_has_no_margin_and_is_not_preferred() -> None:
    verdict = from_means(a=5)
    assert (verdict.margin, verdict.preferred) == (0.0, ())


def test_the_best_tier_is_preferred_whole() -> None:
    assert from_means(a=4, b=4, c=1).preferred == ("a", "b")


def test_the_margin_of_a_pair_is_its_own_score_difference() -> None:
    verdict = from_means(a=5, b=4, c=1)
    assert verdict.margin_between("b", "c") == 0.75
    assert verdict.margin_between("a", "c") == 1.0


def test_a_judge_that_only_ranked_has_one_margin_for_all_pairs() -> None:
    verdict = ranked("a", "b", "c", margin=0.5)
    assert verdict.margin_between("a", "c") == verdict.margin_between("b", "c") == 0.5


def test_tiers_count_from_the_best() -> None:
    verdict = ranked("a", ["b", "c"])
    assert [verdict.tier(key) for key in "abc"] == [0, 1, 1]


def test_the_tier_of_a_stranger_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="z"):
        ranked("a", "b").tier("z")


@given(scores)
def test_scores_rank_every_candidate_once_in_falling_order(
    given_scores: dict[str, dict[str, float]],
) -> None:
    verdict = Verdict.from_scores(given_scores)
    assert sorted(key for tier in verdict.ranking for key in tier) == sorted(given_scores)
    levels = [{verdict.mean_score(key) for key in tier} for tier in verdict.ranking]
    assert all(len(level) == 1 for level in levels)
    means = [level.pop() for level in levels]
    assert means == sorted(means, reverse=True)
    assert 0 <= verdict.margin <= 1


@given(scores)
def test_a_verdict_survives_json(given_scores: dict[str, dict[str, float]]) -> None:
    verdict = Verdict.from_scores(given_scores, confidence=1 / 3, orders=[list(given_scores)])
    assert Verdict.model_validate_json(verdict.model_dump_json()) == verdict


VALID: dict[str, Any] = {"ranking": [["a"], ["b"]], "margin": 0.5, "confidence": 1.0}
INVALID: dict[str, dict[str, Any]] = {
    "a candidate twice": {"ranking": [["a"], ["a", "b"]]},
    "a candidate twice in a tier": {"ranking": [["a", "a"]]},
    "an empty tier": {"ranking": [["a"], [], ["b"]]},
    "scores of another candidate": {"scores": {"a": {"x": 1}, "z": {"x": 2}}},
    "a candidate without scores": {"scores": {"a": {"x": 1}}},
    "margin below 0": {"margin": -0.1},
    "margin above 1": {"margin": 1.1},
    "margin not a number": {"margin": float("nan")},
    "confidence below 0": {"confidence": -0.1},
    "confidence above 1": {"confidence": 1.1},
    "an unknown key": {"winner": "a"},
    "a ranking against its own scores": {"scores": {"a": {"x": 1}, "b": {"x": 5}}},
    "a tie against its own scores": {
        "ranking": [["b", "a"]],
        "scores": {"a": {"x": 1}, "b": {"x": 5}},
    },
    "the same tie the other way round": {
        "ranking": [["a", "b"]],
        "scores": {"a": {"x": 1}, "b": {"x": 5}},
    },
    "a score outside the scale": {"scores": {"a": {"x": 9}, "b": {"x": 1}}},
    "a score that is no number": {"scores": {"a": {"x": float("nan")}, "b": {"x": 1}}},
}


@pytest.mark.parametrize("change", INVALID.values(), ids=INVALID.keys())
def test_an_invalid_verdict_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Verdict.model_validate({**VALID, **change})


def test_the_verdict_these_changes_are_made_to_is_valid() -> None:
    assert Verdict.model_validate(VALID).preferred == ("a",)


def test_scores_outside_the_scale_are_refused_even_in_a_tie() -> None:
    with pytest.raises(ValueError, match="scale"):
        from_means(a=9, b=9)


def test_all_tied_is_one_tier() -> None:
    assert all_tied(["a", "b"]).preferred == ()


def test_agreement_is_the_share_of_criteria_on_which_the_best_is_not_behind() -> None:
    scores = {"a": {"style": 5.0, "content": 3.0}, "b": {"style": 1.0, "content": 4.0}}
    assert Verdict.from_scores(scores).agreement == 0.5
    assert Verdict.from_scores({"a": scores["a"], "b": scores["a"]}).agreement == 0.0
    assert Verdict(ranking=(("a",), ("b",)), margin=1, confidence=1).agreement == 0.0


def test_two_candidates_are_in_order_or_tie() -> None:
    verdict = ranked(["a"], ["b", "c"])
    assert [verdict.order(*pair) for pair in ("ab", "ba", "bc", "aa")] == [1, -1, 0, 0]
    with pytest.raises(KeyError):
        verdict.order("a", "z")
