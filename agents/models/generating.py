"""Generation with transformers: the chat template in, the new tokens alone out."""

from collections.abc import Sequence
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.generation.logits_process import (
    LogitsProcessor,
    LogitsProcessorList,
    TemperatureLogitsWarper,
    TopPLogitsWarper,
)
from transformers.utils.logging import disable_progress_bar

from agents.models.settings import Sampling
from dialogues.errors import UsageError
from dialogues.node import Message

_PIECE = 128


class SeededNoise(LogitsProcessor):
    """Adds each row's own Gumbel noise, so that the largest score is a sample from the softmax.

    That is the Gumbel-max trick (Gumbel 1954; Maddison et al. 2014); it makes a draw depend on the
    row's seed alone, where `do_sample` shares one generator between all rows.
    """

    def __init__(self, seeds: Sequence[int], device: torch.device) -> None:
        """Draw row i's noise from `seeds[i]`."""
        self._generators = [torch.Generator(device).manual_seed(seed) for seed in seeds]

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> torch.Tensor:
        """Return `scores` of shape (rows, vocabulary) with noise added."""
        noise = torch.stack(
            [
                torch.empty(
                    scores.shape[1], device=scores.device, dtype=torch.float32
                ).exponential_(generator=generator)
                for generator in self._generators
            ]
        )
        return scores.float() - noise.log()


class Engine:
    """A causal language model with its tokenizer, on the GPU if there is one."""

    def __init__(self, path: str) -> None:
        """Load folder or hub id `path`.

        Raises:
            UsageError: there is no such model here or on the hub, or it has no chat template.
        """
        disable_progress_bar()  # type: ignore[no-untyped-call]
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        try:
            self.tokenizer: Any = AutoTokenizer.from_pretrained(path, padding_side="left")
            model: Any = AutoModelForCausalLM.from_pretrained(path, dtype="auto")
        except Exception as error:
            # Whatever the libraries raise for a missing, damaged or foreign folder.
            reason = " ".join(str(error).split())[:200]
            raise UsageError(
                f"hf:{path}: no model could be loaded ({reason}); give the folder of one, or "
                "connect to the Hugging Face hub to download it"
            ) from error
        if not self.tokenizer.chat_template:
            raise UsageError(f"hf:{path} has no chat template; take an instruction-tuned model")
        if self.tokenizer.pad_token_id is None:
            self.tokenizer.pad_token = self.tokenizer.eos_token
        self.model = model.to(self.device).eval()
        self.context = int(getattr(model.config, "max_position_embeddings", 0)) or 1 << 30
        # A CPU's caches hold the activations of short pieces only: half the time for 32 prompts.
        is_pieced = self.device.type == "cpu" and model._supports_default_dynamic_cache()
        self._piece = _PIECE if is_pieced else None

    def render(self, messages: Sequence[Message]) -> list[int]:
        """Return the token ids of a prompt, with the header of the answer."""
        chat = [message._asdict() for message in messages]
        rendered = self.tokenizer.apply_chat_template(
            chat, add_generation_prompt=True, tokenize=True, return_dict=True
        )
        return list(rendered["input_ids"])

    def fits(self, ids: Sequence[int], longest: int) -> bool:
        """Tell whether a prompt and an answer of `longest` tokens fit into the context."""
        return len(ids) + longest <= self.context

    @torch.inference_mode()
    def generate(
        self, prompts: list[list[int]], seeds: list[int], sampling: Sampling, longest: int
    ) -> list[tuple[str, int, str]]:
        """Generate the answers to `prompts` in one batch.

        Returns:
            For each its text, its number of tokens, and `stop` or `length`.
        """
        if not prompts:
            return []
        padded = self.tokenizer.pad({"input_ids": prompts}, return_tensors="pt").to(self.device)
        written = self.model.generate(
            **padded,
            do_sample=False,
            max_new_tokens=longest,
            prefill_chunk_size=self._piece,
            logits_processor=self._processors(seeds, sampling),
            pad_token_id=self.tokenizer.pad_token_id,
            temperature=None,
            top_p=None,
            top_k=None,
        )
        return [self._read(row) for row in written[:, padded["input_ids"].shape[1] :].tolist()]

    def _processors(self, seeds: list[int], sampling: Sampling) -> LogitsProcessorList:
        if sampling.temperature == 0:
            return LogitsProcessorList()
        made: list[Any] = [TemperatureLogitsWarper(sampling.temperature or 1.0)]
        if sampling.top_p:
            made.append(TopPLogitsWarper(sampling.top_p))
        return LogitsProcessorList([*made, SeededNoise(seeds, self.device)])

    def _read(self, ids: list[int]) -> tuple[str, int, str]:
        ends = self.model.generation_config.eos_token_id
        ends = {ends} if isinstance(ends, int) else set(ends or [self.tokenizer.eos_token_id])
        stop = next((at for at, token in enumerate(ids) if token in ends), None)
        kept = ids if stop is None else ids[:stop]
        text = self.tokenizer.decode(kept, skip_special_tokens=True)
        return text, len(kept), "length" if stop is None else "stop"
