"""Who a simulated user is: a profile (facts) and a personality (traits)."""

from functools import cached_property
from typing import Literal, Self, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field

from dialogues.hashing import short_hash
from dialogues.prose import clauses
from dialogues.storable import StorableText, storable

Split = Literal["train", "eval", "unseen"]
"""What a description may be used for: training, evaluation, evaluation outside the usual scheme."""

Kind = Literal["profile", "personality"]
"""Which half of a persona a description is."""


class Frozen(BaseModel):
    """A record that cannot change and refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Clause(Frozen):
    """One statement of a text: a fact of a profile, a trait of a personality."""

    id: str
    text: StorableText


class Description(Frozen):
    """A prose text about a person, with its clauses and an id made from its words."""

    id: str
    text: StorableText
    clauses: tuple[Clause, ...]
    split: Split = "train"
    language: str = "en"

    @classmethod
    def of(cls, text: str, split: Split = "train", language: str = "en") -> Self:
        """Read prose: split it into clauses and name it by its content.

        Raises:
            ValueError: the text has no words.
        """
        text = " ".join(storable(text).split())
        if not any(char.isalnum() for char in text):
            raise ValueError("the text has no words")
        owner = short_hash(text, size=6)
        parts = tuple(
            Clause(id=f"{owner}.{index}", text=part) for index, part in enumerate(clauses(text))
        )
        return cls(id=owner, text=text, clauses=parts, split=split, language=language)


Half = TypeVar("Half", bound=Description)
"""Either half of a persona."""


class Profile(Description):
    """The objective part of a persona: age, work, family, home, hobbies, habits."""

    @property
    def facts(self) -> tuple[Clause, ...]:
        """The statements the profile makes, one each."""
        return self.clauses


class Personality(Description):
    """The manner of a persona: how they speak, and what they are like."""

    @property
    def traits(self) -> tuple[Clause, ...]:
        """The statements the personality makes, one each."""
        return self.clauses


class Persona(Frozen):
    """A profile with a personality: what a simulated user knows of itself."""

    profile: Profile
    personality: Personality = Field(description="how the user speaks")

    @cached_property
    def id(self) -> str:
        """Content id, the same wherever these two texts meet."""
        return short_hash(self.profile.id, self.personality.id, size=6)

    @property
    def split(self) -> Split:
        """The stricter of its halves' splits: what is kept from training is kept from it."""
        return max(self.profile.split, self.personality.split, key=get_args(Split).index)
