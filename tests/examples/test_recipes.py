"""The recipes: each stage reads what the one before has left, and the page says what is so."""

import argparse
import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from trl import DPOConfig, ModelConfig, SFTConfig

from agents.models import counting
from dialogues.command import Command, parse
from dialogues.pool import load_pool
from dialogues.spec import Spec
from eval.aloe import Aloe
from eval.report import Report
from graphs.personas.build import Build
from graphs.personas.workshop import TEXTS_PER_CALL
from graphs.simulate import Simulate
from tests.eval.benching import Capture, bench, result_in
from tests.graphs.test_pool_models import said
from tests.growing import PERSONALITY, PROFILE, command, trees_of
from tests.model_server import Call, ModelServer, play
from training.arguments import TreeArguments, parsed
from training.merge import Merge

ROOT = Path(__file__).parents[2]
RECIPES = ROOT / "examples" / "recipes"
PAGE = (RECIPES / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```\n(.*?)\n```$", PAGE, re.DOTALL | re.MULTILINE)
FILES = ("graphs.personas", "graphs.simulate", "eval.aloe")
DRY_RUNS = dict(block.removeprefix("$ ").split("\n", 1) for block in BLOCKS if block[0] == "$")
TRAINERS = {"training.sft": SFTConfig, "training.dpo": DPOConfig}
KINDS: dict[str, type[Command]] = {
    "graphs.personas": Build,
    "graphs.simulate": Simulate,
    "training.merge": Merge,
    "eval.aloe": Aloe,
    "eval.report": Report,
}


@pytest.fixture(autouse=True)
def at_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def commands(start: str) -> list[list[str]]:
    """Return the words after `start` of the page's commands that begin so, dry runs left out."""
    text = "\n".join(block for block in BLOCKS if block[0] != "$").replace("\\\n", " ")
    found = re.findall(rf"^(?:\w+=\S+ )?{start} (.*)$", text, re.MULTILINE)
    return [shlex.split(words, comments=True) for words in found]


def stages() -> dict[str, Any]:
    """Return by module what the page's commands understand."""
    found: dict[str, Any] = {}
    for module, *flags in commands("python -m"):
        if module in TRAINERS:
            kinds = (TreeArguments, TRAINERS[module], ModelConfig)
            found[module] = parsed(kinds, module, flags)
        else:
            found[module] = parse(KINDS[module], module, flags)
    return found


def servers() -> list[argparse.Namespace]:
    """Return the page's servers in their order, by those flags of vLLM's that it uses."""
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("model")
    parser.add_argument("--host", choices=["127.0.0.1"])
    parser.add_argument("--served-model-name")
    parser.add_argument("--port", type=int)
    parser.add_argument("--max-model-len", type=int)
    parser.add_argument("--gpu-memory-utilization", type=float)
    parser.add_argument("--enable-lora", action="store_true")
    parser.add_argument("--max-lora-rank", type=int)
    parser.add_argument("--lora-modules", nargs="+", default=[])
    return [parser.parse_args(words) for words in commands("vllm serve")]


def seated(settings: Any) -> list[Spec]:
    """Return all models that a file seats."""
    if isinstance(settings, Build):
        return [Spec.parse(settings.writer)]
    users = [settings.user] if isinstance(settings.user, str) else settings.user
    inducers = [settings.inducer] * isinstance(settings, Simulate)
    return [Spec.parse(each) for each in [*users, *inducers, *settings.assistant, *settings.judge]]


def vendor(spec: str) -> str:
    return Spec.parse(spec).variant.partition("/")[0]


def test_each_stage_reads_what_the_one_before_has_left() -> None:
    found = stages()
    people, grow, merge, benchmark, report = (found.pop(module) for module in KINDS)
    (trees, sft, policy), (same, dpo, start) = (found.pop(module) for module in TRAINERS)
    assert not found
    assert grow.pool == people.out
    assert trees.trees == same.trees == grow.store
    assert merge.adapters == Path(sft.output_dir) and start.model_name_or_path == str(merge.out)
    assert report.stores == [grow.store, benchmark.store]
    base = f"openai:{policy.model_name_or_path}"
    assert {Spec.parse(each).model for each in grow.assistant} == {base}
    assert benchmark.baseline == report.baseline == base
    (removed,) = commands("rm -r")
    made = [sft.output_dir, str(merge.out), dpo.output_dir]
    assert removed == [*made, benchmark.store, str(benchmark.out)]


def test_every_model_is_served_where_its_seat_looks_for_it() -> None:
    found, up = stages(), dict[int, set[str]]()
    started = servers()
    for modules, count in ((["graphs.personas", "graphs.simulate"], 3), (["eval.aloe"], 3)):
        for server in started[:count]:
            adapters = {each.partition("=")[0] for each in server.lora_modules}
            up[server.port] = {server.served_model_name or server.model, *adapters}
        del started[:count]
        for settings in (found[module] for module in modules):
            for spec in seated(settings):
                endpoint = settings.models.endpoint(spec.endpoint)
                if endpoint.is_openai:
                    continue
                at = re.fullmatch(r"http://localhost:(\d+)/v1", endpoint.base_url)
                assert at and spec.variant in up[int(at[1])], spec
                assert endpoint.api_key_env == "VLLM_API_KEY"
    assert not started


def test_adapters_are_served_on_the_model_that_they_were_trained_on() -> None:
    found = stages()
    _, dpo, model = found["training.dpo"]
    (server,) = (each for each in servers() if each.lora_modules)
    assert server.enable_lora and server.max_lora_rank >= model.lora_r
    assert server.lora_modules == [f"dpo={dpo.output_dir}"]
    assert server.model == model.model_name_or_path


def test_nobody_is_judged_by_kin_and_the_benchmark_is_of_strangers() -> None:
    grow, benchmark = (stages()[module] for module in ("graphs.simulate", "eval.aloe"))
    (judge,), (user,) = grow.judge, benchmark.user
    others = {vendor(each) for each in (grow.user, *grow.assistant)}
    assert vendor(judge) not in others
    assert {vendor(user), vendor(benchmark.judge[0])}.isdisjoint({*others, vendor(judge)})


def test_the_figures_in_the_text_follow_from_the_files() -> None:
    people, (_, sft, _) = (stages()[module] for module in ("graphs.personas", "training.sft"))
    own = load_pool()
    missing = [
        people.wanted(kind)["train"] - sum(half.split == "train" for half in halves)
        for kind, halves in (("profile", own.profiles), ("personality", own.personalities))
    ]
    calls = sum(-(-count // TEXTS_PER_CALL) for count in missing)
    assert "{} profiles and {} personalities are missing".format(*missing) in PAGE
    assert f"a call writes twenty, so it takes {calls} calls" in PAGE
    batch = sft.per_device_train_batch_size * sft.gradient_accumulation_steps
    steps = -(-people.target // batch)
    assert f"{people.target:,} trees at {batch} a step are {steps} steps" in PAGE
    (judge,) = re.findall(r"│ judge .* │ +([\d,]+) │ no price │", next(iter(DRY_RUNS.values())))
    minutes = int(judge.replace(",", "")) / 1000 / 60
    assert f"stage 2's judge would take {minutes:.0f} minutes" in PAGE


def test_the_page_links_to_files_that_are_there() -> None:
    links = re.findall(r"\]\(([^)#]+)", PAGE)
    assert {path.name for path in RECIPES.glob("*.yaml")} <= {*links}
    assert [link for link in links if not (RECIPES / link).exists()] == []


@pytest.mark.parametrize("told", DRY_RUNS, ids=lambda told: told.split()[2])
def test_a_dry_run_prints_what_the_page_shows(
    told: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    # With a network tiktoken counts OpenAI's own models more exactly than the page does.
    monkeypatch.setattr(counting, "_encoding", lambda model: None)
    module, *flags = told.split()[2:]
    assert command(KINDS[module], *flags) == 0
    printed = [line.rstrip() for line in capsys.readouterr().err.splitlines()]
    assert printed == DRY_RUNS[told].splitlines()


def a_pool(folder: Path) -> Path:
    """Write a pool of one person; return its folder."""
    folder.mkdir()
    for kind, name, text in (
        ("profile", "profiles", PROFILE),
        ("personality", "personalities", PERSONALITY),
    ):
        (folder / f"{name}.jsonl").write_text(json.dumps({kind: text}) + "\n")
    return folder


def answer(call: Call) -> str:
    """Answer as a seat would like it, and the writer with people."""
    form = json.dumps(call.body.get("response_format"))
    return said(call) if "descriptions" in form else play(call)


def test_the_files_seats_are_asked_and_lead_from_people_to_a_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people, grow, benchmark = (stages()[module] for module in FILES)
    for name in ("VLLM_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "key")
    models = {spec.variant for each in (people, grow, benchmark) for spec in seated(each)}
    with ModelServer(answer, key="key", models=[*models, "vectors"]) as server:
        for path in RECIPES.glob("*.yaml"):
            settings = yaml.safe_load(path.read_text(encoding="utf-8"))
            for endpoint in settings["endpoints"].values():
                endpoint["base_url"] = server.url
            (tmp_path / path.name).write_text(yaml.safe_dump(settings))
        monkeypatch.chdir(tmp_path)
        few = ("--target", 2, "--per-profile", 1, "--eval-profiles", 0, "--eval-personalities", 0)
        begin = ("--seeds", a_pool(tmp_path / "seeds"), "--embedder", "openai:vectors@user")
        assert command(Build, "--config", "1-personas.yaml", *few, *begin) == 0
        few = ("--limit", 1, "--turns", 2)
        assert command(Simulate, "--config", "2-grow.yaml", *few, "--workers", 1) == 0
        few = ("--cases", 1, "--turns", 2, "--swap", 0)
        assert bench(tmp_path, "--config", "5-evaluate.yaml", *few) == 0
    assert {str(call.body["model"]) for call in server.calls} == models
    (tree,) = trees_of(grow.store)
    assert len(tree.user_messages()) == 2 and not tree.failures()
    tables = result_in(tmp_path).tables
    assert [len(table.rows) for table in tables] == [3, 3]
