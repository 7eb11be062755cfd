"""Help and wrong usage answer without loading what only building needs."""

import subprocess
import sys

import pytest

from dialogues.command import Command
from graphs.personas.__main__ import command_of
from graphs.personas.build import Build
from graphs.personas.calibrate import Calibrate
from graphs.personas.search import Search
from graphs.personas.stats import Stats
from tests.graphs.personas.pools import HOME, Capture
from tests.growing import command

HEAVY = {"chromadb", "langgraph", "langchain_core", "numpy", "sklearn", "matplotlib", "torch"}


def run(*argv: str) -> list[str]:
    """Run `python -m graphs.personas`; return the lines printed, then status and heavy modules."""
    code = (
        "import runpy, sys\n"
        f"sys.argv = ['personas', *{list(argv)!r}]\n"
        "try: runpy.run_module('graphs.personas', run_name='__main__')\n"
        "except SystemExit as stop: print('STATUS', stop.code)\n"
        f"print(sorted({HEAVY!r} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=HOME)
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("argv", "status"), [(["--help"], 0), (["--out", "new/a", "--target", "0"], 2)]
)
def test_building_answers_without_loading_chroma_or_langgraph(argv: list[str], status: int) -> None:
    assert run(*argv)[-2:] == [f"STATUS {status}", "[]"]


def test_help_names_every_flag_and_the_other_commands() -> None:
    told = " ".join(run("--help"))
    flags = (
        "--out --target --per-profile --personalities --eval-profiles --eval-personalities "
        "--writer --from --profile-column --personality-column --embedder --threshold --seeds "
        "--language --seed --calls --least-acceptance --patience --prompts --config"
    )
    assert not [flag for flag in flags.split() if flag not in told]
    assert all(f"`{name}" in told for name in ("stats", "search", "calibrate"))


def test_stats_has_help_of_its_own_without_loading_langgraph() -> None:
    *told, status, heavy = run("stats", "--help")
    assert status == "STATUS 0"
    assert not [flag for flag in ("POOL", "--closest", "--picture") if flag not in " ".join(told)]
    assert "langgraph" not in heavy


@pytest.mark.parametrize(
    ("kind", "flags"),
    [(Search, "POOL TEXT --kind --top --embedder"), (Calibrate, "--embedder --pairs --retold")],
)
def test_the_other_commands_have_help_of_their_own(
    capsys: Capture, kind: type[Command], flags: str
) -> None:
    with pytest.raises(SystemExit, match="0"):
        command(kind, "--help")
    told = capsys.readouterr().out
    assert not [flag for flag in flags.split() if flag not in told]


def test_the_first_word_names_the_command() -> None:
    named = [command_of(word) for word in ("stats", "search", "calibrate", "--out", "")]
    assert named == [Stats, Search, Calibrate, Build, Build]
