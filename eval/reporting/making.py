"""Making a report: read the stores, work out the parts, write the files."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from agents.models.prices import Prices
from dialogues.command import DONE
from dialogues.plain import plain
from eval.report import Report
from eval.reporting.audits import judges_part, users_part
from eval.reporting.benchmarks import benchmark_parts, check_baseline
from eval.reporting.files import check_out, picture_names, tables_of, write
from eval.reporting.judged import ABOUT, sets_grid
from eval.reporting.markdown import markdown
from eval.reporting.overview import costs_part, failures_part, growing, runs_part
from eval.reporting.page import page
from eval.reporting.parts import Part, charts_of
from eval.reporting.scanning import Scan, check_verdict, scan
from eval.reporting.sources import Source, opened
from eval.reporting.viewing import viewed


def run_report(settings: Report) -> int:
    """Make a report as the settings say; return the exit status.

    Raises:
        UsageError: a store, run, verdict or price is not as it must be, or the page cannot be
            written.
    """
    console = Console(stderr=True)
    check_out(settings.out)
    prices = Prices(settings.prices)
    with opened(settings.stores, settings.run) as sources:
        scans = _scanned(settings, sources, console)
        check_verdict(scans, settings.verdict)
        check_baseline(scans, settings.baseline)
        with console.status("summing up"):
            parts = parts_of(scans, prices, settings.baseline)
            data = viewed(scans)
    charts = charts_of(parts)
    names = picture_names(settings.out, len(charts))
    beside = tables_of(settings.out)
    texts = {settings.out: page(parts, data), beside: markdown(parts, names)}
    write(settings.out, texts, dict(zip(names, charts, strict=True)))
    console.print(plain(_told(settings.out, beside, scans)))
    return DONE


def parts_of(scans: Sequence[Scan], prices: Prices, baseline: str | None) -> list[Part]:
    """Return all parts of a report, in their order."""
    return [
        runs_part(scans, prices),
        *benchmark_parts(scans, baseline),
        *(part for one in scans for part in _judged(one)),
        judges_part(scans),
        users_part(scans),
        costs_part(scans, prices),
        failures_part(scans),
    ]


def _scanned(settings: Report, sources: Sequence[Source], console: Console) -> list[Scan]:
    with Progress(console=console, transient=True) as bar:
        total = sum(source.run.progress().trees for source in sources)
        step = partial(bar.advance, bar.add_task("reading", total=total))
        return [scan(each, settings.verdict, settings.dialogues, step) for each in sources]


def _judged(one: Scan) -> list[Part]:
    """Return the part on a run's judged candidates; none for a benchmark, or without a judge."""
    blocks = [block for judged in one.judged for block in judged.blocks()]
    if not blocks:
        return []
    alerts = [line] if (line := growing(one)) else []
    title = f"Judged candidates of {one.source.name}"
    return [Part(title, [*blocks, *sets_grid(one.judged)], alerts, ABOUT)]


def _told(out: Path, beside: Path, scans: Sequence[Scan]) -> str:
    size = out.stat().st_size / 1e6
    readable = sum(len(one.readable) for one in scans)
    total = sum(one.total for one in scans)
    held = f"{readable:,} of {total:,} dialogues can be read in it"
    return f"report in {out} ({size:.1f} MB; {held}), tables also in {beside}"
