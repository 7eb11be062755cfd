"""Flips: depth, recovery and shares, worked out by hand on trees made by hand."""

from collections.abc import Sequence

import pytest

from dialogues import Node, Persona, Tree
from eval.flip import KEPT, flip_of, wishes_of
from eval.result import Case, Flip, Said
from tests.growing import a_persona, a_turn

SHORT, MIDDLE, LONG = "word " * 10, "word " * 30, "word " * 40
TURNS = 8


def tree_of(
    *replies: str, old: str = "short", new: str = "long", flips: int = 6, who: int = 0
) -> Tree:
    """Return a dialogue whose user has a wish from turn 2 on, and the opposite from `flips` on."""
    persona: Persona = a_persona(f"He is {who}.")
    tip, nodes = Tree(persona).key, list[Node]()
    for turn, reply in enumerate(replies, start=1):
        changed = turn >= flips
        agenda = {"wish": new if changed else old, "wished_at": flips if changed else 2}
        if turn == 1:
            agenda = {"wish": "", "wished_at": 0}
        user, answer = a_turn(tip, reply, turn=turn, says=f"Message {turn}.")
        notes = {"agenda": {**agenda, "changed": changed}}
        nodes += [user.model_copy(update={"notes": notes}), answer]
        tip = answer.key
    return Tree(persona, 0, nodes)


def case_of(tree: Tree, *scores: float | None) -> Case:
    """Return the case of a dialogue whose replies have these scores; None for none."""
    replies = [
        Said(turn=turn, words=1, scores={} if score is None else {"j": score})
        for turn, score in enumerate(scores, start=1)
    ]
    halves = {"profile": tree.persona.profile.id, "personality": tree.persona.personality.id}
    return Case(assistant="a", user="u", run="r", tree=tree.key, replies=replies, **halves)


def flipped(trees: Sequence[Tree], cases: Sequence[Case] = ()) -> Flip | None:
    scored = cases or [case_of(tree, *[3] * TURNS) for tree in trees]
    return flip_of(scored, trees, "u", "j", TURNS)


def test_depth_is_the_level_before_the_flip_minus_that_at_it() -> None:
    trees = [tree_of(*[SHORT] * TURNS, who=who) for who in range(2)]
    cases = [case_of(trees[0], 1, 4, 5, 4, 3, 2, 1, 1), case_of(trees[1], 5, 5, 4, 3, 4, 1, 1, 1)]
    found = flipped(trees, cases)
    assert found and (found.turn, found.cases, found.assistant, found.user, found.judge) == (
        *(6, 2, "a", "u", "j"),
    )
    # Turns 2 to 5, not the first, in which there was no wish yet.
    assert found.depth == pytest.approx((4.5 + 4.5 + 3.5 + 3.5) / 4 - 1.5)


def test_a_score_that_is_missing_is_left_out_of_the_depth() -> None:
    trees = [tree_of(*[SHORT] * TURNS, who=who) for who in range(2)]
    cases = [case_of(trees[0], 1, 4, 4, 4, 4, None, 1, 1), case_of(trees[1], *[None] * 5, 2, 1, 1)]
    found = flipped(trees, cases)
    assert found and found.depth == pytest.approx(4 - 2)
    nobody = [case_of(tree, 1, 4, 4, 4, 4, None) for tree in trees]
    unknown = flipped(trees, nobody)
    assert unknown and unknown.depth is None


def test_shares_are_of_replies_that_keep_the_wish_that_counts() -> None:
    found = flipped([tree_of(LONG, SHORT, LONG, SHORT, SHORT, SHORT, LONG, LONG)])
    assert found
    assert found.kept_before == pytest.approx(3 / 4)
    assert found.kept_after == pytest.approx(2 / 3, abs=1e-6)
    assert found.old_after == pytest.approx(1 / 3, abs=1e-6)


@pytest.mark.parametrize(
    ("after", "recovery"),
    [
        ([LONG, LONG, LONG], 0),
        ([SHORT, LONG, SHORT], 1),
        ([SHORT, MIDDLE, LONG], 2),
        ([SHORT, MIDDLE, MIDDLE], None),
    ],
)
def test_recovery_is_the_turns_until_the_new_wish_is_kept(
    after: list[str], recovery: int | None
) -> None:
    found = flipped([tree_of(LONG, *[SHORT] * 4, *after)])
    assert found and found.recovery == recovery


def test_recovery_asks_for_the_share_that_kept_the_old_wish() -> None:
    keeps, half = [LONG, *[SHORT] * 4], [LONG, SHORT, LONG, SHORT, LONG]
    trees = [tree_of(*keeps, SHORT, LONG, LONG), tree_of(*half, SHORT, SHORT, LONG, who=1)]
    found = flipped(trees)
    # 3 of 4 kept it; in turn 7 one of two does, in turn 8 both.
    assert found and (found.kept_before, found.recovery) == (0.75, 2)


def test_replies_that_never_came_are_in_no_share() -> None:
    whole, broken = tree_of(LONG, *[SHORT] * 4, *[LONG] * 3), tree_of(LONG, *[SHORT] * 6, who=1)
    found = flipped([whole, broken])
    assert found and found.kept_after == pytest.approx((0.5 + 0.5 + 1) / 3, abs=1e-6)


def test_a_dialogue_without_a_flip_is_not_counted() -> None:
    never, flips = tree_of(*[SHORT] * TURNS, flips=99), tree_of(*[LONG] * TURNS, who=1)
    found = flipped([never, flips])
    assert found and (found.cases, found.kept_before, found.kept_after) == (1, 0, 1)


@pytest.mark.parametrize(
    "tree",
    [
        tree_of(*[SHORT] * TURNS, flips=99),
        tree_of(*[SHORT] * 5),
        tree_of(*[SHORT] * TURNS, old="serious", new="light"),
        tree_of(*[SHORT] * TURNS, flips=1),
    ],
    ids=["no flip", "broken off before it", "cannot be measured", "nothing wished before"],
)
def test_where_nothing_flips_there_is_nothing_to_tell(tree: Tree) -> None:
    assert wishes_of(tree) is None
    assert flipped([tree]) is None


def test_users_without_gold_labels_have_no_flip() -> None:
    persona = a_persona()
    assert wishes_of(Tree(persona, 0, a_turn(Tree(persona).key, "Hi."))) is None


@pytest.mark.parametrize(
    ("wish", "keeps", "breaks"),
    [
        ("short", "word " * 25, "word " * 26),
        ("long", "word " * 35, "word " * 34),
        ("fewer_questions", "So it is.", "Is it?"),
        ("more_questions", "Is it? Yes.", "So it is."),
    ],
)
def test_a_wish_is_kept_or_not_by_the_form_of_the_reply(wish: str, keeps: str, breaks: str) -> None:
    assert KEPT[wish](keeps) and not KEPT[wish](breaks)


def test_no_reply_keeps_a_wish_and_its_opposite() -> None:
    for reply in (SHORT, MIDDLE, LONG, "Is it?", ""):
        assert not (KEPT["short"](reply) and KEPT["long"](reply))
        assert KEPT["fewer_questions"](reply) != KEPT["more_questions"](reply)
