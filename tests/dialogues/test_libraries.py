"""The libraries the exports are for, datasets and TRL, take them as they are."""

from pathlib import Path
from typing import Any

import pytest

from tests.dialogues.exporting import FORMATS, export, exported

Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    """A tiny tokenizer with a chat template, made here."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    tiny = Tokenizer(models.WordLevel({"<unk>": 0}, unk_token="<unk>"))
    tiny.pre_tokenizer = pre_tokenizers.Whitespace()
    made = PreTrainedTokenizerFast(tokenizer_object=tiny, unk_token="<unk>")
    made.chat_template = (
        "{% for m in messages %}<{{ m['role'] }}>{{ m['content'] }}</s>{% endfor %}"
        "{% if add_generation_prompt %}<assistant>{% endif %}"
    )
    return made


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
@pytest.mark.parametrize("form", FORMATS)
def test_datasets_loads_what_was_exported(
    tmp_path: Path, grown_store: Path, form: str, ending: str
) -> None:
    from datasets import load_dataset

    rows = exported(grown_store, tmp_path / "rows.jsonl", form=form)
    file = tmp_path / f"again.{ending}"
    assert export(grown_store, file, form=form) == 0
    builder = {"jsonl": "json", "parquet": "parquet"}[ending]
    loaded = load_dataset(builder, data_files=str(file), cache_dir=str(tmp_path), split="train")
    assert loaded.to_list() == rows


@pytest.mark.parametrize("form", FORMATS)
def test_trl_takes_the_rows_for_conversations(tmp_path: Path, grown_store: Path, form: str) -> None:
    from trl.data_utils import is_conversational

    assert all(map(is_conversational, exported(grown_store, tmp_path / "a.jsonl", form=form)))


def test_trl_finds_the_prompt_of_a_preference_row_where_it_is(
    tmp_path: Path, grown_store: Path
) -> None:
    from trl.data_utils import maybe_extract_prompt

    for row in exported(grown_store, tmp_path / "a.jsonl"):
        assert maybe_extract_prompt(row) == row


def test_trl_renders_preference_rows(tmp_path: Path, grown_store: Path, tokenizer: Any) -> None:
    from trl.data_utils import apply_chat_template

    row = exported(grown_store, tmp_path / "a.jsonl")[0]
    text = apply_chat_template(row, tokenizer)
    assert text["prompt"] == f"<user>{row['prompt'][0]['content']}</s><assistant>"
    for kind in ("chosen", "rejected"):
        assert text[kind] == f"{row[kind][0]['content']}</s>"


def test_trl_renders_kto_rows(tmp_path: Path, grown_store: Path, tokenizer: Any) -> None:
    from trl.data_utils import apply_chat_template

    row = exported(grown_store, tmp_path / "a.jsonl", form="kto")[0]
    text = apply_chat_template(row, tokenizer)
    assert text["completion"] == f"{row['completion'][0]['content']}</s>"
    assert text["label"] is row["label"]


def test_trl_renders_sft_rows(tmp_path: Path, grown_store: Path, tokenizer: Any) -> None:
    from trl.data_utils import apply_chat_template

    row = exported(grown_store, tmp_path / "a.jsonl", form="sft")[0]
    whole = "".join(f"<{m['role']}>{m['content']}</s>" for m in row["messages"])
    assert apply_chat_template(row, tokenizer)["text"] == whole


def test_trl_renders_prompt_rows(tmp_path: Path, grown_store: Path, tokenizer: Any) -> None:
    from trl.data_utils import apply_chat_template

    for row in exported(grown_store, tmp_path / "a.jsonl", form="prompt"):
        assert apply_chat_template(row, tokenizer)["prompt"].endswith("</s><assistant>")


@pytest.mark.parametrize("form", FORMATS)
def test_no_column_changes_what_a_trainer_does(
    tmp_path: Path, grown_store: Path, form: str
) -> None:
    # RewardTrainer subtracts a column called margin from its loss.
    taken = {"margin", "text", "input_ids", "labels", "images", "tools", "chat_template"}
    for row in exported(grown_store, tmp_path / "a.jsonl", form=form):
        assert not taken & row.keys()
