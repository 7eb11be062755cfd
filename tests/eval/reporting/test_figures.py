"""What a report says of turns, against trees whose answer is known."""

import pytest

from dialogues.choice import verdict_chooser
from dialogues.node import ASSISTANT, USER
from dialogues.tree import Tree
from eval.plotting import Chart, Curve
from eval.reporting.curves import WIDTH, drawn
from eval.reporting.judged import Judged, sets_grid
from eval.reporting.turns import turns_of
from eval.reporting.worst import SHOWN, Worst
from eval.result import Figure
from tests.eval.reporting.stage import a_hostile_tree, a_scored_tree
from tests.growing import a_node, a_persona, a_turn, in_order

FIRST = verdict_chooser(None)


def test_regret_is_how_far_the_chosen_reply_lies_behind_the_best() -> None:
    tree = a_scored_tree((4, 2, 1), (5, 3, 0), (3, 3, 0))
    one, two, three = turns_of(tree, FIRST)
    assert [(each.score, each.regret) for each in one.chosen] == [(2.0, 0.5)]
    assert [(each.score, each.regret) for each in two.chosen] == [(5.0, 0.0)]
    assert three.chosen == []  # nobody went on from it
    assert [turn.margin for turn in (one, two, three)] == [0.5, 0.5, 0.0]


def test_the_only_reply_is_chosen_and_has_no_regret() -> None:
    tree = Tree(a_persona())
    for node in a_turn(tree.key, "Yes.", verdict=in_order):
        tree.add(node)
    (turn,) = turns_of(tree, FIRST)
    (chosen,) = turn.chosen
    assert (chosen.score, chosen.regret, turn.margin) == (None, None, None)


def test_a_judge_that_only_ranks_gives_its_margin_as_regret() -> None:
    tree = Tree(a_persona())
    nodes = a_turn(tree.key, "Best.", "Worse.", verdict=in_order)
    for node in (*nodes, a_node(nodes[2].key, USER, 2, text="Hm.")):
        tree.add(node)
    (chosen,) = turns_of(tree, FIRST)[0].chosen
    assert (chosen.score, chosen.regret) == (None, 0.5)


def test_worst_turns_are_few_and_the_worst_comes_first() -> None:
    worst = Worst()
    for at in range(SHOWN + 10):
        tree = a_scored_tree((1 + at % 9 / 4, 5, 0), (3, 3, 0), profile=f"Person {at} waits.")
        worst.add(tree, turns_of(tree, FIRST))
    failing = a_hostile_tree()
    worst.add(failing, turns_of(failing, FIRST))
    by_kind = {kind: [bad for bad in worst.found if bad.kind == kind] for kind in
               ("failure", "score", "regret")}  # fmt: skip
    assert {kind: len(found) for kind, found in by_kind.items()} == {
        "failure": 1, "score": SHOWN, "regret": SHOWN
    }  # fmt: skip
    for found in by_kind.values():
        assert [bad.rank for bad in found] == sorted(bad.rank for bad in found)
    assert by_kind["score"][0].told == "1.00"
    assert by_kind["regret"][0].told == "1.00"


def judged(*trees: Tree) -> Judged:
    found = Judged("scripted", seed=0)
    for tree in trees:
        found.add(tree)
    return found


def test_all_judged_candidates_count() -> None:
    found = judged(a_scored_tree((4, 2, 1), (3, 3, 0)), a_scored_tree((5, 1, 0), profile="Bea."))
    chart, table = found.blocks()
    assert isinstance(chart, Chart)
    values = {curve.name: [one.value for one in curve.figures] for curve in chart.curves}
    assert values == {"m0": [4.5, 3.0], "m1": [1.5, 3.0]}
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["m0"][0] == "3" and rows["m0"][1].startswith("4.00 [")
    assert rows["m0"][2].startswith("100") and rows["m1"][2].startswith("0")  # one set is a tie
    assert rows["m1"][3] == "2" and rows["m1"][4] == "2"


def test_margins_and_ties_are_of_sets() -> None:
    (grid,) = sets_grid([judged(a_scored_tree((4, 2, 0), (3, 3, 0)))])
    (row,) = grid.rows
    assert row[:3] == ["scripted", "2", "0.25"]
    assert row[3:5] == ["50", "50"]
    assert sets_grid([judged()]) == [] and judged().blocks() == []


def figure(value: float | None, half: float = 0.5) -> Figure:
    if value is None:
        return Figure(value=None, low=None, high=None)
    return Figure(value=value, low=value - half, high=value + half)


def test_curves_lie_within_the_picture_and_leave_gaps() -> None:
    curve = Curve("one", [figure(2.0), figure(None), figure(4.0)])
    picture = drawn(Chart("t", "AL(k)", [curve]))
    (line,) = picture.lines
    assert len(line.points) == 2 and len(line.band.split()) == 4
    assert [tick.label for tick in picture.turns] == ["1", "2", "3"]
    assert line.points[0].y > line.points[1].y
    assert line.points[0].told == "one, turn 1: 2.00 [1.50, 2.50]"


def test_more_curves_than_bands_can_tell_apart_have_bars() -> None:
    same = [figure(2.0), figure(None), figure(4.0)]
    for count in (4, 5):
        lines = drawn(Chart("t", "AL(k)", [Curve(str(at), same) for at in range(count)])).lines
        assert all(40 < point.x < WIDTH for line in lines for point in line.points)
        assert {bool(line.band) for line in lines} == {count == 4}
        assert {len(line.bars) for line in lines} == {0 if count == 4 else 2}
        assert len({line.width for line in lines}) == count
        assert len({line.points[0].x for line in lines}) == (1 if count == 4 else count)


@pytest.mark.parametrize("values", [[], [None], [3.0], [3.0, 3.0], [1e-9, 2e-9], [-5.0, 1e6]])
def test_any_figures_can_be_drawn(values: list[float | None]) -> None:
    picture = drawn(Chart("t", "AL(k)", [Curve("one", [figure(each, 0.0) for each in values])]))
    heights = [tick.at for tick in picture.values]
    assert heights == sorted(heights, reverse=True) and len(set(heights)) > 1
    points = [point for line in picture.lines for point in line.points]
    assert all(min(heights) - 0.1 <= point.y <= max(heights) + 0.1 for point in points)


def test_a_candidate_that_failed_is_no_turns_choice() -> None:
    tree = a_hostile_tree()
    turn = turns_of(tree, FIRST)[0]
    assert {node.place for node in turn.candidates} == {0, 1}
    assert [each.reply.seat for each in turn.chosen] == [ASSISTANT]
    assert turn.chosen[0].regret == 0.5
