"""Resuming a run with language models: nothing is bought twice, and nothing changes unasked."""

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from agents.prompted.prompts import SHIPPED
from tests.agents.prompted.serving import (
    CHEAP,
    EVERY_SEAT,
    MODEL,
    by_seed,
    run,
    shape,
    spent,
    statuses,
    stored_seeds,
)
from tests.graphs.stage import Capture, error_line
from tests.growing import digest_of, simulate
from tests.model_server import Call, ModelServer, play

TREES, TURNS = 4, 3
SHAPE = (*EVERY_SEAT, *shape(TREES, TURNS))


def interrupting(at: int) -> Callable[[Call], str]:
    """Return a way to answer that presses Ctrl-C at one call."""

    def answer(call: Call) -> str:
        if call.number == at:
            os.kill(os.getpid(), signal.SIGINT)
        return play(call)

    return answer


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The digest of the run when nobody disturbs it."""
    store = tmp_path_factory.mktemp("models") / "a.db"
    with ModelServer() as server:
        assert run(store, server, *SHAPE) == 0
    return digest_of(store)


@pytest.mark.parametrize("at", [12, 40])
def test_a_run_stopped_with_ctrl_c_goes_on_and_buys_nothing_twice(
    tmp_path: Path, capsys: Capture, undisturbed: str, at: int
) -> None:
    store = tmp_path / "a.db"
    with ModelServer(interrupting(at), latency=0.005) as server:
        assert run(store, server, *SHAPE, "--concurrency", "2") == 1
        assert "stopped; the same command goes on with" in capsys.readouterr().err
        before, bought = server.calls, stored_seeds(store)
        assert run(store, server, *SHAPE, "--concurrency", "2") == 0
        after = server.calls[len(before) :]
    assert bought and bought.isdisjoint(by_seed(after))
    assert digest_of(store) == undisturbed


def test_a_longer_run_buys_only_the_new_trees(tmp_path: Path) -> None:
    store = tmp_path / "a.db"
    with ModelServer() as server:
        assert run(store, server, *CHEAP, *shape(1, 2)) == 0
        assert run(store, server, *CHEAP, *shape(3, 2)) == 0
        assert len(server.calls) == spent(store).calls == 6


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one tree of one turn, whose hinted assistant is a model; read only."""
    store = tmp_path_factory.mktemp("small") / "a.db"
    with ModelServer() as server:
        assert run(store, server, *HINTED, *shape(1, 1)) == 0
    return store


HINTED = ("--assistant", f"hinted={MODEL}", "--assistant", "plain=scripted")


def own_prompts(folder: Path) -> Path:
    """Make a folder with a hint and an extraction of one's own."""
    folder.mkdir()
    for name, ours, own in (("hinted", "alone", "only"), ("extract", "Answer", "Reply")):
        shipped = (SHIPPED / f"{name}.yaml").read_text()
        (folder / f"{name}.yaml").write_text(shipped.replace(ours, own))
    return folder


def test_resuming_with_other_prompts_is_refused_by_name(
    tmp_path: Path, small: Path, capsys: Capture
) -> None:
    store = Path(shutil.copy(small, tmp_path))
    folder = own_prompts(tmp_path / "mine")
    with ModelServer() as server:
        assert run(store, server, *HINTED, *shape(2, 1), "--prompts", str(folder)) == 2
        assert server.calls == []
    told = error_line(capsys)
    assert f"(the prompt file of assistant hinted={MODEL} differs, see --prompts)" in told


