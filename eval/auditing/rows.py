"""Rows: an audit's figures as the texts that its tables show, in a terminal or a file."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from eval.auditing.agreement import Agreement
from eval.auditing.figures import Measure
from eval.auditing.record import Audit

_NONE = "-"
_LONGEST_MESSAGE = 160


class Section(NamedTuple):
    """A table with its title."""

    title: str
    header: tuple[str, ...]
    rows: list[list[str]]


def sections(audits: Sequence[Audit]) -> list[Section]:
    """Return all tables: two of each judge, and one of who agrees with whom."""
    tables = [table for audit in audits for table in (_main(audit), _labels(audit))]
    return [*tables, _agreements(audits)]


def notes(audits: Sequence[Audit]) -> list[str]:
    """Return what has to be said below the tables."""
    one = audits[0]
    what = "single replies" if one.single else "sets of replies"
    said = [
        f"{one.sets:,} {what} of run {one.run}, {one.pairs:,} labelled pairs, seed {one.seed}; "
        "[95 % intervals] over people",
        "first shown preferred: 50 % is fair; the shares of longer and first shown leave ties out",
        f"labels by {', '.join(one.rightness.by)}",
    ]
    for audit in audits:
        if audit.sampling:
            said.append(f"{audit.judge}: temperature {audit.sampling.temperature}")
    return said


def failure_lines(audits: Sequence[Audit]) -> list[str]:
    """Say of each judge how often it failed and how, with a message of each type."""
    return [
        f"{audit.judge}: {audit.failed:,} of {audit.asked:,} answers failed: {_by_type(audit)}"
        for audit in audits
        if audit.failures
    ]


def _by_type(audit: Audit) -> str:
    return "; ".join(
        f"{count:,} × {kind}, such as {_message(audit, kind)}"
        for kind, count in audit.failures.items()
    )


def _message(audit: Audit, kind: str) -> str:
    messages = Counter(each.message for each in audit.answers if each.failure == kind)
    ((message, _),) = messages.most_common(1)
    return " ".join(message.split())[:_LONGEST_MESSAGE]


def _main(audit: Audit) -> Section:
    again, place, length = audit.repetition, audit.place, audit.length
    times = f"asked {audit.repeats} times: "
    rows = [
        [f"{times}same {'score' if audit.single else 'order'}", *_share(again.same)],
        [f"{times}scores differ by", *_number(again.differ)],
        [f"{times}alpha, scores", *_number(again.scores)],
        [f"{times}alpha, preferred", *_number(again.preferred)],
        ["in both orders: same preferred", *_share(place.same)],
        ["in both orders: first shown preferred", *_share(place.first)],
        ["in both orders: ties", *_share(place.ties)],
        ["longer preferred", *_share(length.longer)],
        ["labelled pairs: longer preferred", *_share(length.labelled)],
        ["labelled pairs: right if the longer is", *_share(length.right_longer)],
        ["labelled pairs: right if the shorter is", *_share(length.right_shorter)],
    ]
    return Section(f"judge {audit.judge}", ("", "figure [95 %]", "over"), rows)


def _labels(audit: Audit) -> Section:
    found = audit.rightness
    rows = [[kind, *_share(one)] for kind, one in found.kinds.items()]
    rows += [["all", *_share(found.right)], ["judged a tie", *_share(found.ties)]]
    return Section(
        f"judge {audit.judge}: labelled pairs", ("kind of pair", "right [95 %]", "over"), rows
    )


def _agreements(audits: Sequence[Audit]) -> Section:
    found: dict[frozenset[str], Agreement] = {}
    for audit in audits:
        for one in (*audit.labelled, *audit.people, *audit.panel):
            found.setdefault(frozenset((one.one, one.other)), one)
    rows = [
        [one.one, one.other, _number(one.kappa)[0], *_number(one.alpha)] for one in found.values()
    ]
    return Section("agreement", ("", "with", "Cohen's kappa", "Krippendorff's alpha", "over"), rows)


def _share(one: Measure) -> list[str]:
    return _texts(one, ".0%")


def _number(one: Measure) -> list[str]:
    return _texts(one, ".2f")


def _texts(one: Measure, form: str) -> list[str]:
    """Write a figure with its interval, and over how many items it is."""
    if one.value is None:
        return [_NONE, f"{one.items:,}"]
    shown = format(one.value, form)
    if one.low is not None and one.high is not None:
        shown += f" [{format(one.low, form)}, {format(one.high, form)}]"
    return [shown, f"{one.items:,}"]
