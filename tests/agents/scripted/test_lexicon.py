"""The lexicons: words matched whole, a star for any ending."""

import pytest

from agents.scripted.lexicon import load_data, load_words, matcher


@pytest.mark.parametrize(
    ("entries", "text", "found"),
    [
        (["dog"], "my dog barks", True),
        (["dog"], "my dogs bark", False),
        (["dog*"], "my dogs bark", True),
        (["dog*"], "a hotdog", False),
        (["law"], "my brother-in-law", False),
        (["keep * secret"], "i keep my secret", True),
        (["a.a. meeting"], "an a.a. meeting on tuesdays", True),
        (["a.a. meeting"], "a baba meeting", False),
        (["cat", "catfish"], "a catfish", True),
        ([], "a catfish", False),
    ],
)
def test_a_matcher_finds_whole_entries(entries: list[str], text: str, found: bool) -> None:
    assert bool(entries and matcher(entries).search(text)) is found


def test_the_longest_entry_wins() -> None:
    match = matcher(["good", "good listener"]).search("a good listener")
    assert match is not None and match[0] == "good listener"


def test_a_lexicon_is_read_once() -> None:
    assert load_data("traits.yaml") is load_data("traits.yaml")
    assert load_words("common_words.txt") is load_words("common_words.txt")


@pytest.mark.parametrize("name", ["topics.yaml", "traits.yaml"])
def test_every_word_of_a_lexicon_can_be_found(name: str) -> None:
    data = load_data(name)
    banks = [entry if isinstance(entry, list) else entry["words"] for entry in data.values()]
    words = [word for bank in banks for word in bank]
    assert all(matcher([word]).search(word.replace("*", "x")) for word in words)
    assert all(word == word.lower() and isinstance(word, str) for word in words)
