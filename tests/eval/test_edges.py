"""Edges of the benchmark: late refusals, stops, failures, other numbers of cases."""

import json
from pathlib import Path
from typing import Any

import pytest

from agents.seats import AssistantBrief
from dialogues import Persona
from dialogues.errors import GroveError, UsageError
from dialogues.pool import load_pool
from eval import columns
from eval.aloe import Aloe
from eval.matching import holds
from eval.seen import refuse_seen
from tests.agents import troupe
from tests.eval.benching import (
    BINARY,
    CHEAP,
    EXACT,
    ONE,
    SIX,
    Capture,
    a_result,
    a_row,
    after,
    bench,
    forest,
    interrupted,
    last_line,
    rescore,
    result_in,
    staged,
    written,
)
from tests.eval.test_reading import case_of, dialogue, judging
from tests.eval.test_resuming import DAWDLING, STOP, disturbed, whole
from tests.eval.test_writing import shown
from tests.growing import a_persona, command
from tests.model_server import ModelServer


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--cases", "101"], "--cases 101: the pool gives 100"),
        (["--assistant", "reminder=scripted"], "has no role 'reminder'"),
        (["--assistant", "plain=scripted", "--assistant", "nonsense"], "unknown agent 'nonsense'"),
        (["--assistant", "cot=scripted:nonsense"], "unknown variant 'nonsense'"),
        (["--user", "scripted:nonsense"], "nonsense"),
        (["--inducer", "nonsense"], "unknown agent 'nonsense'"),
        (["--profiles", "profiles.jsonl"], "--profiles and --personalities go together"),
    ],
)
def test_wrong_usage_is_refused_before_anything_is_made(
    tmp_path: Path, capsys: Capture, flags: list[str], told: str
) -> None:
    assert command(Aloe, "--store", tmp_path / "a.db", "--out", tmp_path / "out", *flags) == 2
    assert told in last_line(capsys.readouterr().err)
    assert list(tmp_path.iterdir()) == []


def test_who_was_trained_on_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    first = next(each for each in load_pool().personas(5) if each.split == "eval")
    (tmp_path / "grove.json").write_text(json.dumps({"profiles": [first.profile.id]}))
    assert bench(tmp_path, "--assistant", f"hf:{tmp_path}") == 2
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "a.db").exists()


