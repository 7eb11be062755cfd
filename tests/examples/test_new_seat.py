"""The example of a new seat: its agent is asked, stored and heard."""

import asyncio

from dialogues.node import JUDGE
from examples.new_seat import CRITIC, build_graph, play


def test_the_critic_speaks_between_candidates_and_judge_at_every_turn() -> None:
    tree = asyncio.run(play())
    critics = [node for node in tree if node.seat == CRITIC]
    assert [node.turn for node in critics] == [1, 2, 3, 4]
    assert tree.failures() == []
    for node in critics:
        replies = {reply.key: reply.text for reply in tree.candidates(node.parent)}
        assert set(node.notes) == {key for key, text in replies.items() if text.count("?") > 1}
        assert len(tree.children(node.parent, JUDGE)) == 1
    assert any(node.notes for node in critics)


def test_the_graph_has_one_step_more() -> None:
    assert "criticise" in build_graph().get_graph().nodes
