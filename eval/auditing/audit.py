"""An audit of judges from its settings to its tables: draw, ask, sum up, keep, show."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from agents.casting import Seated, seat
from agents.models.reach import check_reach
from agents.models.stock import Models
from dialogues.audits import note_audit
from dialogues.choice import HUMAN
from dialogues.command import DONE, FAILED
from dialogues.errors import UsageError
from dialogues.node import JUDGE
from dialogues.plain import plain
from dialogues.run import Run
from dialogues.store import open_store
from eval.auditing.answers import Answers
from eval.auditing.asking import ask_judges
from eval.auditing.items import draw_sets, pair_of
from eval.auditing.labelling import label_raters
from eval.auditing.record import Audit
from eval.auditing.rows import failure_lines
from eval.auditing.showing import page, show
from eval.auditing.summing import Matter, audits_of
from eval.judge import JudgeAudit
from eval.labels import SHIPPED, Labelled, read_labels, read_picks, write_blinded
from eval.writing import check_writable


def run_audit(settings: JudgeAudit) -> int:
    """Audit judges as the settings say; return the exit status.

    Raises:
        UsageError: an agent, file or store is not as it must be.
    """
    console = Console(stderr=True)
    labels = read_labels(settings.labels or SHIPPED)
    if settings.blind:
        return _write_form(labels, settings.blind, settings.seed, console)
    if settings.out:
        check_writable(settings.out)
    picks = read_picks(settings.picks, labels) if settings.picks else {}
    models = Models(settings.models, settings.concurrency)
    with open_store(str(settings.store)) as store:
        run = store.run(settings.run)
        judges = _judges(settings, run, models)
        matter = Matter(
            run=settings.run,
            seed=settings.seed,
            repeats=settings.repeats,
            sets=draw_sets(run, settings.sample, settings.seed),
            labels=labels,
            pairs=[pair_of(label) for label in labels],
            raters=label_raters(labels, picks),
        )
        asyncio.run(check_reach(models))
        answers = _asked(matter, judges, models, console)
        audits = audits_of(matter, judges, answers, settings.sampling.judge)
        for audit in audits:
            note_audit(run, "judge", audit.judge, audit.model_dump(mode="json"))
    if settings.out:
        _write(audits, settings.out)
    show(audits, Console())
    for line in failure_lines(audits):
        console.print(plain(line, "red"))
    console.print(plain(f"kept in {store.location}, run {settings.run}"))
    return DONE if all(audit.is_sound for audit in audits) else FAILED


def _write_form(labels: Sequence[Labelled], path: Path, seed: int, console: Console) -> int:
    write_blinded(labels, path, seed)
    told = f'{len(labels):,} pairs in {path}: write "by" and "pick", and give it to --picks'
    console.print(plain(told))
    return DONE


def _judges(settings: JudgeAudit, run: Run, models: Models) -> list[Seated]:
    """Seat the judges that are named, else the run's own.

    Raises:
        UsageError: one cannot be seated, or is named twice; the run has none.
    """
    if not settings.judge:
        return _own_judges(run, models)
    judges = [seat(JUDGE, each, models) for each in settings.judge]
    names = [seated.spec.name for seated in judges]
    if len(set(names)) < len(names):
        raise UsageError("--judge: the same one is named twice")
    return judges


def _own_judges(run: Run, models: Models) -> list[Seated]:
    stored = next((found for tree in run.trees() if (found := tree.judges())), set())
    names = list(run.record.config.get("judge") or sorted(stored - {HUMAN}))
    if not names:
        raise UsageError(f"run {run.record.name!r} has no judge of its own; give --judge SPEC")
    try:
        return [seat(JUDGE, name, models) for name in names]
    except UsageError as error:
        raise UsageError(f"{error}; it is the run's own judge: name one with --judge") from error


def _asked(
    matter: Matter, judges: Sequence[Seated], models: Models, console: Console
) -> list[Answers]:
    questions = matter.questions
    total = len(judges) * sum(len(asked) for _, asked in questions)
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("asking", total=total)

        def done() -> None:
            bar.advance(task)

        return asyncio.run(ask_judges(judges, questions, models, matter.seed, done))


def _write(audits: Sequence[Audit], folder: Path) -> None:
    """Write `judges.json` and `judges.md` into a folder, which is made if need be.

    Raises:
        UsageError: it cannot be written.
    """
    whole = ",\n".join(audit.model_dump_json(indent=2) for audit in audits)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "judges.json").write_text(f"[\n{whole}\n]\n", encoding="utf-8")
        (folder / "judges.md").write_text(page(audits), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--out {folder}: cannot be written ({error.strerror})") from error
