"""What a benchmark came to: the record behind its tables, its JSON and its plots.

It holds nothing that does not follow from the store and the seed: no times, no hosts, so that one
store always gives the same text.
"""

from typing import Any

from pydantic import Field

from dialogues.persona import Frozen
from eval.metrics import number
from eval.resampling import Estimate, Interval

_DIGITS = 6


class Figure(Frozen):
    """A figure with its 95 % interval, in the judge's own units; null where undefined."""

    value: float | None
    low: float | None
    high: float | None

    @classmethod
    def of(cls, estimate: Estimate) -> "Figure":
        """Take over an estimate."""
        return cls(**{name: rounded(each) for name, each in estimate._asdict().items()})

    def times(self, factor: float) -> "Figure":
        """Return the figure in other units."""
        parts = (self.value, self.low, self.high)
        value, low, high = (None if each is None else each * factor for each in parts)
        return Figure(value=value, low=low, high=high)


class Band(Frozen):
    """Where a figure lies in 95 % of cases when nothing changes from turn to turn."""

    low: float | None
    high: float | None

    @classmethod
    def of(cls, interval: Interval) -> "Band":
        """Take over an interval."""
        return cls(low=rounded(interval.low), high=rounded(interval.high))


class Versus(Frozen):
    """An assistant against the baseline, paired by case and turn.

    Attributes:
        mean: difference of mean AL.
        p: its two-sided p; `holm` after Holm's correction for all assistants of the table.
        ir: difference of the improvement rates.
        adjusted: difference at equal length of reply.
        gap: difference of matched minus mismatched.
        detectable: smallest difference of mean AL found with 80 % power.
    """

    baseline: str
    mean: Figure
    p: float | None
    holm: float | None
    ir: Figure
    adjusted: Figure
    gap: Figure | None
    detectable: float | None


class Row(Frozen):
    """One assistant under one user and judge; see `eval.resampling.Summary` for the figures.

    Attributes:
        mean: mean of AL(1..K), in which every turn counts the same, and not the mean of all
            replies: the two differ where scores are missing.
        gap: matched minus mismatched: the score for this user minus that for unrelated ones.
        words: mean words of a reply.
        missing: replies without a score.
    """

    assistant: str
    al: list[Figure]
    mean: Figure
    ir: Figure
    r2: Figure
    n_ir: Figure
    n_r2: Figure
    null_ir: Band
    null_n_ir: Band
    span: float | None
    gap: Figure | None
    gap_p: float | None
    words: float | None
    missing: int
    versus: Versus | None = None


class Table(Frozen):
    """All assistants under one user and one judge."""

    user: str
    judge: str
    style: str
    factor: int
    rows: list[Row]


class Said(Frozen):
    """A reply and its scores by judge.

    Attributes:
        reply: content hash of the reply in the store.
        mismatched: the scores for unrelated personas, in the order in which these were drawn.
    """

    turn: int
    words: int
    reply: str = ""
    scores: dict[str, float] = Field(default_factory=dict)
    mismatched: dict[str, list[float]] = Field(default_factory=dict)


class Case(Frozen):
    """One dialogue: whose, where it is stored, what its replies were given, what is missing."""

    user: str
    assistant: str
    run: str
    tree: str
    profile: str
    personality: str
    replies: list[Said]
    missing: list[str] = Field(default_factory=list)


class Wished(Frozen):
    """How an assistant takes one wish; shares of replies, null where there is none to count.

    Attributes:
        cases: dialogues in which it is the new wish.
        chance: share that keep it where nobody has wished anything of the kind.
        kept_before: share that keep it as the old wish, between wish and flip.
        kept_after: share that keep it as the new wish, from the flip on.
        old_after: share that keep it as the old wish, from the flip on.
        above: `kept_after` minus `chance`.
    """

    wish: str
    cases: int
    chance: float | None
    kept_before: float | None
    kept_after: float | None
    old_after: float | None
    above: Figure


