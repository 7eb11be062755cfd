"""A run with language models in all seats: what each is told, what is stored, what it took."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

from dialogues.node import ASSISTANT, INDUCER, JUDGE, USER, Node, Usage
from dialogues.pairs import preference_pairs
from dialogues.rendering import conversation
from dialogues.store import open_store
from dialogues.tree import Tree
from tests.agents.prompted.asking import Tags
from tests.agents.prompted.serving import (
    CHEAP,
    EVERY_SEAT,
    MODEL,
    by_seed,
    run,
    shape,
    spending,
    spent,
    statuses,
)
from tests.graphs.stage import Capture
from tests.growing import digest_of, trees_of
from tests.model_server import Answer, Call, ModelServer, play

SYSTEM = "Be good company."
SHAPE = (*EVERY_SEAT, *shape(4, 3), "--system", SYSTEM)


class Grown(NamedTuple):
    """A grown run and all that its server was asked."""

    store: Path
    trees: list[Tree]
    calls: list[Call]

    def made_for(self, seat: str, spec: str = "") -> Iterator[tuple[Tree, Node, Call]]:
        """Walk the nodes of a seat with the first call each took."""
        calls = by_seed(self.calls)
        for tree in self.trees:
            for node in tree:
                if node.seat == seat and node.spec in (spec or node.spec):
                    yield tree, node, calls[node.seed][0]


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Grown:
    store = tmp_path_factory.mktemp("models") / "a.db"
    with ModelServer() as server:
        assert run(store, server, *SHAPE) == 0
    return Grown(store, trees_of(store), server.calls)


def test_every_tree_is_complete_and_every_turn_judged(grown: Grown) -> None:
    assert statuses(grown.store) == ["done"] * 4
    for tree in grown.trees:
        assert (len(tree), len(list(preference_pairs(tree)))) == (15, 3)
        assert all(node.usage and not node.usage.faults for node in tree)


def test_every_call_was_made_for_one_node_and_none_twice(grown: Grown) -> None:
    nodes = {node.seed: node for tree in grown.trees for node in tree}
    made = by_seed(grown.calls)
    assert made.keys() == nodes.keys()
    assert all(len(made[seed]) == 1 + (node.seat == JUDGE) for seed, node in nodes.items())


def test_nodes_and_tallies_tell_what_the_server_counted(grown: Grown) -> None:
    usages = [node.usage for tree in grown.trees for node in tree if node.usage]
    assert sum(usages, Usage()) == spent(grown.store)
    total = spent(grown.store)
    assert (total.calls, total.estimated) == (len(grown.calls), 0)
    assert total.prompt_tokens == sum(call.words for call in grown.calls)
    assert {seat for seat, _ in spending(grown.store)} == {USER, INDUCER, ASSISTANT, JUDGE}


def test_the_plain_assistant_is_asked_exactly_what_exports_render(grown: Grown) -> None:
    for tree, node, call in grown.made_for(ASSISTANT, f"plain={MODEL}"):
        assert call.messages == conversation(tree.history(node.parent), SYSTEM)


def test_the_hinted_assistant_is_asked_the_same_and_then_given_the_belief(grown: Grown) -> None:
    for tree, node, call in grown.made_for(ASSISTANT, f"hinted={MODEL}"):
        plain = conversation(tree.history(node.parent), SYSTEM)
        assert call.messages[:-1] == plain[:-1]
        assert call.last.startswith(plain[-1]["content"])
        hint, belief = call.last.removeprefix(plain[-1]["content"]), tree.belief(node.parent)
        assert belief and all(f"- {fact}\n" in hint for fact in belief.facts)


def test_no_assistant_and_no_inferring_inducer_ever_reads_of_the_persona(grown: Grown) -> None:
    for seat in (ASSISTANT, INDUCER):
        for tree, _, call in grown.made_for(seat):
            persona = tree.persona
            clauses = (*persona.profile.facts, *persona.personality.traits)
            asked = str(call.body["messages"])
            assert not [clause for clause in clauses if clause.text in asked]


def test_the_inducer_reads_one_exchange_and_its_own_notes(grown: Grown) -> None:
    for tree, node, call in grown.made_for(INDUCER):
        said = [part for part in Tags(call.last).inside if part[0].endswith("message")]
        assert [text for _, text in said] == [m.content for m in tree.history(node.parent)[-2:]]


def test_a_users_requests_along_a_path_only_grow_at_their_end(grown: Grown) -> None:
    asked = {node.key: call.messages for _, node, call in grown.made_for(USER)}
    for tree in grown.trees:
        for message in tree.user_messages():
            users = [node for node in tree.path(message.key) if node.seat == USER]
            for before, after in pairwise(users):
                earlier, later = asked[before.key], asked[after.key]
                assert later[: len(earlier)] == earlier and len(later) == len(earlier) + 2


def test_the_judge_reads_the_persona_the_whole_chat_and_both_replies(grown: Grown) -> None:
    for tree, node, call in grown.made_for(JUDGE):
        told = Tags(call.last).inside
        assert told[0] == ("profile", tree.persona.profile.text)
        assert [text for name, text in told if name.endswith("message")] == [
            message.content for message in tree.history(node.parent)
        ]
        assert sorted(text for name, text in told if name.startswith("reply")) == sorted(
            reply.text for reply in tree.candidates(node.parent)
        )


def test_the_run_and_its_verdicts_tell_the_prompts_they_were_made_with(grown: Grown) -> None:
    with open_store(grown.store) as store:
        record = store.run().record
    names = {f"user {MODEL}", f"inducer infer={MODEL}", f"assistant hinted={MODEL}"}
    assert record.prompts.keys() == {*names, f"judge {MODEL}"}
    assert record.config["prompts"] == record.prompts
    assert record.judge == MODEL
    for tree, node, _ in grown.made_for(JUDGE):
        keys = tuple(reply.key for reply in tree.candidates(node.parent))
        assert node.verdict and node.verdict.prompt_hash == record.prompts[f"judge {MODEL}"]
        assert node.verdict.orders == (keys, keys[::-1])
        assert node.verdict.reasons


def test_the_users_own_prompts_are_what_models_are_asked(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "hinted.yaml").write_text("hint: |\n  Psst: $facts $traits\n")
    flags = ("--assistant", f"hinted={MODEL}", "--prompts", str(tmp_path / "mine"))
    with ModelServer() as server:
        assert run(tmp_path / "a.db", server, *flags, *shape(1, 2)) == 0
    assert all("\n\nPsst: - " in call.last for call in server.calls)


def test_every_seat_is_sampled_as_it_is_by_default(grown: Grown) -> None:
    sampled = {
        seat: {call.body["temperature"] for _, _, call in grown.made_for(seat)}
        for seat in (USER, INDUCER, ASSISTANT, JUDGE)
    }
    assert sampled == {USER: {0.9}, INDUCER: {0.0}, ASSISTANT: {0.8}, JUDGE: {0.0}}


def test_another_server_with_the_same_answers_gives_the_same_digest(
    grown: Grown, tmp_path: Path
) -> None:
    with ModelServer() as server:
        assert run(tmp_path / "b.db", server, *SHAPE, "--concurrency", "1") == 0
        assert server.peak == 1
    assert digest_of(tmp_path / "b.db") == digest_of(grown.store)


def test_the_endpoint_may_be_named_by_its_url_alone(grown: Grown, tmp_path: Path) -> None:
    with ModelServer() as server:
        flags = [f"{flag}@{server.url}" if MODEL in flag else flag for flag in SHAPE]
        assert run(tmp_path / "b.db", "http://127.0.0.1:1/v1", *flags) == 0
    assert digest_of(tmp_path / "b.db") == digest_of(grown.store)


def test_two_workers_grow_the_same_trees_and_call_no_more(grown: Grown, tmp_path: Path) -> None:
    with ModelServer() as server:
        flags = (*SHAPE, "--workers", "2", "--concurrency", "4")
        assert run(tmp_path / "b.db", server, *flags) == 0
        assert len(server.calls) == len(grown.calls)
        assert server.peak <= 4
    assert digest_of(tmp_path / "b.db") == digest_of(grown.store)
    assert spending(tmp_path / "b.db") == spending(grown.store)


def test_a_finished_run_started_again_calls_nobody(tmp_path: Path, capsys: Capture) -> None:
    with ModelServer() as server:
        for _ in range(2):
            assert run(tmp_path / "a.db", server, *CHEAP, *shape(2, 2)) == 0
        assert len(server.calls) == 4
    assert "2 complete of 2" in capsys.readouterr().err


def test_the_summary_tells_calls_and_tokens_by_agent(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    with ModelServer() as server:
        assert run(tmp_path / "a.db", server, *CHEAP, *shape(3, 2)) == 0
    (row,) = [line for line in capsys.readouterr().err.splitlines() if MODEL in line]
    words = sum(call.words for call in server.calls)
    cells = [cell.strip() for cell in row.split("│")][1:5]
    assert cells == ["assistant", MODEL, "6", f"{words:,}"]


def test_the_summary_names_agents_in_full(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    names = ("hinted=openai:gpt-4o-mini", "hinted=openai:gpt-4o-nano")
    flags = ("--assistant", names[0], "--assistant", names[1])
    with ModelServer() as server:
        assert run(tmp_path / "a.db", server, *flags, *shape(1, 1)) == 0
    told = "".join(capsys.readouterr().err.split())
    assert all(name in told for name in names)


def test_an_extracting_inducer_and_a_pointwise_judge_run_too(tmp_path: Path) -> None:
    with ModelServer() as server:
        flags = ("--inducer", f"extract={MODEL}", "--judge", f"pointwise={MODEL}", *shape(2, 2))
        assert run(tmp_path / "a.db", server, *flags) == 0
    for tree in trees_of(tmp_path / "a.db"):
        first = tree.user_messages()[0]
        belief, verdict = tree.belief(first.key), tree.verdict(first.key)
        assert belief and belief.facts == (tree.persona.profile.facts[0].text,)
        assert verdict and verdict.scores


@pytest.mark.filterwarnings("ignore:openai.stub at")
@pytest.mark.parametrize("roles", [("infer", "listwise"), ("extract", "pointwise")])
def test_a_server_without_structured_output_fills_the_seats_too(
    tmp_path: Path, roles: tuple[str, str]
) -> None:
    inducer, judge = roles
    flags = ("--user", MODEL, "--inducer", f"{inducer}={MODEL}", "--judge", f"{judge}={MODEL}")
    with ModelServer(structured=False) as server:
        assert run(tmp_path / "a.db", server, *flags, *shape(2, 2)) == 0
        assert {call.seat for call in server.calls} == {USER, INDUCER, JUDGE}
    assert statuses(tmp_path / "a.db") == ["done"] * 2
    for tree in trees_of(tmp_path / "a.db"):
        assert not [node for node in tree if node.usage and node.usage.faults]
        assert all(tree.verdict(said.key) for said in tree.user_messages())


def test_a_user_that_takes_its_leave_ends_the_dialogue(tmp_path: Path) -> None:
    with ModelServer(lambda call: f"Number {len(call.messages)}, bye.\n[END]") as server:
        assert run(tmp_path / "a.db", server, "--user", MODEL, *shape(1, 3)) == 0
    (tree,) = trees_of(tmp_path / "a.db")
    assert [(node.text, node.ends) for node in tree] == [("Number 2, bye.", True)]


def test_a_thinking_models_thoughts_are_in_nobodys_prompt(tmp_path: Path) -> None:
    def thinking(call: Call) -> Answer:
        return Answer(play(call), reasoning="my secret thoughts")

    with ModelServer(thinking) as server:
        assert run(tmp_path / "a.db", server, *EVERY_SEAT, *shape(1, 2)) == 0
        assert not [call for call in server.calls if "secret" in str(call.body)]
    assert all("secret" in node.reasoning for tree in trees_of(tmp_path / "a.db") for node in tree)
