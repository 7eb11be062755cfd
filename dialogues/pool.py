"""Pools of personas: reading persona files, drawing profile × personality pairs.

A pool is a folder with `profiles.jsonl` and `personalities.jsonl`. A line is an object
(`{"profile": "...", "split": "train"}`, `{"personality": "..."}`) or, as in the files released
with the ALOE paper, a JSON string. A line with several JSON values yields them all.
"""

import json
import random
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from dialogues.errors import UsageError
from dialogues.hashing import short_hash
from dialogues.persona import Description, Half, Kind, Persona, Personality, Profile, Split

SHIPPED = Path(__file__).parent / "data"
"""The folder of the pool that comes with Grove."""

KINDS: dict[Kind, tuple[str, type[Description]]] = {
    "profile": ("profiles", Profile),
    "personality": ("personalities", Personality),
}
"""The two kinds of description: the name of their file, and their class."""


@dataclass(frozen=True)
class Pool:
    """Profiles and personalities that may meet; only halves of the same split do."""

    profiles: tuple[Profile, ...]
    personalities: tuple[Personality, ...]

    @property
    def id(self) -> str:
        """Content id over both files, by which a run knows its pool again."""
        halves = (*self.profiles, *self.personalities)
        return short_hash(*(f"{half.id}:{half.split}" for half in halves))

    def personas(self, per_profile: int, seed: int = 0) -> list[Persona]:
        """Draw `per_profile` personalities for each profile, balanced, none twice.

        The least used personalities come first, ties in an order drawn from `seed`. A profile
        gets fewer where its split has fewer personalities. All profiles come once, then all
        again, so that the first personas are as varied as they can be.
        """
        used: Counter[str] = Counter()
        rng = random.Random(seed)
        rounds: list[list[Persona]] = [[] for _ in range(per_profile)]
        for profile in self.profiles:
            matching = [each for each in self.personalities if each.split == profile.split]
            rng.shuffle(matching)
            matching.sort(key=lambda each: used[each.id])
            for nth, personality in zip(rounds, matching, strict=False):
                used[personality.id] += 1
                nth.append(Persona(profile=profile, personality=personality))
        return [persona for nth in rounds for persona in nth]


def load_pool(folder: Path = SHIPPED) -> Pool:
    """Load the pool in `folder`.

    Raises:
        UsageError: a file is missing, empty or malformed.
    """
    return load_files(folder / "profiles.jsonl", folder / "personalities.jsonl")


def load_files(profiles: Path, personalities: Path) -> Pool:
    """Load a pool from two JSONL files.

    Raises:
        UsageError: a file is missing, empty or malformed; the message names file and line.
    """
    pool = Pool(
        read_halves(profiles, Profile, "profile"),
        read_halves(personalities, Personality, "personality"),
    )
    if not pool.personas(1):
        raise UsageError(f"{profiles} and {personalities} share no split: no persona can be drawn")
    return pool


def read_halves(path: Path, kind: type[Half], key: Kind) -> tuple[Half, ...]:
    """Read one file of a pool.

    Raises:
        UsageError: it is missing, empty or malformed; the message names the line.
    """
    halves: dict[str, Half] = {}
    for line, value in _json_values(path):
        half = _parse(value, kind, key, f"{path}:{line}")
        if halves.setdefault(half.id, half) is not half:
            warnings.warn(f"{path}:{line}: the same {key} again; kept once", stacklevel=3)
    if not halves:
        raise UsageError(f"{path} holds no {key}: give a file with one JSON value per line")
    return tuple(halves.values())


def _json_values(path: Path) -> Iterator[tuple[int, Any]]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"cannot read {path}: {error}") from error
    for number, line in enumerate(lines, start=1):
        values = _values_of(line, f"{path}:{number}")
        if len(values) > 1:
            warnings.warn(f"{path}:{number}: {len(values)} JSON values on one line", stacklevel=4)
        yield from ((number, value) for value in values)


def _values_of(line: str, where: str) -> list[Any]:
    decoder = json.JSONDecoder()
    values: list[Any] = []
    rest = line.strip()
    while rest:
        try:
            value, end = decoder.raw_decode(rest)
        except json.JSONDecodeError as error:
            raise UsageError(
                f"{where}: not JSON ({error.msg}); quote the text as JSON does"
            ) from error
        values.append(value)
        rest = rest[end:].lstrip(" \t,")
    return values


def _parse(value: Any, kind: type[Half], key: str, where: str) -> Half:
    record = {key: value} if isinstance(value, str) else value
    if not isinstance(record, dict) or not isinstance(record.get(key), str):
        raise UsageError(f'{where}: expected a JSON string or an object with the key "{key}"')
    if unknown := sorted(record.keys() - {key, "split", "language"}):
        raise UsageError(
            f'{where}: unknown key "{unknown[0]}"; known: "{key}", "split", "language"'
        )
    split = record.get("split", "train")
    if split not in get_args(Split):
        known = ", ".join(f'"{name}"' for name in get_args(Split))
        raise UsageError(f'{where}: "split" is {split!r}; it must be one of {known}')
    language = record.get("language", "en")
    if not isinstance(language, str):
        raise UsageError(f'{where}: "language" is {language!r}; write a code such as "en"')
    try:
        return kind.of(record[key], split, language)
    except ValueError as error:
        raise UsageError(f"{where}: {error}") from error
