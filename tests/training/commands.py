"""Running the commands of training, and what they leave, for their tests."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import MistralConfig, MistralForCausalLM, set_seed

from dialogues.command import reporting_errors
from tests.training.ranks import MAINS
from tests.training.school import tokenizer_in, write_model

Capture = pytest.CaptureFixture[str]

QUIET = ("--report_to", "none", "--save_strategy", "no", "--disable_tqdm", "true")
SHORT = (*QUIET, "--max_steps", "2", "--per_device_train_batch_size", "4")


def run(name: str, *flags: object) -> int:
    """Run a command as its module does; return its exit status."""
    return reporting_errors(lambda: MAINS[name]([str(flag) for flag in flags]))


def refusal(capsys: Capture, name: str, *flags: object, status: int = 2) -> str:
    """Return the one line in which a command says why it stops, which has to be its last."""
    capsys.readouterr()
    assert run(name, *flags) == status
    said = [line for line in capsys.readouterr().err.splitlines() if line.strip()]
    refusals = [line for line in said if line.startswith("error: ")]
    assert refusals == said[-1:], said
    assert len(refusals[0]) < 600
    return refusals[0]


def card(folder: Path) -> dict[str, Any]:
    """Return what a folder says of its training."""
    told: dict[str, Any] = json.loads((folder / "grove.json").read_text())
    return told


def measured(folder: Path) -> dict[str, float]:
    """Return what was measured after a training."""
    values: dict[str, float] = card(folder)["measured"]
    return values


def weights_in(folder: Path) -> dict[str, torch.Tensor]:
    """Return the weights in a folder."""
    (file,) = folder.glob("*model.safetensors")
    return load_file(file)


def assert_same_weights(one: Path, other: Path) -> None:
    """Compare the weights in two folders."""
    weights, others = weights_in(one), weights_in(other)
    assert weights.keys() == others.keys()
    for name in weights:
        torch.testing.assert_close(weights[name], others[name], rtol=1e-5, atol=1e-6)


def with_template(folder: Path, small: Path, template: str | None) -> Path:
    """Return the folder of the small model with another chat template."""
    tokenizer = tokenizer_in(small)
    tokenizer.chat_template = template
    return write_model(folder, tokenizer)


def with_window(folder: Path, small: Path, window: int) -> Path:
    """Return the folder of a model whose tokens see only so many before them."""
    tokenizer = tokenizer_in(small)
    config = MistralConfig(
        **{"vocab_size": len(tokenizer), "hidden_size": 32, "num_hidden_layers": 2},
        **{"num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 64},
        **{"pad_token_id": tokenizer.pad_token_id, "eos_token_id": tokenizer.eos_token_id},
        **{"sliding_window": window, "initializer_range": 0.2, "tie_word_embeddings": True},
    )
    set_seed(0)
    return write_model(folder, tokenizer, MistralForCausalLM(config))
