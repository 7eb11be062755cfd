"""Stutter: text that loses its thread and goes round in circles, as small models do."""

from agents.scripted.draws import Draws

_FEWEST_WORDS, _LONGEST_CIRCLE, _FEWEST_ROUNDS, _MOST_ROUNDS = 4, 4, 3, 20


def stuttered(text: str, draw: Draws) -> str:
    """Return the beginning of a text, and its last few words again and again, with no end."""
    words = text.split()
    cut = draw.randint(min(_FEWEST_WORDS, len(words)), len(words))
    circle = words[max(0, cut - draw.randint(1, _LONGEST_CIRCLE)) : cut]
    rounds = draw.randint(_FEWEST_ROUNDS, _MOST_ROUNDS)
    return " ".join([*words[:cut], *circle * rounds]).rstrip(".,;:!?")
