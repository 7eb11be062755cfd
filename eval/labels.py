"""Labelled preferences: pairs of replies of which somebody said which one a person would prefer.

A judge is audited against them. `write_blinded` makes the form on which people judge the same
pairs without seeing a label, and `read_picks` reads the filled forms back.
"""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from dialogues.errors import UsageError
from dialogues.hashing import derived_seed, short_hash
from dialogues.node import Message
from dialogues.persona import Description, Frozen, Persona, Personality, Profile
from dialogues.storable import StorableText
from dialogues.writers import row_writer

SHIPPED = Path(__file__).parent / "data" / "labels.jsonl"
"""The labelled pairs that come with Grove; data/README.md says how they were made."""

Said = Annotated[StorableText, Field(min_length=1)]
"""A text that is not empty."""

Place = Annotated[int, Field(strict=True, ge=0, le=1)]
"""Which of two replies: 0 or 1, and not the `true` that Python takes for 1."""


class Labelled(Frozen):
    """Two replies to one dialogue, and which of them its user would prefer.

    Attributes:
        profile: the user's facts, prose.
        personality: the user's traits, prose.
        history: the dialogue so far, which ends with the user's message.
        replies: the two replies to it, different from each other.
        preferred: place in `replies` of the preferred one; None for a tie.
        kind: one word for what separates the two.
        by: whom or what the label comes from.
    """

    profile: Said
    personality: Said
    history: tuple[Message, ...]
    replies: tuple[Said, Said]
    preferred: Place | None
    kind: str
    by: Said

    @field_validator("profile", "personality")
    @classmethod
    def _has_words(cls, text: str) -> str:
        Description.of(text)
        return text

    @field_validator("kind")
    @classmethod
    def _is_one_word(cls, kind: str) -> str:
        if len(kind.split()) != 1 or kind != kind.strip():
            raise ValueError(f"{kind!r} is not one word")
        return kind

    @field_validator("history")
    @classmethod
    def _is_a_dialogue(cls, history: tuple[Message, ...]) -> tuple[Message, ...]:
        if not history or history[-1].role != "user":
            raise ValueError("it does not end with the user's message")
        if any(message.role == "system" for message in history):
            raise ValueError("a message has the role system")
        if not all(message.content for message in history):
            raise ValueError("a message is empty")
        return history

    @field_validator("replies")
    @classmethod
    def _differ(cls, replies: tuple[str, str]) -> tuple[str, str]:
        if replies[0] == replies[1]:
            raise ValueError("the two are the same")
        return replies

    @property
    def id(self) -> str:
        """Content id over the texts, without the label: two people's labels of a pair share it."""
        said = (part for message in self.history for part in message)
        return short_hash(self.profile, self.personality, *said, *self.replies)

    @property
    def persona(self) -> Persona:
        """The person whose preference the label states."""
        return Persona(
            profile=Profile.of(self.profile), personality=Personality.of(self.personality)
        )


class FormLine(Frozen):
    """One pair on the form people fill in; `item`, `shown`, `by` and `pick` alone will do.

    Attributes:
        item: id of the labelled pair.
        shown: places in its `replies` of the one shown first and the one shown second.
        profile: the user's facts, for the reader.
        personality: the user's traits, for the reader.
        history: the dialogue so far, for the reader.
        first: the reply shown first, for the reader.
        second: the reply shown second, for the reader.
        by: who picked.
        pick: the preferred one; empty where the person has not judged the pair.
    """

    item: str
    shown: tuple[Place, Place]
    profile: str = ""
    personality: str = ""
    history: tuple[Message, ...] = ()
    first: str = ""
    second: str = ""
    by: StorableText
    pick: Literal["first", "second", "tie", ""]

    @field_validator("shown")
    @classmethod
    def _is_an_order(cls, shown: tuple[int, int]) -> tuple[int, int]:
        if shown[0] == shown[1]:
            raise ValueError("one reply is shown twice")
        return shown

    @model_validator(mode="after")
    def _is_signed(self) -> Self:
        if self.pick and not self.by.strip():
            raise ValueError('a pick without a name; write who picked under "by"')
        return self

    @property
    def chosen(self) -> int | None:
        """Place in the pair's `replies` of the picked one; None for a tie or no pick."""
        return {"first": self.shown[0], "second": self.shown[1]}.get(self.pick)


def read_labels(path: Path) -> list[Labelled]:
    """Read labelled pairs, one JSON object per line.

    Raises:
        UsageError: the file cannot be read, is empty, or a line is malformed or there twice; the
            message names the line and the mend.
    """
    seen: dict[str, str] = {}
    labels = []
    for where, label in _lines(path, Labelled, _LABEL_MENDS):
        if label.id in seen:
            raise UsageError(f"{where}: the pair of {seen[label.id]} again; delete one of the two")
        seen[label.id] = where
        labels.append(label)
    return labels


