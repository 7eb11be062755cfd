"""Benchmarks: the parts of a report with the tables that `eval.aloe` makes of its runs."""

from collections.abc import Sequence

from dialogues.errors import UsageError
from eval import columns
from eval.aloe import Aloe
from eval.playing import played_in
from eval.plotting import Chart, chart_of
from eval.reporting.overview import growing
from eval.reporting.parts import Grid, Part
from eval.reporting.scanning import Scan
from eval.result import Result, Table
from eval.summing import result_of

_TOLD = 20


def benchmark_parts(scans: Sequence[Scan]) -> list[Part]:
    """Return a part for each suite and protocol of each store."""
    groups: dict[tuple[str, str], list[Scan]] = {}
    for one in scans:
        if one.source.suite:
            groups.setdefault((one.source.store, one.source.suite), []).append(one)
    parts = []
    for (store, suite), group in groups.items():
        protocols = sorted({name for one in group for name in one.protocols})
        parts += [_part(store, suite, protocol, group) for protocol in protocols]
        if not protocols:
            alert = "no reply is scored yet; the command that played them goes on with it"
            parts.append(Part(f"Benchmark {suite} of {store}", (), [alert]))
    return parts


def _part(store: str, suite: str, protocol: str, group: Sequence[Scan]) -> Part:
    judges = sorted({judge for one in group for judge in one.protocols.get(protocol, ())})
    title = f"Benchmark {suite} of {store}, protocol {protocol}"
    alerts = [line for one in group if (line := growing(one))]
    try:
        result = _result(suite, protocol, group, judges)
    except UsageError as error:
        return Part(title, (), [*alerts, f"no tables: {error}"])
    return Part(title, _blocks(result), alerts, columns.notes(result, "listed below"))


def _result(suite: str, protocol: str, group: Sequence[Scan], judges: Sequence[str]) -> Result:
    """Read a benchmark as `eval.aloe --rescore` does, of the dialogues that are there."""
    runs = [one.source.run for one in group]
    settings = Aloe.model_validate(
        {"rescore": runs[0].location, "out": ".", "suite": suite, "protocol": protocol}
    )
    by_name = {run.record.name: run for run in runs}
    played = [(one, by_name[one.run]) for one in played_in(runs, suite)]
    return result_of(settings, played, judges)


def _blocks(result: Result) -> list[Grid | Chart]:
    blocks: list[Grid | Chart] = []
    for table in result.tables:
        name = columns.title(table)
        blocks.append(chart_of(table))
        blocks.append(_main(name, table))
        blocks.append(Grid(f"rise, {name}", columns.RISE, columns.rise_rows(table)))
    if len(result.tables) > 1:
        blocks.append(Grid("transfer: mean AL by user / judge", *columns.transfer(result)))
    if result.flips:
        name = f"the wish flips in turn {result.flips[0].turn}"
        blocks.append(Grid(name, columns.FLIPS, columns.flip_rows(result)))
    if result.probes:
        name = "beliefs after the last turn"
        blocks.append(Grid(name, columns.PROBES, columns.probe_rows(result)))
    if result.missing:
        blocks.append(_missing(result))
    return blocks


def _main(name: str, table: Table) -> Grid:
    """Return the main table without its little curves: the chart is above it."""
    at = columns.MAIN.index(columns.CURVE)
    rows = [(*row[:at], *row[at + 1 :]) for row in (columns.MAIN, *columns.main_rows(table))]
    return Grid(name, rows[0], rows[1:])


def _missing(result: Result) -> Grid:
    more = len(result.missing) - _TOLD
    notes = [f"and {more:,} more"] if more > 0 else []
    rows = [[line] for line in result.missing[:_TOLD]]
    return Grid(f"{len(result.missing):,} without a score", ("where",), rows, notes)
