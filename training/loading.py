"""Loading what is trained: the model, its tokenizer, and a chat template that can be packed."""

from pathlib import Path
from typing import Any

import torch
from transformers import AutoTokenizer, PreTrainedTokenizerBase
from trl.chat_template_utils import get_training_chat_template
from trl.trainer.model_config import ModelConfig

from dialogues.errors import UsageError
from training.dataset import renderer
from training.segments import NotPrefixPreserving, cut_segments
from training.trees import Grown


def load_tokenizer(name: str | None) -> PreTrainedTokenizerBase:
    """Load the tokenizer of a model.

    Raises:
        UsageError: there is no such model, or no chat template or pad token.
    """
    if not name:
        raise UsageError(
            "--model_name_or_path is missing: a folder, or a name on the hub; `python -m "
            "training.tiny` makes a tiny one"
        )
    try:
        tokenizer = AutoTokenizer.from_pretrained(name)
    except Exception as error:
        where = "has no model" if Path(name).exists() else "is no folder, and not on the hub either"
        raise UsageError(
            f"--model_name_or_path {name}: {where} ({_first_line(error)}); without a network give "
            "a folder; `python -m training.tiny` makes a tiny model"
        ) from error
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


def make_packable(tokenizer: PreTrainedTokenizerBase, trees: list[Grown]) -> str:
    """Make sure that branches share their prefix as the template renders them.

    TRL's training template takes the place of one that re-renders what was said before; it is saved
    with the model, so that serving renders as training did.

    Returns:
        What was done, or why trees cannot be packed; empty where the template is fine as it is.
    """
    if _packs(tokenizer, trees):
        return ""
    own = tokenizer.chat_template
    try:
        training_template = get_training_chat_template(tokenizer)
    except ValueError:
        training_template = None
    if training_template:
        tokenizer.chat_template = training_template
        if _packs(tokenizer, trees):
            return (
                "the chat template renders earlier turns anew; TRL's training template replaces it"
            )
    tokenizer.chat_template = own
    return NOT_PACKABLE


_RERENDERS = "the chat template renders earlier turns anew"
NOT_PACKABLE = f"{_RERENDERS}, or opens replies with no header, so that branches share no prefix"


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
    return "flex_attention" if torch.cuda.is_available() else "sdpa"


def _packs(tokenizer: PreTrainedTokenizerBase, trees: list[Grown]) -> bool:
    for tree, record in trees[:3]:
        replies = [node.key for user in tree.user_messages() for node in tree.candidates(user.key)]
        try:
            cut_segments(tree, replies, renderer(tokenizer), record.system)
        except NotPrefixPreserving:
            return False
    return True


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:160]
