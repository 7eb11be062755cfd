"""The shared entry point: where settings come from, and how a command ends."""

import io
import json
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from pydantic import Field, model_validator
from pydantic_settings import CliPositionalArg
from rich.console import Console
from rich.text import Text

from dialogues.command import Command, main, parse
from dialogues.errors import GroveError, StoreError, UsageError
from graphs.simulate import Simulate
from tests.growing import error_line

Captured = pytest.CaptureFixture[str]


class Sample(Command):
    """Sample the settings.

    Nothing else.
    """

    name: CliPositionalArg[str | None] = Field(default=None, description="what to call it")
    user: str = Field(default="scripted", description="who speaks")
    assistant: list[str] = Field(default=["hinted=scripted"], description="who replies")
    dry_run: bool = Field(default=False, description="do nothing")
    limit: int | None = Field(default=100, ge=1, description="most of it")
    seed: int = Field(default=0, description="where draws begin")
    out: Path | None = Field(default=None, description="where it goes")

    @model_validator(mode="after")
    def _not_both(self) -> "Sample":
        if self.dry_run and self.out:
            raise ValueError("--dry-run writes no --out")
        return self

    def execute(self) -> int:
        print(self.model_dump_json(exclude={"config"}))
        return 0


class Raising(Command):
    """Raise what it is told to."""

    what: str = ""

    def execute(self) -> int:
        errors: dict[str, BaseException] = {
            "usage": UsageError("wrong\n  [red]way[/red]"),
            "store": StoreError("disk full"),
            "grove": GroveError("stopped early"),
            "stop": KeyboardInterrupt(),
            "pipe": BrokenPipeError(),
        }
        if self.what == "warn":
            warnings.warn("mind\nthe gap", stacklevel=1)
            return 0
        raise errors[self.what]


class Needy(Command):
    """Need both a place and a flag."""

    place: CliPositionalArg[Path] = Field(description="where")
    flag_here: str = Field(description="what")

    def execute(self) -> int:
        return 0


def settings(capsys: Captured, *argv: str) -> dict[str, Any]:
    """Run the sample command, which must succeed, and return its settings."""
    assert main(Sample, "sample", argv) == 0
    return dict(json.loads(capsys.readouterr().out))


def refusal(capsys: Captured, *argv: str, kind: type[Command] = Sample) -> str:
    """Run a command, which must be wrong usage, and return its one line."""
    assert main(kind, "sample", argv) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return error_line(captured.err)


def yaml(folder: Path, text: str) -> str:
    """Write a configuration file and return the flag that names it."""
    (folder / "c.yaml").write_text(text, encoding="utf-8")
    return f"--config={folder / 'c.yaml'}"


def test_defaults_hold_where_nothing_is_said(capsys: Captured) -> None:
    assert settings(capsys) == {
        "name": None,
        "user": "scripted",
        "assistant": ["hinted=scripted"],
        "dry_run": False,
        "limit": 100,
        "seed": 0,
        "out": None,
    }


def test_flags_are_written_with_hyphens_and_switches_take_no_value(capsys: Captured) -> None:
    told = settings(capsys, "it", "--dry-run", "--seed", "3", "--limit=7")
    assert (told["name"], told["dry_run"], told["seed"], told["limit"]) == ("it", True, 3, 7)


def test_yaml_sets_what_the_command_line_does_not(capsys: Captured, tmp_path: Path) -> None:
    flag = yaml(tmp_path, "user: openai:m\nseed: 5\ndry-run: true\n")
    told = settings(capsys, flag)
    assert (told["user"], told["seed"], told["dry_run"]) == ("openai:m", 5, True)


def test_the_command_line_comes_before_yaml(capsys: Captured, tmp_path: Path) -> None:
    flag = yaml(tmp_path, "user: openai:m\nseed: 5\nassistant: [a, b]\n")
    told = settings(capsys, "--seed", "6", flag, "--assistant", "c")
    assert (told["user"], told["seed"], told["assistant"]) == ("openai:m", 6, ["c"])


