"""Models in this process: a real one, with random weights."""

import asyncio
import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from agents.models.errors import ContextOverflow
from agents.models.form import ask_for
from agents.models.local import LocalModel
from agents.models.model import CUT, Answer
from agents.models.settings import ModelSettings, Sampling, SeatSampling
from agents.models.stock import Models
from agents.seats import AgentError, EmptyReply
from dialogues.node import Message
from tests.agents.models.asking import HELLO
from tests.agents.models.test_requests import FORM

WARM = Sampling(temperature=1.0, max_tokens=12)
COLD = Sampling(temperature=0.0, max_tokens=12)
PROMPTS = [[Message("user", text)] for text in ("Hello!", "And? " * 9, "I baked bread. " * 30)]


def opened(folder: Path, sampling: Sampling = WARM) -> LocalModel:
    models = Models(ModelSettings(sampling=SeatSampling(assistant=sampling)))
    model = models.open(f"hf:{folder}")
    assert isinstance(model, LocalModel)
    return model


async def said(model: LocalModel, seeds: Sequence[int], prompt: Any = HELLO) -> list[str]:
    """Ask once for each seed, all at the same time."""
    answers = await asyncio.gather(*[model.ask(prompt, seed) for seed in seeds])
    return [answer.text for answer in answers]


@pytest.fixture(scope="module")
def warm(tiny: Path) -> LocalModel:
    """One set of weights for the tests that need no other."""
    return opened(tiny)


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Write down how many prompts each call to `Engine.generate` gets."""
    from agents.models.generating import Engine

    sizes: list[int] = []
    original = Engine.generate

    def counting(self: Engine, prompts: list[list[int]], *args: Any) -> Any:
        sizes.append(len(prompts))
        return original(self, prompts, *args)

    monkeypatch.setattr(Engine, "generate", counting)
    yield sizes


async def test_an_answer_is_the_new_tokens_alone(warm: LocalModel) -> None:
    answer = await warm.ask(HELLO, 1)
    assert answer.text
    assert not [part for part in ("Hello there!", "Be brief.", "assistant") if part in answer.text]
    assert 0 < answer.usage.completion_tokens <= 12
    assert (answer.usage.calls, answer.usage.estimated) == (1, 0)


async def test_no_special_token_is_in_an_answer(tiny: Path) -> None:
    texts = await said(opened(tiny, Sampling(temperature=2.0, max_tokens=20)), range(64))
    assert not [text for text in texts if "<|" in text]


async def test_the_prompt_is_counted_with_its_template(warm: LocalModel, tiny: Path) -> None:
    from transformers import AutoTokenizer

    answer = await warm.ask(HELLO, 1)
    prompt = (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHello there!<|im_end|>\n"
        "<|im_start|>assistant\n"
    )
    tokenizer = AutoTokenizer.from_pretrained(tiny)
    assert answer.usage.prompt_tokens == len(tokenizer(prompt)["input_ids"])


async def test_a_seed_has_one_answer_and_others_have_others(warm: LocalModel) -> None:
    texts = await said(warm, range(8))
    assert texts == await said(warm, range(8))
    assert len(set(texts)) == 8


async def test_another_process_would_answer_the_same(warm: LocalModel, tiny: Path) -> None:
    assert await said(opened(tiny), [3, 4]) == await said(warm, [3, 4])


@pytest.mark.parametrize("sampling", [WARM, COLD], ids=["warm", "cold"])
async def test_what_else_is_in_the_batch_does_not_change_an_answer(
    sampling: Sampling, tiny: Path
) -> None:
    model = opened(tiny, sampling)
    alone = [await model.ask(prompt, 5) for prompt in PROMPTS]
    together = await asyncio.gather(*[model.ask(prompt, 5) for prompt in PROMPTS])
    backwards = await asyncio.gather(*[model.ask(prompt, 5) for prompt in PROMPTS[::-1]])
    assert alone == together == backwards[::-1]


async def test_the_same_seed_twice_in_a_batch_answers_twice_the_same(warm: LocalModel) -> None:
    one, two, other = await said(warm, [1, 1, 2])
    assert one == two != other


async def test_requests_that_come_together_are_one_batch(
    warm: LocalModel, batches: list[int]
) -> None:
    await said(warm, range(6))
    assert batches == [6]


async def test_no_batch_is_larger_than_thirty_two(warm: LocalModel, batches: list[int]) -> None:
    await said(warm, range(40))
    assert batches == [32, 8]


async def test_requests_that_come_while_it_works_are_gathered(
    warm: LocalModel, batches: list[int]
) -> None:
    first = asyncio.create_task(warm.ask(HELLO, 0))
    while not batches:
        await asyncio.sleep(0)
    await asyncio.gather(first, said(warm, range(5)))
    assert batches == [1, 5]


async def test_who_has_just_been_answered_joins_the_next_batch(
    warm: LocalModel, batches: list[int]
) -> None:
    async def twice(seed: int) -> None:
        await warm.ask(HELLO, seed)
        await warm.ask(HELLO, seed + 10)

    early = [asyncio.create_task(twice(seed)) for seed in (1, 2)]
    while not batches:
        await asyncio.sleep(0)
    await asyncio.gather(*early, warm.ask(HELLO, 3))
    assert batches == [2, 3]


async def test_seats_share_the_weights_and_batch_by_their_sampling(
    tiny: Path, batches: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    from agents.models.generating import Engine

    loaded: list[str] = []
    original = Engine.__init__

    def loading(self: Engine, path: str) -> None:
        loaded.append(path)
        original(self, path)

    monkeypatch.setattr(Engine, "__init__", loading)
    said = {"user": WARM, "judge": COLD, "inducer": COLD}
    sampling = SeatSampling.model_validate({seat: one.model_dump() for seat, one in said.items()})
    models = Models(ModelSettings(sampling=sampling))
    seats = [models.open(f"hf:{tiny}", seat) for seat in ("user", "judge", "inducer")]
    await asyncio.gather(*[model.ask(HELLO, 1) for model in seats for _ in range(2)])
    assert loaded == [str(tiny)]
    assert sorted(batches) == [2, 4]
    await models.close()


async def test_at_temperature_zero_the_seed_does_not_matter(tiny: Path) -> None:
    assert len(set(await said(opened(tiny, COLD), range(5)))) == 1


async def test_a_cut_answer_has_a_fault(warm: LocalModel) -> None:
    answer = await warm.ask(HELLO, 1)
    assert answer.usage.faults == (CUT,)
    assert answer.usage.completion_tokens == 12


@pytest.fixture(scope="module")
def halting(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model, for which one token in eight ends an answer."""
    folder = tmp_path_factory.mktemp("halting") / "model"
    shutil.copytree(tiny, folder)
    config = {"eos_token_id": list(range(2, 275, 8)), "pad_token_id": 0}
    (folder / "generation_config.json").write_text(json.dumps(config))
    return folder


