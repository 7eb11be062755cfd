"""Audits of the tests: run as a command is, and read back from the store."""

from collections.abc import Callable, Sequence
from pathlib import Path

from dialogues import RunRecord, Tree
from dialogues.audits import audits_of
from dialogues.node import ASSISTANT, JUDGE, USER, Node
from dialogues.store import open_store
from dialogues.verdict import Verdict
from eval.auditing.record import Audit
from eval.judge import JudgeAudit
from eval.labels import SHIPPED
from tests.eval.auditing.judges import PATH
from tests.growing import a_node, a_persona, command, store_trees


def named(*judges: str) -> list[str]:
    """Return the flags that name judges of the tests, or others with a colon or a sign."""
    return [word for each in judges for word in ("--judge", spec(each))]


def spec(judge: str) -> str:
    return judge if ":" in judge or judge == "scripted" else f"{PATH}:{judge}"


def few_labels(folder: Path, count: int = 12) -> Path:
    path = folder / "labels.jsonl"
    lines = SHIPPED.read_text(encoding="utf-8").split("\n")[: count * 3 : 3]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def audit(store: Path | None, *flags: object) -> int:
    """Run the command; return its exit status."""
    return command(JudgeAudit, *([store] if store else []), *flags)


def audits(store: Path, run: str = "main") -> dict[str, Audit]:
    """Return what the store keeps, by the last part of each judge's name."""
    with open_store(store) as opened:
        kept = audits_of(opened.run(run), "judge")
    return {name.rpartition(":")[2]: Audit.model_validate(record) for name, record in kept.items()}


def dialogues(
    store: Path,
    replies: Sequence[str],
    people: int = 3,
    turns: int = 2,
    judged: Callable[[Node, Sequence[Node]], Sequence[Node]] = lambda user, given: (),
) -> Path:
    """Store dialogues made by hand, with the same replies to every message."""
    trees = []
    for at in range(people):
        tree = Tree(a_persona(profile=f"Person number {at} mends clocks."))
        tip = tree.key
        for turn in range(1, turns + 1):
            user = a_node(tip, USER, turn, text=f"Message {turn}.")
            given = [
                a_node(user.key, ASSISTANT, turn, place=place, text=text)
                for place, text in enumerate(replies)
            ]
            for node in (user, *given, *judged(user, given)):
                tree.add(node)
            tip = given[0].key
        trees.append(tree)
    store_trees(store, trees, RunRecord())
    return store


def scored_by(judge: str, protocol: str) -> Callable[[Node, Sequence[Node]], list[Node]]:
    """Return what puts a benchmark's verdict of a judge below each message."""

    def judged(user: Node, given: Sequence[Node]) -> list[Node]:
        verdict = Verdict.from_scores({node.key: {"points": 3.0} for node in given})
        notes = {"protocol": protocol}
        return [
            a_node(user.key, JUDGE, user.turn, verdict=verdict).model_copy(
                update={"spec": spec(judge), "notes": notes}
            )
        ]

    return judged
