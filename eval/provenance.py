"""Provenance: what made a result, as far as one store always says the same."""

from collections.abc import Sequence
from importlib.metadata import version

from dialogues.records import RunRecord
from dialogues.tree import Tree
from eval.aloe import Aloe
from eval.protocol import played_under
from eval.reading import prompts_of
from eval.result import Origin, Provenance
from graphs.simulate import FREE_ON_RESUME

_BESIDE = FREE_ON_RESUME | {"prompts"}
"""Settings that shape no dialogue, and one that a record holds by itself."""


def provenance_of(
    settings: Aloe, records: Sequence[RunRecord], trees: Sequence[Tree], judges: Sequence[str]
) -> Provenance:
    """Return what a result comes from.

    Args:
        settings: of the command.
        records: of the runs it was read from, all played under one protocol.
        trees: all dialogues of these runs that it was read from.
        judges: names of the judges.
    """
    protocol = settings.protocol
    return Provenance(
        grove=version("persona-grove"),
        played=played_under(records[0].config),
        swap=settings.swap,
        cases=len(trees) // len(records),
        baseline=settings.baseline or "",
        judges={judge: prompts_of(trees, judge, protocol) for judge in judges},
        judge_sampling=settings.models.sampling.model_dump(mode="json")["judge"],
        runs={record.name: _origin(record) for record in records},
    )


def _origin(record: RunRecord) -> Origin:
    shaping = {name: value for name, value in record.config.items() if name not in _BESIDE}
    return Origin(config=shaping, versions=record.versions, prompts=record.prompts)
