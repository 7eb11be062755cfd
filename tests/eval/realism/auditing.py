"""Growing stores with users of known properties, and auditing them through the real command."""

import json
from pathlib import Path
from typing import Any

from dialogues.audits import audits_of
from dialogues.store import open_store
from eval.realism.record import Audit
from eval.simulator import Simulator
from tests.eval.realism.users import PATH
from tests.growing import command, grow

PROFILES = (
    "Ada Quill is 52 and mends clocks in Bath. She keeps two greyhounds above her shop. She swims "
    "in the river every Sunday. She sings alto in the abbey choir.",
    "Bela Kern is 52 and drives the night tram in Graz. He bakes rye bread for four neighbours. He "
    "collects railway lanterns from Hungary. He plays chess by post.",
    "Cato Lund is 52 and paints ferries in Bergen. He owns a red sledge from his uncle. He reads "
    "weather reports of distant islands. He grows leeks behind the boathouse.",
)
PERSONALITY = "They are dry and brief."


def grown(folder: Path, user: str, *flags: str, turns: int = 4) -> Path:
    """Grow three dialogues of a user of `tests.eval.realism.users` with one who asks."""
    files = {"profiles": PROFILES, "personalities": (PERSONALITY,)}
    named = []
    for name, texts in files.items():
        path = folder / f"{name}.jsonl"
        path.write_text("".join(f"{json.dumps(text)}\n" for text in texts), encoding="utf-8")
        named += [f"--{name}", str(path)]
    assistants = ("--assistant", f"{PATH}:Asker", "--assistant", "plain=scripted")
    seats = ("--user", f"{PATH}:{user}", *assistants, "--expand", f"{__name__}:first_candidate")
    return grow(folder / "a.db", *named, *seats, *flags, turns=turns)


def first_candidate(frontier: Any, width: int, rng: Any) -> list[str]:
    """Continue the first candidate, which is the one who asks."""
    return [siblings.candidates[0].key for siblings in frontier]


def audit(store: Path, *flags: object, status: int = 0) -> Audit:
    """Run the command, which must end with `status`; return its one audit, as it was written."""
    out = store.parent / "audit"
    assert command(Simulator, store, "--out", out, *flags) == status
    (record,) = json.loads((out / "simulator.json").read_text(encoding="utf-8"))
    return Audit.model_validate(record)


def kept(store: Path, run: str = "main") -> dict[str, dict[str, Any]]:
    """Return the audits kept with a run."""
    with open_store(store) as opened:
        return audits_of(opened.run(run), "simulator")
