"""`--dry-run`: what a run would take is told without a call, a key or a store."""

import re
from pathlib import Path

import pytest

from tests.agents.prompted.serving import EVERY_SEAT, MODEL, config, run, shape, spending
from tests.graphs.stage import Capture
from tests.growing import simulate
from tests.model_server import ModelServer

NOBODY = "http://127.0.0.1:1/v1"
SMALL = ("--limit", "3", "--turns", "2")
POINTWISE = (*EVERY_SEAT[:-1], f"pointwise={MODEL}")
CASTS = {
    "all seats": EVERY_SEAT,
    "pointwise": POINTWISE,
    "three candidates": (*POINTWISE, "--candidates", "3"),
    "a panel": (*EVERY_SEAT, "--judge", "openai:other"),
    "one seat": ("--user", MODEL),
    "extract": ("--inducer", f"extract={MODEL}"),
}


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)


def estimate(capsys: Capture) -> dict[tuple[str, str], list[str]]:
    """Return the cells of the table by seat and agent; its last row must add them up."""
    rows = [
        [cell.strip() for cell in line.split("│")[1:-1]]
        for line in capsys.readouterr().err.splitlines()
        if line.startswith("│")
    ]
    *agents, total = rows
    assert total[0] == "all"
    for column in (2, 3, 4):
        assert number(total[column]) == sum(number(row[column]) for row in agents)
    return {(row[0], row[1]): row[2:] for row in agents}


def number(text: str) -> int:
    return int(text.replace(",", "").strip("~"))


@pytest.mark.parametrize("flags", CASTS.values(), ids=CASTS.keys())
def test_the_calls_estimated_are_those_the_run_then_makes(
    tmp_path: Path, capsys: Capture, flags: tuple[str, ...]
) -> None:
    store, size = tmp_path / "a.db", shape(5, 2)
    with ModelServer(models=["stub", "other"]) as server:
        assert run(store, server, *flags, *size, "--dry-run") == 0
        assert server.calls == []
        told = {agent: number(cells[0]) for agent, cells in estimate(capsys).items()}
        assert run(store, server, *flags, *size) == 0
        assert sum(told.values()) == len(server.calls)
    took = {agent: tally.usage.calls for agent, tally in spending(store).items()}
    assert told == took


def test_a_dry_run_needs_no_key_no_server_and_leaves_no_store(tmp_path: Path) -> None:
    store = tmp_path / "new" / "a.db"
    assert simulate(store, *EVERY_SEAT, *shape(2, 2), "--dry-run") == 0
    assert not store.parent.exists()
    flags = (*config(tmp_path, NOBODY), *EVERY_SEAT, *shape(2, 2))
    assert simulate(store, *flags, "--dry-run", "--workers", "2") == 0
    assert list(tmp_path.iterdir()) == [tmp_path / "config.yaml"]


def test_a_dry_run_of_a_begun_run_leaves_it_as_it_was(tmp_path: Path) -> None:
    store = tmp_path / "a.db"
    with ModelServer() as server:
        assert run(store, server, "--user", MODEL, *shape(1, 1)) == 0
        before = store.read_bytes()
        assert run(store, server, "--user", MODEL, *shape(9, 1), "--dry-run") == 0
        assert len(server.calls) == 1
    assert store.read_bytes() == before


def test_tokens_of_prompts_are_about_those_the_run_then_takes(
    tmp_path: Path, capsys: Capture
) -> None:
    store = tmp_path / "a.db"
    with ModelServer() as server:
        assert run(store, server, *EVERY_SEAT, *shape(4, 3), "--dry-run") == 0
        told = {agent: number(cells[1]) for agent, cells in estimate(capsys).items()}
        assert run(store, server, *EVERY_SEAT, *shape(4, 3)) == 0
    for (seat, spec), tally in spending(store).items():
        if seat in ("user", "judge"):  # the others' prompts are short beside the answers assumed
            assert 1 < told[seat, spec] / tally.usage.prompt_tokens < 3


