"""What an audit of simulated users came to: the record behind its tables and its JSON.

It holds nothing that does not follow from the store, the reference, the checker and the seed.
"""

from typing import Literal

from dialogues.persona import Frozen
from eval.realism.figures import Statistic, measured
from eval.result import Figure

Kind = Literal["persona", "earlier", "quiz"]
"""What a message is held against: its persona, earlier messages, or a backstory question."""


class Share(Figure):
    """A share in [0, 1] with its 95 % interval over dialogues, and of how many it is one."""

    total: int

    @classmethod
    def measure(cls, statistic: Statistic, count: int, total: int, seed: int) -> "Share":
        """Measure a share over `count` dialogues."""
        found = Figure.of(measured(statistic, count, seed).estimate(0.0, 1.0))
        return cls(**found.model_dump(), total=total)


class Found(Frozen):
    """A contradiction: in which dialogue and turn, against what, and in which words.

    Attributes:
        turn: None for a question about the backstory, which is about a whole dialogue.
        words: those of the message; for a question, the fact it was made of.
    """

    dialogue: str
    turn: int | None
    kind: Kind
    words: str


class Consistency(Frozen):
    """Whether users are who they play (method: prompt-to-line, line-to-line, Q&A).

    What could not be checked counts as failed, never as consistent.

    Attributes:
        by: `rules`, or the spec of the model or class that checked.
        prompts: hashes of the prompts it was asked with.
        persona: share of messages that do not contradict the persona.
        earlier: share of messages, first ones apart, that do not contradict an earlier one.
        answered: share of questions made of the profile's facts that the messages answer.
        right: share of those answered as the persona would.
        checks: how many were made; `failed` are those without a verdict, by type of failure.
        found: the contradictions.
    """

    by: str
    prompts: dict[str, str]
    persona: Share
    earlier: Share
    answered: Share
    right: Share
    checks: int
    failed: dict[str, int]
    found: list[Found]

    @property
    def failures(self) -> int:
        """Number of checks without a verdict."""
        return sum(self.failed.values())


class Revelation(Frozen):
    """How users give themselves away.

    Attributes:
        source: where it is read: gold labels, the words of messages, or either by dialogue.
        curve: mean share of the profile's facts revealed after turn k, k = 1..K; a dialogue that is
            over stays where it was.
        per_turn: mean number of facts newly revealed by a message.
        silent: share of messages that reveal nothing new.
        dumps: share of dialogues that reveal more than half in their first two messages.
    """

    source: Literal["gold", "words", "mixed"]
    curve: list[float]
    per_turn: Figure
    silent: Share
    dumps: Share


class Diversity(Frozen):
    """How much users differ from each other.

    Attributes:
        distinct_first: distinct first messages, as a share of all first ones.
        similarity: mean cosine of the TF-IDF vectors of two first messages.
        same_opening: share of first messages that begin with the three words of another one.
        distinct_1: distinct words, as a share of all words of all messages.
        distinct_2: the same for pairs of neighbouring words.
        words: mean words of a message; `spread` is their standard deviation.
    """

    distinct_first: Share
    similarity: Figure
    same_opening: Share
    distinct_1: float | None
    distinct_2: float | None
    words: Figure
    spread: Figure


class Cooperation(Frozen):
    """How willing users are.

    Attributes:
        answered: share of assistants' messages with a question whose next message answers it.
        asks: share of messages that ask something.
        acts: share of messages with a gold act of refusing, deflecting, complaining or leaving;
            empty without gold labels.
        left: share of dialogues in which the user went before its turns were over.
    """

    answered: Share
    asks: Share
    acts: dict[str, Share]
    left: Share


class Gate(Frozen):
    """What the fault gate met, over all branches of all trees.

    Attributes:
        texts: messages the user gave, those with a fault included.
        faults: how often each fault made the user be asked again.
        failures: how often a message failed for good, by type.
    """

    texts: int
    faults: dict[str, int]
    failures: dict[str, int]


class Compared(Frozen):
    """One measure of the simulated users beside that of people."""

    name: str
    simulated: Figure
    human: Figure
    difference: Figure


class Reference(Frozen):
    """Simulated users beside people.

    Attributes:
        file: name of the reference.
        dialogues: how many of each are compared.
        words: at how many words distinct-1 and distinct-2 are compared, which fall with the length.
    """

    file: str
    dialogues: int
    words: int
    rows: list[Compared]


class Audit(Frozen):
    """The audit of one user of one run.

    Attributes:
        user: its spec, without an endpoint.
        digest: of the run's trees as they were read.
        dialogues: looked at, one path of a tree each; of `of` that there are.
        revelation: None where no profile is known.
        reference: None without one.
    """

    user: str
    run: str
    digest: str
    seed: int
    dialogues: int
    of: int
    consistency: Consistency
    revelation: Revelation | None
    diversity: Diversity
    cooperation: Cooperation
    gate: Gate
    reference: Reference | None = None
