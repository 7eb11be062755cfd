"""Where a store is: what is read, what is refused, and that no password is shown."""

import pytest

from dialogues.errors import UsageError
from dialogues.location import shown, to_paste, url_of, without_passwords

SECRET = "hunter2"
WITH_PASSWORD = (
    "postgresql+psycopg://me:hunter2@db/grove",
    "postgresql+psycopg://me:hunter2@db:5432/grove?sslmode=require",
    "postgresql+psycopg://:hunter2@db/grove",
    "postgresql+psycopg://db/grove?user=me&password=hunter2",
    "postgresql+psycopg://db/grove?sslpassword=hunter2&sslmode=require",
    "postgresql+psycopg://me:hun@hunter2@db/grove",
    "postgresql+psycopg://me:a/hunter2@db/grove",
    "postgresql+psycopg://me:my hunter2@db/grove",
    "postgresql+psycopg://me:hunter2/grove",
    "postgres://me:hunter2@db/grove",
    "mysql://me:hunter2@db/grove",
)


@pytest.mark.parametrize("location", WITH_PASSWORD)
def test_no_password_is_shown(location: str) -> None:
    assert SECRET not in shown(location)
    try:
        url_of(location)
    except UsageError as error:
        assert SECRET not in str(error)


@pytest.mark.parametrize("location", WITH_PASSWORD[:5])
def test_no_password_is_left_in_a_line(location: str) -> None:
    told = without_passwords(f"unknown: {location} (see --help), write to ada@example.org")
    assert SECRET not in told
    assert told.startswith("unknown: postgresql+psycopg://")
    assert told.endswith(" (see --help), write to ada@example.org")


@pytest.mark.parametrize(
    "location",
    [
        "runs/a.db",
        "C:/runs/a.db",
        "a@b:c.db",
        "sqlite:///runs/a.db",
        "postgresql+psycopg://db/grove",
        "postgresql+psycopg://ada@db:5432/grove?application_name=x",
        "postgresql+psycopg://ada@/grove?host=/var/run/postgresql",
    ],
)
def test_what_holds_no_password_is_shown_as_it_is(location: str) -> None:
    assert shown(location) == location
    assert without_passwords(location) == location


def test_a_location_to_paste_leaves_the_password_to_be_found_elsewhere() -> None:
    assert to_paste("postgresql+psycopg://me:pw@db/grove") == "postgresql+psycopg://me@db/grove"
    assert to_paste("runs/a.db") == "runs/a.db"


def test_a_url_keeps_its_parts() -> None:
    url = url_of("postgresql+psycopg://me:p%40ss@db:5433/grove?sslmode=require")
    assert (url.username, url.password, url.host, url.port) == ("me", "p@ss", "db", 5433)
    assert (url.database, url.query) == ("grove", {"sslmode": "require"})


@pytest.mark.parametrize(
    ("location", "told"),
    [
        ("mysql://db/grove", "a store is SQLite or PostgreSQL"),
        ("postgres://db/grove", "postgresql+psycopg://USER@HOST/DATABASE"),
        ("postgresql+psycopg://me:p@ss@db/grove", "write @ as %40"),
        ("postgresql+psycopg://me:pass/grove", "no URL that can be read"),
        ("://", "no URL that can be read"),
    ],
)
def test_what_is_no_location_is_refused_with_the_mend(location: str, told: str) -> None:
    with pytest.raises(UsageError, match=told.replace("+", r"\+")):
        url_of(location)
