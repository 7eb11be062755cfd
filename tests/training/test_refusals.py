"""Flags that lead nowhere: refused in one line, before anything is trained."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from dialogues import Persona
from tests.training.commands import SHORT, Capture, refusal
from tests.training.school import a_person, a_tree, grown, write_trees


def refused(name: str, said: str, *flags: object) -> Any:
    return pytest.param(flags, said, id=name)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        refused("no trees", "--trees is missing", "--trees="),
        refused("no such file", "cannot read", "--trees", "nowhere.jsonl"),
        refused("no such store", "nowhere.db", "--trees", "nowhere.db"),
        refused("no such run", "elsewhere", "--trees", "{store}", "--run", "elsewhere"),
        refused("no model", "is no folder", "--model_name_or_path", "nobody/has-this"),
        refused("an empty folder", "has no model", "--model_name_or_path", "{empty}"),
        refused("an unknown flag", "--lerning_rate", "--lerning_rate", "1"),
        refused("a flag without sense", "--learning_rate", "--learning_rate", "fast"),
        refused("no such split", "--split", "--split", "test"),
        refused("too clear a margin", "--min_margin", "--min_margin", "1.5"),
        refused("too sure a judge", "--min_confidence", "--min_confidence", "1.5"),
        refused("a judge nobody knows", "--verdict", "--verdict", "openai:nobody"),
        refused("a split of nobody", "--split", "--split", "unseen"),
        refused("one split twice", "are both train", "--eval_split", "train"),
        refused("rows to cut off", "--pack_length", "--max_length", "100"),
        refused("an attention that cannot", "lash", "--attn_implementation", "flash_attention_2"),
        refused("an attention nobody knows", "attn", "--attn_implementation", "best"),
        refused("weights nobody has", "x not", "--use_peft", "true", "--lora_target_modules", "x"),
        refused("a loss that needs more", "abel smoothing", "--loss_type", "exo_pair"),
        refused(
            "losses that do not go together",
            "f_divergence_type",
            *("--loss_type", "nca_pair", "--f_divergence_type", "forward_kl"),
        ),
    ],
)
def test_what_dpo_cannot_do_is_refused_in_one_line(
    alike: Path,
    small: Path,
    grown_store: Path,
    tmp_path: Path,
    capsys: Capture,
    flags: Sequence[object],
    said: str,
) -> None:
    places = {"store": grown_store, "empty": tmp_path}
    where = ("--trees", alike, "--model_name_or_path", small, "--output_dir", tmp_path / "out")
    line = refusal(capsys, "dpo", *where, *SHORT, *(str(flag).format(**places) for flag in flags))
    assert said.format(**places) in line


def test_who_is_trained_on_and_measured_on_is_refused(
    small: Path, tmp_path: Path, capsys: Capture
) -> None:
    turns = (("yes", "no"), ("good", "bad"))
    again = a_person(7).profile.model_copy(update={"split": "eval"})
    met = Persona(profile=again, personality=a_person(8, "eval").personality)
    both = [grown(a_tree(*turns, persona=persona)) for persona in (a_person(7), met)]
    file = write_trees(tmp_path / "trees.jsonl", both)
    where = ("--trees", file, "--model_name_or_path", small, "--output_dir", tmp_path / "out")
    assert "is in training and evaluation" in refusal(capsys, "dpo", *where, *SHORT)


@pytest.mark.parametrize(
    ("name", "value"), [("min_margin", 3), ("min_confidence", -1), ("pack_length", 0)]
)
def test_a_number_out_of_its_range_is_refused(capsys: Capture, name: str, value: float) -> None:
    assert f"--{name} {value}" in refusal(capsys, "dpo", f"--{name}", value)


def test_a_config_may_be_named_with_an_equals_sign_and_must_be_named(
    tmp_path: Path, capsys: Capture
) -> None:
    assert "name a YAML file" in refusal(capsys, "dpo", "--trees", "a.db", "--config")
    file = tmp_path / "a.yaml"
    file.write_text("learning_rat: 1")
    assert "unknown key learning_rat" in refusal(capsys, "dpo", f"--config={file}")


@pytest.mark.parametrize(
    "flags",
    [
        ("--packing", "true"),
        ("--padding_free", "true"),
        ("--assistant_only_loss", "true"),
        ("--loss_type", "guess"),
        ("--eval_strategy", "steps", "--eval_split", "unseen"),
    ],
    ids=" ".join,
)
def test_what_sft_cannot_do_is_refused_in_one_line(
    alike: Path, small: Path, tmp_path: Path, capsys: Capture, flags: tuple[str, ...]
) -> None:
    where = ("--trees", alike, "--model_name_or_path", small, "--output_dir", tmp_path / "out")
    refusal(capsys, "sft", *where, *SHORT, *flags)
