"""Packed trees through models of other architectures: as through rows, or refused."""

from typing import Any

import pytest
import transformers
from transformers import PreTrainedModel, set_seed

from dialogues.errors import UsageError
from tests.training.school import (
    assert_losses_agree,
    nudged,
    row_trainer,
    said,
    tree_learner,
    tree_trainer,
)
from tests.training.shapes import Forest, Tokens, assert_the_same

PACKED: dict[str, dict[str, Any]] = {
    "Llama": {},
    "Qwen2": {},
    "Phi3": {},
    "Mistral": {"sliding_window": None},
    "GPT2": {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 2048},
    "OPT": {"ffn_dim": 64, "word_embed_proj_dim": 32, "init_std": 0.2, "dropout": 0.0},
}
"""Attention to a path is all there is."""

REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "Mixtral": ("mixture of experts", {"sliding_window": None, "num_local_experts": 4}),
    "Mistral sliding": ("window of 16 tokens", {"sliding_window": 16}),
    "Gemma3Text": ("window of 16 tokens", {"head_dim": 8, "sliding_window": 16}),
    "GptOss": (
        "mixture of experts",
        {"head_dim": 8, "sliding_window": 16, "num_local_experts": 4},
    ),
    "Qwen3_5Text": (
        "linear_attention layers",
        {
            **{"head_dim": 8, "layer_types": ["linear_attention", "full_attention"]},
            **{"linear_num_value_heads": 2, "linear_num_key_heads": 2},
            **{"linear_key_head_dim": 8, "linear_value_head_dim": 8},
        },
    ),
}
"""Windows, recurrence, or a balance counted over tokens; with what is said of it."""

ARCHITECTURES = PACKED | {name: given for name, (_, given) in REFUSED.items()}
_HEADS = {"GPT2": "GPT2LMHeadModel"}


def of_architecture(name: str, tokenizer: Tokens, attention: str = "tree_sdpa") -> PreTrainedModel:
    """Return a tiny model of another architecture."""
    kind = name.split()[0]
    common = {
        **{"vocab_size": len(tokenizer), "pad_token_id": tokenizer.pad_token_id},
        **{"bos_token_id": None, "eos_token_id": tokenizer.eos_token_id},
    }
    if kind != "GPT2":
        common |= {
            **{"hidden_size": 32, "num_hidden_layers": 2, "intermediate_size": 64},
            **{"num_attention_heads": 4, "num_key_value_heads": 2, "initializer_range": 0.2},
        }
    config = getattr(transformers, f"{kind}Config")(**common, **ARCHITECTURES[name])
    config._attn_implementation = "eager" if kind in ("GptOss", "Gemma3Text") else attention
    head = _HEADS.get(kind, f"{kind.removesuffix('Text')}ForCausalLM")
    set_seed(0)
    model = getattr(transformers, head)(config)
    assert isinstance(model, PreTrainedModel)
    return model


@pytest.mark.parametrize("attention", ["tree_sdpa", "sdpa"])
@pytest.mark.parametrize("name", PACKED)
def test_a_model_of_another_architecture_says_the_same(
    forest: Forest, tokenizer: Tokens, name: str, attention: str
) -> None:
    trees = forest["best"]
    rows = row_trainer(trees, tokenizer, *(of_architecture(name, tokenizer) for _ in range(2)))
    models = [of_architecture(name, tokenizer, attention) for _ in range(2)]
    assert_the_same(said(tree_trainer(trees, tokenizer, *models)), said(rows))


@pytest.mark.parametrize("attention", ["tree_sdpa", "sdpa"])
@pytest.mark.parametrize("name", REFUSED)
def test_a_model_that_packing_would_change_is_refused(
    forest: Forest, tokenizer: Tokens, name: str, attention: str
) -> None:
    models = [of_architecture(name, tokenizer, attention) for _ in range(2)]
    with pytest.raises(UsageError, match=REFUSED[name][0]):
        tree_trainer(forest["best"], tokenizer, *models)
    with pytest.raises(UsageError, match=REFUSED[name][0]):
        tree_learner(forest["best"], tokenizer, models[0])


def test_a_mixture_of_experts_that_balances_nothing_learns_as_from_rows(
    forest: Forest, tokenizer: Tokens
) -> None:
    models = [of_architecture("Mixtral", tokenizer) for _ in range(4)]
    settings = {"router_aux_loss_coef": 0.0}
    packs = tree_trainer(forest["best"], tokenizer, nudged(models[0]), models[1], **settings)
    rows = row_trainer(forest["best"], tokenizer, nudged(models[2]), models[3], **settings)
    assert_losses_agree(packs, rows)
