"""Sampling with a noise of one's own, and reading what was generated."""

from collections import Counter
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from agents.models.generating import Engine, SeededNoise
from agents.models.settings import Sampling
from dialogues.node import Message
from tests.agents.models.asking import HELLO

SCORES = torch.tensor([2.0, 1.0, 0.0, -1.0, -20.0])


@pytest.fixture(scope="module")
def engine(tiny: Path) -> Engine:
    return Engine(str(tiny))


def drawn(scores: torch.Tensor, seeds: list[int]) -> list[int]:
    """Draw one token for each seed from the softmax of `scores`."""
    noise = SeededNoise(seeds, torch.device("cpu"))
    rows = scores.repeat(len(seeds), 1)
    return noise(torch.zeros(len(seeds), 1, dtype=torch.long), rows).argmax(1).tolist()  # type: ignore[arg-type]


def test_tokens_are_drawn_as_often_as_the_softmax_says() -> None:
    counts = Counter(drawn(SCORES, list(range(4000))))
    shares = [counts[token] / 4000 for token in range(5)]
    assert shares == pytest.approx(SCORES.softmax(0).tolist(), abs=0.03)
    assert counts[4] == 0


@given(st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=8))
def test_a_draw_depends_on_its_own_seed_alone(seeds: list[int]) -> None:
    together = drawn(torch.zeros(50), seeds)
    assert together == [drawn(torch.zeros(50), [seed])[0] for seed in seeds]


def test_what_is_ruled_out_is_never_drawn() -> None:
    scores = torch.tensor([0.0, float("-inf"), 0.0])
    assert set(drawn(scores, list(range(300)))) == {0, 2}


def test_each_step_draws_anew() -> None:
    noise = SeededNoise([1], torch.device("cpu"))
    ids, scores = torch.zeros(1, 1, dtype=torch.long), torch.zeros(1, 1000)
    assert len({int(noise(ids, scores).argmax()) for _ in range(10)}) > 5  # type: ignore[arg-type]


def test_half_precision_is_drawn_in_full_precision() -> None:
    noise = SeededNoise([1], torch.device("cpu"))
    ids, scores = torch.zeros(1, 1, dtype=torch.long), torch.zeros(1, 9, dtype=torch.bfloat16)
    assert noise(ids, scores).dtype is torch.float32  # type: ignore[arg-type]


def generated(engine: Engine, seeds: list[int], **sampling: float | None) -> list[str]:
    ids = engine.render(HELLO)
    made = Sampling(max_tokens=10, **sampling)  # type: ignore[arg-type]
    return [text for text, _, _ in engine.generate([ids] * len(seeds), seeds, made, 10)]


@torch.inference_mode()
def test_temperature_zero_takes_the_likeliest_token_at_each_step(engine: Engine) -> None:
    ids = engine.render(HELLO)
    for _ in range(10):
        logits = engine.model(torch.tensor([ids], device=engine.device)).logits
        ids.append(int(logits[0, -1].argmax()))
    expected = engine.tokenizer.decode(ids[-10:], skip_special_tokens=True)
    assert generated(engine, [1, 2], temperature=0.0) == [expected] * 2


def test_a_temperature_close_to_zero_is_almost_greedy(engine: Engine) -> None:
    greedy = generated(engine, [1], temperature=0.0)[0]
    assert generated(engine, [1, 2, 3], temperature=1e-4) == [greedy] * 3


def test_a_tiny_top_p_is_greedy(engine: Engine) -> None:
    greedy = generated(engine, [1], temperature=0.0)[0]
    assert generated(engine, [1, 2, 3], temperature=1.0, top_p=1e-6) == [greedy] * 3


def test_a_top_p_of_one_leaves_all_in(engine: Engine) -> None:
    plain = generated(engine, [1, 2, 3], temperature=1.0)
    assert generated(engine, [1, 2, 3], temperature=1.0, top_p=1.0) == plain


def test_a_prompt_is_rendered_by_the_chat_template(engine: Engine) -> None:
    ids = engine.render([*HELLO, Message("assistant", "Hi."), Message("user", "Bye.")])
    assert engine.tokenizer.decode(ids) == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHello there!<|im_end|>\n"
        "<|im_start|>assistant\nHi.<|im_end|>\n<|im_start|>user\nBye.<|im_end|>\n"
        "<|im_start|>assistant\n"
    )


def test_nothing_to_generate_generates_nothing(engine: Engine) -> None:
    assert engine.generate([], [], Sampling(), 10) == []


def test_the_context_is_what_the_model_says(engine: Engine) -> None:
    assert engine.context == 512
    assert engine.fits([0] * 500, 12)
    assert not engine.fits([0] * 501, 12)
