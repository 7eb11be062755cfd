"""Odd replies, windows, losses and folders: what a training survives, or refuses in one line."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from peft import get_peft_model
from transformers import AutoModelForCausalLM, PreTrainedTokenizerBase

from dialogues.persona import Split
from tests.training.commands import (
    QUIET,
    SHORT,
    Capture,
    assert_same_weights,
    measured,
    refusal,
    run,
    with_template,
    with_window,
)
from tests.training.school import (
    a_model,
    a_person,
    a_tree,
    grown,
    lora,
    tokenizer_for,
    tokenizer_in,
    trees_alike,
    trees_unlike,
    write_model,
    write_trees,
)
from tests.training.test_refusals import refused
from training.dataset import Selection, longest_path, packed_dataset, pair_targets, renderer
from training.tiny import TEMPLATE
from training.trees import Grown

REFUSING = "{%- if messages[0].role == 'system' %}{{- raise_exception('No.') }}{%- endif %}"


def longest_path_of(trees: list[Grown], tokenizer: PreTrainedTokenizerBase) -> int:
    """Return how many tokens the longest path of trees has."""
    packs, _ = packed_dataset(trees, renderer(tokenizer), pair_targets, Selection())
    assert packs is not None
    return longest_path(packs)


@pytest.mark.parametrize("split", ["train", "eval"])
def test_one_reply_that_melts_into_its_header_ends_no_training(
    tmp_path: Path, capsys: Capture, split: Split
) -> None:
    odd = grown(a_tree(("\n\nyes", "no"), persona=a_person(50, split)))
    trees = [*trees_alike(6), *trees_alike(3, "eval"), odd]
    talkative = a_tree(("a\n\n\nb", "c"), says=("One.\n\n\nTwo.\n\n\nThree.",))
    tokenizer = tokenizer_for([talkative] * 9, tmp_path / "tokens")
    model = write_model(tmp_path / "model", tokenizer)
    file = write_trees(tmp_path / "trees.jsonl", trees)
    where = ("--trees", file, "--model_name_or_path", model, "--output_dir", tmp_path / "out")
    assert run("dpo", *where, *SHORT) == 0
    assert run("sft", *where, *SHORT) == 0


def test_what_is_measured_does_not_depend_on_how_many_trees_are_measured_at_once(
    tokenizer: PreTrainedTokenizerBase, tmp_path: Path
) -> None:
    trees = write_trees(tmp_path / "t.jsonl", [*trees_alike(2), *trees_unlike(5, "eval")])
    # A model that is no reference of itself any more.
    model = write_model(tmp_path / "model", tokenizer)
    found = []
    for size in (1, 2, 8):
        where = ("--trees", trees, "--model_name_or_path", model, "--output_dir", tmp_path / "out")
        fast = ("--learning_rate", "1e-2", "--per_device_eval_batch_size", size)
        assert run("dpo", *where, *SHORT, *fast) == 0
        found.append(measured(tmp_path / "out"))
    assert found[0] == pytest.approx(found[2], rel=1e-4)
    assert found[1] == pytest.approx(found[2], rel=1e-4)


def test_a_window_that_only_those_measured_on_exceed_measures_the_same_as_in_rows(
    small: Path, tmp_path: Path, capsys: Capture
) -> None:
    said = ("Hi.", "I like the sea and the hills and the rain.", "And swimming in the river.")
    turns = (("yes", "no"), ("I see", "well"), ("tell me of it", "oh"), ("good", "why"))
    long = grown(a_tree(*turns, says=said, persona=a_person(0, "eval")))
    file = write_trees(tmp_path / "trees.jsonl", [*trees_alike(8), long])
    tokenizer = tokenizer_in(small)
    paths = [longest_path_of([tree], tokenizer) for tree in (*trees_alike(8), long)]
    assert max(paths[:-1]) * 1.4 < paths[-1]
    model = with_window(tmp_path / "model", small, max(paths[:-1]))
    where = ("--trees", file, "--model_name_or_path", model, "--optim", "sgd")
    where += ("--learning_rate", "0.1", "--max_grad_norm", 0)
    where += ("--per_device_train_batch_size", 12, "--max_steps", 2)
    for packing in ("auto", "off"):
        flags = ("--tree_packing", packing, "--output_dir", tmp_path / packing)
        assert run("dpo", *where, *QUIET, *flags) == 0
    assert "is shorter than a path of" in capsys.readouterr().err
    assert_same_weights(tmp_path / "auto", tmp_path / "off")
    assert measured(tmp_path / "auto") == pytest.approx(measured(tmp_path / "off"), rel=1e-3)


@pytest.mark.parametrize("name", ["dpo", "sft"])
def test_after_an_absurd_learning_rate_the_checkpoint_that_is_called_good_is(
    alike: Path, small: Path, tmp_path: Path, capsys: Capture, name: str
) -> None:
    out = tmp_path / "out"
    where = ("--trees", alike, "--model_name_or_path", small, "--output_dir", out, *SHORT)
    steps = ("--max_steps", 6, "--save_strategy", "steps", "--save_steps", 1)
    absurd = ("--learning_rate", "1e37", "--lr_scheduler_type", "constant", "--max_grad_norm", 0)
    line = refusal(capsys, name, *where, *steps, *absurd, status=1)
    assert "no number" in line
    saved = sorted(out.glob("checkpoint-*"), key=lambda path: int(path.name.partition("-")[2]))
    assert len(saved) > 1
    named = [path for path in saved if path.name in line] or saved
    if "good" in line:
        model = AutoModelForCausalLM.from_pretrained(named[-1])
        with torch.no_grad():
            assert torch.isfinite(model(torch.tensor([[5, 6, 7]])).logits).all(), named[-1]


def test_a_training_that_stopped_at_a_loss_without_checkpoints_promises_none(
    alike: Path, tokenizer: PreTrainedTokenizerBase, tmp_path: Path, capsys: Capture
) -> None:
    model = a_model(tokenizer)
    with torch.no_grad():
        model.model.norm.weight[3] = float("nan")
    bad = write_model(tmp_path / "bad", tokenizer, model)
    out = ("--output_dir", tmp_path / "out", "--model_name_or_path", bad)
    assert "is good" not in refusal(capsys, "dpo", "--trees", alike, *out, *SHORT, status=1)


def test_training_again_into_a_folder_tells_of_the_last_training_only(
    alike: Path, small: Path, tmp_path: Path
) -> None:
    where = ("--trees", alike, "--model_name_or_path", small, "--output_dir", tmp_path)
    for _ in range(2):
        assert run("dpo", *where, *SHORT) == 0
    assert (tmp_path / "README.md").read_text().count("## Trained with Grove") == 1


def test_a_template_that_takes_no_system_text_is_refused_in_one_line(
    small: Path, tmp_path: Path, capsys: Capture
) -> None:
    model = with_template(tmp_path / "model", small, REFUSING + TEMPLATE)
    trees = [grown(tree, "Be kind.") for tree, _ in trees_alike(4)]
    file = write_trees(tmp_path / "trees.jsonl", trees)
    where = ("--trees", file, "--model_name_or_path", model, "--output_dir", tmp_path / "out")
    assert "template" in refusal(capsys, "dpo", *where, *SHORT)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        refused("a tokenizer alone", "{tokens}", "--model_name_or_path", "{tokens}"),
        refused("adapters alone", "{adapters}", "--model_name_or_path", "{adapters}"),
        refused("too short a pack", "--pack_length", "--pack_length", "3"),
        refused("no such checkpoint", "nowhere", "--resume_from_checkpoint", "nowhere"),
        refused("no checkpoint at all", "there is none in", "--resume_from_checkpoint", "true"),
        refused("a file for a folder", "is a file", "--output_dir", "{tokens}/tokenizer.json/out"),
        refused("a judge nobody has", "verdicts there are of", "--verdict", "nobody"),
        refused("a loss nobody knows", "loss", "--loss_type", "guess"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(
    alike: Path,
    small: Path,
    tmp_path: Path,
    capsys: Capture,
    flags: Sequence[object],
    said: str,
) -> None:
    places = {name: tmp_path / name for name in ("empty", "tokens", "adapters")}
    places["empty"].mkdir()
    tokenizer_in(small).save_pretrained(places["tokens"])
    tokenizer_in(small).save_pretrained(places["adapters"])
    get_peft_model(a_model(tokenizer_in(small)), lora()).save_pretrained(places["adapters"])
    where = ("--trees", alike, "--model_name_or_path", small, "--output_dir", tmp_path / "out")
    line = refusal(capsys, "dpo", *where, *SHORT, *(str(flag).format(**places) for flag in flags))
    assert said.format(**places) in line
