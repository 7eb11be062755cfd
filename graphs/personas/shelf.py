"""The shelf: the folder of a pool that is being built, with the one process that may write to it.

    POOL/profiles.jsonl, POOL/personalities.jsonl   the pool itself; these files are the truth
    POOL/rounds.jsonl                               what each round of writing brought
    POOL/pool.json                                  how it is built: embedder, threshold, seed, …
    POOL/index/                                     the vectors; made anew where they differ

A round's texts are appended at once, before its line in `rounds.jsonl`. A process killed between
the two writes the round again, and its texts are turned away as those that are there already.
"""

import json
import os
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from pydantic import Field, ValidationError

from dialogues.errors import UsageError
from dialogues.persona import Description, Frozen, Kind, Split
from dialogues.pool import KINDS, read_halves

_RECORD, _ROUNDS, _LOCK = "pool.json", "rounds.jsonl", ".lock"


class BuildRecord(Frozen):
    """How a pool is built; all of it stays as it is while the pool grows.

    Attributes:
        embedder: spec of what makes vectors of texts, without its endpoint.
        thresholds: the greatest cosine similarity to the nearest other text, for each kind.
        writers: spec of who writes each kind, or the file it is taken from.
        prompts: hash of the prompt of each writer that has one.
    """

    embedder: str
    thresholds: dict[Kind, float]
    writers: dict[Kind, str]
    prompts: dict[str, str] = Field(default_factory=dict)
    seed: int = 0
    language: str = "en"
    versions: dict[str, str] = Field(default_factory=dict)


class Round(Frozen):
    """What became of the texts of one round.

    Attributes:
        number: 0 for the seeds, then from 1.
        asked: texts that were asked for.
        written: texts that came.
        unfit: too short or too long for a description, or without words.
        known: word for word in the pool already.
        near: more alike to one in the pool than the threshold allows.
        surplus: fit and new, but more than the target wanted.
        admitted: added to the pool.
        failures: calls that brought nothing, by type of error.
        tokens: what the calls took.
    """

    kind: Kind
    number: int
    asked: int = 0
    written: int = 0
    unfit: int = 0
    known: int = 0
    near: int = 0
    surplus: int = 0
    admitted: int = 0
    failures: dict[str, int] = Field(default_factory=dict)
    tokens: int = 0

    @property
    def acceptance(self) -> float:
        """The share of what was asked for that was new to the pool."""
        return (self.admitted + self.surplus) / self.asked if self.asked else 0.0


class Shelf:
    """A pool under construction: what is in its files, and how more is added."""

    def __init__(self, folder: Path) -> None:
        """Read the files that are there.

        Raises:
            UsageError: one of them is malformed.
        """
        self.folder = folder
        self.halves: dict[Kind, dict[str, Description]] = {
            kind: {half.id: half for half in _halves_in(folder, kind)} for kind in KINDS
        }
        self.rounds = [_round(line, folder) for line in _lines(folder / _ROUNDS)]

    @property
    def record(self) -> BuildRecord | None:
        """How the pool is built; None where that is not recorded.

        Raises:
            UsageError: the file is malformed.
        """
        path = self.folder / _RECORD
        try:
            return BuildRecord.model_validate_json(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise UsageError(f"cannot read {path} ({_first(error)}); mend or remove it") from error

    def begin(self, record: BuildRecord) -> None:
        """Note how the pool is built, or make sure that it is built so.

        Raises:
            UsageError: it was begun in another way; the message names the difference.
        """
        before = self.record
        if before is None or not (self.rounds or any(self.halves.values())):
            _write(self.folder / _RECORD, record.model_dump_json(indent=2) + "\n")
            return
        ours, theirs = (one.model_dump(exclude={"versions"}) for one in (record, before))
        for name, value in ours.items():
            if theirs[name] != value:
                raise UsageError(
                    f"{self.folder} was built with {name} {_told(theirs[name])}, not "
                    f"{_told(value)}; give that again, or another --out"
                )

    def count(self, kind: Kind, split: Split) -> int:
        """Return how many there are of a kind for a use."""
        return Counter(half.split for half in self.halves[kind].values())[split]

    def rounds_of(self, kind: Kind) -> list[Round]:
        """Return the rounds of a kind, in their order."""
        return [each for each in self.rounds if each.kind == kind]

    def add(self, round_: Round, halves: Iterable[Description]) -> None:
        """Append the texts of a round, then the round, and see them to the disk."""
        halves = list(halves)
        path = self.folder / f"{KINDS[round_.kind][0]}.jsonl"
        _append(path, (_line(round_.kind, half) for half in halves))
        self.halves[round_.kind].update((half.id, half) for half in halves)
        _append(self.folder / _ROUNDS, [round_.model_dump_json(exclude_defaults=True)])
        self.rounds.append(round_)


@contextmanager
def building(folder: Path) -> Iterator[Shelf]:
    """Open a pool to add to it, alone; a folder that is not there is made.

    Raises:
        UsageError: another process is building it, or it cannot be written.
    """
    lock = FileLock(folder / _LOCK, timeout=0)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
        for name in (*(f"{name}.jsonl" for name, _ in KINDS.values()), _ROUNDS):
            _mend(folder / name)
    except Timeout as error:
        raise UsageError(f"{folder} is being built by another process; wait for it") from error
    except OSError as error:
        raise UsageError(f"cannot write to {folder}: {error}") from error
    try:
        yield Shelf(folder)
    finally:
        lock.release()


def _halves_in(folder: Path, kind: Kind) -> Iterable[Description]:
    name, model = KINDS[kind]
    path = folder / f"{name}.jsonl"
    return read_halves(path, model, kind) if path.exists() and path.stat().st_size else ()


def _line(kind: Kind, half: Description) -> str:
    record = {kind: half.text, "split": half.split, "language": half.language}
    return json.dumps(record, ensure_ascii=False)


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {error}") from error
    # What JSON may hold unescaped ends a line for str.splitlines.
    return [line for line in text.split("\n") if line]


def _round(line: str, folder: Path) -> Round:
    try:
        return Round.model_validate_json(line)
    except ValidationError as error:
        where = folder / _ROUNDS
        raise UsageError(f"{where}: not a round ({_first(error)}): {line[:60]}") from error


def _append(path: Path, lines: Iterable[str]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())


def _write(path: Path, text: str) -> None:
    whole = path.with_suffix(".new")
    whole.write_text(text, encoding="utf-8")
    whole.replace(path)


def _mend(path: Path) -> None:
    """Cut off a last line that a killed process left half-written."""
    data = path.read_bytes() if path.exists() else b""
    last = data[data.rfind(b"\n") + 1 :]
    if not last:
        return
    if _is_whole(last):
        path.write_bytes(data + b"\n")
    else:
        warnings.warn(f"{path}: a half-written last line is cut off", stacklevel=2)
        path.write_bytes(data[: len(data) - len(last)])


def _is_whole(line: bytes) -> bool:
    try:
        json.loads(line)
    except json.JSONDecodeError as error:
        # A pool's line may hold several values.
        return error.msg == "Extra data"
    except UnicodeDecodeError:
        return False
    return True


def _told(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {one}" for name, one in value.items())
    return repr(value) if isinstance(value, str) else str(value)


def _first(error: Exception) -> str:
    return error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
