"""The closed loop: what it learns from, what it is controlled by, and all of it in small."""

import json
import re
import shutil
from collections.abc import Iterator
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from agents.scripted.pronouns import second_person
from agents.scripted.words import content_words
from dialogues.errors import GroveError, UsageError
from dialogues.persona import Persona
from dialogues.pool import load_pool
from dialogues.tree import Tree
from eval.result import Case, Said
from examples.closed_loop import MISTAKEN, PLAIN, REMEMBERS, STUTTERS
from examples.loop.circles import circles_of, in_circles
from examples.loop.drills import drills, life_without, memories
from examples.loop.lessons import as_many_words, without
from examples.loop.memory import memory_of
from examples.loop.over_seeds import mean_case, measured_by, over_seeds
from examples.loop.stages import Stages
from examples.loop.unseen import rarest_words, words_in, words_of
from examples.loop.verdicts import among, reversed_order, rewritten, shuffled
from tests.agents.scripted.replying import PERSONAS
from tests.eval.benching import a_result, a_row
from tests.examples.running import run_example
from tests.graphs.stage import play
from tests.growing import a_cast
from training.trees import read_trees

POOL = load_pool()
PROFILES = [profile for profile in POOL.profiles if profile.split == "train"][:20]
LIVES = [life_without(frozenset(), profile) for profile in PROFILES]
REMEMBERED = re.compile(r"(?:You|I) [a-z ]+? that (.+)")


@pytest.fixture(scope="module")
def trees() -> list[Tree]:
    return [grown(persona, REMEMBERS, PLAIN, MISTAKEN) for persona in PERSONAS[:6]]


def grown(persona: Persona, *assistants: str, turns: int = 6) -> Tree:
    return play(a_cast(*assistants), persona=persona, turns=turns, candidates=len(assistants))


def orders(tree: Tree) -> Iterator[list[list[str]]]:
    """Walk the verdicts as the specs of each tier."""
    for user in tree.user_messages():
        verdict = tree.verdict(user.key)
        assert verdict
        yield [[tree[key].spec for key in tier] for tier in verdict.ranking]


def test_drills_are_answered_with_what_they_ask_to_have_said_back() -> None:
    for asked, answer in drills(LIVES, 200, "0"):
        back = content_words(answer["content"])
        assert back <= content_words(asked["content"])
        assert len(back) >= 1 or answer["content"].startswith("You are ")
    assert [*drills(LIVES, 9, "1")] == [*drills(LIVES, 9, "1")] != [*drills(LIVES, 9, "2")]


def test_a_drill_of_memory_says_only_what_was_told_before() -> None:
    asked = 0
    for chat in memories(LIVES, 100, "0"):
        assert not any(in_circles(turn["content"]) for turn in chat)
        told = [turn["content"] for turn in chat if turn["role"] == "user"]
        for turn, reply in enumerate(turn["content"] for turn in chat[1::2]):
            if told[turn].endswith("?"):
                asked += 1
                found = REMEMBERED.match(reply)
                assert found
                earlier = [second_person(statement).lower() for statement in told[:turn]]
                assert any(each.startswith(found[1].lower()[:-1]) for each in earlier)
    assert asked > 100
    assert [*memories(LIVES, 9, "1")] == [*memories(LIVES, 9, "1")] != [*memories(LIVES, 9, "2")]


def test_what_only_evaluation_may_speak_of_is_in_no_lesson(trees: list[Tree]) -> None:
    measured_on = [persona.profile for persona in PERSONAS[4:6]]
    unseen = rarest_words(measured_on, [words_of(tree) for tree in trees[:4]])
    kept = without(unseen, [(tree, None) for tree in trees])
    assert kept
    assert not any(words_of(tree) & unseen for tree, _ in kept)
    facts = list(chain.from_iterable(profile.facts for profile in measured_on))
    assert all(any(word in fact.text.lower() for word in unseen) for fact in facts)
    for profile in measured_on:
        own = life_without(unseen, profile)
        assert not any(words_in(said) & unseen for said in own)
        assert len(own) < len(life_without(frozenset(), profile))


def test_reversed_verdicts_prefer_what_was_rejected(trees: list[Tree]) -> None:
    for tree in trees:
        backwards = orders(rewritten(tree, reversed_order))
        assert [each[::-1] for each in orders(tree)] == [*backwards]


