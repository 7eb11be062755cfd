"""Building small pools and reading them again, for the tests of this folder."""

import asyncio
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents.models.embedding import open_embedder
from dialogues.persona import Kind
from dialogues.pool import KINDS
from graphs.personas.build import Build
from graphs.personas.index import opened_index
from graphs.personas.shelf import Round, Shelf
from tests.graphs.personas.writers import PATH
from tests.growing import PROFILE, command

HOME = Path(__file__).parents[3]
NONSENSE = f"{PATH}:Nonsense"
OTHER = (
    "Tom Reed is 30 and drives a night bus in Leeds. He plays the violin. He keeps newts. "
    "He writes to a cousin in Chile."
)
FILES = ("profiles.jsonl", "personalities.jsonl")
SEEDS = {
    "profiles": [{"profile": PROFILE}, {"profile": OTHER, "split": "eval"}],
    "personalities": [
        {"personality": "They are dry and brief. They dislike fuss. They never ask."},
        {"personality": "They are cheerful. They joke a lot. They trust.", "split": "eval"},
    ],
}
"""A pool of two descriptions of each kind, one of them for evaluation."""

Capture = pytest.CaptureFixture[str]


def write_pool(folder: Path, **halves: list[Any]) -> Path:
    """Write a pool by hand: its lines by file, those of SEEDS where nothing else is given."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, records in {**SEEDS, **halves}.items():
        lines = [json.dumps(record, ensure_ascii=False) + "\n" for record in records]
        (folder / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
    return folder


def flags_of(out: Path, *flags: object, target: int = 50) -> list[str]:
    """Return the flags of a build that begins with SEEDS, where no other seeds are given."""
    words = [str(word) for word in ("--out", out, "--target", target, *flags)]
    if not {"--seeds", "--shipped", "--from"} & set(words):
        words += ["--seeds", str(write_pool(out.parent / "seeds"))]
    return [word for word in words if word != "--shipped"]


def build(out: Path, *flags: object, target: int = 50) -> int:
    """Build a pool in this process; return the exit status."""
    return command(Build, *flags_of(out, *flags, target=target))


def built(out: Path, *flags: object, target: int = 50) -> Path:
    """Build a pool, which must succeed; return its folder."""
    assert build(out, *flags, target=target) == 0
    return out


def records(pool: Path, kind: Kind = "profile") -> list[dict[str, str]]:
    """Return the lines of a pool's file."""
    path = pool / f"{KINDS[kind][0]}.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def texts(pool: Path, kind: Kind = "profile", split: str = "") -> list[str]:
    """Return the texts of a pool, or those for one use."""
    return [each[kind] for each in records(pool, kind) if split in ("", each["split"])]


def rounds(pool: Path) -> list[Round]:
    """Return what the rounds of a pool brought."""
    lines = (pool / "rounds.jsonl").read_text(encoding="utf-8").split("\n")
    return [Round.model_validate_json(line) for line in lines if line]


def content(pool: Path, *names: str) -> dict[str, bytes]:
    """Return the files of a pool; its two halves where none are named."""
    return {name: (pool / name).read_bytes() for name in names or FILES}


def vectors(told: list[str]) -> Any:
    """Return the lexical vectors of texts."""
    return asyncio.run(open_embedder("lexical").embed(told))


def check_index(pool: Path) -> None:
    """Make sure that the index holds just what the pool holds, with the right vectors."""
    shelf = Shelf(pool)
    with opened_index(pool, open_embedder("lexical")) as index:
        for kind, halves in shelf.halves.items():
            right = vectors([half.text for half in halves.values()])
            assert np.allclose(index.vectors(kind, list(halves)), right, atol=1e-6)
            nearest = index.nearest(kind, right, len(halves) + 9)
            assert all({id_ for id_, _ in found} == halves.keys() for found in nearest)
            assert [found[0][0] for found in nearest] == list(halves)


def said(capsys: Capture) -> str:
    """Return all that was printed, without line breaks."""
    captured = capsys.readouterr()
    return " ".join((captured.out + captured.err).split())