def test_out_that_is_a_file_is_refused_before_anything_is_played(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    with staged() as heard:
        assert bench(tmp_path, *SIX, *CHEAP, "--judge", EXACT) == 2
    assert heard == []


def test_a_judge_that_cannot_be_reached_is_refused_before_anything_is_played(
    tmp_path: Path,
) -> None:
    with staged() as heard:
        assert bench(tmp_path, *SIX, *CHEAP, "--judge", "openai:m@http://127.0.0.1:9/v1") == 2
    assert heard == []


def test_a_refusal_names_no_flag_that_the_command_has_not(tmp_path: Path, capsys: Capture) -> None:
    assert bench(tmp_path, *SIX, *CHEAP, "--judge", EXACT) == 0
    assert bench(tmp_path, *SIX, *CHEAP, "--judge", EXACT, "--turns", "4") == 2
    assert "--run" not in last_line(capsys.readouterr().err)


def test_the_depth_of_a_flip_is_in_the_units_of_its_table(tmp_path: Path) -> None:
    flags = ("--suite", "flip", "--cases", "6", "--turns", "7", "--swap", "0", "--judge", BINARY)
    assert bench(tmp_path, *flags, "--assistant", "plain=scripted") == 0
    (flip,) = result_in(tmp_path).flips
    depth = columns.flips(result_in(tmp_path))[0].rows[0][1]
    assert flip.depth.value and depth.startswith(f"{100 * flip.depth.value:.2f}")


def test_the_curve_of_a_long_dialogue_stands_on_one_line() -> None:
    rows = [
        a_row("hinted=scripted", *(1 + turn / 30 for turn in range(70))),
        a_row("plain", *[3, 2] * 35),
    ]
    curves = [line for line in shown(a_result(*rows)).splitlines() if {*line} & {*"▁▂▃▄▅▆▇█"}]
    assert len(curves) == 2


def test_pool_and_profiles_are_one_too_many(tmp_path: Path, capsys: Capture) -> None:
    flags = ("--pool", tmp_path, "--profiles", tmp_path / "a", "--personalities", tmp_path / "b")
    assert bench(tmp_path, *SIX, *CHEAP, *flags) == 2
    assert "not both" in last_line(capsys.readouterr().err)


def test_an_unknown_baseline_is_refused_before_a_judge_is_asked(tmp_path: Path) -> None:
    assert bench(tmp_path, *SIX, *CHEAP, "--judge", EXACT) == 0
    with staged() as heard:
        flags = ("--judge", EXACT, "--protocol", "grove", "--baseline", "cot=scripted")
        assert rescore(tmp_path, *flags) == 2
    assert heard == []


@pytest.mark.parametrize(
    "card",
    [
        {"profiles": None},
        {"profiles": 3},
        {"profiles": [["x"]]},
        {"before": ["x"]},
        {"before": {"personalities": {"x": 1}, "before": "x"}},
    ],
)
def test_a_card_with_a_part_of_another_kind_is_damaged(
    tmp_path: Path, card: dict[str, Any]
) -> None:
    (tmp_path / "grove.json").write_text(json.dumps(card))
    with pytest.raises(UsageError, match="damaged"):
        refuse_seen([f"hf:{tmp_path}"], [a_persona()])


def test_what_a_judge_that_only_ranks_says_is_no_score(tmp_path: Path, capsys: Capture) -> None:
    flags = (*SIX, *CHEAP, "--judge", f"{troupe.PATH}:DrawingJudge")
    assert bench(tmp_path, *flags) == 1
    assert "(it only" in capsys.readouterr().err


def test_a_judge_that_always_fails_is_no_wrong_usage(tmp_path: Path, capsys: Capture) -> None:
    assert bench(tmp_path, *SIX, *CHEAP, "--judge", f"{troupe.PATH}:BrokenJudge") == 1
    assert "ValueError" in capsys.readouterr().err


def test_a_judge_that_always_fails_does_not_cost_the_table_of_another(tmp_path: Path) -> None:
    judges = ("--judge", EXACT, "--judge", f"{troupe.PATH}:BrokenJudge")
    assert bench(tmp_path, *SIX, *CHEAP, *judges) == 1
    assert EXACT in [table.judge for table in result_in(tmp_path).tables]


def test_ctrl_c_while_playing_stops_the_benchmark(tmp_path: Path) -> None:
    with staged(interrupted(7, AssistantBrief)) as heard:
        assert bench(tmp_path, *SIX, *CHEAP, "--judge", EXACT) == 1
    assert {brief.role for brief in heard} == {"plain"} and len(heard) < 18
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("calls", [20, 45])
def test_a_benchmark_whose_scores_came_in_another_order_ends_as_if_undisturbed(
    tmp_path: Path, calls: int
) -> None:
    for name in ("whole", "stopped"):
        (tmp_path / name).mkdir()
    expected = whole(tmp_path / "whole", *DAWDLING)
    assert disturbed(tmp_path / "stopped", after(calls, STOP), *DAWDLING) == expected


def test_a_dialogue_that_was_never_begun_is_missing_and_not_dropped(tmp_path: Path) -> None:
    flags = ("--concurrency", "2", "--user", CHEAP[1], "--assistant", ONE, "--judge", EXACT)
    with staged(after(8, GroveError("stopped"), AssistantBrief)):
        assert bench(tmp_path, *SIX, *flags) == 1
    assert rescore(tmp_path, "--judge", EXACT) == 1
    assert len(result_in(tmp_path, "again").cases) == 6


def test_fewer_cases_than_are_there_are_as_many_as_asked(tmp_path: Path) -> None:
    assert bench(tmp_path, *SIX, *CHEAP, "--judge", EXACT) == 0
    flags = (*SIX, *CHEAP, "--judge", EXACT, "--cases", "4")
    assert bench(tmp_path, *flags) == 0
    assert len(result_in(tmp_path).cases) == 8


def test_assistants_with_different_numbers_of_cases_are_compared_or_refused(
    tmp_path: Path, capsys: Capture
) -> None:
    one = ("--user", CHEAP[1], "--assistant", ONE, "--judge", EXACT)
    assert bench(tmp_path, *SIX, *one) == 0
    flags = (*SIX, *CHEAP, "--judge", EXACT, "--baseline", ONE, "--cases", "4")
    assert bench(tmp_path, *flags) in (0, 1, 2)
    assert "Traceback" not in capsys.readouterr().err


def test_a_failure_under_another_protocol_is_none_under_this(persona: Persona) -> None:
    (first,) = dialogue(persona, "Hi.")
    nodes = [*first, judging(first, 0, 4), judging(first, 1, other="x", protocol="grove")]
    assert case_of(persona, nodes, turns=1).missing == []


def test_every_failed_score_for_somebody_else_is_counted(persona: Persona) -> None:
    (first,) = dialogue(persona, "Hi.")
    others = [judging(first, at, other=who) for at, who in enumerate("xyz", start=1)]
    case = case_of(persona, [*first, judging(first, 0, 4), *others], turns=1)
    assert len(case.missing) == 3


@pytest.mark.parametrize(("one", "other"), [("She mends.", "mending"), ("It bores.", "boring")])
def test_forms_of_one_word_are_one(one: str, other: str) -> None:
    assert holds(one, other)


def test_a_model_is_probed_where_it_was_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with ModelServer() as server:
        flags = ("--cases", "3", "--turns", "2", "--swap", "0", "--judge", EXACT, "--probe")
        model = ("--assistant", f"plain=openai:stub@{server.url}", "--user", "scripted")
        assert bench(tmp_path, *flags, *model) == 0
    (probe,) = result_in(tmp_path).probes
    assert probe.cases == 3


def test_a_probe_knows_the_system_text_the_assistant_was_deployed_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ModelServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        flags = ("--cases", "3", "--turns", "2", "--swap", "0", "--judge", EXACT, "--probe")
        model = ("--assistant", "plain=openai:stub", "--user", "scripted", "--system", "Be kind.")
        assert bench(tmp_path, *flags, *model) == 0
        assert len(server.calls) == 9
        assert {call.system for call in server.calls} == {"Be kind."}


def test_a_probe_is_not_the_belief_of_a_tree_without_inducer(tmp_path: Path) -> None:
    flags = ("--cases", "3", "--turns", "2", "--swap", "0", "--judge", EXACT, "--probe")
    assert bench(tmp_path, *flags, "--assistant", "oracle=scripted") == 0
    for tree in forest(tmp_path, "oracle=scripted", "scripted"):
        assert tree.belief(tree.user_messages()[-1].key) is None


def test_rescoring_knows_the_seed_of_the_dialogues(tmp_path: Path) -> None:
    flags = (*SIX, *CHEAP, "--judge", EXACT, "--seed", "7")
    assert bench(tmp_path, *flags) == 0
    assert rescore(tmp_path, "--judge", EXACT) == 0
    assert written(tmp_path) == written(tmp_path, "again")