def test_the_cost_is_told_by_the_shipped_prices(tmp_path: Path, capsys: Capture) -> None:
    flags = ("--judge", "openai:gpt-4o", "--user", "openai:nosuch", *shape(100, 10))
    assert simulate(tmp_path / "a.db", *flags, "--dry-run") == 0
    told = estimate(capsys)
    calls, read, written, cost = told["judge", "openai:gpt-4o"]
    assert 1900 <= number(calls) <= 2000  # identical replies need no judge
    assert cost == f"${(number(read) * 2.5 + number(written) * 10) / 1e6:,.2f}"
    assert told["user", "openai:nosuch"][-1] == "no price"


def test_a_seat_without_a_price_leaves_the_sum_of_the_others(
    tmp_path: Path, capsys: Capture
) -> None:
    flags = ("--judge", "openai:gpt-4o", "--user", "openai:nosuch", *SMALL)
    assert simulate(tmp_path / "a.db", *flags, "--dry-run") == 0
    judge, _, total = re.findall("│ (.*) │", capsys.readouterr().err)
    assert total.split()[-2:] == ["≥", judge.split()[-1]]


def test_a_cost_below_a_cent_is_told_too(tmp_path: Path, capsys: Capture) -> None:
    assert simulate(tmp_path / "a.db", "--user", "openai:gpt-4o-mini", *SMALL, "--dry-run") == 0
    cells = estimate(capsys)["user", "openai:gpt-4o-mini"]
    cost = (number(cells[1]) * 0.15 + number(cells[2]) * 0.6) / 1e6
    assert 0 < cost < 0.01 and cells[-1] == f"${cost:.4f}"


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--budget-cost", "0.00001"), "That is more than --budget-cost 1e-05"),
        (("--budget-tokens", "10"), "That is more than --budget-tokens 10"),
        (("--budget-cost", "9", "--budget-tokens", "1000000"), ""),
    ],
)
def test_an_estimate_over_the_budget_says_so(
    tmp_path: Path, capsys: Capture, flags: tuple[str, ...], told: str
) -> None:
    flags = ("--user", "openai:gpt-4o-mini", *SMALL, *flags)
    assert simulate(tmp_path / "a.db", *flags, "--dry-run") == 0
    said = capsys.readouterr().err
    assert told in said and ("That is more than" in said) == bool(told)


@pytest.mark.parametrize(("trees", "counted"), [("3", 3), ("9", 4)])
def test_the_trees_that_calls_are_counted_on_are_told(
    tmp_path: Path, capsys: Capture, trees: str, counted: int
) -> None:
    assert simulate(tmp_path / "a.db", "--limit", trees, "--turns", "1", "--dry-run") == 0
    assert f"counted on {counted} of the trees" in capsys.readouterr().err


def test_the_cost_is_told_by_the_users_own_prices(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "prices.yaml").write_text(f"{MODEL}: {{input: 1000, output: 1000}}\n")
    flags = ("--user", MODEL, *shape(2, 2), "--prices", str(tmp_path / "prices.yaml"))
    assert simulate(tmp_path / "a.db", *flags, "--dry-run") == 0
    assert estimate(capsys)["user", MODEL][-1].startswith("$")


def test_scripted_agents_take_nothing(tmp_path: Path, capsys: Capture) -> None:
    assert simulate(tmp_path / "a.db", *shape(2, 2), "--dry-run") == 0
    assert estimate(capsys) == {}


def test_wrong_usage_is_told_in_a_dry_run_too(tmp_path: Path, capsys: Capture) -> None:
    assert simulate(tmp_path / "a.db", "--user", "openai:", "--dry-run") == 2
    assert simulate(tmp_path / "a.db", "--expand", "bestest", "--dry-run") == 2
    assert capsys.readouterr().err.count("error: ") == 2


def test_an_unknown_endpoint_is_told_in_a_dry_run_too(tmp_path: Path, capsys: Capture) -> None:
    assert simulate(tmp_path / "a.db", "--user", "openai:one@nosuch", "--dry-run") == 2
    assert "'nosuch'" in capsys.readouterr().err


@pytest.mark.parametrize("policy", ["best", "all", "uncertain"])
def test_other_policies_are_estimated_too(tmp_path: Path, capsys: Capture, policy: str) -> None:
    flags = ("--user", MODEL, *shape(2, 3), "--expand", policy, "--max-branches", "2")
    assert simulate(tmp_path / "a.db", *flags, "--dry-run") == 0
    assert 6 <= number(estimate(capsys)["user", MODEL][0]) <= 10
