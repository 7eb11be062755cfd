"""The prompts: one YAML file each, replaceable, with placeholders that text cannot break out of.

A prompt file holds named texts. `$name` in a text stands for a value; values are escaped so that
no `<` in them can open or close a tag of the prompt, and are never read for placeholders.
"""

import html
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

import yaml

from dialogues.errors import UsageError
from dialogues.hashing import canonical_json, short_hash

JOINT = "+"
"""Between the names of the files whose texts make up one prompt."""

SHIPPED = Path(__file__).parent / "texts"


class Tagged(str):
    """Text whose tags are ours and whose content is escaped already."""


def tagged(tag: str, text: str, **attributes: str) -> Tagged:
    """Put text between tags that nothing in it can close."""
    inside = "".join(f' {name}="{html.escape(value)}"' for name, value in attributes.items())
    return Tagged(f"<{tag}{inside}>{_escaped(text)}</{tag}>")


def _escaped(value: str) -> str:
    return value if isinstance(value, Tagged) else html.escape(value, quote=False)


@dataclass(frozen=True)
class Prompt:
    """The texts of one prompt file."""

    name: str
    texts: Mapping[str, str]

    @property
    def hash(self) -> str:
        """Hash of the texts; stored with every run and verdict."""
        return short_hash(canonical_json(dict(self.texts)), size=6)

    def fill(self, text: str, **values: str) -> str:
        """Return a text with its placeholders replaced by escaped values."""
        escaped = {name: _escaped(value) for name, value in values.items()}
        return Template(self.texts[text]).substitute(escaped).strip()


Prompts = Mapping[str, Prompt]


def load_prompts(folder: Path | None = None) -> Prompts:
    """Load the shipped prompts, those in `folder` in place of theirs.

    Raises:
        UsageError: the folder holds no prompt, or one with an unknown name; a text or placeholder
            is unknown or missing.
    """
    return _shipped() if folder is None else {**_shipped(), **_of_user(folder)}


@cache
def _shipped() -> Prompts:
    return {path.stem: _read(path) for path in sorted(SHIPPED.glob("*.yaml"))}


def _of_user(folder: Path) -> Prompts:
    paths = sorted(path for path in folder.glob("*") if path.suffix in (".yaml", ".yml"))
    names = ", ".join(f"{name}.yaml" for name in _shipped())
    if not folder.is_dir():
        raise UsageError(f"--prompts {folder}: no such folder")
    if not paths:
        raise UsageError(f"--prompts {folder}: no prompt files there; those known: {names}")
    for path in paths:
        if path.stem not in _shipped():
            raise UsageError(f"{path}: no seat has such a prompt; those known: {names}")
        if path.suffix != ".yaml":
            raise UsageError(f"{path}: rename it to {path.stem}.yaml")
    return {path.stem: _checked(path) for path in paths}


def _checked(path: Path) -> Prompt:
    prompt, ours = _read(path), _shipped()[path.stem]
    if missing := sorted(ours.texts.keys() ^ prompt.texts.keys()):
        known = ", ".join(ours.texts)
        raise UsageError(f"{path}: texts are {known}; {missing[0]!r} is missing or not one of them")
    for name, text in prompt.texts.items():
        _check_placeholders(path, name, text, Template(ours.texts[name]).get_identifiers())
    return prompt


def _check_placeholders(path: Path, name: str, text: str, wanted: list[str]) -> None:
    found = _identifiers(path, name, text)
    if unknown := [one for one in found if one not in wanted]:
        raise UsageError(
            f"{path}: unknown placeholder ${unknown[0]} in {name!r} (known: {_dollars(wanted)}; "
            "write $$ for a dollar sign)"
        )
    if missing := [one for one in wanted if one not in found]:
        raise UsageError(f"{path}: {name!r} lacks {_dollars(missing)}; the model must be told that")


def _dollars(names: list[str]) -> str:
    return ", ".join(f"${name}" for name in names) or "none"


def _identifiers(path: Path, name: str, text: str) -> list[str]:
    template = Template(text)
    if not template.is_valid():
        raise UsageError(f"{path}: a lone $ in {name!r}; write $$ for a dollar sign")
    return template.get_identifiers()


def _read(path: Path) -> Prompt:
    try:
        texts = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(f"{path}: cannot be read ({error})") from error
    if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
        raise UsageError(f"{path}: expected named texts, such as `system: |`")
    return Prompt(path.stem, {str(name): text for name, text in texts.items()})
