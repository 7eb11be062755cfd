"""The entry point all commands share: flags and YAML in, one clear line and an exit status out.

A command is a frozen settings model with a `run` method. Its values come from the command line,
then from the YAML file `--config` names; never from the environment, where a field called `user`
would read `$USER`.
"""

import argparse
import importlib.util
import inspect
import io
import json
import sys
import warnings
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any, get_args, get_origin

import yaml
from pydantic import Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    CliPositionalArg,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)
from rich.console import Console

from dialogues.errors import GroveError, StoreWarning, UsageError
from dialogues.location import without_passwords
from dialogues.plain import plain

DONE, FAILED = 0, 1
_POSITIONAL = get_args(CliPositionalArg[str])[1]


class Command(BaseSettings):
    """A command's settings; the docstring of the subclass opens its `--help`."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        cli_kebab_case=True,
        cli_implicit_flags="toggle",
        cli_exit_on_error=False,
        cli_hide_none_type=True,
        cli_avoid_json=True,
        cli_parse_none_str="none",
    )

    config: Path | None = Field(default=None, description="YAML file with any of these settings")

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Make the docstring, which becomes the `--help`, free of its indentation."""
        super().__init_subclass__(**kwargs)
        cls.__doc__ = inspect.cleandoc(cls.__doc__ or "")

    @abstractmethod
    def execute(self) -> int:
        """Do the work and return the exit status."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read what is passed in and, before it, the command line; never the environment."""
        return (init_settings,)


def main(kind: type[Command], module: str, argv: Sequence[str] | None = None) -> int:
    """Run a command as `python -m module` and return its exit status, 0, 1 or 2."""
    arguments = sys.argv[1:] if argv is None else argv
    return reporting_errors(lambda: parse(kind, module, arguments).execute())


def reporting_errors(work: Callable[[], int]) -> int:
    """Do `work` and return its exit status; errors and warnings are one line each."""
    console = Console(stderr=True)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that knows no "✓" shows "?" instead of ending the command.
            stream.reconfigure(errors="replace")
    try:
        with warnings.catch_warnings():
            warnings.showwarning = partial(_show_warning, console)
            warnings.simplefilter("always", StoreWarning)
            refuse_foreign_packages()
            return work()
    except GroveError as error:
        _say(console, "error", "bold red", str(error))
        return error.exit_status
    except KeyboardInterrupt:
        _say(console, "error", "bold red", "stopped")
        return FAILED
    except BrokenPipeError:
        return FAILED


def refuse_foreign_packages() -> None:
    """Make sure that the packages every command may need are Grove's own.

    Raises:
        UsageError: another distribution's package of that name comes first on the path.
    """
    home = Path(__file__).parent.parent
    for name in ("agents", "graphs"):
        found = importlib.util.find_spec(name)
        origin = Path(found.origin) if found and found.origin else None
        if origin is None or origin.parent.parent != home:
            raise UsageError(
                f"the package {name!r} that Python finds is not Grove's but {origin or 'missing'}; "
                "use an environment of Grove's own (openai-agents also installs an `agents`)"
            )


def parse(kind: type[Command], module: str, argv: Sequence[str]) -> Command:
    """Read a command's settings from the command line and its `--config` file.

    Raises:
        UsageError: a flag or key is unknown, missing or has a wrong value.
    """
    prog = f"python -m {module}"
    in_file: dict[str, str] = {}
    try:
        path = _config_path(argv)
        values = _yaml_values(kind, path) if path else {}
        in_file = {name: f"--config {path}: {name}" for name in values.keys() - _flags(argv)}
        return kind(_cli_parse_args=_keep_commas(kind, argv), _cli_prog_name=prog, **values)
    except ValidationError as error:
        raise UsageError(f"{_first_error(kind, error, in_file)} (see {prog} --help)") from error
    except SettingsError as error:
        reason = str(error).removeprefix("error parsing CLI: ")
        raise UsageError(f"{reason} (see {prog} --help)") from error


def _show_warning(console: Console, message: Warning | str, *_: object) -> None:
    _say(console, "warning", "yellow", str(message))


