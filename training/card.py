"""The card of a trained model: whom it was trained on, and how, for people and for `eval.aloe`."""

import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from dialogues.card import CARD, read_card
from dialogues.digest import digest
from training.sets import Sets

_HEADING = "\n## Trained with Grove\n\n"
_LIBRARIES = ("persona-grove", "trl", "transformers", "torch", "peft", "accelerate")


def write_card(
    folder: Path, sets: Sets, settings: Mapping[str, Any], measured: Mapping[str, float]
) -> None:
    """Write `grove.json`, and add what it says to the README that TRL wrote.

    A card of the model the training began with is kept in it, so that nobody who was trained on is
    forgotten.
    """
    before = read_card(Path(str(settings.get("model_name_or_path"))))
    card = {
        "digest": digest(tree for tree, _ in sets.trees),
        "runs": sorted({record.name for _, record in sets.trees}),
        "systems": sorted({record.system for _, record in sets.trees}),
        "profiles": sorted({tree.persona.profile.id for tree, _ in sets.trees}),
        "personalities": sorted({tree.persona.personality.id for tree, _ in sets.trees}),
        "trees": sets.counts.trees,
        "targets": sets.counts.targets,
        "learnt": sets.learnt,
        "settings": {name: value for name, value in settings.items() if value is not None},
        "measured": dict(measured),
        "versions": {name: version(name) for name in _LIBRARIES},
        "before": before,
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CARD).write_text(json.dumps(card, indent=2, ensure_ascii=False, default=str) + "\n")
    readme = folder / "README.md"
    said = readme.read_text(encoding="utf-8") if readme.exists() else ""
    # A folder that was trained into before holds a section already.
    readme.write_text(said.partition(_HEADING)[0] + _section(card), encoding="utf-8")


def _section(card: dict[str, Any]) -> str:
    rows = {
        "trees": f"{card['trees']:,}, digest `{card['digest']}`",
        "learnt": f"{card['targets']:,} {card['learnt']}",
        "people": f"{len(card['profiles'])} profiles, {len(card['personalities'])} personalities "
        f"(ids in `{CARD}`)",
        "system text": "; ".join(card["systems"]) or "none",
        **{name: f"{value:.4g}" for name, value in card["measured"].items()},
    }
    table = "\n".join(f"| {name} | {value} |" for name, value in rows.items())
    return f"{_HEADING}| | |\n|---|---|\n{table}\n"
