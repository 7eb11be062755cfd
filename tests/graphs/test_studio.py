"""The graph as LangGraph's dev server loads it: no arguments, JSON in, every step stored."""

import asyncio
import importlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dialogues.store import open_store
from dialogues.tree import Tree
from graphs.studio import Stage, make_graph

ROOT = Path(__file__).parents[2]


def run(stage: Stage | dict[str, Any]) -> dict[str, Any]:
    """Run the graph on an empty input, as Studio does."""
    return asyncio.run(make_graph().ainvoke({}, context=stage))


def stored(path: Path) -> list[Tree]:
    with open_store(path) as store:
        return [tree for run in store.runs() for tree in run.trees()]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(turns=2, store=str(tmp_path / "studio.db"))


def test_langgraph_json_names_the_factory() -> None:
    told = json.loads((ROOT / "langgraph.json").read_text())
    path, _, name = told["graphs"]["dialogue"].partition(":")
    module = importlib.import_module(path.removeprefix("./").removesuffix(".py").replace("/", "."))
    graph = getattr(module, name)()
    assert set(graph.get_graph().nodes) >= {"user", "induce", "candidate", "judge", "select"}


def test_a_dialogue_is_played_and_stored(stage: Stage) -> None:
    end = run(stage)
    [tree] = stored(Path(stage.store))
    assert (end["turn"], end["over"]) == (2, "turns")
    assert len(tree.user_messages()) == 2
    assert end["tip"] == tree.user_messages()[-1].key


def test_the_same_settings_read_the_dialogue_and_another_seed_plays_another(stage: Stage) -> None:
    assert run(stage) == run(stage)
    run(replace(stage, seed=1))
    first, second = stored(Path(stage.store))
    assert len(first) == len(second)
    assert [node.text for node in first] != [node.text for node in second]


def test_the_password_of_a_store_is_not_kept_in_it(database: str) -> None:
    run(Stage(turns=1, store=database.replace("grove@", "grove:hunter2@")))
    with open_store(database) as store:
        (config,) = [run.record.config for run in store.runs()]
    assert config["store"] == database.replace("grove@", "grove:***@")


def test_persona_and_agents_are_set_by_json(stage: Stage) -> None:
    told = {"profile": "He is 40. He keeps bees.", "judges": ["scripted"], "turns": 1}
    run({**told, "store": stage.store})
    [tree] = stored(Path(stage.store))
    assert tree.persona.profile.text == "He is 40. He keeps bees."