def _say(console: Console, what: str, style: str, line: str) -> None:
    with console.capture() as said:
        console.print(f"{what}: ", style=style, end="")
        # Also in what argparse or a library says of the words it was given.
        console.print(plain(without_passwords(" ".join(line.split()))), soft_wrap=True)
    # While a progress bar moves, this stream stands in for the terminal, and writes above the bar.
    sys.stderr.write(said.get())


def _keep_commas(kind: type[Command], argv: Sequence[str]) -> list[str]:
    # pydantic-settings splits list values at commas unless they are JSON strings.
    lists = {
        "--" + name.replace("_", "-")
        for name, field in kind.model_fields.items()
        if get_origin(field.annotation) in (list, tuple)
    }
    kept = list(argv)
    for index, word in enumerate(kept):
        flag, equals, value = word.partition("=")
        if flag in lists and equals:
            kept[index] = f"{flag}={json.dumps(value)}"
        elif index and kept[index - 1] in lists and not word.startswith("--"):
            kept[index] = json.dumps(word)
    return kept


def _config_path(argv: Sequence[str]) -> Path | None:
    finder = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    finder.add_argument("--config", type=Path)
    try:
        found: Path | None = finder.parse_known_args(list(argv))[0].config
    except argparse.ArgumentError as error:
        raise SettingsError(str(error)) from error
    return found


def _flags(argv: Sequence[str]) -> set[str]:
    """Name the settings the command line gives, those that hold a value of theirs included."""
    flags = (word.partition("=")[0] for word in argv if word.startswith("--"))
    return {flag[2:].partition(".")[0].replace("-", "_") for flag in flags}


def _yaml_values(kind: type[Command], path: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(f"cannot read --config {path}: {error}") from error
    if not isinstance(values, dict):
        raise UsageError(f"--config {path}: expected settings as `name: value` lines")
    known = {field.alias or name for name, field in kind.model_fields.items()} - {"config"}
    values = {str(key).replace("-", "_"): value for key, value in values.items()}
    if unknown := sorted(values.keys() - known):
        raise UsageError(
            f"--config {path}: unknown key {unknown[0]!r}; known: {', '.join(sorted(known))}"
        )
    return values


def _first_error(kind: type[Command], error: ValidationError, in_file: Mapping[str, str]) -> str:
    # A misspelt key leaves the right one missing, and says more.
    first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    loc, reason = first["loc"], first["msg"].removeprefix("Value error, ")
    if not loc:
        return reason
    if first["type"] == "extra_forbidden" and len(loc) > 1:
        *around, key = loc
        return f"{_named(kind, around, in_file)}: {_unknown(str(key), _fields_at(kind, around))}"
    named = _named(kind, loc, in_file)
    if first["type"] == "missing":
        return f"{named} is missing"
    deep = any(isinstance(part, str) for part in loc[1:])
    # What stands deep, or is more than one value, may be or hold a secret in the wrong place.
    shown = "" if deep or isinstance(first["input"], (dict, list)) else f" {first['input']}"
    return f"{named}{shown}: {reason}"


def _named(kind: type[Command], loc: Sequence[str | int], in_file: Mapping[str, str]) -> str:
    """Name a setting as it is written: as a flag, or as a key of the file it comes from."""
    name = str(loc[0])
    field = kind.model_fields.get(name)
    positional = field is not None and _POSITIONAL in field.metadata
    flag = name.upper() if positional else "--" + name.replace("_", "-")
    return ".".join([in_file.get(name, flag), *(part for part in loc[1:] if isinstance(part, str))])


def _fields_at(kind: Any, path: Sequence[str | int]) -> dict[str, FieldInfo]:
    """Return the keys that may stand below `path`; none where it leads to no settings of ours."""
    for part in path:
        field = getattr(kind, "model_fields", {}).get(part)
        kind = field.annotation if field else (get_args(kind) or (None,))[-1]
    return getattr(kind, "model_fields", {})


def _unknown(key: str, fields: Mapping[str, FieldInfo]) -> str:
    meant = ""
    for close in get_close_matches(key, fields, 1):
        description = fields[close].description
        meant = f"did you mean {close}{f' ({description})' * bool(description)}? "
    return f"unknown key {key!r}; {meant}known: {', '.join(fields)}"
