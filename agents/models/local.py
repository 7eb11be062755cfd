"""Models in this process: a folder or hub id loaded with transformers, asked in batches.

Requests that come while the model is at work are gathered and generated together. Each request
draws its own noise from its own seed, so what else is in the batch changes an answer only as far as
floating-point sums do.
"""

import asyncio
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, NamedTuple

from agents.models.errors import ContextOverflow, Rejected
from agents.models.form import Form
from agents.models.model import Answer, answer_of
from agents.models.settings import Sampling
from agents.seats import AgentError
from dialogues.errors import UsageError
from dialogues.node import Message, Usage

_BATCH = 32
_LONGEST = 512
_CONFIGS = ("config.json", "adapter_config.json")


class Request(NamedTuple):
    """One prompt that waits for its answer."""

    messages: Sequence[Message]
    seed: int
    sampling: Sampling
    answer: "asyncio.Future[Answer]"


class Local:
    """The weights and tokenizer of one folder; loaded when first asked, shared by all seats."""

    def __init__(self, path: str) -> None:
        """Look whether transformers is installed and the folder is there; load nothing yet.

        Raises:
            UsageError: one of them is not.
        """
        from importlib.util import find_spec

        if not (find_spec("torch") and find_spec("transformers")):
            raise UsageError(
                "hf: needs torch and transformers: pip install -c constraints.txt -e '.[train]'"
            )
        self.path = _to_load(path)
        self._thread = ThreadPoolExecutor(1, "model")
        self._waiting: list[Request] = []
        self._worker: asyncio.Task[None] | None = None
        self._engine: Any = None

    async def ask(self, messages: Sequence[Message], seed: int, sampling: Sampling) -> Answer:
        """Answer in the next batch.

        Raises:
            ContextOverflow: prompt and answer are longer than the model's context.
            UsageError: the folder holds no model, or one without a chat template.
        """
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append(Request(messages, seed, sampling, answer))
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        return await answer

    def close(self) -> None:
        """Let the weights go; asked again, they are loaded again."""
        self._engine = None

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            # Whoever is ready in this turn of the loop joins the batch.
            await asyncio.sleep(0)
            batch = self._next_batch()
            try:
                answers = await loop.run_in_executor(self._thread, partial(self._generate, batch))
            except Exception as error:
                answers = [error] * len(batch)
            for request, answer in zip(batch, answers, strict=True):
                if request.answer.done():
                    continue
                if isinstance(answer, Exception):
                    request.answer.set_exception(answer)
                else:
                    request.answer.set_result(answer)

    def _next_batch(self) -> list[Request]:
        """Take the first request and those sampled as it is."""
        sampling = self._waiting[0].sampling
        batch = [one for one in self._waiting if one.sampling == sampling][:_BATCH]
        self._waiting = [one for one in self._waiting if one not in batch]
        return batch

    def _generate(self, batch: list[Request]) -> list[Answer | Exception]:
        if self._engine is None:
            from agents.models.generating import Engine

            self._engine = Engine(self.path)
        engine, sampling = self._engine, batch[0].sampling
        longest = sampling.max_tokens or _LONGEST
        answers: list[Answer | Exception | None] = [None] * len(batch)
        fitting: dict[int, list[int]] = {}
        for number, request in enumerate(batch):
            try:
                fitting[number] = self._prompt(engine, request, longest)
            except AgentError as error:
                answers[number] = error
        seeds = [batch[number].seed for number in fitting]
        written = engine.generate([*fitting.values()], seeds, sampling, longest)
        for (number, ids), (text, tokens, finish) in zip(fitting.items(), written, strict=True):
            usage = Usage(calls=1, prompt_tokens=len(ids), completion_tokens=tokens)
            answers[number] = _read(text, finish, usage)
        return [answer for answer in answers if answer is not None]

    def _prompt(self, engine: Any, request: Request, longest: int) -> list[int]:
        try:
            ids: list[int] = engine.render(request.messages)
        except Exception as error:
            # Templates raise what they like, for a system message for instance.
            raise Rejected(f"hf:{self.path}: the chat template refuses it ({error})") from error
        if not engine.fits(ids, longest):
            raise ContextOverflow(
                f"hf:{self.path}: {len(ids):,} prompt tokens and up to {longest:,} more do not fit "
                f"into its {engine.context:,}"
            )
        return ids


def _to_load(path: str) -> str:
    """Return the folder of a model, or what cannot be one and is left to the hub."""
    folder = os.path.expanduser(path)
    is_hub_id = not path.startswith((".", "/", "~")) and path.count("/") < 2
    if is_hub_id and not os.path.exists(folder):
        return path
    if not any(os.path.isfile(os.path.join(folder, name)) for name in _CONFIGS):
        raise UsageError(f"no folder {path} with a model in it")
    return folder


class LocalModel:
    """A local model with its sampling; see `Model`."""

    def __init__(self, local: Local, sampling: Sampling) -> None:
        """Ask `local` with `sampling`."""
        self._local, self.sampling = local, sampling

    async def ask(
        self, messages: Sequence[Message], seed: int, form: Form[Any] | None = None
    ) -> Answer:
        """Ask in the next batch; a form is left to the prompt. See `Model.ask`."""
        return await self._local.ask(messages, seed, self.sampling)


def _read(text: str, finish: str, usage: Usage) -> Answer | Exception:
    try:
        return answer_of(text, "", finish, usage)
    except Exception as error:
        return error
