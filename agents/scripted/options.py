"""Options of the scripted user: its variant and how often it does what people do."""

from typing import Literal, Self, get_args

from pydantic import Field, ValidationError

from dialogues.persona import Frozen

Variant = Literal["", "fixed", "uncooperative", "flip"]
VARIANTS = tuple(filter(None, get_args(Variant)))


class UserOptions(Frozen):
    """What `scripted:VARIANT,RATE=NUMBER,…` sets; every rate is a chance in [0, 1].

    Attributes:
        variant: `fixed` tells one fact a turn whatever it hears; `uncooperative` tells little,
            refuses much and may leave; `flip` says in its second message how it wants to be talked
            to and asks for the opposite in its sixth, whatever the rates.
        typos: a message has a typing error (twice as often in casual writers, never in formal).
        fragments: a casual or terse writer drops the "I" of an everyday fact.
        drift: a turn is spent on something beside the point; the next one comes back.
        misunderstanding: a question about something is not understood; the next turn mends it.
        refusal: a question into something private is refused; with trust, a fifth as often.
        dislike: the user says how it wants to be talked to, once.
        change: having said so, the user asks for the opposite.
    """

    variant: Variant = ""
    typos: float = Field(default=0.03, ge=0, le=1)
    fragments: float = Field(default=0.08, ge=0, le=1)
    drift: float = Field(default=0.04, ge=0, le=1)
    misunderstanding: float = Field(default=0.03, ge=0, le=1)
    refusal: float = Field(default=0.6, ge=0, le=1)
    dislike: float = Field(default=0.04, ge=0, le=1)
    change: float = Field(default=0.05, ge=0, le=1)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `VARIANT,RATE=NUMBER,…`, each part optional.

        Raises:
            ValueError: a part is no known variant or rate, or a rate lies outside [0, 1].
        """
        given: dict[str, str] = {}
        for part in filter(None, text.split(",")):
            name, equals, number = part.partition("=")
            given[name if equals else "variant"] = number if equals else name
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            rates = ", ".join(name for name in cls.model_fields if name != "variant")
            wrong = ",".join(str(at) for at in error.errors()[0]["loc"])
            raise ValueError(
                f"{wrong} is wrong in {text!r}; variants: {', '.join(VARIANTS)}; "
                f"rates, each with =NUMBER from 0 to 1: {rates}"
            ) from error