def test_a_default_on_the_command_line_comes_before_yaml(capsys: Captured, tmp_path: Path) -> None:
    assert settings(capsys, yaml(tmp_path, "seed: 5\n"), "--seed", "0")["seed"] == 0


@pytest.mark.parametrize("where", [("--config", "{}"), ("--config={}",)])
def test_the_configuration_file_is_named_either_way(
    capsys: Captured, tmp_path: Path, where: tuple[str, ...]
) -> None:
    yaml(tmp_path, "seed: 5\n")
    argv = [word.format(tmp_path / "c.yaml") for word in where]
    assert settings(capsys, *argv)["seed"] == 5


def test_an_empty_configuration_file_sets_nothing(capsys: Captured, tmp_path: Path) -> None:
    assert settings(capsys, yaml(tmp_path, "# nothing\n"))["seed"] == 0


def test_the_environment_is_never_read(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    before = settings(capsys)
    for name in ("USER", "user", "SEED", "seed", "ASSISTANT", "LIMIT", "DRY_RUN", "CONFIG", "NAME"):
        monkeypatch.setenv(name, "7")
    assert settings(capsys) == before


def test_a_dotenv_file_is_never_read(
    capsys: Captured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("SEED=7\nUSER=me\n")
    monkeypatch.chdir(tmp_path)
    told = settings(capsys)
    assert (told["seed"], told["user"]) == (0, "scripted")


@pytest.mark.parametrize("spec", ["a,b", "x=openai:m,n@http://h:1/v1?a=1,2", "[a,b]", ","])
def test_commas_inside_a_spec_stay_whole(capsys: Captured, tmp_path: Path, spec: str) -> None:
    assert settings(capsys, "--assistant", spec, "--user", spec)["assistant"] == [spec]
    assert settings(capsys, f"--assistant={spec}")["assistant"] == [spec]
    flag = yaml(tmp_path, json.dumps({"assistant": [spec], "user": spec}))
    told = settings(capsys, flag)
    assert (told["assistant"], told["user"]) == ([spec], spec)


def test_a_repeated_flag_gives_a_list_in_order(capsys: Captured) -> None:
    told = settings(capsys, "--assistant", "b", "--seed", "1", "--assistant=a", "--assistant", "b")
    assert told["assistant"] == ["b", "a", "b"]


def test_none_is_a_value_where_none_is_allowed(capsys: Captured) -> None:
    assert settings(capsys, "--limit", "none")["limit"] is None
    assert parse(Simulate, "s", ["--store", "x", "--limit", "none"]).model_dump()["limit"] is None


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (("--bogus",), "--bogus"),
        (("--bogus", "1"), "--bogus"),
        (("--see", "1"), "--see"),
        (("-x",), "-x"),
        (("a", "b"), "b"),
        (("--seed", "x"), "--seed x"),
        (("--limit", "0"), "--limit 0"),
        (("--seed",), "--seed"),
        (("--assistant",), "--assistant"),
        (("--config",), "--config"),
        (("--dry-run", "--out", "x"), "--dry-run writes no --out"),
    ],
)
def test_a_wrong_flag_is_one_line_that_names_it_and_the_help(
    capsys: Captured, argv: tuple[str, ...], told: str
) -> None:
    line = refusal(capsys, *argv)
    assert told in line and "python -m sample --help" in line


def test_what_is_missing_is_named_as_it_is_written(capsys: Captured) -> None:
    assert "PLACE" in refusal(capsys, "--flag-here", "x", kind=Needy)
    assert "--flag-here" in refusal(capsys, "there", kind=Needy)


@pytest.mark.parametrize("key", ["bogus", "config", "Seed", "seed_"])
def test_an_unknown_yaml_key_is_named_with_the_known_ones(
    capsys: Captured, tmp_path: Path, key: str
) -> None:
    line = refusal(capsys, yaml(tmp_path, f"{key}: 1\n"))
    assert repr(key) in line and "c.yaml" in line and "assistant" in line


