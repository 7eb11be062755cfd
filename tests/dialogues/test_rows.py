"""Training rows: TRL's formats, learnt from what really happened and from nothing hidden."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogues import Belief, Failure, Node, Persona, Personality, Profile, Tree, Verdict
from dialogues.choice import verdict_chooser
from dialogues.node import ASSISTANT, USER
from dialogues.pairs import judged_sets
from dialogues.persona import Clause
from dialogues.rows import ROW_FORMATS, Row, RowSettings, kto_rows, preference_rows, sft_rows
from tests.growing import a_turn, all_tied, in_order, in_reverse, trees_of
from tests.strategies import trees

FIRST = RowSettings(choose=verdict_chooser(None))
CANARY = "CANARY"

any_settings = st.builds(
    RowSettings,
    choose=st.sampled_from((None, "majority", "scripted", "panel", "human")).map(verdict_chooser),
    system=st.sampled_from(("", "Be kind.")),
    min_margin=st.sampled_from((0.0, 0.3, 1.0)),
    min_confidence=st.sampled_from((0.0, 0.5, 1.0)),
    best_worst=st.booleans(),
)


def rows(tree: Tree, settings: RowSettings = FIRST) -> list[tuple[str, Row]]:
    """Return the rows of all formats, each with its format's name."""
    return [(name, row) for name, give in ROW_FORMATS.items() for row in give(tree, settings)]


def conversations(row: Row) -> list[list[dict[str, str]]]:
    """Return every list of messages in a row, completed by its prompt."""
    prompt = row.get("prompt", [])
    ends = [row[name] for name in ("chosen", "rejected", "completion", "messages") if name in row]
    return [prompt + end for end in ends] or [prompt]


def walked(tree: Tree, key: str) -> list[Node]:
    """Walk from a node up to the root, and return the messages in the order they were said."""
    nodes = {node.key: node for node in tree}
    path = []
    while key != tree.key:
        path.append(nodes[key])
        key = nodes[key].parent
    return path[::-1]


def said(path: list[Node]) -> list[dict[str, str]]:
    """Return nodes as chat messages."""
    roles = {USER: "user", ASSISTANT: "assistant"}
    return [{"role": roles[node.seat], "content": node.text} for node in path]


def preferred_of(tree: Tree, settings: RowSettings) -> set[str]:
    """Return the keys of all preferred replies that are sure enough."""
    return {
        node.key
        for user, candidates, verdict in judged_sets(tree, settings.choose)
        if verdict.margin >= settings.min_margin
        if verdict.confidence >= settings.min_confidence
        if len(verdict.ranking) > 1
        for node in candidates
        if node.key in verdict.ranking[0]
    }


def with_canaries(tree: Tree) -> Tree:
    """Return `tree` with a canary wherever something is kept that no model may be shown."""

    def hidden(verdict: Verdict | None) -> Verdict | None:
        told = {"prompt_hash": CANARY, "orders": [[CANARY]]}
        return Verdict.model_validate({**verdict.model_dump(), **told}) if verdict else None

    def planted(node: Node) -> Node:
        values = {
            "reasoning": CANARY,
            "notes": {CANARY: CANARY},
            "agent": CANARY,
            "spec": f"hinted={CANARY}",
            "belief": node.belief and Belief(facts=(CANARY,), traits=(CANARY,)),
            "verdict": hidden(node.verdict),
            "failure": node.failure and Failure(type=CANARY, message=CANARY),
        }
        return Node.model_validate({**node.model_dump(), **values})

    def half(kind: Any, old: Any) -> Any:
        clauses = (Clause(id=CANARY, text=CANARY),)
        return kind(id=old.id, text=CANARY, clauses=clauses, split=old.split)

    persona = Persona(
        profile=half(Profile, tree.persona.profile),
        personality=half(Personality, tree.persona.personality),
    )
    return Tree(persona, tree.repeat, [planted(node) for node in tree])


