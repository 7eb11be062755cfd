"""The commands: from a store to a folder that loads."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from openai import OpenAI
from peft import AutoPeftModelForCausalLM
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedTokenizerBase,
)
from trl import DPOConfig, ModelConfig

from dialogues.pool import SHIPPED, load_pool
from tests.agents.models.served import served, skip_unless_served
from tests.growing import command, simulate
from tests.training.commands import (
    QUIET,
    SHORT,
    Capture,
    assert_same_weights,
    card,
    measured,
    refusal,
    run,
    weights_in,
)
from tests.training.ranks import MAINS
from tests.training.school import (
    a_model,
    a_person,
    a_tree,
    grown,
    write_model,
    write_trees,
)
from training.arguments import TreeArguments, parsed
from training.dpo import PAIRS, make_trainer
from training.job import run_job, settings_of
from training.sets import make_sets
from training.tiny import Tiny
from training.trees import of_split, read_trees

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of 32 trees, 8 of them of people to measure on."""
    folder, pool = tmp_path_factory.mktemp("store"), load_pool(SHIPPED)
    for name, halves in (("profiles", pool.profiles), ("personalities", pool.personalities)):
        few = [
            {name.replace("ies", "y").removesuffix("s"): half.text, "split": split}
            for split, count in (("train", 24), ("eval", 8))
            for half in [each for each in halves if each.split == split][:count]
        ]
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(half) + "\n" for half in few))
    flags = ("--pool", str(folder), "--per-profile", "1", "--limit", "none", "--turns", "3")
    assert simulate(folder / "trees.db", *flags) == 0
    return folder / "trees.db"


@pytest.fixture(scope="module")
def trained(store: Path) -> dict[str, Path]:
    """What training.tiny, training.sft and training.dpo leave, one after the other."""
    folders = {name: store.parent / name for name in ("tiny", "sft", "dpo")}
    assert command(Tiny, "--trees", store, "--out", folders["tiny"]) == 0
    steps = (*QUIET, "--trees", str(store), "--per_device_train_batch_size", "8")
    made = (
        ("sft", "tiny", "--max_steps", "3", "--learning_rate", "2e-3"),
        ("dpo", "sft", "--max_steps", "8", "--learning_rate", "1e-3"),
    )
    for name, before, *flags in made:
        where = ("--model_name_or_path", folders[before], "--output_dir", folders[name])
        assert MAINS[name]([*steps, *map(str, where), *flags]) == 0
    return folders


def test_a_model_trained_on_pairs_tells_them_apart_for_people_it_has_not_met(
    trained: dict[str, Path],
) -> None:
    assert measured(trained["dpo"])["rewards/accuracies"] > 0.7
    assert measured(trained["dpo"])["rewards/margins"] > 0
    assert measured(trained["dpo"])["loss"] < 0.69
    assert measured(trained["sft"])["mean_token_accuracy"] > 0.02


@pytest.mark.parametrize("name", ["tiny", "sft", "dpo"])
def test_a_folder_loads_and_its_model_writes(trained: dict[str, Path], name: str) -> None:
    model = AutoModelForCausalLM.from_pretrained(trained[name])
    tokenizer = AutoTokenizer.from_pretrained(trained[name])
    asked = tokenizer.apply_chat_template(
        [{"role": "user", "content": "Hi."}],
        add_generation_prompt=True,
        return_dict=True,
        return_tensors="pt",
    )
    written = model.generate(**asked, max_new_tokens=5, do_sample=False)
    assert written.shape[1] > asked["input_ids"].shape[1]


def test_a_folder_is_served_by_transformers(trained: dict[str, Path], tmp_path: Path) -> None:
    skip_unless_served()
    with served(trained["dpo"], tmp_path / "log") as url:
        said = OpenAI(base_url=url, api_key="none", max_retries=0).chat.completions.create(
            model=trained["dpo"].name,
            messages=[{"role": "user", "content": "Hi."}],
            max_tokens=5,
        )
    assert said.usage is not None and said.usage.completion_tokens > 0


def test_the_card_names_whom_a_model_was_trained_on(store: Path, trained: dict[str, Path]) -> None:
    trees = of_split(read_trees(str(store)), "train")
    told = card(trained["dpo"])
    assert told["profiles"] == sorted({tree.persona.profile.id for tree, _ in trees})
    assert told["personalities"] == sorted({tree.persona.personality.id for tree, _ in trees})
    assert told["before"] == card(trained["sft"]) and card(trained["sft"])["before"] is None
    assert told["learnt"] == "pairs" and told["settings"]["max_steps"] == 8
    held_out = of_split(read_trees(str(store)), "eval")
    assert held_out and not {tree.persona.profile.id for tree, _ in held_out} & {*told["profiles"]}


