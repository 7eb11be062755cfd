"""Drawing what judges are audited on."""

from collections import Counter
from pathlib import Path

import pytest

from dialogues.errors import UsageError
from dialogues.node import Message
from dialogues.store import open_store
from eval.auditing.items import Item, draw_sets, pair_of
from eval.labels import SHIPPED, read_labels
from tests.eval.auditing.stage import dialogues, scored_by, spec


def drawn(store: Path, count: int = 100, seed: int = 0) -> list[Item]:
    with open_store(store) as opened:
        return draw_sets(opened.run(), count, seed)


def test_sets_are_spread_over_the_trees(grown_store: Path) -> None:
    trees = [item.tree.key for item in drawn(grown_store, 8)]
    assert len(set(trees)) == len(set(trees[:6])) == 6
    assert sorted(Counter(trees).values()) == [1, 1, 1, 1, 2, 2]


def test_all_sets_are_drawn_once_where_there_are_no_more(grown_store: Path) -> None:
    keys = [item.key for item in drawn(grown_store, 1000)]
    assert len(keys) == len(set(keys)) == 6 * 4


def test_a_draw_follows_from_its_seed(grown_store: Path) -> None:
    keys = [[item.key for item in drawn(grown_store, 8, seed)] for seed in (0, 0, 1)]
    assert keys[0] == keys[1] != keys[2]


def test_an_item_is_a_message_with_its_replies(grown_store: Path) -> None:
    for item in drawn(grown_store, 5):
        assert item.tip.seat == "user"
        assert item.shown_to("anybody")[-1] == Message("user", item.tip.text)
        nodes = item.tree.candidates(item.tip.key)
        assert [(each.key, each.text) for each in item.replies] == [
            (node.key, node.text) for node in nodes
        ]


def test_a_reply_that_is_there_twice_is_one(tmp_path: Path) -> None:
    store = dialogues(tmp_path / "a.db", ["Oh.", "Oh.", "Indeed so."])
    assert {tuple(each.text for each in item.replies) for item in drawn(store)} == {
        ("Oh.", "Indeed so.")
    }


def test_single_replies_are_drawn_where_there_is_nothing_else(tmp_path: Path) -> None:
    store = dialogues(tmp_path / "a.db", ["Oh."], people=2, turns=3)
    assert [len(item.replies) for item in drawn(store)] == [1] * 6


def test_a_run_without_a_reply_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no reply to judge"):
        drawn(dialogues(tmp_path / "a.db", ["Oh."], turns=0))


@pytest.mark.parametrize(("protocol", "seen"), [("aloe", 1), ("grove", 3), ("another", 3)])
def test_a_judge_sees_what_it_saw_in_the_run(tmp_path: Path, protocol: str, seen: int) -> None:
    judged = scored_by("Moody", protocol)
    store = dialogues(tmp_path / "a.db", ["Oh."], people=1, judged=judged)
    (item,) = [item for item in drawn(store) if item.tip.turn == 2]
    assert len(item.shown_to(spec("Moody"))) == seen
    assert len(item.shown_to("scripted")) == 3


def test_labelled_pairs_keep_their_words_and_places() -> None:
    labels = read_labels(SHIPPED)
    items = [pair_of(label) for label in labels]
    for label, item in zip(labels, items, strict=True):
        assert item.key == label.id
        assert tuple(item.shown_to("anybody")) == label.history
        assert tuple(each.text for each in item.replies) == label.replies
        assert item.person == label.persona.id
    tips = [item.tip.key for item in items]
    assert len(set(tips)) == len(tips)
