"""`--retry-failed`: what failed is asked once more, as a further attempt, and nothing else is."""

import shutil
from pathlib import Path

import pytest

from dialogues.digest import tree_digest
from dialogues.node import ASSISTANT, INDUCER, JUDGE, USER
from dialogues.pairs import preference_pairs
from dialogues.store import open_store
from tests.agents.prompted.serving import (
    EVERY_SEAT,
    MODEL,
    Moody,
    by_seed,
    run,
    shape,
    spent,
    statuses,
)
from tests.graphs.stage import Capture
from tests.growing import trees_of
from tests.model_server import Answer, Call, ModelServer, play, problem

DOWN = problem(500, "The server is down.")
SHAPE = (*EVERY_SEAT, *shape(4, 2))
SEATS = (USER, INDUCER, ASSISTANT, JUDGE)


@pytest.fixture(scope="module", params=SEATS)
def failed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which one call failed, of each seat in turn; read only."""
    store = tmp_path_factory.mktemp("failed") / "a.db"
    with ModelServer(Moody({request.param: DOWN}, calls=1)) as server:
        assert run(store, server, *SHAPE) == 0
    return store


def test_a_server_that_fails_leaves_its_tree_failed_and_others_done(failed: Path) -> None:
    assert sorted(statuses(failed)) == ["done", "done", "done", "failed"]
    failures = [node.failure for tree in trees_of(failed) for node in tree.failures()]
    assert [failure.type for failure in failures if failure] == ["ServerFailed"]


def test_only_failed_slots_are_asked_again_and_the_tree_becomes_whole(
    failed: Path, tmp_path: Path
) -> None:
    store = Path(shutil.copy(failed, tmp_path))
    before = {tree.key: tree for tree in trees_of(store)}
    with ModelServer() as server:
        assert run(store, server, *SHAPE, "--retry-failed") == 0
        asked = by_seed(server.calls)
    assert statuses(store) == ["done"] * 4
    for tree in trees_of(store):
        old = before[tree.key]
        attempts = [node for node in tree if node.attempt]
        assert [node.attempt for node in attempts] == [1] * len(old.failures())
        assert {node.seed for node in attempts}.isdisjoint(node.seed for node in old)
        assert all(node in list(tree) for node in old)
        assert {node.seed for node in old}.isdisjoint(asked)
        if not old.failures():
            assert tree_digest(tree) == tree_digest(old)
        assert len(list(preference_pairs(tree))) == 2


def test_without_the_flag_a_failed_tree_is_left_alone(tmp_path: Path) -> None:
    store, flags = tmp_path / "a.db", ("--assistant", MODEL, *shape(1, 1))
    with ModelServer(lambda call: DOWN) as server:
        assert run(store, server, *flags) == 1
        asked = len(server.calls)
        assert run(store, server, *flags) == 1
        assert len(server.calls) == asked
    assert statuses(store) == ["failed"]


def test_what_fails_again_stays_failed_and_may_be_tried_once_more(tmp_path: Path) -> None:
    store, flags = tmp_path / "a.db", ("--judge", MODEL, *shape(2, 2))
    with ModelServer(lambda call: DOWN) as server:
        assert run(store, server, *flags) == 1
        assert run(store, server, *flags, "--retry-failed") == 1
        assert statuses(store) == ["failed"] * 2
        assert len(server.calls) == 8
    with ModelServer() as server:
        assert run(store, server, *flags, "--retry-failed") == 0
    assert statuses(store) == ["done"] * 2
    attempts = [[n.attempt for n in tree if n.seat == JUDGE] for tree in trees_of(store)]
    assert attempts == [[0, 1, 2, 0]] * 2


def test_only_the_failed_member_of_a_panel_is_asked_again(tmp_path: Path) -> None:
    def without_b(call: Call) -> str | Answer:
        return DOWN if call.body["model"] == "b" else play(call)

    store = tmp_path / "a.db"
    flags = ("--judge", "openai:a", "--judge", "openai:b", *shape(1, 1))
    with ModelServer(without_b, models=["a", "b"]) as server:
        run(store, server, *flags)
    with ModelServer(models=["a", "b"]) as server:
        assert run(store, server, *flags, "--retry-failed") == 0
        assert {call.body["model"] for call in server.calls} == {"b"}
    (tree,) = trees_of(store)
    assert [(n.spec, n.attempt) for n in tree.children(tree.user_messages()[0].key, JUDGE)] == [
        ("openai:a", 0),
        ("openai:b", 1),
    ]


def test_what_was_spent_on_failures_stays_counted(tmp_path: Path) -> None:
    store, flags = tmp_path / "a.db", ("--judge", MODEL, *shape(1, 1))
    with ModelServer(lambda call: "no JSON") as server:
        run(store, server, *flags)
        wasted = len(server.calls)
    with ModelServer() as server:
        assert run(store, server, *flags, "--retry-failed") == 0
        assert spent(store).calls == wasted + len(server.calls) == 8


def test_failures_made_good_are_no_longer_told_of(tmp_path: Path, capsys: Capture) -> None:
    store, flags = tmp_path / "a.db", ("--judge", MODEL, *shape(2, 1))
    with ModelServer(lambda call: DOWN) as server:
        run(store, server, *flags)
    assert "2 × judge ServerFailed" in capsys.readouterr().err
    with ModelServer() as server:
        assert run(store, server, *flags, "--retry-failed") == 0
    told = capsys.readouterr().err
    assert "taking up 2 failed trees again" in told and "0 in 0 trees" in told
    assert "× judge ServerFailed" not in told


def test_trees_beyond_the_limit_are_not_taken_up(tmp_path: Path, capsys: Capture) -> None:
    store = tmp_path / "a.db"
    with ModelServer(lambda call: DOWN) as server:
        run(store, server, "--judge", MODEL, *shape(3, 1))
    with ModelServer() as server:
        assert run(store, server, "--judge", MODEL, *shape(1, 1), "--retry-failed") == 0
    assert statuses(store) == ["done", "failed", "failed"]
    assert "taking up 1 failed trees again" in capsys.readouterr().err


def test_nothing_failed_is_nothing_to_take_up(tmp_path: Path, capsys: Capture) -> None:
    with ModelServer() as server:
        assert run(tmp_path / "a.db", server, "--judge", MODEL, *shape(1, 1)) == 0
        calls = len(server.calls)
        flags = ("--judge", MODEL, *shape(1, 1), "--retry-failed")
        assert run(tmp_path / "a.db", server, *flags) == 0
        assert len(server.calls) == calls
    assert "no failed trees to take up" in capsys.readouterr().err


FLAGS = {USER: "--user", INDUCER: "--inducer", ASSISTANT: "--assistant", JUDGE: "--judge"}
KINDS = [
    (problem(429, "Slow down."), "RateLimited"),
    (problem(400, "No."), "Rejected"),
    (Answer(raw=b"{"), "BrokenResponse"),
    (Answer(""), "EmptyReply"),
    (Answer(refusal="No."), "Refused"),
    (Answer("<think>hm", finish_reason="length"), "TruncatedReasoning"),
]


@pytest.mark.parametrize(
    ("seat", "answer", "kind"),
    [(seat, DOWN, "ServerFailed") for seat in SEATS]
    + [(seat, Answer("no JSON"), "Unparsable") for seat in (INDUCER, JUDGE)]
    + [(ASSISTANT, answer, kind) for answer, kind in KINDS],
)
def test_no_failed_call_leaves_a_tree_that_counts_as_done(
    tmp_path: Path, seat: str, answer: Answer, kind: str
) -> None:
    with ModelServer(lambda call: answer) as server:
        assert run(tmp_path / "a.db", server, FLAGS[seat], MODEL, *shape(2, 2)) == 1
    assert statuses(tmp_path / "a.db") == ["failed"] * 2
    for tree in trees_of(tmp_path / "a.db"):
        assert {n.failure.type for n in tree.failures() if n.failure} == {kind}
        assert list(preference_pairs(tree)) == []
    with open_store(tmp_path / "a.db") as store:
        assert store.run().progress().done == 0
