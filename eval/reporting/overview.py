"""The runs of a report: how they were made, how far they are, what they took, what failed."""

from collections.abc import Sequence

from agents.models.prices import Prices
from eval.columns import NONE, Grid
from eval.reporting.parts import Block, Notes, Part
from eval.reporting.scanning import Scan
from graphs.budget import Spent
from graphs.summary import ESTIMATED, SPENDING, failure_rows, fault_lines, spending_rows

_FAR = ("run", "dialogues", "failed", "nodes", "pairs", "tokens", "cost")
_MADE = ("run", "user", "inducer", "assistants", "judges")


def runs_part(scans: Sequence[Scan], prices: Prices) -> Part:
    """Return the list of all runs."""
    far = Grid("", _FAR, [_far(one, prices) for one in scans])
    made = Grid("who talked", _MADE, [_made(one) for one in scans])
    alerts = [line for one in scans if (line := growing(one))]
    return Part("Runs", [far, made], alerts)


def growing(one: Scan) -> str:
    """Say that a run is not at its end; empty where it is."""
    far = one.progress
    if not far.trees:
        return f"{one.source.name} has planned no dialogue yet"
    if far.finished == far.trees:
        return ""
    return (
        f"{one.source.name} is still being grown, or was stopped: {far.finished:,} of "
        f"{far.trees:,} dialogues are finished; everything here is of what is stored so far"
    )


def costs_part(scans: Sequence[Scan], prices: Prices) -> Part:
    """Return what the calls to models took."""
    blocks: list[Block] = []
    for one in scans:
        spending = one.source.run.spending()
        rows = spending_rows(spending, prices)
        notes = fault_lines(spending, one.source.run.answers()) if spending else []
        if any(tally.usage.estimated for tally in spending.values()):
            notes.append(ESTIMATED)
        if rows or notes:
            blocks.append(Grid(one.source.name, SPENDING, rows))
        if notes:
            blocks.append(Notes(notes))
    lead = [] if blocks else ["No model was asked: scripted agents take no tokens."]
    return Part("Tokens and cost", blocks, lead=lead)


def failures_part(scans: Sequence[Scan]) -> Part:
    """Return what failed, by seat and kind."""
    grids = [
        Grid(one.source.name, ("count", "seat", "failure", "said"), rows)
        for one in scans
        if (rows := failure_rows(one.source.run))
    ]
    return Part("Failures", grids, lead=[] if grids else ["Nothing failed."])


def _far(one: Scan, prices: Prices) -> list[str]:
    far, spent = one.progress, Spent.of(one.source.run.spending(), prices)
    return [
        one.source.name,
        f"{far.finished:,} of {far.trees:,}",
        f"{far.failed:,}",
        f"{far.nodes:,}",
        f"{far.pairs:,}",
        f"{spent.tokens:,}" if spent.calls else NONE,
        spent.told if spent.calls else NONE,
    ]


def _made(one: Scan) -> list[str]:
    config = one.source.run.record.config
    seats = (_listed(config.get(seat)) for seat in ("user", "inducer", "assistant"))
    return [one.source.name, *seats, _judges(one)]


def _judges(one: Scan) -> str:
    of_run = one.source.run.record.config.get("judge")
    scored_by = {judge for each in one.protocols.values() for judge in each}
    return _listed(of_run or sorted(scored_by))


def _listed(value: object) -> str:
    words = value if isinstance(value, list) else [value] if value else []
    return ", ".join(map(str, words)) or NONE
