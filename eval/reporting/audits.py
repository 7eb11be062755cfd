"""Audits: the parts of a report with what was found of judges and simulated users."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from dialogues.audits import Audited, audits_of
from eval.auditing import record as judges
from eval.auditing import rows
from eval.columns import Grid
from eval.realism import columns
from eval.realism import record as users
from eval.reporting.parts import Block, Notes, Part
from eval.reporting.scanning import Scan

_NONE: dict[Audited, str] = {
    "judge": "No judge of these runs was audited; python -m eval.judge STORE does it.",
    "simulator": "No simulated user was audited; python -m eval.simulator STORE does it.",
}


def judges_part(scans: Sequence[Scan]) -> Part:
    """Return the audits of judges."""
    blocks: list[Block] = []
    alerts: list[str] = []
    for one in scans:
        found = _read(one, "judge", judges.Audit, alerts)
        if not found:
            continue
        blocks += [
            Grid(f"{one.source.name}: {section.title}", section.header, section.rows)
            for section in rows.sections(found)
        ]
        blocks.append(Notes([*rows.failure_lines(found), *rows.notes(found)]))
    lead = [] if blocks or alerts else [_NONE["judge"]]
    return Part("Audits of judges", blocks, alerts, lead)


def users_part(scans: Sequence[Scan]) -> Part:
    """Return the audits of simulated users."""
    blocks: list[Block] = []
    alerts: list[str] = []
    for one in scans:
        for audit in _read(one, "simulator", users.Audit, alerts):
            name = f"{one.source.store}, {columns.title(audit)}"
            for section in columns.sections(audit):
                blocks.append(Grid(f"{name}: {section.title}", section.header, section.rows))
                blocks += [Notes(section.notes)] * bool(section.notes)
            blocks.append(Notes(columns.notes(audit)))
    lead = [] if blocks or alerts else [_NONE["simulator"]]
    return Part("Audits of simulated users", blocks, alerts, lead)


def _read(one: Scan, kind: Audited, record: type[Any], alerts: list[str]) -> list[Any]:
    """Read the audits of a run; those of another version of Grove are named in `alerts`."""
    assert issubclass(record, BaseModel)
    found = []
    for name, held in audits_of(one.source.run, kind).items():
        try:
            found.append(record.model_validate(held))
        except ValidationError:
            alerts.append(
                f"{one.source.name}: the audit of {name} is of another version of Grove; audit it "
                f"again with python -m eval.{kind}"
            )
    return found
