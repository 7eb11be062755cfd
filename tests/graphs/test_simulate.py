"""The simulate command: its settings, its refusals in one line, and what may change on resume."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dialogues.store import open_store
from graphs.simulate import Simulate
from tests.agents.troupe import PATH
from tests.graphs.stage import Capture, error_line
from tests.growing import command, grow, simulate, trees_of


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--turns", "0"], "--turns 0"),
        (["--turns", "ten"], "--turns ten"),
        (["--candidates", "1"], "--candidates 1"),
        (["--concurrency", "0"], "--concurrency 0"),
        (["--workers", "0"], "--workers 0"),
        (["--limit", "0"], "--limit 0"),
        (["--per-profile", "0"], "--per-profile 0"),
        (["--repeats", "0"], "--repeats 0"),
        (["--max-branches", "0"], "--max-branches 0"),
        (["--seed", "x"], "--seed x"),
        (["--run", ""], "--run"),
        (["--expand", "bestest"], "random, best, all, uncertain"),
        (["--expand", "no_such_module:policy"], "no_such_module"),
        (["--expand", f"{PATH}:NOT_A_CLASS"], "NOT_A_CLASS"),
        (["--user", "skripted"], "unknown agent 'skripted'"),
        (["--user", "no_such_module:User"], "no_such_module"),
        (["--user", f"{PATH}:CannotBeMade"], "no weights found in the usual place"),
        (["--judge", f"{PATH}:NumberUser"], "judge(self, brief)"),
        (["--assistant", "conceited=scripted"], "unknown role 'conceited'"),
        (["--assistant", "hinted=scripted", "--assistant", "a b"], "'a b' is no spec"),
        (["--inducer", "guess=scripted"], "infer, extract"),
        (["--profiles", "p.jsonl"], "--personalities"),
        (["--pool", "here", "--profiles", "p", "--personalities", "q"], "not both"),
        (["--pool", "no/such/folder"], "no/such/folder/profiles.jsonl"),
        (["--config", "no_such.yaml"], "no_such.yaml"),
        (["--tunrs", "3"], "--tunrs"),
        (["more"], "more"),
    ],
)
def test_wrong_usage_is_one_line_and_makes_no_store(
    tmp_path: Path, capsys: Capture, flags: list[str], told: str
) -> None:
    store = tmp_path / "new" / "a.db"
    assert command(Simulate, "--store", store, *flags) == 2
    assert told in error_line(capsys)
    assert not store.parent.exists()


def test_a_missing_store_is_named(capsys: Capture) -> None:
    assert command(Simulate) == 2
    assert "--store is missing" in error_line(capsys)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "holds no profile"),
        ("\n\n", "holds no profile"),
        ("not JSON", "profiles.jsonl:1: not JSON"),
        ('"He is 30."\n{"profile": 5}', "profiles.jsonl:2"),
        ('{"text": "He is 30."}', "profiles.jsonl:1"),
        ('{"profile": "He is 30.", "spilt": "eval"}', '"spilt"'),
        ('{"profile": "He is 30.", "split": "test"}', "'test'"),
        ('""', "no words"),
        ("[1, 2]", "profiles.jsonl:1"),
    ],
)
def test_a_bad_persona_file_is_one_line_with_file_and_line(
    tmp_path: Path, capsys: Capture, text: str, told: str
) -> None:
    (tmp_path / "profiles.jsonl").write_text(text)
    (tmp_path / "personalities.jsonl").write_text('"He is shy."')
    store = tmp_path / "new" / "a.db"
    assert command(Simulate, "--store", store, "--pool", tmp_path) == 2
    assert told in error_line(capsys)
    assert not store.parent.exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tunrs: 3", "unknown key 'tunrs'"),
        ("turns: [3", "a.yaml"),
        ("- turns", "name: value"),
        ("turns: 0", "a.yaml: turns 0: "),
    ],
)
def test_a_bad_config_file_is_one_line(
    tmp_path: Path, capsys: Capture, text: str, told: str
) -> None:
    (tmp_path / "a.yaml").write_text(text)
    store = tmp_path / "new" / "a.db"
    assert command(Simulate, "--store", store, "--config", tmp_path / "a.yaml") == 2
    assert told in error_line(capsys)
    assert not store.parent.exists()


def test_what_is_no_store_is_left_alone(tmp_path: Path, capsys: Capture) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("my notes, which nobody should overwrite")
    assert simulate(other) == 2
    assert "notes.txt" in error_line(capsys)
    assert other.read_text() == "my notes, which nobody should overwrite"


def test_a_policy_that_fails_in_worker_processes_stops_the_run_too(tmp_path: Path) -> None:
    policy = f"{PATH}:continue_wrongly"
    flags = ("--limit", "2", "--turns", "2", "--workers", "2", "--expand", policy)
    done = python("-m", "graphs.simulate", "--store", str(tmp_path / "a.db"), *flags)
    assert done.returncode == 1
    assert "the same command goes on" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("policy", ["continue_wrongly", "continue_stranger"])
def test_a_failing_policy_stops_the_run_with_one_line(
    tmp_path: Path, capsys: Capture, policy: str
) -> None:
    assert simulate(tmp_path / "a.db", "--expand", f"{PATH}:{policy}", "--limit", "2") == 1
    said = capsys.readouterr().err
    assert said.count("error: ") == 1
    assert policy in said.splitlines()[-1]
    assert "Traceback" not in said


def test_a_policy_by_dotted_path_grows_trees(tmp_path: Path) -> None:
    store = grow(tmp_path / "a.db", "--expand", f"{PATH}:continue_last")
    continued = [
        tree[node.parent].place
        for tree in trees_of(store)
        for node in tree.user_messages()
        if node.turn > 1
    ]
    assert continued == [1] * 6


def test_settings_come_from_the_config_file_and_the_command_line_goes_first(tmp_path: Path) -> None:
    config = tmp_path / "a.yaml"
    config.write_text("turns: 2\nlimit: 9\nper-profile: 1\nassistant: [plain=scripted]\n")
    store = grow(tmp_path / "a.db", "--config", str(config), limit=3, turns=1)
    trees = trees_of(store)
    assert [len(tree.user_messages()) for tree in trees] == [1, 1, 1]
    assert len({tree.persona.profile.id for tree in trees}) == 3
    assert {node.spec for tree in trees for node in tree if node.seat == "assistant"} == {
        "plain=scripted"
    }


def test_the_environment_changes_no_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("USER", "TURNS", "SEED", "JUDGE"):
        monkeypatch.setenv(name, "nobody")
    assert grow(tmp_path / "a.db", limit=1, turns=1).exists()


def test_the_summary_counts_what_was_grown(tmp_path: Path, capsys: Capture) -> None:
    grow(tmp_path / "a.db", limit=2, turns=3)
    told = capsys.readouterr().err
    assert "2 complete of 2" in told
    assert "30" in told
    assert f"python -m dialogues.show {tmp_path / 'a.db'}" in told.replace("\n", "")


def test_a_run_remembers_how_it_was_made(tmp_path: Path) -> None:
    flags = ("--seed", "3", "--judge", "scripted@lab", "--system", "Be kind.")
    with open_store(grow(tmp_path / "a.db", *flags, limit=1)) as store:
        record = store.run().record
    assert (record.config["seed"], record.judge, record.system) == (3, "scripted", "Be kind.")
    assert {"python", "langgraph", "persona-grove"} <= record.versions.keys()
    assert "lab" not in str(record.config)


def python(*argv: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *argv],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        cwd=environment.get("PYTHONPATH"),
    )


@pytest.mark.parametrize(
    ("flags", "status"),
    [(["--help"], 0), (["--store", "new/a.db", "--turns", "0"], 2), (["--status", "new/a.db"], 2)],
)
def test_help_and_wrong_usage_answer_without_loading_langgraph(
    flags: list[str], status: int
) -> None:
    code = (
        "import runpy, sys\n"
        f"sys.argv = ['simulate', *{flags!r}]\n"
        "try: runpy.run_module('graphs.simulate', run_name='__main__')\n"
        "except SystemExit as stop: print('STATUS', stop.code)\n"
        "print(sorted({'langgraph', 'langchain_core', 'torch'} & sys.modules.keys()))"
    )
    assert python("-c", code).stdout.splitlines()[-2:] == [f"STATUS {status}", "[]"]


def test_help_names_every_flag_of_the_design() -> None:
    told = python("-m", "graphs.simulate", "--help").stdout
    flags = (
        "--store --run --pool --profiles --personalities --per-profile --repeats --limit --turns "
        "--candidates --expand --user --inducer --assistant --judge --seed --concurrency "
        "--workers --config"
    )
    assert not [flag for flag in flags.split() if flag not in told]


@pytest.mark.parametrize(
    "argv", [("graphs.simulate", "--store", "a.db"), ("dialogues.show", "a.db")]
)
def test_another_package_of_our_name_is_named_in_one_line(
    tmp_path: Path, argv: tuple[str, ...]
) -> None:
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents" / "__init__.py").write_text("")
    done = python("-m", *argv, PYTHONPATH=str(tmp_path))
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "error: the package 'agents' that Python finds is not Grove's" in done.stderr
    assert str(tmp_path / "agents") in done.stderr
    assert not (tmp_path / "a.db").exists()


def test_a_users_own_package_called_eval_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "eval").mkdir()
    (tmp_path / "eval" / "__init__.py").write_text("")
    done = python("-m", "dialogues.show", "a.db", PYTHONPATH=str(tmp_path))
    assert "error: no store at a.db" in done.stderr
