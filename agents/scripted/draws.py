"""Draws: the seeded randomness of one call."""

from random import Random


class Draws(Random):
    """A random generator that can also say whether something happens."""

    def happens(self, probability: float) -> bool:
        """Draw whether an event of this probability happens."""
        return self.random() < probability
