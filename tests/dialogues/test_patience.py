"""A server that goes away is waited for; nothing is lost by that, and nothing done twice."""

import time
import warnings
from collections.abc import Iterator
from threading import Timer

import pytest

from dialogues import Persona, Run, RunRecord, Usage, open_store, patience
from dialogues.audits import audits_of, note_audit
from dialogues.errors import ConnectionLost, StoreError, StoreWarning
from dialogues.leases import Leases
from dialogues.node import USER
from dialogues.standing import holders_of
from tests.growing import a_node
from tests.lossy import Line, line_to
from tests.postgres import Server

pytestmark = pytest.mark.filterwarnings("ignore::dialogues.errors.StoreWarning")


@pytest.fixture
def line(server: Server) -> Iterator[Line]:
    """A line to the server."""
    with line_to(server) as line:
        yield line


@pytest.fixture
def run(line: Line, database: str, persona: Persona) -> Iterator[Run]:
    """A run with ten open trees, read and written over the line."""
    with open_store(line.url(database), create=True) as store:
        run = store.begin(RunRecord())
        run.plan((persona, repeat) for repeat in range(10))
        yield run


@pytest.fixture
def gone(server: Server, database: str, persona: Persona) -> Iterator[Run]:
    """A run whose server has gone away."""
    with line_to(server) as line:
        store = open_store(line.url(database), create=True)
        run = store.begin(RunRecord())
        store.engine.dispose()
    with store:
        yield run


def test_nodes_whose_commit_was_not_answered_are_stored_and_counted_once(
    run: Run, line: Line
) -> None:
    spent = Usage(calls=1, prompt_tokens=10, completion_tokens=5)
    nodes = [a_node("p", USER, place=place, usage=spent) for place in range(4)]
    line.unanswered = 2
    with pytest.warns(StoreWarning, match="answers again after"):
        assert run.add([(1, node) for node in nodes]) == nodes
    assert line.unanswered == 0
    assert list(run.load([1])[0].tree) == nodes
    assert [tally.usage.calls for tally in run.spending().values()] == [4]


def test_trees_whose_claim_was_not_answered_are_claimed_by_the_same_worker(
    run: Run, line: Line
) -> None:
    leases = Leases(run)
    first = [stored.id for stored in leases.claim(2)]
    line.unanswered = 1
    with pytest.warns(StoreWarning):
        assert [stored.id for stored in leases.claim(3)] == [3, 4, 5]
    assert first == [1, 2]
    assert [stored.id for stored in Leases(run).claim(10)] == [6, 7, 8, 9, 10]


def test_all_a_run_does_is_done_once_over_a_line_that_breaks(
    run: Run, line: Line, persona: Persona
) -> None:
    leases = Leases(run)
    held = leases.claim(2)
    for step in (
        lambda: run.plan((persona, repeat) for repeat in range(12)),
        lambda: leases.beat(held),
        lambda: leases.finish(1, held[0].tree),
        leases.release,
        lambda: note_audit(run, "judge", "scripted", {"kappa": 0.5}),
    ):
        line.unanswered = 1
        with pytest.warns(StoreWarning, match="waiting for it to come back"):
            step()
        assert line.unanswered == 0
    assert run.progress()[:3] == (12, 1, 0)
    assert holders_of(run) == []
    assert audits_of(run, "judge") == {"scripted": {"kappa": 0.5}}


def test_patience_has_an_end(gone: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PATIENCE_SECONDS", 0.5)
    began = time.monotonic()
    with pytest.raises(ConnectionLost), pytest.warns(StoreWarning, match="at most 0 s"):
        gone.progress()
    assert 0.2 < time.monotonic() - began < 5


def test_one_who_waits_can_be_told_to_wait_no_more(gone: Run) -> None:
    Timer(0.3, gone.patience.end).start()
    began = time.monotonic()
    with pytest.raises(ConnectionLost), pytest.warns(StoreWarning):
        gone.progress()
    assert time.monotonic() - began < 5
    with warnings.catch_warnings(), pytest.raises(ConnectionLost):
        warnings.simplefilter("error")
        gone.progress()


def test_another_error_is_waited_for_by_nobody(run: Run) -> None:
    with run.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE trees RENAME TO others")
    with pytest.raises(StoreError) as caught:
        run.progress()
    assert not isinstance(caught.value, ConnectionLost)