@pytest.mark.parametrize(
    "text",
    ["- a\n", "just words\n", "a: [\n", "3\n"],
    ids=["list", "words", "no YAML", "number"],
)
def test_a_file_that_is_no_settings_is_named(capsys: Captured, tmp_path: Path, text: str) -> None:
    assert "c.yaml" in refusal(capsys, yaml(tmp_path, text))


def test_a_wrong_value_in_yaml_is_named(capsys: Captured, tmp_path: Path) -> None:
    assert "limit" in refusal(capsys, yaml(tmp_path, "limit: many\n"))


def test_a_missing_configuration_file_is_named(capsys: Captured, tmp_path: Path) -> None:
    assert "none.yaml" in refusal(capsys, "--config", str(tmp_path / "none.yaml"))


def test_a_folder_is_no_configuration_file(capsys: Captured, tmp_path: Path) -> None:
    assert str(tmp_path) in refusal(capsys, "--config", str(tmp_path))


def test_yaml_cannot_run_code(capsys: Captured, tmp_path: Path) -> None:
    made = tmp_path / "made"
    flag = yaml(tmp_path, f"user: !!python/object/apply:os.mkdir ['{made}']\n")
    assert "c.yaml" in refusal(capsys, flag)
    assert not made.exists()


def test_help_tells_every_setting_and_ends_with_0(capsys: Captured) -> None:
    with pytest.raises(SystemExit) as ended:
        main(Sample, "sample", ["--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert "usage: python -m sample" in told
    assert "Sample the settings.\n\nNothing else." in told
    for name, field in Sample.model_fields.items():
        assert f"--{name.replace('_', '-')}" in told or name == "name"
        assert field.description and field.description in told


@pytest.mark.parametrize(
    ("what", "status", "told"),
    [
        ("usage", 2, "error: wrong [red]way[/red]"),
        ("store", 1, "error: disk full"),
        ("grove", 1, "error: stopped early"),
        ("stop", 1, "error: stopped"),
    ],
)
def test_an_error_is_one_line_and_an_exit_status(
    capsys: Captured, what: str, status: int, told: str
) -> None:
    assert main(Raising, "raising", ["--what", what]) == status
    assert error_line(capsys.readouterr().err) == told


def test_a_closed_pipe_ends_quietly_with_1(capsys: Captured) -> None:
    assert main(Raising, "raising", ["--what", "pipe"]) == 1
    assert capsys.readouterr().err == ""


def test_a_warning_is_one_line_and_no_error(capsys: Captured) -> None:
    assert main(Raising, "raising", ["--what", "warn"]) == 0
    assert capsys.readouterr().err == "warning: mind the gap\n"


def test_a_warning_stands_on_a_line_of_its_own_above_a_moving_bar() -> None:
    terminal = Console(file=io.StringIO(), force_terminal=True)
    with terminal.status("growing"):
        assert main(Raising, "raising", ["--what", "warn"]) == 0
    written = Text.from_ansi(terminal.file.getvalue()).plain
    assert "warning: mind the gap" in written.splitlines()


def test_settings_cannot_change(capsys: Captured) -> None:
    command = parse(Sample, "sample", [])
    with pytest.raises(ValueError, match="frozen"):
        command.config = Path("x")


def test_a_module_ends_its_process_with_the_status(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "dialogues.show", str(tmp_path / "none.db")]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no store at" in error_line(done.stderr)


@pytest.mark.parametrize("name", ["agents", "graphs"])
def test_a_foreign_package_of_our_name_is_refused_by_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text("raise RuntimeError('foreign code ran')")
    argv = [sys.executable, "-m", "dialogues.show", "a.db"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert done.returncode == 2
    line = error_line(done.stderr)
    assert repr(name) in line and str(tmp_path) in line
