"""Language models in a benchmark: judges on servers, probes where the model is, a real server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from dialogues.node import ASSISTANT, JUDGE
from tests.agents.models.served import served, skip_unless_served
from tests.eval.benching import CHEAP, EXACT, ONE, Capture, bench, forest, result_in
from tests.growing import grow, trees_of
from tests.model_server import ModelServer

SHAPE = ("--cases", "3", "--per-profile", "1", "--turns", "2")


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as running:
        yield running


def test_a_model_judges_as_the_protocol_has_it(tmp_path: Path, server: ModelServer) -> None:
    flags = (*SHAPE, "--user", CHEAP[1], "--assistant", ONE, "--judge", f"openai:stub@{server.url}")
    assert bench(tmp_path, *flags, "--swap", "1") == 0
    assert [table.judge for table in result_in(tmp_path).tables] == ["overall=openai:stub"]
    assert {call.body["temperature"] for call in server.calls} == {0.0}
    assert len(server.calls) == 3 * 2 * 2


def test_a_model_that_says_yes_or_no_gets_hundredths(tmp_path: Path, server: ModelServer) -> None:
    judge = ("--judge", f"binary=openai:stub@{server.url}")
    flags = (*SHAPE, "--user", CHEAP[1], "--assistant", ONE, *judge, "--swap", "0")
    assert bench(tmp_path, *flags) == 0
    (table,) = result_in(tmp_path).tables
    assert (table.style, table.factor) == ("RLPA-style", 100)


@pytest.mark.parametrize(("protocol", "temperature"), [("aloe", 0.0), ("grove", 0.7)])
def test_assistants_are_asked_at_the_protocols_temperature(
    tmp_path: Path, server: ModelServer, protocol: str, temperature: float
) -> None:
    model = ("--assistant", f"plain=openai:stub@{server.url}")
    flags = (*SHAPE, "--protocol", protocol, "--judge", EXACT, "--swap", "0", *model)
    assert bench(tmp_path, *flags, "--user", CHEAP[1]) == 0
    asked = [call.body for call in server.calls if call.seat == "assistant"]
    assert len(asked) == 6 and {body["temperature"] for body in asked} == {temperature}


def test_whoever_is_user_and_judge_is_warned_of(
    tmp_path: Path, server: ModelServer, capsys: Capture
) -> None:
    model = f"openai:stub@{server.url}"
    flags = (*SHAPE, "--swap", "0", "--assistant", ONE, "--user", model, "--judge", model)
    assert bench(tmp_path, *flags) == 0
    told = " ".join(capsys.readouterr().err.split())
    assert "warning: openai:stub is both user and judge: it may favour what it said itself" in told


def test_a_user_on_a_model_is_not_told_how_to_leave(tmp_path: Path, server: ModelServer) -> None:
    flags = (*SHAPE, "--swap", "0", "--assistant", ONE, "--user", f"openai:stub@{server.url}")
    assert bench(tmp_path, *flags, "--judge", EXACT) == 0
    asked = [call for call in server.calls if call.seat == "user"]
    assert len(asked) == 6
    assert not [call for call in asked if "[END]" in str(call.messages)]


def test_a_server_that_is_not_there_is_told_of_in_one_line(tmp_path: Path, capsys: Capture) -> None:
    judge = ("--judge", "openai:stub@http://127.0.0.1:9/v1")
    flags = (*SHAPE, "--user", CHEAP[1], "--assistant", ONE, *judge)
    assert bench(tmp_path, *flags) in (1, 2)
    said = capsys.readouterr().err
    assert "no answer from http://127.0.0.1:9/v1" in said and "Traceback" not in said


def test_a_real_server_plays_and_every_verdict_is_parsed(
    tmp_path: Path, server: ModelServer
) -> None:
    skip_unless_served()
    from training.tiny import make_tiny

    trees = trees_of(grow(tmp_path / "seed.db", limit=4, turns=3))
    make_tiny(trees, tmp_path / "tiny", "s")
    short = {"user": {"max_tokens": 24}, "assistant": {"max_tokens": 24}}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump({"sampling": short}))
    with served(tmp_path / "tiny", tmp_path / "server.log") as url:
        model = f"openai:tiny@{url}"
        flags = ("--config", tmp_path / "config.yaml", "--swap", "1", *SHAPE)
        seats = ("--user", model, "--assistant", f"plain={model}")
        judge = ("--judge", f"pointwise=openai:stub@{server.url}")
        status = bench(tmp_path, *flags, *seats, *judge)
    trees, result = forest(tmp_path, "plain=openai:tiny", "openai:tiny"), result_in(tmp_path)
    assert len(trees) == len(result.cases) == 3 and status == bool(result.missing)
    # The model has learnt nothing, not even to say something.
    assert all("EmptyReply" in line or "no reply" in line for line in result.missing)
    nodes = [node for tree in trees for node in tree]
    replies = [node for node in nodes if node.seat == ASSISTANT and not node.failure]
    verdicts = [node.verdict for node in nodes if node.seat == JUDGE]
    assert len(verdicts) == 2 * len(replies) > 0
    assert all(each and {*each.scores} <= {node.key for node in replies} for each in verdicts)
    scored = [said.scores for case in result.cases for said in case.replies]
    assert all(1 <= each["pointwise=openai:stub"] <= 5 for each in scored)
