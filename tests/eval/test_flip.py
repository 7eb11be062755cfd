"""Flips: depth, keeping above chance and recovery, worked out by hand on trees made by hand."""

from collections.abc import Sequence

import pytest

from dialogues import Tree
from eval.flip import flip_of
from eval.result import Case, Flip, Said, Wished
from eval.scores import AloeScores
from tests.eval.flipping import ASKING, LONG, MIDDLE, SHORT, TURNS, tree_of

QUESTIONS = {"old": "fewer_questions", "new": "more_questions"}
HEEDS = [MIDDLE, *[SHORT] * 4, *[LONG] * 3]


def case_of(tree: Tree, *scores: float | None) -> Case:
    """Return the case of a dialogue whose replies have these scores; None for none."""
    replies = [
        Said(turn=turn, reply=f"r{turn}", words=1, scores={} if score is None else {"j": score})
        for turn, score in enumerate(scores, start=1)
    ]
    halves = {"profile": tree.persona.profile.id, "personality": tree.persona.personality.id}
    return Case(assistant="a", user="u", run="r", tree=tree.key, replies=replies, **halves)


def flipped(trees: Sequence[Tree], cases: Sequence[Case] = ()) -> Flip:
    scored = cases or [case_of(tree, *[3] * TURNS) for tree in trees]
    found = flip_of(scored, trees, "u", "j", AloeScores, TURNS, seed=0)
    assert found
    return found


def wish(found: Flip, name: str) -> Wished:
    return next(each for each in found.wishes if each.wish == name)


def test_depth_is_the_level_before_the_flip_minus_that_at_it() -> None:
    trees = [tree_of(*[SHORT] * TURNS, who=who) for who in range(2)]
    cases = [case_of(trees[0], 1, 4, 5, 4, 3, 2, 1, 1), case_of(trees[1], 5, 5, 4, 3, 4, 1, 1, 1)]
    found = flipped(trees, cases)
    assert (found.turn, found.cases, found.assistant, found.user, found.judge) == (
        *(6, 2, "a", "u", "j"),
    )
    # Turns 2 to 5, not the first, in which there was no wish yet.
    assert found.depth.value == pytest.approx((4.5 + 4.5 + 3.5 + 3.5) / 4 - 1.5)


def test_a_score_that_is_missing_is_left_out_of_the_depth() -> None:
    trees = [tree_of(*[SHORT] * TURNS, who=who) for who in range(2)]
    cases = [case_of(trees[0], 1, 4, 4, 4, 4, None, 1, 1), case_of(trees[1], *[None] * 5, 2, 1, 1)]
    assert flipped(trees, cases).depth.value == pytest.approx(4 - 2)
    nobody = [case_of(tree, 1, 4, 4, 4, 4, None) for tree in trees]
    assert flipped(trees, nobody).depth.value is None


def test_a_dialogue_without_a_flip_is_counted_nowhere() -> None:
    never, flips = tree_of(*[LONG] * TURNS, flips=99), tree_of(*HEEDS, who=1)
    cases = [case_of(never, *[1] * TURNS), case_of(flips, 3, 5, 5, 5, 5, 2, 2, 2)]
    found = flipped([never, flips], cases)
    assert (found.cases, found.depth.value) == (1, 3)
    assert wish(found, "long").chance == 0


def test_where_nothing_flips_there_is_nothing_to_tell() -> None:
    tree = tree_of(*[SHORT] * TURNS, flips=99)
    cases = [case_of(tree, *[3] * TURNS)]
    assert flip_of(cases, [tree], "u", "j", AloeScores, TURNS, seed=0) is None


@pytest.mark.parametrize("reply", [SHORT, MIDDLE, LONG, ASKING])
def test_who_pays_no_heed_keeps_no_wish_more_than_by_chance(reply: str) -> None:
    trees = [tree_of(*[reply] * TURNS), tree_of(*[reply] * TURNS, **QUESTIONS, who=1)]
    found = flipped(trees)
    assert (found.kept_before.value, found.kept_after.value, found.old_after.value) == (0, 0, 0)


