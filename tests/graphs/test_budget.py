"""Budgets: a run stops when they are spent, loses no call, and goes on with a larger one."""

from collections import Counter
from pathlib import Path

import pytest

from agents.models.prices import Prices
from dialogues.node import Usage
from dialogues.store import open_store
from dialogues.tallies import Tally
from graphs.budget import UNLIMITED, Budget, Spent, dollars
from tests.agents.prompted.serving import EVERY_SEAT, MODEL, by_seed, run, shape, spent, statuses
from tests.graphs.stage import Capture, error_line
from tests.growing import digest_of, simulate, trees_of
from tests.model_server import ModelServer

SHAPE = (*EVERY_SEAT, *shape(4, 3), "--concurrency", "2")
PRICE = 1000
"""Dollars per million tokens, so that a thousand tokens cost a dollar."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, int, int]:
    """Digest, calls and tokens of the run when it has no budget."""
    store = tmp_path_factory.mktemp("whole") / "a.db"
    with ModelServer() as server:
        assert run(store, server, *SHAPE) == 0
    total = spent(store)
    return digest_of(store), total.calls, total.prompt_tokens + total.completion_tokens


def tokens(store: Path) -> int:
    total = spent(store)
    return total.prompt_tokens + total.completion_tokens


def prices(folder: Path, *models: str) -> tuple[str, str]:
    """Write a file in which a thousand tokens of these models cost a dollar."""
    path = folder / "prices.yaml"
    path.write_text("".join(f"{model}: {{input: {PRICE}, output: {PRICE}}}\n" for model in models))
    return ("--prices", str(path))


def test_a_run_stops_when_its_tokens_are_spent_and_goes_on_with_more(
    tmp_path: Path, capsys: Capture, whole: tuple[str, int, int]
) -> None:
    store, (digest, calls, _) = tmp_path / "a.db", whole
    with ModelServer(latency=0.02) as server:
        assert run(store, server, *SHAPE, "--budget-tokens", "5000") == 1
        told = " ".join(capsys.readouterr().err.split())
        assert "--budget-tokens 5,000 is spent" in told and "with a larger one goes on" in told
        stopped = len(server.calls)
        assert stopped == spent(store).calls < calls
        assert tokens(store) >= 5000
        assert by_seed(server.calls).keys() == {n.seed for t in trees_of(store) for n in t}
        assert run(store, server, *SHAPE, "--budget-tokens", "1000000") == 0
        assert len(server.calls) == spent(store).calls == calls
    assert digest_of(store) == digest


def test_a_run_stops_soon_after_its_budget_is_spent(tmp_path: Path) -> None:
    store = tmp_path / "a.db"
    with ModelServer(latency=0.05) as server:
        assert run(store, server, *SHAPE, "--budget-tokens", "1") == 1
        assert len(server.calls) <= 16
    assert "done" not in statuses(store)


def test_a_spent_budget_buys_nothing_more_on_resume(tmp_path: Path, capsys: Capture) -> None:
    store = tmp_path / "a.db"
    with ModelServer(latency=0.02) as server:
        assert run(store, server, *SHAPE, "--budget-tokens", "3000") == 1
        bought, digest = len(server.calls), digest_of(store)
        assert run(store, server, *SHAPE, "--budget-tokens", "3000") == 1
        assert len(server.calls) == bought
    assert digest_of(store) == digest
    assert capsys.readouterr().err.count("is spent") == 2


def test_leases_are_given_back_when_the_budget_is_spent(tmp_path: Path) -> None:
    store = tmp_path / "a.db"
    with ModelServer(latency=0.02) as server:
        assert run(store, server, *SHAPE, "--budget-tokens", "3000") == 1
    with open_store(store) as opened, opened.engine.connect() as connection:
        held = connection.exec_driver_sql("select count(*) from trees where owner is not null")
        assert held.scalar_one() == 0


def test_a_budget_that_suffices_changes_nothing(
    tmp_path: Path, capsys: Capture, whole: tuple[str, int, int]
) -> None:
    with ModelServer() as server:
        flags = ("--budget-tokens", str(whole[2] + 1))
        assert run(tmp_path / "a.db", server, *SHAPE, *flags) == 0
    assert digest_of(tmp_path / "a.db") == whole[0]
    assert "is spent" not in capsys.readouterr().err


def test_a_budget_that_is_spent_with_the_last_call_is_no_failure(
    tmp_path: Path, whole: tuple[str, int, int]
) -> None:
    with ModelServer() as server:
        assert run(tmp_path / "a.db", server, *SHAPE) == 0
        assert run(tmp_path / "a.db", server, *SHAPE, "--budget-tokens", str(whole[2])) == 0


def test_the_budget_holds_over_all_workers(tmp_path: Path, capsys: Capture) -> None:
    store, flags = tmp_path / "a.db", ("--workers", "2", "--budget-tokens", "8000")
    with ModelServer(latency=0.05) as server:
        assert run(store, server, *EVERY_SEAT, *shape(8, 6), "--concurrency", "4", *flags) == 1
        assert len(server.calls) == spent(store).calls
    assert "--budget-tokens 8,000 is spent" in " ".join(capsys.readouterr().err.split())
    assert 8000 <= tokens(store) < 30_000
    assert "open" in statuses(store)


def test_a_run_stops_when_it_has_cost_so_much(tmp_path: Path, capsys: Capture) -> None:
    store = tmp_path / "a.db"
    flags = (*prices(tmp_path, MODEL), "--budget-cost", "5")
    with ModelServer(latency=0.02) as server:
        assert run(store, server, *SHAPE, *flags) == 1
        assert len(server.calls) == spent(store).calls
    told, took = " ".join(capsys.readouterr().err.split()), tokens(store)
    assert f"--budget-cost 5 is spent ({took:,} tokens, ${took / 1000:,.2f})" in told


def test_scripted_agents_need_no_price(tmp_path: Path) -> None:
    flags = (*prices(tmp_path), "--budget-cost", "1", *shape(1, 1))
    assert simulate(tmp_path / "a.db", *flags) == 0


def test_a_price_file_without_the_model_is_one_line_and_no_store(
    tmp_path: Path, capsys: Capture
) -> None:
    store = tmp_path / "new" / "a.db"
    flags = (*prices(tmp_path, "openai:another"), "--budget-cost", "1")
    assert simulate(store, "--judge", f"{MODEL}@http://127.0.0.1:1/v1", *flags) == 2
    line = error_line(capsys)
    assert f"no price for {MODEL}" in line and "prices.yaml" in line
    assert not store.parent.exists()


BAD_PRICES = {
    "no file": (None, "cannot be read"),
    "no YAML": ("openai:stub: [", "cannot be read"),
    "no number": (f"{MODEL}: {{input: much, output: 1}}", f"{MODEL}.input"),
    "below 0": (f"{MODEL}: {{input: 1, output: -1}}", f"{MODEL}.output"),
    "a misspelt key": (f"{MODEL}: {{input: 1, outptu: 1}}", "outp"),
    "a list": ("- 1", "prices.yaml"),
}


@pytest.mark.parametrize(("text", "told"), BAD_PRICES.values(), ids=BAD_PRICES.keys())
def test_a_bad_price_file_is_one_line_and_no_store(
    tmp_path: Path, capsys: Capture, text: str | None, told: str
) -> None:
    path, store = tmp_path / "prices.yaml", tmp_path / "new" / "a.db"
    if text is not None:
        path.write_text(text)
    assert simulate(store, "--prices", str(path), "--budget-cost", "1", *shape(1, 1)) == 2
    assert told in error_line(capsys)
    assert not store.parent.exists()


@pytest.mark.parametrize("flags", [("--dry-run",), ()], ids=["dry run", "run"])
def test_prices_are_read_without_a_budget_too(
    tmp_path: Path, capsys: Capture, flags: tuple[str, ...]
) -> None:
    path = str(tmp_path / "nosuch.yaml")
    assert simulate(tmp_path / "a.db", "--prices", path, *flags, *shape(1, 1)) == 2
    assert "cannot be read" in error_line(capsys)


def test_the_summary_shows_the_cost_by_the_users_own_prices(
    tmp_path: Path, capsys: Capture
) -> None:
    store = tmp_path / "a.db"
    with ModelServer() as server:
        assert run(store, server, "--judge", MODEL, *prices(tmp_path, MODEL), *shape(1, 1)) == 0
    assert dollars(tokens(store) / 1000) in capsys.readouterr().err


def test_a_run_that_is_stopped_by_its_budget_in_a_judgement_keeps_the_candidates(
    tmp_path: Path,
) -> None:
    store = tmp_path / "a.db"
    flags = ("--assistant", MODEL, "--assistant", MODEL, "--judge", MODEL, *shape(1, 3))
    with ModelServer(latency=0.1) as server:
        assert run(store, server, *flags, "--budget-tokens", "400") == 1
        assert len(server.calls) == spent(store).calls
        first = {node.key for tree in trees_of(store) for node in tree}
        assert run(store, server, *flags) == 0
    assert first <= {node.key for tree in trees_of(store) for node in tree}


SPENDING = {
    ("user", "openai:a"): Tally(Usage(calls=2, prompt_tokens=1_000_000), Counter()),
    ("judge", "pointwise=openai:b"): Tally(
        Usage(calls=1, prompt_tokens=10, completion_tokens=500_000), Counter()
    ),
    ("judge", "scripted"): Tally(Usage(), Counter(), 1),
}


def test_what_has_no_price_is_named_and_left_out_of_the_cost(tmp_path: Path) -> None:
    _, path = prices(tmp_path, "openai:a")
    total = Spent.of(SPENDING, Prices(Path(path)))
    assert total == Spent(3, 1_500_010, PRICE, ("pointwise=openai:b",))
    assert total.told == "≥ $1,000.00"


@pytest.mark.parametrize(
    ("cost", "unpriced", "told"),
    [
        (0.0042, (), "$0.0042"),
        (1.0042, (), "$1.00"),
        (0.0042, ("openai:a",), "≥ $0.0042"),
        (0.0, ("openai:a",), "no price"),
    ],
)
def test_a_cost_is_shown_to_the_digits_that_tell(
    cost: float, unpriced: tuple[str, ...], told: str
) -> None:
    assert Spent(1, 1, cost, unpriced).told == told


@pytest.mark.parametrize(
    ("budget", "told"),
    [
        (Budget(1_500_010, None, Prices()), "--budget-tokens"),
        (Budget(1_500_011, None, Prices()), ""),
        (UNLIMITED, ""),
    ],
)
def test_a_budget_is_spent_when_it_is_reached(budget: Budget, told: str) -> None:
    said = budget.exceeded(SPENDING)
    assert said.startswith(told) and bool(said) == bool(told)