def test_shuffled_verdicts_prefer_anybody(trees: list[Tree]) -> None:
    rewrite = shuffled(0)
    best = [each[0] for tree in trees for each in orders(rewritten(tree, rewrite))]
    shares = [sum(spec in tier for tier in best) / len(best) for spec in (REMEMBERS, MISTAKEN)]
    assert max(shares) < 0.7
    real = [each[0] for tree in trees for each in orders(tree)]
    assert sum(REMEMBERS in tier for tier in real) / len(real) > 0.7


def test_pairs_of_one_style_leave_the_plain_one_out(trees: list[Tree]) -> None:
    told = [*chain.from_iterable(orders(rewritten(trees[0], among(REMEMBERS, MISTAKEN))))]
    assert {spec for tier in told for spec in tier} == {REMEMBERS, MISTAKEN}


def test_as_many_words_stops_where_there_are_enough(trees: list[Tree]) -> None:
    every = [(tree, None) for tree in trees]
    assert as_many_words(every, 1) == every[:1]
    assert as_many_words(every, 10**6) == every


def test_memory_is_of_what_this_user_told_before() -> None:
    people = PERSONAS[:4]
    remembers, plain, mistaken = (
        memory_of([grown(persona, spec, spec, turns=8) for persona in people])
        for spec in (REMEMBERS, PLAIN, MISTAKEN)
    )
    assert remembers.own > 0.1 > plain.own
    assert max(remembers.others, plain.others, mistaken.own) < 0.05


@pytest.mark.parametrize(
    ("reply", "circles"),
    [
        ("You sing. You sing. You sing. Then what?", True),
        ("you go to the Mill, to the mill, to the mill and", True),
        ("a b c d e a b c d e a b c d e", False),
        ("You sing. You sing. And how! You sing.", False),
        ("You live in a liv in a live inn.", False),
    ],
)
def test_circles_are_one_to_four_words_three_times_in_a_row(reply: str, circles: bool) -> None:
    assert in_circles(reply) == circles


def test_who_stutters_goes_in_circles_and_nobody_else() -> None:
    stutters, remembers = (
        circles_of([grown(persona, spec, spec) for persona in PERSONAS[:4]])
        for spec in (STUTTERS, REMEMBERS)
    )
    assert stutters > 0.9
    assert remembers == 0


def test_the_mean_over_seeds_is_of_the_scores_of_each_reply() -> None:
    one, other = (
        Case(
            **{"user": "u", "assistant": f"hf:loops/{seed}/sft", "run": f"r{seed}", "tree": "t"},
            **{"profile": "p", "personality": "q"},
            replies=[
                Said(turn=1, words=10 + seed, scores={"j": score}, mismatched={"j": [1.0 + seed]}),
                Said(turn=2, words=20, scores=last),
            ],
        )
        for seed, score, last in ((0, 2.0, {"j": 5.0}), (2, 5.0, {}))
    )
    mean = mean_case([one, other])
    assert (mean.assistant, mean.user, mean.profile, mean.personality) == ("sft", "u", "p", "q")
    first, second = mean.replies
    assert (first.turn, first.words, first.scores) == (1, 11, {"j": 3.5})
    assert first.mismatched == {"j": [1.0, 3.0]}
    assert second.scores == {}


def test_loops_of_several_seeds_are_put_together(tmp_path: Path) -> None:
    loops = [a_loop(tmp_path / f"xs-{seed}", seed) for seed in (0, 1)]
    assert [measured_by(loop) for loop in loops] == [{"results"}, {"results"}]
    (row,) = over_seeds(loops, "results")
    assert (row["user"], row["judge"], row["model"]) == ("scripted", "scripted", "sft")
    assert row["al"] == [2.5, 3.0, 3.5]
    assert row["figures"]["mean"]["value"] == 3.0
    assert row["figures"]["ir"]["value"] == 0.5
    assert row["figures"]["words"] == 20
    assert row["earlier"] == {"own": 0.25, "others": 0.0}
    assert (row["circles"], row["told_apart"]) == (0.5, None)