def test_what_was_learnt_and_what_it_came_to_is_said(
    alike: Path, small: Path, tmp_path: Path, capsys: Capture
) -> None:
    where = ("--trees", alike, "--model_name_or_path", small, "--output_dir", tmp_path)
    assert run("dpo", *where, *SHORT) == 0
    said = capsys.readouterr().err
    assert "train: 8 trees, 24 pairs in 8 packs" in said
    assert "held out: 4 trees, 12 pairs in 4 packs" in said
    assert "a step: 4 trees, on average 12 pairs" in said
    assert re.search(r"held out, rewards/accuracies: \d\.\d{3} → \d\.\d{3}", said)
    readme = (tmp_path / "README.md").read_text()
    assert "## Trained with Grove" in readme and "8 profiles, 8 personalities" in readme


def test_trees_packed_and_in_rows_come_to_the_same(
    alike: Path, small: Path, tmp_path: Path
) -> None:
    where = ("--trees", alike, "--model_name_or_path", small, "--optim", "sgd", *QUIET)
    steps = ("--max_steps", 4, "--learning_rate", "0.1", "--train_sampling_strategy", "sequential")
    for name, packing, size in (("packs", "on", 2), ("rows", "off", 6)):
        flags = ("--tree_packing", packing, "--per_device_train_batch_size", size)
        flags += ("--per_device_eval_batch_size", 12)
        assert run("dpo", *where, *steps, *flags, "--output_dir", tmp_path / name) == 0
    assert_same_weights(tmp_path / "packs", tmp_path / "rows")
    assert measured(tmp_path / "packs") == pytest.approx(measured(tmp_path / "rows"), rel=1e-3)


@pytest.mark.parametrize(
    ("name", "flags"),
    [
        ("dpo", ()),
        ("dpo", ("--use_peft", "true")),
        ("dpo", ("--precompute_ref_log_probs", "true")),
        ("sft", ()),
    ],
    ids=["pairs", "adapters", "computed before", "replies"],
)
def test_a_resumed_training_ends_where_an_undisturbed_one_does(
    alike: Path, small: Path, tmp_path: Path, name: str, flags: tuple[str, ...]
) -> None:
    where = ("--trees", alike, "--model_name_or_path", small, "--learning_rate", "1e-2")
    steps = ("--max_steps", 6, "--save_steps", 3, "--per_device_train_batch_size", 3)
    quiet = ("--report_to", "none", "--disable_tqdm", "true")
    whole, again = tmp_path / "whole", tmp_path / "again"
    assert run(name, *where, *steps, *quiet, *flags, "--output_dir", whole) == 0
    resume = ("--resume_from_checkpoint", whole / "checkpoint-3", "--output_dir", again)
    assert run(name, *where, *steps, *quiet, *flags, *resume) == 0
    assert_same_weights(whole, again)
    assert measured(whole) == pytest.approx(measured(again), rel=1e-4)
    halfway = weights_in(whole / "checkpoint-3")
    assert any(not torch.equal(each, halfway[name]) for name, each in weights_in(whole).items())


def test_adapters_load_back_with_peft_and_say_the_same(
    alike: Path, small: Path, tmp_path: Path
) -> None:
    where = ("--trees", alike, "--model_name_or_path", small, "--output_dir", tmp_path)
    lora = ("--use_peft", "true", "--lora_r", 4, "--learning_rate", "1e-2")
    flags = [str(flag) for flag in (*where, *lora, *SHORT)]
    trees, config, model = parsed((TreeArguments, DPOConfig, ModelConfig), "dpo", flags)
    sets = make_sets(trees, config, model, PAIRS)
    trainer = make_trainer(sets, config, model)
    run_job(trainer, sets, settings_of(trees, config, model))
    assert (tmp_path / "adapter_model.safetensors").exists()
    asked = sets.tokenizer("Hello there, how are you?", return_tensors="pt")
    ids = asked["input_ids"]
    with torch.no_grad():
        expected = trainer.model.eval()(input_ids=ids).logits
        loaded = AutoPeftModelForCausalLM.from_pretrained(tmp_path)
        base = AutoModelForCausalLM.from_pretrained(small)
        torch.testing.assert_close(loaded(input_ids=ids).logits, expected)
        assert not torch.allclose(base(input_ids=ids).logits, expected, atol=1e-3)
    assert card(tmp_path)["settings"]["lora_r"] == 4


