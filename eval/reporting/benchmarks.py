"""Benchmarks: the parts of a report with the tables that `eval.aloe` makes of its runs."""

from collections.abc import Sequence

from dialogues.errors import UsageError
from dialogues.spec import Spec
from eval.aloe import Aloe
from eval.columns import Grid, sections
from eval.legend import notes
from eval.plotting import chart_of
from eval.reporting.overview import growing
from eval.reporting.parts import Block, Notes, Part
from eval.reporting.scanning import Scan
from eval.result import Result
from eval.stored import chosen_of
from eval.summing import result_of

_TOLD = 20


def check_baseline(scans: Sequence[Scan], baseline: str | None) -> None:
    """Make sure that the assistant that others are to be compared with took part.

    Raises:
        UsageError: it did in no benchmark.
    """
    if baseline is None:
        return
    known = dict.fromkeys(each for one in scans if one.source.suite for each in _assistants(one))
    if Spec.parse(baseline).name not in known:
        there = ", ".join(known) or "none"
        raise UsageError(f"--baseline {baseline}: took part in no benchmark; there are {there}")


def benchmark_parts(scans: Sequence[Scan], baseline: str | None = None) -> list[Part]:
    """Return a part for each suite and protocol of each store.

    Args:
        scans: of all runs.
        baseline: the assistant that others are compared with, in the benchmarks it took part in.
    """
    groups: dict[tuple[str, str], list[Scan]] = {}
    for one in scans:
        if one.source.suite:
            groups.setdefault((one.source.store, one.source.suite), []).append(one)
    parts = []
    for (store, suite), group in groups.items():
        protocols = sorted({name for one in group for name in one.protocols})
        parts += [_part(store, suite, protocol, group, baseline) for protocol in protocols]
        if not protocols:
            alert = "no reply is scored yet; the command that played them goes on with it"
            parts.append(Part(f"Benchmark {suite} of {store}", (), [alert]))
    return parts


def _part(
    store: str, suite: str, protocol: str, group: Sequence[Scan], baseline: str | None
) -> Part:
    judges = sorted({judge for one in group for judge in one.protocols.get(protocol, ())})
    title = f"Benchmark {suite} of {store}, protocol {protocol}"
    alerts = [line for one in group if (line := growing(one))]
    try:
        result = _result(suite, protocol, group, judges, baseline)
    except UsageError as error:
        told = f"no tables, as of python -m eval.aloe --rescore {store}: {error}"
        return Part(title, (), [*alerts, told])
    return Part(title, _blocks(result), alerts)


def _result(
    suite: str, protocol: str, group: Sequence[Scan], judges: Sequence[str], baseline: str | None
) -> Result:
    """Read a benchmark as `eval.aloe --rescore` does with its defaults, all cases among them."""
    runs = [one.source.run for one in group]
    took_part = baseline and any(Spec.parse(baseline).name in _assistants(one) for one in group)
    settings = Aloe.model_validate(
        {
            "rescore": runs[0].location,
            "out": ".",
            "suite": suite,
            "protocol": protocol,
            "baseline": baseline if took_part else None,
        }
    )
    return result_of(settings, chosen_of(settings, runs), judges)


def _assistants(one: Scan) -> list[str]:
    named: list[str] = one.source.run.record.config["assistant"]
    return named


def _blocks(result: Result) -> list[Block]:
    blocks: list[Block] = []
    for section in sections(result):
        if section.plot:
            blocks.append(chart_of(result.tables[section.plot - 1]))
        for grid in section.grids:
            title = ": ".join(filter(None, (section.title, grid.title)))
            blocks.append(grid._replace(title=title))
    if result.missing:
        blocks.append(_missing(result))
    return [*blocks, Notes(notes(result, "listed above"))]


def _missing(result: Result) -> Grid:
    told = result.missing[:_TOLD]
    more = len(result.missing) - len(told)
    rows = [[line] for line in [*told, *[f"and {more:,} more"] * bool(more)]]
    return Grid(f"{len(result.missing):,} without a score", ("where",), rows)
