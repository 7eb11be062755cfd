"""`eval.aloe --dry-run`: what a benchmark would take is told without a call, a key or a store."""

import re
from collections import Counter
from pathlib import Path

import pytest

from dialogues.store import open_store
from tests.eval.benching import Capture, bench, last_line, rescore
from tests.model_server import ModelServer

SHAPE = ("--cases", "3", "--per-profile", "1", "--turns", "2", "--swap", "1")


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def estimate(told: str) -> Counter[tuple[str, str]]:
    """Return the calls of the table by seat and agent; its last row must add them up."""
    rows = re.findall(r"^│ (\w+) +│ (\S*) +│ +([\d,]+)", told, re.MULTILINE)
    calls = Counter({(seat, spec): int(count.replace(",", "")) for seat, spec, count in rows})
    assert calls.pop(("all", "")) == calls.total()
    return calls


def taken(store: Path) -> Counter[tuple[str, str]]:
    """Return the calls that all runs of a store have taken, by seat and agent."""
    found = Counter[tuple[str, str]]()
    with open_store(store) as opened:
        for run in opened.runs():
            for agent, tally in run.spending().items():
                found[agent] += tally.usage.calls
    return +found


def test_the_calls_estimated_are_those_the_benchmark_then_makes(
    tmp_path: Path, capsys: Capture
) -> None:
    with ModelServer() as server:
        model = f"openai:stub@{server.url}"
        seats = ("--user", model, "--inducer", f"infer={model}", "--judge", model, "--probe")
        flags = (*SHAPE, *seats, "--assistant", f"hinted={model}", "--assistant", model)
        judges = ("--judge", f"binary={model}")
        assert bench(tmp_path, *flags, *judges, "--dry-run") == 0
        assert server.calls == [] and list(tmp_path.iterdir()) == []
        told = estimate(capsys.readouterr().err)
        assert bench(tmp_path, *flags, *judges) == 0
        assert told.total() == len(server.calls)
    assert told == taken(tmp_path / "a.db")


def test_the_cost_is_told_without_a_key(tmp_path: Path, capsys: Capture) -> None:
    assert bench(tmp_path, *SHAPE, "--judge", "openai:gpt-4o", "--dry-run") == 0
    told = capsys.readouterr().err
    assert estimate(told) == {("judge", "overall=openai:gpt-4o"): 2 * 3 * 2 * 2}
    assert "estimate for 6 dialogues" in told and "3 of the dialogues of each assistant" in told
    assert re.search(r"overall=openai:gpt-4o .*\$0\.\d+ │", told)


def test_wrong_usage_is_told_in_a_dry_run_too(tmp_path: Path, capsys: Capture) -> None:
    assert bench(tmp_path, *SHAPE, "--judge", "openai:one@nosuch", "--dry-run") == 2
    assert "'nosuch'" in last_line(capsys.readouterr().err)
    assert rescore(tmp_path, "--dry-run") == 2
    assert "--dry-run estimates" in last_line(capsys.readouterr().err)
