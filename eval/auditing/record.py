"""What an audit of a judge came to: the record that is kept in the store."""

from agents.models.settings import ReaderSampling
from dialogues.persona import Frozen
from eval.auditing.agreement import Agreement
from eval.auditing.answers import Answered
from eval.auditing.labelling import Rightness
from eval.auditing.length import Length
from eval.auditing.placing import Place
from eval.auditing.repeating import Repetition

_TOLERATED = 0.1


class Audit(Frozen):
    """An audit of one judge.

    Attributes:
        judge: its spec, without an endpoint.
        agent: its class, as module:Class.
        prompt: hash of its prompt; empty if it has none.
        sampling: of its model, if it has one of the run's models.
        run: whose replies it was asked of.
        seed: that the draws and calls followed from.
        repeats: how often each set was judged.
        sets: how many were drawn.
        single: they are single replies, of which a score is all there is to say.
        pairs: how many labelled pairs there are.
        asked: how many answers were due.
        failures: how many of them failed, by type of the error.
        people: the labels and the people, among each other.
        labelled: the judge, with the labels and with each of the people.
        panel: the judge, with each of the other judges.
        answers: everything it said.
    """

    judge: str
    agent: str
    prompt: str
    sampling: ReaderSampling | None
    run: str
    seed: int
    repeats: int
    sets: int
    single: bool
    pairs: int
    asked: int
    failures: dict[str, int]
    repetition: Repetition
    place: Place
    length: Length
    rightness: Rightness
    people: list[Agreement]
    labelled: list[Agreement]
    panel: list[Agreement]
    answers: list[Answered]

    @property
    def failed(self) -> int:
        """How many answers failed."""
        return sum(self.failures.values())

    @property
    def is_sound(self) -> bool:
        """Whether no more than a tenth of the answers failed."""
        return self.failed <= _TOLERATED * self.asked
