"""A tiny model from scratch, for machines without weights: tokenizer, chat template, architecture.

    python -m training.tiny --trees runs/a.db --out models/tiny
    python -m training.tiny --trees trees.jsonl --out models/tiny --size m

It has learnt nothing yet. Its tokenizer is a byte-level BPE trained on the trees' own messages, its
template ChatML, its architecture Qwen3's. A first SFT teaches it to speak.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import Field

from dialogues.command import DONE, Command, main
from dialogues.errors import UsageError
from dialogues.tree import Tree
from training.trees import read_trees

START, END, PAD = "<|im_start|>", "<|im_end|>", "<|pad|>"

TEMPLATE = (
    "{%- for message in messages %}"
    "{{- '<|im_start|>' + message.role + '\\n' }}"
    "{%- if message.role == 'assistant' %}"
    "{% generation %}{{- message.content + '<|im_end|>' }}{% endgeneration %}"
    "{%- else %}{{- message.content + '<|im_end|>' }}{%- endif %}"
    "{{- '\\n' }}"
    "{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"
)
"""ChatML, with marks around what an assistant's turn teaches."""


class Shape(NamedTuple):
    """The size of a model."""

    vocabulary: int
    hidden: int
    layers: int
    heads: int
    intermediate: int


SHAPES = {
    "xs": Shape(vocabulary=2048, hidden=128, layers=2, heads=4, intermediate=384),
    "s": Shape(vocabulary=4096, hidden=256, layers=6, heads=4, intermediate=768),
    "m": Shape(vocabulary=8192, hidden=512, layers=8, heads=8, intermediate=1536),
}
"""About 0.7, 6 and 30 million parameters.

The smallest has two layers, which is what copying takes (Olsson et al. 2022, arXiv 2209.11895); in
trials four layers learnt it later.
"""

_CONTEXT = 8192


class Tiny(Command):
    """Make a tiny model from scratch: a tokenizer trained on trees, and random weights.

    For machines without weights, tests and demonstrations; train it with training.sft before
    anything else.
    """

    trees: str = Field(description="tree store (a path or URL) or file of the `tree` format")
    run: str = Field(default="main", description="which run of the store")
    out: Path = Field(description="folder to write the model to")
    size: Literal["xs", "s", "m"] = Field(
        default="xs", description="about 0.7, 6 or 30 million parameters"
    )
    seed: int = Field(default=0, description="for the weights")

    def execute(self) -> int:
        """Write the model's folder and say how large it is."""
        if self.out.exists() and not (self.out.is_dir() and not any(self.out.iterdir())):
            raise UsageError(f"--out {self.out}: there is something already; name a new folder")
        trees = [tree for tree, _ in read_trees(self.trees, self.run)]
        count = make_tiny(trees, self.out, self.size, self.seed)
        print(f"{count / 1e6:.1f} M parameters, untrained, in {self.out}")
        return DONE


def make_tiny(trees: Iterable[Tree], out: Path, size: str = "xs", seed: int = 0) -> int:
    """Write a model with its tokenizer to a folder; return how many parameters it has."""
    from transformers import Qwen3Config, Qwen3ForCausalLM, set_seed

    shape = SHAPES[size]
    tokenizer = _tokenizer(texts_of(trees), shape.vocabulary)
    set_seed(seed)
    model = Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=len(tokenizer),
            hidden_size=shape.hidden,
            num_hidden_layers=shape.layers,
            num_attention_heads=shape.heads,
            num_key_value_heads=shape.heads // 2,
            head_dim=shape.hidden // shape.heads,
            intermediate_size=shape.intermediate,
            max_position_embeddings=_CONTEXT,
            rope_parameters={"rope_type": "default", "rope_theta": 1000.0},
            tie_word_embeddings=True,
            bos_token_id=None,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    model.generation_config.do_sample = True
    model.save_pretrained(out)
    tokenizer.save_pretrained(out)
    return int(model.num_parameters())


def texts_of(trees: Iterable[Tree]) -> Iterator[str]:
    """Walk the texts of all messages."""
    return (node.text for tree in trees for node in tree if node.is_message)


def _tokenizer(texts: Iterable[str], vocabulary: int) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[START, END, PAD],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(texts, trainer)
    fast: Any = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=bpe, eos_token=END, pad_token=PAD, model_max_length=_CONTEXT
    )
    fast.chat_template = TEMPLATE
    return fast


if __name__ == "__main__":
    sys.exit(main(Tiny, "training.tiny"))
