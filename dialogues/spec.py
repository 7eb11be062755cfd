"""Specs name an agent: `[ROLE=]MODEL[@ENDPOINT]`."""

import re
from dataclasses import dataclass

from dialogues.errors import UsageError

_SPEC = re.compile(
    r"(?:(?P<role>[a-z][a-z-]*)=)?(?P<model>[^=@:\s]+|[^=@:\s]*:[^@\s]*)(?:@(?P<endpoint>\S+))?"
)


@dataclass(frozen=True)
class Spec:
    """A parsed spec: `hinted=openai:gpt-4o@lab` has a role, a kind, a variant, an endpoint."""

    role: str
    model: str
    endpoint: str = ""

    @classmethod
    def parse(cls, text: str) -> "Spec":
        """Read a spec.

        Raises:
            UsageError: `text` has not the form `[ROLE=]MODEL[@ENDPOINT]`.
        """
        match = _SPEC.fullmatch(text)
        if match is None:
            raise UsageError(
                f"{text!r} is no spec; write [ROLE=]MODEL[@ENDPOINT], e.g. hinted=scripted"
            )
        return cls(match["role"] or "", match["model"], match["endpoint"] or "")

    @property
    def name(self) -> str:
        """The spec without its endpoint: what is hashed, compared and shown."""
        return f"{self.role}={self.model}" if self.role else self.model

    @property
    def kind(self) -> str:
        """The part before the colon: `scripted`, `openai`, `hf` or a module path."""
        return self.model.partition(":")[0]

    @property
    def variant(self) -> str:
        """The part after the colon: a model, a variant, a class; empty if there is none."""
        return self.model.partition(":")[2]