def test_a_wish_is_kept_by_as_much_as_it_is_kept_more_than_by_chance() -> None:
    talks = [*[ASKING] * 2, *[MIDDLE] * 3, *[ASKING] * 2, MIDDLE]
    found = flipped([tree_of(*HEEDS), tree_of(*talks, **QUESTIONS, who=1)])
    # Nobody who wished nothing of length was given a short or long reply.
    assert [wish(found, name).chance for name in ("short", "long")] == [0, 0]
    # Of the 8 replies to whom wished nothing of questions, and one before the wish, one asks.
    asks = wish(found, "more_questions")
    assert asks.chance == pytest.approx(1 / 9, abs=1e-6)
    assert (asks.kept_before, asks.kept_after, asks.cases) == (None, pytest.approx(2 / 3), 1)
    assert asks.above.value == pytest.approx(2 / 3 - 1 / 9, abs=1e-6)
    fewer = wish(found, "fewer_questions")
    assert (fewer.kept_before, fewer.old_after, fewer.cases) == (3 / 4, pytest.approx(1 / 3), 0)
    # The means over the two wishes.
    assert found.kept_before.value == pytest.approx((1 + 3 / 4 - 8 / 9) / 2, abs=1e-6)
    assert found.kept_after.value == pytest.approx((1 + 2 / 3 - 1 / 9) / 2, abs=1e-6)
    assert found.old_after.value == pytest.approx((0 + 1 / 3 - 8 / 9) / 2, abs=1e-6)


def test_each_wish_counts_the_same_however_many_have_it() -> None:
    deaf = [tree_of(*[MIDDLE] * TURNS, **QUESTIONS, who=who) for who in range(5)]
    assert flipped([*deaf, tree_of(*HEEDS, who=5)]).kept_after.value == 0.5


def test_figures_have_intervals_over_profiles_and_personalities() -> None:
    heeds = [tree_of(*(HEEDS if who % 2 else [MIDDLE] * TURNS), who=who) for who in range(9)]
    found = flipped(heeds)
    for each in (found.kept_before, found.kept_after, wish(found, "long").above):
        assert each.value is not None and each.low is not None and each.high is not None
        assert each.low < each.value < each.high


@pytest.mark.parametrize(
    ("after", "recovery"),
    [
        ([LONG, LONG, LONG], 0),
        ([SHORT, LONG, LONG], 1),
        ([SHORT, MIDDLE, LONG], 2),
        ([LONG, SHORT, LONG], 2),
        ([SHORT, LONG, SHORT], None),
        ([SHORT, MIDDLE, MIDDLE], None),
    ],
)
def test_recovery_is_the_turns_until_the_new_wish_is_kept_to_the_end(
    after: list[str], recovery: int | None
) -> None:
    trees = [tree_of(MIDDLE, *[SHORT] * 4, *after, who=who) for who in range(9)]
    assert flipped(trees).recovery == recovery


def test_recovery_asks_for_nearly_what_kept_the_old_wish() -> None:
    half = [tree_of(*(HEEDS if who < 8 else [MIDDLE] * TURNS), who=who) for who in range(9)]
    late = [tree_of(*HEEDS[:5], MIDDLE, *HEEDS[6:], who=who) for who in range(2)]
    assert flipped(half).recovery == 0
    assert flipped([*late, *half[2:]]).recovery == 1


def test_who_never_kept_the_old_wish_does_not_recover() -> None:
    trees = [tree_of(*[SHORT] * 5, *[LONG] * 3, who=who) for who in range(9)]
    found = flipped(trees)
    assert (found.kept_before.value, found.recovery) == (0, None)


def test_replies_that_never_came_are_in_no_share() -> None:
    whole, broken = tree_of(*HEEDS), tree_of(MIDDLE, *[SHORT] * 6, who=1)
    assert wish(flipped([whole, broken]), "long").kept_after == pytest.approx(3 / 5)
