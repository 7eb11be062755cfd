"""Loading what is trained: the model, its tokenizer, and a chat template that can be packed."""

from pathlib import Path
from typing import Any

import torch
from jinja2 import TemplateError
from transformers import AutoConfig, AutoTokenizer, PreTrainedConfig, PreTrainedTokenizerBase
from trl.chat_template_utils import get_training_chat_template
from trl.trainer.model_config import ModelConfig

from dialogues.errors import UsageError
from training.attention import TREE_SDPA
from training.dataset import is_whole, renderer
from training.segments import cut_segments
from training.trees import Grown

_SAMPLE = 20
"""From how many trees a chat template is judged."""

FEW = 0.01
"""The share of replies that may melt into the template before rows are the better choice."""


def load_config(model: ModelConfig) -> PreTrainedConfig:
    """Load the configuration of a model.

    Raises:
        UsageError: there is no such model, or only adapters of one.
    """
    name = model.model_name_or_path
    if not name:
        raise UsageError(
            "--model_name_or_path is missing: a folder, or a name on the hub; `python -m "
            "training.tiny` makes a tiny one"
        )
    folder = Path(name)
    if (folder / "adapter_config.json").exists() and not (folder / "config.json").exists():
        raise UsageError(
            f"--model_name_or_path {name}: holds LoRA adapters, not a model; merge them first: "
            f"python -m training.merge --adapters {name} --out {name.rstrip('/')}-merged"
        )
    try:
        config: PreTrainedConfig = AutoConfig.from_pretrained(name, revision=model.model_revision)
    except Exception as error:
        raise _no_model(name, error) from error
    return config


def load_tokenizer(model: ModelConfig) -> PreTrainedTokenizerBase:
    """Load the tokenizer of a model.

    Raises:
        UsageError: there is none, or no chat template or pad token.
    """
    name = str(model.model_name_or_path)
    try:
        tokenizer = AutoTokenizer.from_pretrained(name, revision=model.model_revision)
    except Exception as error:
        raise _no_model(name, error) from error
    if not tokenizer.chat_template:
        raise UsageError(
            f"{name} has no chat template; take an instruct model, or set tokenizer.chat_template "
            "and save it"
        )
    if tokenizer.pad_token is None and tokenizer.eos_token is None:
        raise UsageError(f"{name} has neither a pad token nor an end token; add one and save it")
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def refuse_template(tokenizer: PreTrainedTokenizerBase, system: str) -> None:
    """Make sure that the chat template takes dialogues that begin with a system text.

    Raises:
        UsageError: it raises an error of its own.
    """
    said = [{"role": "system", "content": system}] if system else []
    said += [{"role": "user", "content": "Hi."}, {"role": "assistant", "content": "Hello."}]
    try:
        renderer(tokenizer)(said, False)
    except TemplateError as error:
        where = f"the system text {system[:40]!r}" if system else "these dialogues"
        raise UsageError(
            f"the model's chat template refuses {where} ({_first_line(error)}); take another "
            "model, or grow the trees without --system"
        ) from error


def fit_template(tokenizer: PreTrainedTokenizerBase, trees: list[Grown]) -> str:
    """Make sure that branches share their prefix as the template renders them, where possible.

    TRL's training template takes the place of one that re-renders what was said before; it is saved
    with the model, so that serving renders as training did.

    Returns:
        What was done; empty where the template stays as it is.
    """
    sample = trees[:_SAMPLE]
    lost = _lost(tokenizer, sample)
    if lost <= FEW:
        return ""
    own = tokenizer.chat_template
    try:
        training_template = get_training_chat_template(tokenizer)
    except ValueError:
        return ""
    tokenizer.chat_template = training_template or own
    if not training_template or _lost(tokenizer, sample) >= lost:
        tokenizer.chat_template = own
        return ""
    return "the chat template renders earlier turns anew; TRL's training template replaces it"


def model_options(config: ModelConfig, own: Any) -> dict[str, Any]:
    """Return what a model is loaded with, as TRL's scripts do."""
    options = {
        "revision": config.model_revision,
        "attn_implementation": config.attn_implementation,
        "dtype": config.dtype,
    }
    return {**options, **(own or {})}


def attention_for_packs() -> str:
    """Return the attention that takes a mask of one's own and is the fastest here."""
    # FlexAttention has no backward pass on a CPU.
    return "flex_attention" if torch.cuda.is_available() else TREE_SDPA


def _lost(tokenizer: PreTrainedTokenizerBase, trees: list[Grown]) -> float:
    """Return the share of replies that no pack can hold as the template renders them."""
    whole = []
    for tree, record in trees:
        replies = [node.key for user in tree.user_messages() for node in tree.candidates(user.key)]
        segments = cut_segments(tree, replies, renderer(tokenizer), record.system)
        whole += [is_whole((reply,), segments) for reply in replies]
    return 1 - sum(whole) / len(whole) if whole else 0.0


def _no_model(name: str, error: Exception) -> UsageError:
    where = "has no model" if Path(name).exists() else "is no folder, and not on the hub either"
    return UsageError(
        f"--model_name_or_path {name}: {where} ({_first_line(error)}); without a network give a "
        "folder; `python -m training.tiny` makes a tiny model"
    )


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:160]
