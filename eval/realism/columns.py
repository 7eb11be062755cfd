"""Columns: an audit's figures as the texts that its tables show, in a terminal or a file."""

from collections.abc import Sequence
from typing import NamedTuple

from eval.columns import NONE, Texts, figure, spark
from eval.realism.record import Audit, Consistency, Gate, Kind, Reference, Revelation, Share
from eval.realism.reference import IN_WORDS
from eval.result import Figure

_TURNS_SHOWN, _FOUND_SHOWN = 10, 5
_AGAINST: dict[Kind, str] = {
    "persona": "against the persona",
    "earlier": "against an earlier message",
    "quiz": "answered wrongly",
}


class Section(NamedTuple):
    """A table, and what has to be said below it."""

    title: str
    header: Sequence[str]
    rows: Texts
    notes: Sequence[str] = ()


def sections(audit: Audit) -> list[Section]:
    """Return the tables of an audit."""
    found = [_consistency(audit.consistency)]
    found += [_revelation(audit.revelation)] if audit.revelation else []
    found += [_diversity(audit), _cooperation(audit), _gate(audit.gate)]
    return found + ([_reference(audit.reference)] if audit.reference else [])


def title(audit: Audit) -> str:
    """Name an audit."""
    return f"user {audit.user}, run {audit.run}"


def notes(audit: Audit) -> list[str]:
    """Return what has to be said of the whole audit."""
    said = [
        f"{audit.dialogues:,} of {audit.of:,} dialogues, one path of a tree each, seed "
        f"{audit.seed}; ± or [ ]: 95 % intervals by bootstrap over dialogues; one without width "
        "says that these dialogues do not differ, not that others would not"
    ]
    if audit.revelation is None:
        said.append("no profile is known: persona and revelation were not looked at")
    return said


def _consistency(one: Consistency) -> Section:
    rows = [
        _row("messages that fit the persona", one.persona, "messages"),
        _row("messages that fit earlier ones", one.earlier, "messages"),
        _row("backstory questions answered", one.answered, "questions"),
        _row("… as the persona would", one.right, "answers"),
    ]
    rows = [row for row in rows if row[1] != NONE]
    said = [
        f"{_AGAINST[each.kind]}, {each.dialogue[:6]}{_in_turn(each.turn)}: {each.words}"
        for each in one.found[:_FOUND_SHOWN]
    ]
    if one.by == "rules":
        said.append(
            "rules see only other ages and numbers, negated facts, and relatives or pets denied; "
            "--judge has a model check"
        )
    if one.failures:
        types = ", ".join(f"{count:,} × {name}" for name, count in one.failed.items())
        said.append(f"{one.failures:,} of {one.checks:,} checks failed ({types}): not consistent")
    return Section(f"persona consistency, by {one.by}", ("share of", "%", "of"), rows, said)


def _in_turn(turn: int | None) -> str:
    return f" turn {turn}" if turn else ""


def _revelation(one: Revelation) -> Section:
    step = -(-len(one.curve) // _TURNS_SHOWN)
    shown = range(step, len(one.curve) + 1, step)
    after = "  ".join(f"{turn}: {100 * one.curve[turn - 1]:.0f}" for turn in shown)
    rows = [
        ["facts revealed, by turn", spark(one.curve, 0.0, 1.0), ""],
        ["… after turn k, %", after, ""],
        ["facts revealed by a message", figure(one.per_turn, 1, 2), ""],
        _row("messages that reveal nothing", one.silent, "messages"),
        _row("over half in the first two turns", one.dumps, "dialogues"),
    ]
    sources = {"gold": "gold labels", "words": "the words of messages"}
    read = sources.get(one.source, "gold labels where there are any, else words")
    return Section(f"revelation, by {read}", ("profile", "", "of"), rows)


def _diversity(audit: Audit) -> Section:
    one = audit.diversity
    rows = [
        _row("distinct first messages, %", one.distinct_first, "dialogues"),
        ["similarity of two first messages", figure(one.similarity, 1, 2), ""],
        _row("begin with three words of another, %", one.same_opening, "dialogues"),
        ["distinct-1, distinct-2", f"{_number(one.distinct_1)}, {_number(one.distinct_2)}", ""],
        ["words of a message", figure(one.words, 1, 1), ""],
        ["… their standard deviation", figure(one.spread, 1, 1), ""],
    ]
    return Section("diversity", ("wording", "", "of"), rows)


def _cooperation(audit: Audit) -> Section:
    one = audit.cooperation
    rows = [
        _row("questions answered in the next message", one.answered, "questions"),
        _row("messages that ask something", one.asks, "messages"),
        *(
            _row(f"messages that {act} (gold)", share, "messages")
            for act, share in one.acts.items()
        ),
        _row("dialogues the user left early", one.left, "dialogues"),
    ]
    said = ["an answer is told by its words, topic or form: compare the share, it is too low"]
    return Section("cooperation", ("share of", "%", "of"), rows, said)


def _gate(one: Gate) -> Section:
    rows = [
        [f"fault: {fault.replace('_', ' ')}", f"{count:,}", _rate(count, one.texts)]
        for fault, count in one.faults.items()
    ]
    rows += [[f"failed: {name}", f"{count:,}", ""] for name, count in one.failures.items()]
    said = [] if rows else [f"no fault in {one.texts:,} messages"]
    return Section("fault gate, all branches", ("what", "times", "of messages"), rows, said)


def _reference(one: Reference) -> Section:
    rows = []
    for each in one.rows:
        factor, digits = (1, 1) if each.name in IN_WORDS else (100, 0)
        shown = (figure(part, factor, digits) for part in (each.simulated, each.human))
        rows.append([each.name, *shown, figure(each.difference, factor, digits)])
    said = [
        f"{one.dialogues:,} dialogues of each; distinct-1 and -2 among {one.words:,} words drawn "
        "from each; % but for words"
    ]
    header = ("measure", "simulated", "human", "difference")
    return Section(f"beside people, {one.file}", header, rows, said)


def _row(name: str, share: Share, of: str) -> list[str]:
    return [name, _percent(share), f"{share.total:,} {of}"]


def _percent(one: Figure) -> str:
    return figure(one, 100, 1)


def _number(value: float | None) -> str:
    return NONE if value is None else f"{value:.3f}"


def _rate(count: int, of: int) -> str:
    return f"{count / of:.1%}" if of else NONE
