"""Flags that lead nowhere: refused in one line, before anything is trained."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.training.commands import SHORT, Capture, refusal


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
        refused("people on both sides", "is in training and evaluation", "--eval_split", "train"),
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
