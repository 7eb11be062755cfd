"""Prices of models: a YAML file anybody can edit, and what a usage costs by it."""

from pathlib import Path

import yaml
from pydantic import Field, TypeAdapter, ValidationError

from dialogues.errors import UsageError
from dialogues.node import Usage
from dialogues.persona import Frozen
from dialogues.spec import Spec

SHIPPED = Path(__file__).parent / "prices.yaml"
_MILLION = 1_000_000


class Price(Frozen):
    """US dollars per million tokens; without a price for cached ones, they cost as others do."""

    input: float = Field(ge=0, allow_inf_nan=False)
    output: float = Field(ge=0, allow_inf_nan=False)
    cached: float | None = Field(default=None, ge=0, allow_inf_nan=False)

    def of(self, usage: Usage) -> float:
        """Return what a usage costs."""
        cached = self.input if self.cached is None else self.cached
        fresh = usage.prompt_tokens - usage.cached_tokens
        dollars = fresh * self.input + usage.cached_tokens * cached
        return (dollars + usage.completion_tokens * self.output) / _MILLION


class Prices:
    """The prices of a file, by model as specs name it (`openai:gpt-4o`)."""

    def __init__(self, path: Path | None = None) -> None:
        """Read `path`, by default the file that comes with Grove.

        Raises:
            UsageError: it cannot be read, or a price is none; the message names it.
        """
        self.path = path or SHIPPED
        try:
            read = yaml.safe_load(self.path.read_text(encoding="utf-8")) or {}
            self._prices = TypeAdapter(dict[str, Price]).validate_python(read)
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise UsageError(f"--prices {self.path}: cannot be read ({error})") from error
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            said = f"{where}: {first['msg']}" if where else first["msg"]
            raise UsageError(f"--prices {self.path}: {said}") from error

    def cost(self, spec: str, usage: Usage) -> float | None:
        """Return what a usage of the agent `spec` costs; None where there is no price."""
        if not usage.calls:
            return 0.0
        try:
            price = self._prices.get(Spec.parse(spec).model)
        except UsageError:
            # A tree from elsewhere may name its agents as it likes.
            return None
        return price.of(usage) if price else None

    def check(self, specs: list[str]) -> None:
        """Make sure that every model has a price.

        Raises:
            UsageError: one has none.
        """
        for spec in specs:
            model = Spec.parse(spec).model
            if model not in self._prices:
                raise UsageError(
                    f"no price for {model} in {self.path}; add a line such as "
                    f"`{model}: {{input: 0.15, output: 0.60}}` (dollars per million tokens; 0 for "
                    "your own server) to a copy of it and give that with --prices"
                )
