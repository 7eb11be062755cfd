"""Notes of the interviewer: where it stands, and the gold label of its message."""

from pydantic import Field

from dialogues.persona import Frozen


class Notes(Frozen):
    """What stands with each of its messages; nobody else in the dialogue is shown it.

    Attributes:
        acts: what the message does, in order.
        reveals: ids of the facts it tells for the first time.
        speaks_of: ids of the facts told before that it comes back to.
        quiz: id of the fact it asks back about; empty if none.
        told: ids of all facts told so far, each with the turn.
        touched: ids of the facts last spoken of, each with the turn.
    """

    acts: tuple[str, ...] = ()
    reveals: tuple[str, ...] = ()
    speaks_of: tuple[str, ...] = ()
    quiz: str = ""
    told: dict[str, int] = Field(default_factory=dict)
    touched: dict[str, int] = Field(default_factory=dict)
