"""Lexicons: word lists in data/ that say what a text is about, read once and matched by rule."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_DATA = Path(__file__).parent / "data"


@cache
def load_data(name: str) -> Any:
    """Load a YAML file of data/; what it returns is shared, so it must not be changed."""
    return yaml.load((_DATA / name).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


@cache
def load_words(name: str) -> frozenset[str]:
    """Load a plain list of words of data/."""
    return frozenset((_DATA / name).read_text(encoding="utf-8").split())


def matcher(entries: list[str]) -> re.Pattern[str]:
    """Make the pattern that finds any of `entries` in lower-case text; `*` is any ending."""
    longest_first = sorted(entries, key=len, reverse=True)
    alternatives = "|".join(re.escape(entry).replace(r"\*", r"[\w-]*") for entry in longest_first)
    return re.compile(rf"(?<![\w-])(?:{alternatives})(?![\w-])")
