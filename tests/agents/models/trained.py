"""A tiny language model that answers in every seat: trained on `lessons`, in some 25 seconds.

Its attention reaches back one window per layer, so that an answer depends on the end of a prompt
alone: it is taught with ends only, and does as well whatever persona and history stand before.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from filelock import FileLock

from tests.agents.models.lessons import Lesson, lessons
from tests.agents.models.tiny import CHATML

if TYPE_CHECKING:
    from transformers import MistralForCausalLM, PreTrainedTokenizerFast

_TREES, _STEPS, _BATCH, _RATE = 150, 500, 16, 7e-3
_LAYERS, _WINDOW, _WIDTH, _VOCABULARY = 2, 64, 64, 1000
_HARD = {"Revealed": 3, "Covered": 3, "user": 2}
_REACH = _LAYERS * _WINDOW
"""Tokens on which an answer can depend."""
_LETTERS = 8 * _REACH
"""More than so many tokens have."""


class Example(NamedTuple):
    """A lesson as tokens: the end of the prompt, and the answer."""

    prompt: list[int]
    answer: list[int]


def trained_once(factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the trained model, made once in a test session by one of its workers."""
    root = factory.getbasetemp()
    root = root.parent if "PYTEST_XDIST_WORKER" in os.environ else root
    folder = root / "trained"
    with FileLock(root / "trained.lock"):
        if not (folder / "config.json").exists():
            make_trained(folder)
    return folder


def make_trained(folder: Path) -> None:
    """Train the model and save it to `folder` as transformers saves any other."""
    import torch

    learnt = lessons(_TREES)
    threads = torch.get_num_threads()
    # Where other tests run beside, a second thread is mostly waited for.
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng():
            torch.manual_seed(0)
            tokenizer = _tokenizer(learnt)
            model = _model(tokenizer)
            _train(model, tokenizer, learnt)
    finally:
        torch.set_num_threads(threads)
    tokenizer.save_pretrained(folder)
    model.save_pretrained(folder)


def _tokenizer(learnt: Sequence[Lesson]) -> "PreTrainedTokenizerFast":
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    end, pad = "<|im_end|>", "<|endoftext|>"
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trained.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=_VOCABULARY,
        special_tokens=[pad, "<|im_start|>", end],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    texts = (lesson.messages[-1].content[-_LETTERS:] + lesson.answer for lesson in learnt)
    trained.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=trained, eos_token=end, pad_token=pad, chat_template=CHATML
    )


def _model(tokenizer: "PreTrainedTokenizerFast") -> "MistralForCausalLM":
    from transformers import GenerationConfig, MistralConfig, MistralForCausalLM

    ends = {"eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id}
    config = MistralConfig(
        vocab_size=len(tokenizer),
        hidden_size=_WIDTH,
        intermediate_size=2 * _WIDTH,
        num_hidden_layers=_LAYERS,
        num_attention_heads=4,
        num_key_value_heads=4,
        sliding_window=_WINDOW,
        max_position_embeddings=16_384,
        # What is read and what is said share their vectors: copying is learnt sooner.
        tie_word_embeddings=True,
        initializer_range=0.05,
        bos_token_id=None,
        **ends,
    )
    model = MistralForCausalLM(config)
    # `transformers serve` leaves it to the model whether there is any sampling to be warm in.
    model.generation_config = GenerationConfig(do_sample=True, **ends)
    return model


def _train(
    model: "MistralForCausalLM", tokenizer: "PreTrainedTokenizerFast", learnt: Sequence[Lesson]
) -> None:
    import torch
    from torch.optim.lr_scheduler import OneCycleLR

    optimizer = torch.optim.AdamW(model.parameters(), lr=_RATE, betas=(0.9, 0.98))
    schedule = OneCycleLR(optimizer, _RATE, total_steps=_STEPS, pct_start=0.1)
    model.train()
    for batch in _batches(_examples(tokenizer, learnt)):
        loss = _loss(model, batch)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    # Twice as sure of all it says, so that hardly a sampled word in a thousand is out of place.
    with torch.no_grad():
        model.model.norm.weight.mul_(2)
    model.eval()


def _examples(
    tokenizer: "PreTrainedTokenizerFast", learnt: Sequence[Lesson]
) -> dict[str, list[Example]]:
    """Return all lessons as tokens, by what they teach."""
    found: dict[str, list[Example]] = {}
    for lesson in learnt:
        asked = [message._asdict() for message in lesson.messages]
        prompt = tokenizer.apply_chat_template(asked, add_generation_prompt=True, tokenize=False)
        ids = tokenizer(prompt[-_LETTERS:])["input_ids"][-_REACH:]
        answer = [*tokenizer(lesson.answer)["input_ids"], tokenizer.eos_token_id]
        found.setdefault(lesson.kind, []).append(Example(ids, answer))
    return found


def _batches(examples: dict[str, list[Example]]) -> Iterator[list[Example]]:
    """Draw lessons, most of the kinds that are hard to learn, whichever seat is asked most."""
    rng = Random(0)
    kinds = [kind for kind in sorted(examples) for _ in range(_HARD.get(kind, 1))]
    for _ in range(_STEPS):
        yield [rng.choice(examples[kind]) for kind in rng.choices(kinds, k=_BATCH)]


def _loss(model: "MistralForCausalLM", batch: Sequence[Example]) -> Any:
    """Return the loss on the answers' tokens; prompts are padded on the left."""
    import torch

    longest = max(len(prompt) + len(answer) for prompt, answer in batch)
    ids = torch.full((len(batch), longest), model.config.pad_token_id)
    seen, said = torch.zeros_like(ids), torch.zeros_like(ids, dtype=torch.bool)
    for row, (prompt, answer) in enumerate(batch):
        ids[row, longest - len(prompt) - len(answer) :] = torch.tensor([*prompt, *answer])
        seen[row, longest - len(prompt) - len(answer) :] = 1
        said[row, longest - len(answer) :] = True
    states = model.model(ids, attention_mask=seen, use_cache=False).last_hidden_state
    return torch.nn.functional.cross_entropy(
        model.lm_head(states[:, :-1][said[:, 1:]]), ids[:, 1:][said[:, 1:]]
    )