@given(trees())
def test_no_message_holds_what_the_model_must_not_see(tree: Tree) -> None:
    planted = with_canaries(tree)
    assert planted.key == tree.key
    for name, row in rows(planted):
        for conversation in conversations(row):
            for message in conversation:
                assert CANARY not in message["content"], name


@pytest.mark.parametrize("name", ROW_FORMATS)
def test_every_format_gives_rows_of_a_planted_tree(name: str, grown_store: Path) -> None:
    tree = with_canaries(trees_of(grown_store)[0])
    told = list(ROW_FORMATS[name](tree, FIRST))
    assert told
    assert all(CANARY not in str(conversations(row)) for row in told)


@given(trees(), any_settings)
def test_the_system_text_leads_every_prompt_exactly_once(tree: Tree, settings: RowSettings) -> None:
    for name, row in rows(tree, settings._replace(system="Be kind.")):
        for conversation in conversations(row):
            roles = [message["role"] for message in conversation]
            assert roles.index("system") == 0 and roles.count("system") == 1, name
            assert conversation[0]["content"] == "Be kind."


@given(trees())
def test_without_a_system_text_there_is_no_system_message(tree: Tree) -> None:
    for name, row in rows(tree):
        for conversation in conversations(row):
            assert conversation[0]["role"] == "user", name


@given(trees(), any_settings)
def test_prompts_are_the_history_that_happened(tree: Tree, settings: RowSettings) -> None:
    for name, row in rows(tree, settings._replace(system="")):
        if name != "sft":
            assert row["prompt"] == said(walked(tree, row["node_id"]))
            assert row["prompt"][-1]["role"] == "user"


@given(trees(), any_settings)
def test_completions_are_single_replies_of_the_turn(tree: Tree, settings: RowSettings) -> None:
    for _, row in rows(tree, settings):
        for kind in ("chosen", "rejected", "completion"):
            if kind in row:
                node = tree[row[f"{kind}_id"]]
                assert (node.parent, node.failure) == (row["node_id"], None)
                assert row[kind] == said([node])


@given(trees(), any_settings)
def test_preference_rows_are_sure_enough_and_never_of_equal_texts(
    tree: Tree, settings: RowSettings
) -> None:
    for row in preference_rows(tree, settings):
        assert row["chosen"] != row["rejected"]
        assert row["verdict_margin"] >= settings.min_margin
        assert row["verdict_confidence"] >= settings.min_confidence


@given(trees(), any_settings)
def test_best_worst_gives_at_most_one_preference_row_per_set(
    tree: Tree, settings: RowSettings
) -> None:
    told = preference_rows(tree, settings._replace(best_worst=True))
    assert all(count == 1 for count in Counter(row["node_id"] for row in told).values())


@given(trees(), any_settings)
def test_kto_labels_the_best_tier_true_and_the_worst_false(
    tree: Tree, settings: RowSettings
) -> None:
    for row in kto_rows(tree, settings):
        verdict = settings.choose(tree, row["node_id"])
        assert verdict and len(verdict.ranking) > 1
        assert row["completion_id"] in verdict.ranking[0 if row["label"] else -1]
        assert verdict.margin >= settings.min_margin
        assert verdict.confidence >= settings.min_confidence


@given(trees())
def test_kto_never_labels_one_text_both_ways(tree: Tree) -> None:
    labels: dict[tuple[str, str], set[bool]] = {}
    for row in kto_rows(tree, FIRST):
        text = row["completion"][0]["content"]
        labels.setdefault((row["node_id"], text), set()).add(row["label"])
    assert all(len(each) == 1 for each in labels.values())


def test_kto_leaves_out_a_text_that_is_both_best_and_worst(persona: Persona) -> None:
    tree = Tree(persona, 0, a_turn(Tree(persona).key, "a", "b", "a", verdict=in_order))
    assert [row["completion"][0]["content"] for row in kto_rows(tree, FIRST)] == []


