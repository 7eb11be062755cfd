"""The card of a trained model: whom it was trained on, and how, for people and for `eval.aloe`."""

import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from dialogues.card import CARD, read_card
from dialogues.digest import digest
from training.sets import Sets

_LIBRARIES = ("persona-grove", "trl", "transformers", "torch", "peft", "accelerate")


def write_card(
    folder: Path, sets: Sets, settings: Mapping[str, Any], measured: Mapping[str, float]
) -> None:
    """Write `grove.json`, and add what it says to the README that TRL has just written.

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
    (folder / CARD).write_text(json.dumps(card, indent=2, ensure_ascii=False, default=str) + "\n")
    with (folder / "README.md").open("a", encoding="utf-8") as readme:
        readme.write(_section(card))


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
    return f"\n## Trained with Grove\n\n| | |\n|---|---|\n{table}\n"