class Flip(Frozen):
    """How an assistant takes a wish that flips, under one user and judge.

    Attributes:
        turn: in which the wish flips.
        depth: mean score between wish and flip, minus that in the turn of the flip.
        kept_before: share of replies that keep the old wish between wish and flip, minus chance,
            which `Wished` has; averaged over the wishes, as are the next two.
        kept_after: share of replies from the flip on that keep the new one, minus chance.
        old_after: share of replies from the flip on that still keep the old one, minus chance.
        recovery: turns from the flip until the new wish is kept at least nine tenths as far above
            chance as the old one was, in that turn and on average from there to the end; null where
            it is not, or the old one was not surely kept above chance (`kept_before` has no
            interval above 0).
        wishes: one by one.
        cases: dialogues with a gold label of the flip; only they count.
        factor: what `depth` is multiplied by where it is shown.
    """

    assistant: str
    user: str
    judge: str
    turn: int
    depth: Figure
    kept_before: Figure
    kept_after: Figure
    old_after: Figure
    recovery: int | None
    wishes: list[Wished]
    cases: int
    factor: int = 1


class Probe(Frozen):
    """What an assistant's belief after the last turn holds of what the user has revealed.

    Attributes:
        precision: share of its statements that are true of the profile.
        recall: share of the revealed facts that it holds.
        f1: their harmonic mean.
        cases: dialogues it was asked after, and whose user says what it revealed.
    """

    assistant: str
    user: str
    precision: float | None
    recall: float | None
    f1: float | None
    cases: int


class Origin(Frozen):
    """How the dialogues of a run were made, as its store records it.

    Attributes:
        config: turns, system text, sampling, inducer, hash of the pool, and the other settings
            that shape dialogues.
        versions: of Grove, Python and the libraries that played them.
        prompts: hash of each seat's prompt.
    """

    config: dict[str, Any]
    versions: dict[str, str]
    prompts: dict[str, str]


class Provenance(Frozen):
    """What a result comes from, beside its suite, protocol, seed and turns.

    Attributes:
        grove: version of Grove that made the tables.
        played: protocol the dialogues were played under; that of the result is what judges
            judged under.
        swap: unrelated personas each reply was to be scored for.
        cases: dialogues per assistant and user.
        baseline: name of the assistant the others are compared with; empty for none.
        judges: hashes of the prompts that each judge's scores were given with.
        judge_sampling: how this command samples judges on models.
        runs: how each run was played, by its name.
    """

    grove: str
    played: str
    swap: int
    cases: int
    baseline: str
    judges: dict[str, list[str]]
    judge_sampling: dict[str, Any]
    runs: dict[str, Origin]


class Result(Frozen):
    """A whole benchmark.

    Attributes:
        protocol: that the judges judged under.
        perfect: N-IR of a perfectly straight rise over so many turns; a step can exceed it.
        digests: of the trees it was read from, with all that any judge has said of them.
    """

    suite: str
    protocol: str
    seed: int
    turns: int
    perfect: float | None
    provenance: Provenance
    digests: dict[str, str]
    tables: list[Table]
    flips: list[Flip] = Field(default_factory=list)
    probes: list[Probe] = Field(default_factory=list)
    cases: list[Case] = Field(default_factory=list)

    @property
    def played_elsewise(self) -> str:
        """The protocol the dialogues were played under where they are judged under another."""
        played = self.provenance.played
        return played if played != self.protocol else ""

    @property
    def missing(self) -> list[str]:
        """Everything that has no score, one line each."""
        return [
            f"{case.assistant} with {case.user}, tree {case.tree[:6]}: {each}"
            for case in self.cases
            for each in case.missing
        ]


def rounded(value: float | None) -> float | None:
    """Round a figure for the record, so that it is the same on every machine."""
    found = None if value is None else number(value)
    return None if found is None else round(found, _DIGITS)