@given(trees(), any_settings)
def test_sft_learns_every_preferred_reply_exactly_once(tree: Tree, settings: RowSettings) -> None:
    learnt: Counter[str] = Counter()
    for row in sft_rows(tree, settings._replace(system="")):
        path = walked(tree, row["last_id"])
        learnt.update(
            node.key for node, loss in zip(path, row["loss"], strict=True) if loss is True
        )
    assert learnt == Counter(preferred_of(tree, settings))


@given(trees(), any_settings)
def test_sft_messages_are_paths_that_happened(tree: Tree, settings: RowSettings) -> None:
    for row in sft_rows(tree, settings._replace(system="")):
        assert row["messages"] == said(walked(tree, row["last_id"]))
        assert row["node_id"] == row["last_id"]


@given(trees(), any_settings)
def test_sft_marks_one_entry_per_message_and_only_replies(
    tree: Tree, settings: RowSettings
) -> None:
    for row in sft_rows(tree, settings):
        assert len(row["loss"]) == len(row["messages"])
        learnt = [m["role"] for m, loss in zip(row["messages"], row["loss"], strict=True) if loss]
        assert set(learnt) == {"assistant"}
        assert row["loss"][-1] is True


def test_a_rejected_reply_the_dialogue_went_on_from_is_context(persona: Persona) -> None:
    first = a_turn(Tree(persona).key, "good", "bad", verdict=in_order)
    second = a_turn(first[2].key, "poor", "fine", turn=2, says="Well.", verdict=in_reverse)
    tree = Tree(persona, 0, [*first, *second])
    told = {row["messages"][-1]["content"]: row["loss"] for row in sft_rows(tree, FIRST)}
    assert told == {"good": [False, True], "fine": [False, False, False, True]}


def test_preferred_replies_on_one_path_are_learnt_in_one_row(persona: Persona) -> None:
    first = a_turn(Tree(persona).key, "good", "bad", verdict=in_order)
    second = a_turn(first[1].key, "fine", "poor", turn=2, says="Well.", verdict=in_order)
    (row,) = sft_rows(Tree(persona, 0, [*first, *second]), FIRST)
    assert row["loss"] == [False, True, False, True]


def test_a_preferred_reply_below_which_the_dialogue_forked_is_learnt_in_one_branch(
    persona: Persona,
) -> None:
    first = a_turn(Tree(persona).key, "good", "bad", verdict=in_order)
    second = a_turn(first[1].key, "left", "right", turn=2, says="Well.", verdict=in_order)
    forks = [
        node
        for reply in second[1:3]
        for node in a_turn(reply.key, f"{reply.text} on", "no", turn=3, verdict=in_order)
    ]
    told = sft_rows(Tree(persona, 0, [*first, *second, *forks]), FIRST)
    learnt = [
        message["content"]
        for row in told
        for message, loss in zip(row["messages"], row["loss"], strict=True)
        if loss
    ]
    assert sorted(learnt) == ["good", "left", "left on", "right on"]


def test_the_system_message_is_never_learnt(persona: Persona) -> None:
    tree = Tree(persona, 0, a_turn(Tree(persona).key, "good", "bad", verdict=in_order))
    (row,) = sft_rows(tree, FIRST._replace(system="Be kind."))
    assert row["loss"] == [False, False, True]


def test_a_full_tie_teaches_nothing(persona: Persona) -> None:
    tree = Tree(persona, 0, a_turn(Tree(persona).key, "a", "b", verdict=all_tied))
    assert [name for name, _ in rows(tree)] == ["prompt"]


@given(trees())
def test_every_row_names_where_it_comes_from(tree: Tree) -> None:
    persona = tree.persona
    for _, row in rows(tree):
        assert (row["tree_id"], row["persona_id"], row["split"]) == (
            tree.key,
            persona.id,
            persona.split,
        )
        ids = (row["profile_id"], row["personality_id"])
        assert ids == (persona.profile.id, persona.personality.id)
        assert row["turn"] == tree[row["node_id"]].turn


@given(trees(), any_settings)
def test_rows_are_the_same_each_time(tree: Tree, settings: RowSettings) -> None:
    assert rows(tree, settings) == rows(tree, settings)