def test_other_prompts_that_nobody_is_asked_with_change_nothing_and_are_named(
    tmp_path: Path, capsys: Capture
) -> None:
    folder = own_prompts(tmp_path / "mine")
    with ModelServer() as server:
        flags = ("--assistant", f"plain={MODEL}")
        assert run(tmp_path / "a.db", server, *flags, *shape(1, 1)) == 0
        assert "no seat of this run is asked" not in capsys.readouterr().err
        flags = (*flags, "--prompts", str(folder))
        assert run(tmp_path / "a.db", server, *flags, *shape(2, 1)) == 0
        told = " ".join(capsys.readouterr().err.split())
        assert "no seat of this run is asked with extract.yaml, hinted.yaml" in told
        flags = (*HINTED, "--prompts", str(folder))
        assert run(tmp_path / "b.db", server, *flags, *shape(1, 1)) == 0
    told = " ".join(capsys.readouterr().err.split())
    assert "asked with extract.yaml" in told and "hinted.yaml" not in told


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        (
            {"sampling": {"assistant": {"temperature": 0.1}}},
            "(sampling.assistant.temperature 0.8, not 0.1)",
        ),
        ({"sampling": {"judge": {"max_tokens": 9}}}, "(sampling.judge.max_tokens 600, not 9)"),
        ({"overflow": "drop-oldest"}, "(overflow 'fail', not 'drop-oldest')"),
        ({"panel": "mean"}, "(panel 'majority', not 'mean')"),
        ({"judge": MODEL}, f"(judge ['scripted'], not ['{MODEL}'])"),
    ],
)
def test_resuming_with_other_settings_of_the_models_is_refused_by_name(
    tmp_path: Path, small: Path, capsys: Capture, changed: dict[str, Any], named: str
) -> None:
    store = Path(shutil.copy(small, tmp_path))
    with ModelServer() as server:
        assert run(store, server, *HINTED, *shape(2, 1), **changed) == 2
        assert server.calls == []
    assert named in error_line(capsys)
    assert digest_of(store) == digest_of(small)


@pytest.mark.parametrize(
    "flags",
    [
        (),
        ("--budget-tokens", "1000000"),
        ("--concurrency", "2"),
        ("--retry-failed",),
        ("--prompts", str(SHIPPED)),
        ("--config", "another.yaml"),
    ],
)
def test_where_and_how_much_may_change_on_resume(
    tmp_path: Path, small: Path, flags: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = Path(shutil.copy(small, tmp_path))
    with ModelServer() as other:
        settings = {"base_url": other.url, "timeout": 9, "concurrency": 3}
        (tmp_path / "another.yaml").write_text(yaml.safe_dump({"endpoints": {"default": settings}}))
        if "--config" in flags:
            assert simulate(store, *HINTED, *shape(2, 1), *flags) == 0
        else:
            assert run(store, other, *HINTED, *shape(2, 1), *flags) == 0
        assert len(other.calls) == 1
    assert statuses(store)[:2] == ["done", "done"]


def test_a_price_file_may_be_given_on_resume(tmp_path: Path, small: Path) -> None:
    store = Path(shutil.copy(small, tmp_path))
    (tmp_path / "prices.yaml").write_text(f"{MODEL}: {{input: 1, output: 1}}\n")
    flags = ("--prices", str(tmp_path / "prices.yaml"), "--budget-cost", "9")
    with ModelServer() as server:
        assert run(store, server, *HINTED, *shape(2, 1), *flags) == 0


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (("--user", "openai:one", "--judge", "openai:one"), "the user (openai:one)"),
        (
            ("--assistant", "plain=openai:one", "--judge", "pointwise=openai:one"),
            "a candidate (openai:one)",
        ),
        (
            ("--user", "openai:one", "--assistant", "openai:one", "--judge", "openai:one"),
            "the user and a candidate (openai:one)",
        ),
        (
            ("--user", "openai:one", "--judge", "openai:two", "--judge", "openai:one"),
            "the user (openai:one)",
        ),
        (("--user", "openai:two", "--assistant", "openai:two", "--judge", "openai:one"), ""),
        (("--inducer", "infer=openai:one", "--judge", "openai:one"), ""),
        (("--judge", "scripted"), ""),
    ],
)
def test_a_judge_that_judges_its_own_model_is_warned_of(
    tmp_path: Path, capsys: Capture, flags: tuple[str, ...], named: str
) -> None:
    with ModelServer(models=["one", "two"]) as server:
        assert run(tmp_path / "a.db", server, *flags, *shape(1, 1)) == 0
    told = " ".join(capsys.readouterr().err.split())
    assert told.count("warning: ") == bool(named)
    assert f"the judge is the same model as {named}" in told or not named
