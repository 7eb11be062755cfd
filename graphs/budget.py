"""The budget of a run: what it may take in tokens and dollars, over all its workers and resumes."""

from collections.abc import Mapping
from typing import NamedTuple

from agents.models.prices import Prices
from dialogues.tallies import Tally

Spending = Mapping[tuple[str, str], Tally]


class Spent(NamedTuple):
    """What a run has taken; `cost` in dollars leaves out what has no price, named in `unpriced`."""

    calls: int
    tokens: int
    cost: float
    unpriced: tuple[str, ...]

    @classmethod
    def of(cls, spending: Spending, prices: Prices) -> "Spent":
        """Add up a run's tallies."""
        usages = [(spec, tally.usage) for (_, spec), tally in spending.items()]
        costs = [(spec, prices.cost(spec, usage)) for spec, usage in usages]
        return cls(
            sum(usage.calls for _, usage in usages),
            sum(usage.prompt_tokens + usage.completion_tokens for _, usage in usages),
            sum(cost for _, cost in costs if cost is not None),
            tuple(sorted({spec for spec, cost in costs if cost is None})),
        )

    @property
    def told(self) -> str:
        """The cost as it is shown; `≥` where something beside it has no price."""
        if not self.unpriced:
            return dollars(self.cost)
        return f"≥ {dollars(self.cost)}" if self.cost else dollars(None)


def dollars(cost: float | None) -> str:
    """Write a cost, below a dollar to the hundredth of a cent; None for what has no price."""
    if cost is None:
        return "no price"
    return f"${cost:,.4f}" if cost < 1 else f"${cost:,.2f}"


class Budget(NamedTuple):
    """The most a run may take; None for no limit."""

    tokens: int | None
    cost: float | None
    prices: Prices

    @property
    def limited(self) -> bool:
        """Whether there is a limit at all."""
        return self.tokens is not None or self.cost is not None

    def reached(self, spent: Spent) -> str:
        """Return the flag whose limit is reached, as it is written; nothing while there is room."""
        if self.tokens is not None and spent.tokens >= self.tokens:
            return f"--budget-tokens {self.tokens:,}"
        if self.cost is not None and spent.cost >= self.cost:
            return f"--budget-cost {self.cost:g}"
        return ""

    def exceeded(self, spending: Spending) -> str:
        """Say which limit is reached, naming the flag; nothing while there is room."""
        spent = Spent.of(spending, self.prices)
        limit = self.reached(spent)
        return f"{limit} is spent ({spent.tokens:,} tokens, {spent.told})" if limit else ""


UNLIMITED = Budget(None, None, Prices())