def test_other_chats_can_be_mixed_into_sft(
    alike: Path, small: Path, tmp_path: Path, capsys: Capture
) -> None:
    tree = a_tree(("Well said.",), ("Indeed.",), persona=a_person(99), verdict=None)
    chats = write_trees(tmp_path / "chats.jsonl", [grown(tree)])
    where = ("--trees", alike, "--model_name_or_path", small, "--mix", chats, *SHORT)
    for packing in ("on", "off"):
        out = ("--output_dir", tmp_path / packing, "--tree_packing", packing)
        assert run("sft", *where, *out) == 0
        assert "mixed in: 1 trees, 2 replies" in capsys.readouterr().err
    assert "training.sft" in refusal(capsys, "dpo", *where, "--output_dir", tmp_path / "dpo")


@pytest.mark.parametrize(
    "flags",
    [
        "--precompute_ref_log_probs true",
        "--precompute_ref_log_probs true --use_peft true",
        "--sync_ref_model true --ref_model_sync_steps 1",
        "--eval_strategy steps --eval_steps 1",
        "--eval_strategy epoch --save_strategy epoch --load_best_model_at_end true",
        "--bf16 true --use_cpu true",
        "--dtype bfloat16",
        "--gradient_checkpointing true",
        "--gradient_checkpointing true --use_peft true",
        "--loss_type sigmoid sft --loss_weights 1 0.5",
        "--attn_implementation eager",
        "--remove_unused_columns true",
        "--dataloader_num_workers 1",
        "--pack_length 40",
        "--verdict majority --min_margin 0.2",
        "--optim adafactor --lr_scheduler_type cosine --warmup_steps 1",
        "--per_device_train_batch_size 3 --gradient_accumulation_steps 3",
    ],
)
def test_flags_of_trl_do_what_they_do_there(
    alike: Path, small: Path, tmp_path: Path, capsys: Capture, flags: str
) -> None:
    where = ("--trees", alike, "--model_name_or_path", small, "--output_dir", tmp_path)
    assert run("dpo", *where, *SHORT, "--learning_rate", "1e-2", *flags.split()) == 0
    assert "rewards/accuracies: " in capsys.readouterr().err


def test_a_reference_computed_before_measures_the_same(
    alike: Path, small: Path, tmp_path: Path
) -> None:
    where = ("--trees", alike, "--model_name_or_path", small, "--learning_rate", "1e-2", *SHORT)
    for before in ("true", "false"):
        flags = ("--precompute_ref_log_probs", before, "--output_dir", tmp_path / before)
        assert run("dpo", *where, *flags) == 0
    assert_same_weights(tmp_path / "true", tmp_path / "false")
    assert measured(tmp_path / "true") == pytest.approx(measured(tmp_path / "false"), rel=1e-4)


def test_a_poisoned_weight_stops_the_training_and_leaves_earlier_checkpoints_alone(
    alike: Path, tokenizer: PreTrainedTokenizerBase, tmp_path: Path, capsys: Capture
) -> None:
    model = a_model(tokenizer)
    good = write_model(tmp_path / "good", tokenizer, model)
    with torch.no_grad():
        model.model.norm.weight[3] = float("nan")
    bad = write_model(tmp_path / "bad", tokenizer, model)
    where = ("--trees", alike, "--output_dir", tmp_path / "out", *SHORT)
    saving = ("--save_strategy", "steps", "--save_steps", 1)
    assert run("dpo", *where, *saving, "--model_name_or_path", good) == 0
    line = refusal(capsys, "dpo", *where, *saving, "--model_name_or_path", bad, status=1)
    assert "no number at step 1" in line and "--learning_rate" in line
    checkpoint = tmp_path / "out" / "checkpoint-2"
    assert all(torch.isfinite(each).all() for each in weights_in(checkpoint).values())
    resumed = ("--resume_from_checkpoint", checkpoint, "--max_steps", 3)
    assert run("dpo", *where, *saving, "--model_name_or_path", good, *resumed) == 0


def test_dpo_without_flags_trains_something_real(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "training.dpo"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = re.search(r"rewards/accuracies: (\S+) → (\S+)", done.stderr)
    assert found and float(found[1]) < 0.7 < float(found[2])
    assert "Traceback" not in done.stderr
    folder = tmp_path / "models" / "dpo-demo"
    AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder)
    assert model.num_parameters() > 500_000