async def test_an_answer_that_ends_by_itself_has_no_fault(halting: Path) -> None:
    model = opened(halting, Sampling(temperature=1.0, max_tokens=100))
    asked = [model.ask(HELLO, seed) for seed in range(30)]
    done = await asyncio.gather(*asked, return_exceptions=True)
    answers = [one for one in done if isinstance(one, Answer)]
    errors = [one for one in done if not isinstance(one, Answer)]
    assert len(answers) > 20
    assert {type(error) for error in errors} <= {EmptyReply}
    assert all(answer.usage.faults == () for answer in answers)
    lengths = {answer.usage.completion_tokens for answer in answers}
    assert len(lengths) > 3
    assert max(lengths) < 100


async def test_an_answer_that_ends_at_once_is_an_empty_reply(halting: Path) -> None:
    model = opened(halting, Sampling(temperature=1.0, max_tokens=100))
    asked = [model.ask(HELLO, seed) for seed in range(60)]
    done = await asyncio.gather(*asked, return_exceptions=True)
    errors = [one for one in done if isinstance(one, AgentError)]
    assert {type(error) for error in errors} == {EmptyReply}
    assert all(error.usage and error.usage.calls == 1 for error in errors)


async def test_only_the_prompt_that_is_too_long_overflows(
    warm: LocalModel, batches: list[int]
) -> None:
    long = [Message("user", "I baked bread. " * 200)]
    short, error, other = await asyncio.gather(
        warm.ask(HELLO, 1), warm.ask(long, 1), warm.ask(HELLO, 2), return_exceptions=True
    )
    assert isinstance(error, ContextOverflow)
    assert "into its 512" in str(error)
    assert [short, other] == await asyncio.gather(warm.ask(HELLO, 1), warm.ask(HELLO, 2))
    assert batches == [2, 2]


async def test_when_all_prompts_are_too_long_all_overflow(warm: LocalModel) -> None:
    long = [Message("user", "I baked bread. " * 200)]
    asked = [warm.ask(long, seed) for seed in range(3)]
    errors = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(error) for error in errors] == [ContextOverflow] * 3


async def test_prompt_and_answer_may_fill_the_context_to_the_last_token(tiny: Path) -> None:
    used = (await opened(tiny, COLD).ask(HELLO, 1)).usage.prompt_tokens
    full = opened(tiny, Sampling(temperature=0.0, max_tokens=512 - used))
    assert (await full.ask(HELLO, 1)).usage.completion_tokens > 0
    over = opened(tiny, Sampling(temperature=0.0, max_tokens=513 - used))
    with pytest.raises(ContextOverflow):
        await over.ask(HELLO, 1)


async def test_a_form_is_asked_for_in_words_until_given_up(warm: LocalModel) -> None:
    with pytest.raises(AgentError) as caught:
        await ask_for(warm, HELLO, 7, FORM)
    usage = caught.value.usage
    assert usage is not None
    assert usage.calls == 3
    assert usage.faults.count("unparsable") == 3


async def test_who_stops_waiting_does_not_disturb_the_others(warm: LocalModel) -> None:
    gone = asyncio.create_task(warm.ask(HELLO, 1))
    stays = asyncio.create_task(warm.ask(HELLO, 2))
    await asyncio.sleep(0)
    gone.cancel()
    assert (await asyncio.wait_for(stays, 20)).text == (await said(warm, [2]))[0]
    assert gone.cancelled()


def test_it_works_in_one_event_loop_and_in_the_next(warm: LocalModel) -> None:
    assert asyncio.run(said(warm, [1, 2])) == asyncio.run(said(warm, [1, 2]))
