"""The lexical embedder: which words make texts alike, and that no model does."""

import subprocess
import sys
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.models.lexical import THRESHOLDS, lexical

ADA = "Ada Quill is 52 and mends clocks in Bath. She sings alto in the abbey choir."
BEN = "Ben Okoro is 31 and drives a tram in Lagos. He breeds canaries on the roof."
LOADED = """
import sys
from agents.models.lexical import lexical
lexical(["Ada mends clocks."])
print(sorted({"torch", "transformers", "onnxruntime", "openai", "httpx"} & sys.modules.keys()))
"""
words = st.lists(st.sampled_from(f"{ADA} {BEN}".split()), min_size=1, max_size=20)


def alike(one: str, other: str) -> float:
    """Return the cosine similarity of two texts."""
    first, second = lexical([one, other])
    return float(first @ second)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("She mends clocks.", "She mended a clock."),
        ("He sings.", "singing, singer"),
        ("They walked home.", "They walk homes."),
        ("She repairs watches.", "A watch repairer."),
    ],
)
def test_endings_do_not_matter(one: str, other: str) -> None:
    assert alike(one, other) == pytest.approx(1)


@given(words, st.randoms())
def test_order_does_not_matter(told: list[str], random: Random) -> None:
    turned = told.copy()
    random.shuffle(turned)
    assert np.array_equal(*lexical([" ".join(told), " ".join(turned)]))


@pytest.mark.parametrize("common", ["the", "and she has been", "in it with them", "He is not a"])
def test_common_words_do_not_matter(common: str) -> None:
    assert alike(ADA, f"{common} {ADA}") == pytest.approx(1)


def test_how_often_a_word_is_said_does_not_matter() -> None:
    assert alike(ADA, f"{ADA} Clocks, clocks and clocks!") == pytest.approx(1)


def test_case_and_punctuation_do_not_matter() -> None:
    assert alike("Mends CLOCKS: tall ones!", "mends clocks tall ones") == pytest.approx(1)


def test_texts_of_other_words_are_not_alike() -> None:
    assert abs(alike(ADA, BEN)) < 0.2


def test_who_is_told_again_is_more_alike_than_the_threshold_and_others_are_not() -> None:
    again = "Ada Quill, 52, is a clock mender in Bath. In the abbey choir she sings the alto part."
    assert alike(ADA, again) > THRESHOLDS["profile"] > alike(ADA, BEN)


@pytest.mark.parametrize("text", ["", " \n", "…!", "the of and", "She is not."])
def test_a_text_of_no_words_of_its_own_has_no_vector(text: str) -> None:
    assert not lexical([text]).any()


def test_a_text_of_another_script_has_one_too() -> None:
    assert alike("晴子は時計を直す。", "晴子は時計を直す。") == pytest.approx(1)


@given(words)
def test_the_same_text_has_the_same_vector_in_any_company(told: list[str]) -> None:
    text = " ".join(told)
    assert np.array_equal(lexical([text])[0], lexical([BEN, text, ADA])[1])


def test_every_row_has_the_length_one() -> None:
    vectors = lexical([ADA, BEN])
    assert len(vectors) == 2
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1)


def test_another_process_finds_the_same_vector_without_any_model() -> None:
    told = LOADED + f"print(lexical([{ADA!r}]).nonzero()[1].tolist())"
    said = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, check=True, timeout=60
    )
    models, places = said.stdout.splitlines()
    assert models == "[]"
    assert places == str(lexical([ADA]).nonzero()[1].tolist())