def a_loop(folder: Path, seed: int) -> Path:
    """Write what a loop leaves of a benchmark: six people, scored by turn and seed."""
    name = f"hf:{folder}/sft"
    replies = [
        Said(turn=turn, words=20, scores={"scripted": 1.5 + turn / 2 + seed}) for turn in (1, 2, 3)
    ]
    cases = [
        Case(
            **{"user": "scripted", "assistant": name, "run": "r", "tree": f"{p}{q}"},
            **{"profile": p, "personality": q, "replies": replies, "missing": []},
        )
        for p in "ab"
        for q in "xyz"
    ]
    result = a_result(a_row(name, 1.0), turns=3, cases=cases)
    (folder / "results").mkdir(parents=True)
    (folder / "results" / "result.json").write_text(result.model_dump_json())
    row = {
        **{"benchmark": "results", "user": "scripted", "judge": "scripted", "model": "sft"},
        **{"earlier": {"own": seed / 2, "others": 0.0}, "circles": seed, "told_apart": None},
    }
    (folder / "rows.jsonl").write_text(json.dumps(row) + "\n")
    return folder


def test_a_stage_runs_once_and_only_as_it_was(tmp_path: Path) -> None:
    done: list[int] = []
    Stages(tmp_path, 0).do("one", "this", lambda: done.append(1))
    again = Stages(tmp_path, 0)
    again.do("one", "this", lambda: done.append(2))
    assert done == [1]
    with pytest.raises(UsageError, match="was another one, this; give another --out"):
        again.do("one", "that", lambda: done.append(3))


@pytest.mark.parametrize("start", ["forkserver", "spawn"])
def test_a_stage_that_fails_is_not_done(
    start: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("examples.loop.stages._PROCESSES", get_context(start))
    stages = Stages(tmp_path, 0)
    with pytest.raises(GroveError, match="stage wrong failed"):
        stages.run("wrong", "dialogues.show", tmp_path / "nothing.db")
    assert not (tmp_path / "stages.jsonl").exists()
    stages.run("right", "dialogues.show", "--help")
    rows = [*map(json.loads, (tmp_path / "stages.jsonl").read_text().splitlines())]
    assert [row["stage"] for row in rows] == ["right"]


def told_by(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a table, but for where the first model of it lies."""
    rows = [json.loads(line) for line in path.open()]
    for row in rows:
        if row["figures"]["versus"]:
            del row["figures"]["versus"]["baseline"]
    return rows


def test_the_quick_loop_goes_all_the_way_and_learns(tmp_path: Path) -> None:
    """A little, and of its own lessons: what more it takes is measured in benchmarks/RESULTS.md."""
    done = run_example("closed_loop", tmp_path, "--quick")
    folder = tmp_path / "runs" / "loop" / "quick-0"
    losses = re.findall(r"held out, loss: (\S+) → (\S+)", done.stderr)
    sft, *pairs = (float(before) - float(after) for before, after in losses)
    assert len(pairs) == 2
    assert sft > 0.5
    assert min(pairs) > 0.02
    right = re.findall(r"held out, rewards/accuracies: \S+ → (\S+)", done.stderr)
    assert min(map(float, right)) > 0.55
    stages = [json.loads(line)["stage"] for line in (folder / "stages.jsonl").open()]
    assert stages[-2:] == ["results", "report"]
    rows = [json.loads(line) for line in (folder / "rows.jsonl").open()]
    played = {(row["model"], row["user"], row["judge"]) for row in rows}
    assert len(played) == len(rows) == 5 * 2 * 2
    assert {model for model, _, _ in played} == {"base", "sft", "dpo", "dpo-only", REMEMBERS}
    assert "user scripted:interviewer, judge scripted:recall" in done.stdout
    teacher = [row for row in rows if row["model"] == REMEMBERS]
    assert all(row["figures"]["versus"]["mean"]["low"] > 0 for row in teacher)
    assert not any(row["circles"] for row in teacher)
    assert (folder / "report.html").stat().st_size > 10_000
    lessons = [tree for tree, _ in read_trees(str(folder / "trees.jsonl"))]
    judged = {spec for tree in lessons for tiers in orders(tree) for tier in tiers for spec in tier}
    assert judged == {REMEMBERS, PLAIN, MISTAKEN}
    twin = folder.with_name("quick-1")
    shutil.copytree(folder / "results", twin / "results")
    shutil.copy(folder / "rows.jsonl", twin)
    again = run_example("closed_loop", tmp_path, "--quick")
    assert "$ python" not in again.stderr
    table, means, _ = again.stdout.partition("mean of seeds 0, 1: results: user scripted")
    assert means
    assert done.stdout.endswith(table)
    assert told_by(folder.with_name("quick.jsonl")) == told_by(folder / "rows.jsonl")
    assert any(node.spec == STUTTERS for tree in lessons for node in tree)
