"""A person's verdicts are counted, and those against the judge."""

import pytest

from dialogues.corrections import Corrections
from dialogues.node import JUDGE
from dialogues.tree import Tree
from tests.growing import a_node, a_persona, a_turn, all_tied, in_order, in_reverse, ranked


def seen(own: str | None, person: object, judge: str = "scripted") -> Corrections:
    """Count in a tree of one turn, whose judge ranks the replies as they stand."""
    tree = Tree(a_persona())
    nodes = a_turn(tree.key, "x", "y", "z")
    keys = [node.key for node in nodes[1:]]
    nodes.append(a_node(nodes[0].key, JUDGE, verdict=in_order(keys), spec=judge))
    if callable(person):
        theirs = person(keys)
        nodes.append(a_node(nodes[0].key, JUDGE, place=1, spec="human", verdict=theirs))
    for node in nodes:
        tree.add(node)
    corrections = Corrections(own)
    corrections.see(tree)
    return corrections


@pytest.mark.parametrize("own", [None, "human", "scripted"])
@pytest.mark.parametrize(
    ("person", "counts"),
    [
        (None, (0, 0)),
        (in_order, (1, 0)),
        (all_tied, (1, 0)),
        (in_reverse, (1, 1)),
        (lambda keys: ranked(keys[1:2], [keys[0], keys[2]]), (1, 1)),
        (lambda keys: ranked(keys[:1], keys[1:]), (1, 0)),
        (lambda keys: ranked(keys[1:2], keys[:1]), (1, 1)),
    ],
)
def test_another_order_of_two_replies_is_against_the_judge(
    own: str | None, person: object, counts: tuple[int, int]
) -> None:
    corrections = seen(own, person)
    assert (corrections.verdicts, corrections.against) == counts
    assert bool(str(corrections)) == bool(counts[0])


def test_it_is_the_runs_own_judge_they_are_held_against() -> None:
    assert seen("listwise=openai:m", in_reverse).against == 0
    assert seen("listwise=openai:m", in_reverse, judge="listwise=openai:m").against == 1
