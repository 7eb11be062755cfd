"""Chat templates, windows and tokenizers: mended, trained on row by row, or refused."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from transformers import (
    AutoTokenizer,
    PreTrainedTokenizerBase,
)

from tests.training.commands import (
    SHORT,
    Capture,
    assert_same_weights,
    refusal,
    run,
    with_template,
    with_window,
)
from tests.training.school import (
    a_model,
    tokenizer_in,
)
from training.tiny import TEMPLATE


def chat_template(name: str) -> str:
    """Return a chat template that comes with TRL."""
    return files("trl").joinpath("chat_templates", f"{name}.jinja").read_text(encoding="utf-8")


REPEATING = TEMPLATE.replace(
    "{%- for message in messages %}", "{{- messages | length }}{%- for message in messages %}"
)
"""A template that nobody knows, and that says first how many messages there are."""


def test_a_template_that_trl_mends_is_replaced_and_saved(
    alike: Path, small: Path, tmp_path: Path, capsys: Capture
) -> None:
    model = with_template(tmp_path / "model", small, chat_template("qwen3"))
    where = ("--trees", alike, "--model_name_or_path", model, "--output_dir", tmp_path / "out")
    assert run("dpo", *where, *SHORT, "--tree_packing", "on") == 0
    assert "TRL's training template replaces it" in " ".join(capsys.readouterr().err.split())
    saved = AutoTokenizer.from_pretrained(tmp_path / "out").chat_template
    assert saved == chat_template("qwen3_training")


@pytest.mark.parametrize("name", ["dpo", "sft"])
def test_a_template_that_cannot_be_packed_is_trained_on_row_by_row(
    alike: Path, small: Path, tmp_path: Path, capsys: Capture, name: str
) -> None:
    model = with_template(tmp_path / "model", small, REPEATING)
    where = ("--trees", alike, "--model_name_or_path", model, "--output_dir", tmp_path / "out")
    assert run(name, *where, *SHORT) == 0
    assert "training row by row" in " ".join(capsys.readouterr().err.split())
    assert AutoTokenizer.from_pretrained(tmp_path / "out").chat_template == REPEATING


def test_packing_that_is_asked_for_and_impossible_is_refused(
    alike: Path, small: Path, tmp_path: Path, capsys: Capture
) -> None:
    model = with_template(tmp_path / "model", small, REPEATING)
    where = ("--trees", alike, "--model_name_or_path", model, "--output_dir", tmp_path / "out")
    assert "--tree_packing on" in refusal(capsys, "dpo", *where, *SHORT, "--tree_packing", "on")


def test_a_window_shorter_than_a_path_is_trained_on_row_by_row(
    alike: Path, small: Path, tmp_path: Path, capsys: Capture
) -> None:
    model = with_window(tmp_path / "model", small, 20)
    where = ("--trees", alike, "--model_name_or_path", model, "--output_dir", tmp_path / "out")
    assert run("dpo", *where, *SHORT) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert "window of 20 tokens is shorter than a path" in said and "training row by row" in said
    assert "window of 20" in refusal(capsys, "dpo", *where, *SHORT, "--tree_packing", "on")
    wide = with_window(tmp_path / "wide", small, 2000)
    assert run("dpo", *where, *SHORT, "--model_name_or_path", wide, "--tree_packing", "on") == 0


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda tokenizer: setattr(tokenizer, "chat_template", None), "no chat template"),
        (
            lambda tokenizer: (
                setattr(tokenizer, "pad_token", None),
                setattr(tokenizer, "eos_token", None),
            ),
            "neither a pad token nor an end token",
        ),
    ],
    ids=["template", "pad and end"],
)
def test_a_tokenizer_that_lacks_something_is_refused(
    alike: Path,
    small: Path,
    tmp_path: Path,
    capsys: Capture,
    spoil: Callable[[PreTrainedTokenizerBase], None],
    said: str,
) -> None:
    tokenizer = tokenizer_in(small)
    spoil(tokenizer)
    a_model(tokenizer_in(small)).save_pretrained(tmp_path / "model")
    tokenizer.save_pretrained(tmp_path / "model")
    where = ("--trees", alike, "--model_name_or_path", tmp_path / "model")
    assert said in refusal(capsys, "dpo", *where, *SHORT, "--output_dir", tmp_path / "out")


def test_where_there_is_no_pad_token_the_end_token_pads(
    alike: Path, small: Path, tmp_path: Path
) -> None:
    tokenizer = tokenizer_in(small)
    tokenizer.pad_token = None
    a_model(tokenizer_in(small)).save_pretrained(tmp_path / "model")
    tokenizer.save_pretrained(tmp_path / "model")
    where = ("--trees", alike, *SHORT, "--learning_rate", "1e-2")
    padless = ("--model_name_or_path", tmp_path / "model", "--output_dir", tmp_path / "padless")
    assert run("dpo", *where, *padless) == 0
    other = ("--model_name_or_path", small, "--output_dir", tmp_path / "padded")
    assert run("dpo", *where, *other) == 0
    assert_same_weights(tmp_path / "padless", tmp_path / "padded")
