"""Wishes: read from gold labels, and kept or not by the form of a reply."""

import pytest

from dialogues import Tree
from eval.wishes import KEPT, Wishes, wishes_of
from tests.eval.flipping import LONG, MIDDLE, SHORT, TURNS, tree_of
from tests.growing import a_persona, a_turn


def test_wishes_are_those_of_the_gold_labels() -> None:
    assert wishes_of(tree_of(*[SHORT] * TURNS)) == Wishes(2, "short", 6, "long")


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
def test_where_nothing_flips_there_are_no_wishes(tree: Tree) -> None:
    assert wishes_of(tree) is None


def test_users_without_gold_labels_have_no_wishes() -> None:
    persona = a_persona()
    assert wishes_of(Tree(persona, 0, a_turn(Tree(persona).key, "Hi."))) is None


def test_wishes_speak_of_what_is_of_their_kind() -> None:
    wishes = Wishes(2, "short", 6, "long")
    spoken = {name for name in KEPT if wishes.speak_of(name)}
    assert spoken == {"short", "long"}


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
