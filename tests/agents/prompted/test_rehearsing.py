"""The dry run with roles that take several calls, or score: it tells the calls that are made."""

from pathlib import Path

import pytest

from tests.agents.prompted.serving import MODEL, run, shape, spending
from tests.graphs.stage import Capture
from tests.model_server import ModelServer

PER_TURN = {"cot": 1, "self-critic": 2, "rag": 1, "induce": 2, "overall": 4, "binary": 4}
ASSISTANTS = ("cot", "self-critic", "rag", "induce")
TURNS = 2


def test_the_calls_estimated_are_those_of_the_run(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    seats = [(role, "assistant" if role in ASSISTANTS else "judge") for role in PER_TURN]
    flags = [flag for role, seat in seats for flag in (f"--{seat}", f"{role}={MODEL}")]
    flags += ["--candidates", "4", *shape(1, TURNS)]
    store, wanted = tmp_path / "a.db", {role: TURNS * calls for role, calls in PER_TURN.items()}
    with ModelServer() as server:
        assert run(store, server, *flags, "--dry-run") == 0
        rows = [
            line.split("│")[2:4] for line in capsys.readouterr().err.splitlines() if "│" in line
        ]
        told = {spec.strip().partition("=")[0]: calls for spec, calls in rows}
        assert {role: int(told[role]) for role in wanted} == wanted
        assert run(store, server, *flags) == 0
        assert len(server.calls) == sum(wanted.values())
    took = {
        spec.partition("=")[0]: tally.usage.calls for (_, spec), tally in spending(store).items()
    }
    assert {role: took[role] for role in wanted} == wanted
