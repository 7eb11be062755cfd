"""Where a store is: a path or a URL, read into what SQLAlchemy takes, and shown without secrets."""

import re
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from dialogues.errors import UsageError

_KINDS = ("sqlite", "postgresql")
_FORMS = "a path or a URL such as sqlite:///runs/a.db or postgresql+psycopg://USER@HOST/DATABASE"
_PASSWORD = re.compile(r"(?<=://)([^\s:/@]*):\S*@")
_PARAMETER = re.compile(r"(?i)(?<=password=)[^&\s]+")


def url_of(location: str) -> URL:
    """Read a store's location.

    Raises:
        UsageError: it is no location of a store; the message shows no password.
    """
    if "://" not in location:
        return URL.create("sqlite", database=location)
    try:
        url = make_url(location)
    except (ArgumentError, ValueError) as error:
        raise UsageError(f"the given store is no URL that can be read; give {_FORMS}") from error
    if url.get_backend_name() not in _KINDS:
        raise UsageError(f"{shown(location)}: a store is SQLite or PostgreSQL; give {_FORMS}")
    if location.partition("?")[0].count("@") > 1:
        raise UsageError(f"{shown(location)}: in the name or password of a URL, write @ as %40")
    return url


def shown(location: str | Path) -> str:
    """Return a store's location as it may be printed: a URL without its passwords."""
    text = str(location)
    if "://" not in text:
        return text
    try:
        make_url(text)
    except (ArgumentError, ValueError):
        # What is no number where a port would be may be a password.
        return "the given URL"
    before, at, after = text.rpartition("@")
    return without_passwords("".join(before.split()) + at + after)


def to_paste(location: str | Path) -> str:
    """Return a store's location for a command: the password is looked for elsewhere then."""
    return shown(location).replace(":***@", "@")


def without_passwords(text: str) -> str:
    """Return `text` with `***` for the passwords in its URLs."""
    return _PARAMETER.sub("***", _PASSWORD.sub(r"\1:***@", text))