def write_blinded(labels: Sequence[Labelled], path: Path, seed: int) -> None:
    """Write the form on which a person judges the pairs to a new file, a JSON object per line.

    The order of the two replies is drawn for each pair from `seed` and its id, so that it is the
    same whatever other pairs are on the form. People write a name under `by` and "first",
    "second" or "tie" under `pick`. No label is on it.

    Raises:
        UsageError: `path` does not end in .jsonl, is there already, or cannot be written.
        GroveError: writing failed.
    """
    if path.suffix != ".jsonl":
        raise UsageError(f"--blind {path}: name a file ending in .jsonl")
    if path.exists():
        raise UsageError(
            f"--blind {path}: is there already, and may hold picks; name a new file, or give it to "
            "--picks"
        )
    with row_writer(path) as writer:
        for label in labels:
            writer.write(_form(label, seed))


def read_picks(path: Path, labels: Sequence[Labelled]) -> dict[str, dict[str, int | None]]:
    """Read what people picked on the blinded form.

    Returns:
        For each person, in the order of the file, what they picked by item id, in the order of
        `labels`: the place in the pair's `replies`, None for a tie. A pair somebody did not judge
        is not among theirs.

    Raises:
        UsageError: the file cannot be read or holds no pick, a line is malformed, an item is not
            among `labels`, or a person judged it twice; the message names the line and the mend.
    """
    known = {label.id for label in labels}
    found: dict[str, dict[str, int | None]] = {}
    for where, line in _lines(path, FormLine, _FORM_MENDS):
        if line.item not in known:
            raise UsageError(
                f"{where}: no labelled pair has the id {line.item!r}; "
                "give the labels the form was written from"
            )
        if not line.pick:
            continue
        picks = found.setdefault(line.by.strip(), {})
        if line.item in picks:
            raise UsageError(
                f"{where}: {line.by.strip()!r} has judged {line.item} before; keep one pick"
            )
        picks[line.item] = line.chosen
    if not found:
        raise UsageError(f'{path} holds no pick: write "first", "second" or "tie" under "pick"')
    order = [label.id for label in labels]
    return {
        name: {item: picks[item] for item in order if item in picks}
        for name, picks in found.items()
    }


_LABEL_MENDS = {
    "profile": "write the person's facts, a text",
    "personality": "write the person's traits, a text",
    "history": 'give a list of {"role": "user" or "assistant", "content": text}, the user\'s last',
    "replies": "give a list of two different texts",
    "preferred": "give 0, 1, or null for a tie",
    "kind": "give one word for what separates the replies",
    "by": "name whom or what the label comes from",
}
_FORM_MENDS = {
    "item": "give the id of the pair, as on the form",
    "shown": "give [0, 1] or [1, 0], as on the form",
    "by": "write who picked",
    "pick": 'write "first", "second" or "tie"',
} | dict.fromkeys(
    ("profile", "personality", "history", "first", "second"), "leave it as it is on the form"
)

_Line = TypeVar("_Line", Labelled, FormLine)


def _form(label: Labelled, seed: int) -> dict[str, Any]:
    shown = [0, 1]
    random.Random(derived_seed(seed, label.id, "blinded")).shuffle(shown)
    return {
        "item": label.id,
        "shown": shown,
        "profile": label.profile,
        "personality": label.personality,
        "history": [message._asdict() for message in label.history],
        "first": label.replies[shown[0]],
        "second": label.replies[shown[1]],
        "by": "",
        "pick": "",
    }


def _lines(path: Path, kind: type[_Line], mends: dict[str, str]) -> Iterator[tuple[str, _Line]]:
    try:
        # What JSON may hold unescaped ends a line for str.splitlines.
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {error}") from error
    if not any(line.strip() for line in lines):
        raise UsageError(f"{path} is empty: give a file with one JSON object per line")
    for number, line in enumerate(lines, start=1):
        if line.strip():
            where = f"{path}:{number}"
            yield where, _parsed(kind, line, where, mends)


def _parsed(kind: type[_Line], line: str, where: str, mends: dict[str, str]) -> _Line:
    try:
        return kind.model_validate_json(line)
    except ValidationError as error:
        raise UsageError(f"{where}: {_problem(error.errors()[0], mends)}") from error


def _problem(error: ErrorDetails, mends: dict[str, str]) -> str:
    message = error["msg"].removeprefix("Value error, ").removeprefix("Invalid JSON: ")
    if error["type"] == "json_invalid":
        return f"not JSON ({message}); write one object per line, as json.dumps does"
    if error["type"] == "model_type":
        return f"not an object; write one with the keys {', '.join(mends)}"
    if not error["loc"]:
        return message
    key = error["loc"][0]
    if key not in mends:
        return f'unknown key "{key}"; known: {", ".join(mends)}'
    place = ".".join(str(part) for part in error["loc"])
    return f"{place}: {message}; {mends[str(key)]}"
