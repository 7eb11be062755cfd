"""What a preference pair costs in prompt tokens, beside the scheme of the ALOE paper's code.

    python -m benchmarks.prompt_cost [TURNS]

Trees of 10 turns, or of TURNS (policy `random`, judge `listwise` in two orders, no ties), grow in
memory with the real graph and prompts; stand-ins answer at realistic lengths and record what they
are asked. Then the reference's scheme is laid over the very same dialogues and personas.

Tokens are words, punctuation marks and line ends of the prompt written as ChatML, near to what a
byte-pair encoding makes of English. `uncached` are the tokens after the longest prefix held by a
cache like vLLM's: blocks of 16 tokens, chained, never evicted, one model in all seats. What the
model wrote is not put into the cache, though vLLM does so; the last lines tell what that changes.
Each scheme has a cache of its own, and its calls come one after the other.

Assumed of the reference: per turn one call to user, inducer and judge and one for each candidate,
half of them hinted; each call is a single message: an instruction, then the persona where the seat
knows it, then the dialogue as text, all of it every time. The inducer reads the persona and all the
user's messages; a hinted candidate reads the induced persona before the dialogue; the judge reads
the replies after it, once, without a swap. The instructions are taken to be ours, word for word, so
they are as long; only a plain candidate, which has none with us, has one sentence. Instructions
stand first, which suits the cache best. What counts as a pair, and so the number of them, is ours
in both.
"""

import asyncio
import json
import random
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from agents.casting import Cast, Seated
from agents.models.form import Form
from agents.models.model import Answer
from agents.prompted.assistant import PromptedAssistant
from agents.prompted.backing import Backing
from agents.prompted.inducer import PromptedInducer
from agents.prompted.judge import PromptedJudge
from agents.prompted.prompts import load_prompts
from agents.prompted.user import PromptedUser
from dialogues import Tree, load_pool
from dialogues.node import ASSISTANT, INDUCER, JUDGE, USER, Belief, Message, Node, Usage
from dialogues.pairs import preference_pairs
from dialogues.spec import Spec
from graphs.dialogue import build_graph
from graphs.growth import grow
from graphs.scene import Scene, Script

TREES, TURNS, SIZES = 36, 10, (2, 4)
AIM = 0.35
BLOCK = 16
HINTED, PLAIN = "hinted", "plain"
ROWS = (USER, INDUCER, HINTED, PLAIN, JUDGE)
WORDS = {USER: 25, HINTED: 60, PLAIN: 60}
FACT_WORDS, REASON_WORDS, TURNS_WITH_A_TRAIT = 6, 14, 0.3
PLAIN_INSTRUCTION = "Write the reply the assistant gives next in the chat below."

_BANK = (
    "garden river morning neighbour letter window kettle bicycle market winter summer evening "
    "sister brother village kitchen music story weather old quiet early heavy small good late "
    "green warm long walk talk make find keep read watch carry mend plant paint learn with about "
    "after before under over near from the a some that this my our and but so then"
)
_TOKEN = re.compile(r"<\|\w+\|>|\w+|[^\w\s]|\n")
_REPLY = re.compile(r'<reply label="(\w)">(.*?)</reply>', re.DOTALL)


class Call(NamedTuple):
    """A call to a model: who made it, what was asked and answered."""

    row: str
    prompt: str
    answer: str


class Cost(NamedTuple):
    """Calls and tokens, in all or per pair."""

    calls: float
    prompt: float
    uncached: float

    def per(self, pairs: int) -> "Cost":
        """Share the cost between pairs."""
        return Cost(*(number / pairs for number in self))


def added(costs: Iterable[Cost]) -> Cost:
    return Cost(*(sum(column) for column in zip(*costs, strict=True)))


class Recording:
    """Answers with words by seed, at the length usual for its seat, and records every call."""

    def __init__(self, row: str, calls: list[Call]) -> None:
        self.row, self.calls = row, calls

    async def ask(
        self, messages: Sequence[Message], seed: int, form: Form[Any] | None = None
    ) -> Answer:
        """Answer, and write down what was asked."""
        text = self._answer(messages[-1].content, random.Random(seed))
        self.calls.append(Call(self.row, chatml(messages), text))
        return Answer(text, usage=Usage(calls=1))

    def _answer(self, asked: str, rng: random.Random) -> str:
        if self.row == INDUCER:
            traits = [said(2, rng)] if rng.random() < TURNS_WITH_A_TRAIT else []
            facts = [said(FACT_WORDS, rng)]
            return json.dumps({"facts": facts, "traits": traits, "withdrawn": []})
        if self.row == JUDGE:
            ranked = sorted(_REPLY.findall(asked), key=lambda reply: str(reply[1]))
            ranking = [label for label, _ in ranked]
            return json.dumps({"reason": said(REASON_WORDS, rng), "ranking": ranking})
        return ". ".join(said(9, rng).capitalize() for _ in range(WORDS[self.row] // 9 + 1)) + "."


def said(words: int, rng: random.Random) -> str:
    return " ".join(rng.choices(_BANK.split(), k=words))


def chatml(messages: Sequence[Message]) -> str:
    turns = (f"<|im_start|>{role}\n{text}<|im_end|>\n" for role, text in messages)
    return f"{''.join(turns)}<|im_start|>assistant\n"


def recording_cast(calls: list[Call], candidates: int) -> Cast:
    prompts = load_prompts()

    def seated(seat: str, kind: Any, row: str, role: str = "") -> Seated:
        spec = Spec.parse(f"{role}=openai:stub" if role else "openai:stub")
        return Seated(seat, spec, kind(Backing(Recording(row, calls), prompts)), True)

    roles = [HINTED, PLAIN] * (candidates // 2)
    return Cast(
        seated(USER, PromptedUser, USER),
        seated(INDUCER, PromptedInducer, INDUCER, "infer"),
        tuple(seated(ASSISTANT, PromptedAssistant, role, role) for role in roles),
        (seated(JUDGE, PromptedJudge, JUDGE),),
    )


async def grow_recorded(candidates: int, turns: int) -> tuple[list[Tree], list[Call]]:
    """Grow the trees, tree by tree; return them with all calls in order."""
    calls: list[Call] = []
    graph, cast = build_graph(), recording_cast(calls, candidates)
    trees = [Tree(persona) for persona in load_pool().personas(10)[:TREES]]
    for tree in trees:
        await grow(graph, Scene(tree, cast, Script(turns=turns, candidates=candidates)))
        assert not tree.failures() and len(tree.user_messages()) == turns
    return trees, calls


def instruction(name: str, text: str, **values: str) -> str:
    """Return our own instruction without persona, belief or dialogue, to stand for theirs."""
    filled = load_prompts()[name].fill(text, **values)
    kept = [line for line in filled.splitlines() if not line.startswith("<")]
    return "\n".join(line for line in kept if line)


def as_text(history: Sequence[Message]) -> str:
    return "\n".join(f"{role.capitalize()}: {text}" for role, text in history)


def theirs(tree: Tree, user: Node) -> Iterator[Call]:
    """Ask for one turn as the reference does."""
    profile, personality = tree.persona.profile.text, tree.persona.personality.text
    persona = f"Profile: {profile}\nPersonality: {personality}"
    known = {"profile": "", "personality": "", "end": "[END]"}
    belief, history = tree.belief(user.key) or Belief(), tree.history(user.key)
    held = "\n".join((*belief.facts, *belief.traits))
    replies = tree.candidates(user.key)
    spoken = "\n".join(f"User: {node.text}" for node in tree.path(user.key) if node.seat == USER)
    shown = "\n".join(f"Reply {n}: {reply.text}" for n, reply in enumerate(replies, 1))

    def call(row: str, *parts: str, answer: str = "") -> Call:
        return Call(row, chatml([Message("user", "\n\n".join(parts))]), answer)

    system = instruction("user", "system", **known)
    yield call(USER, system, persona, as_text(history[:-1]), answer=user.text)
    yield call(INDUCER, instruction("infer", "system", example="{}"), persona, spoken)
    for node in replies:
        if node.role == HINTED:
            told = instruction("hinted", "hint", facts="", traits="")
            yield call(HINTED, told, held, as_text(history), answer=node.text)
        else:
            yield call(PLAIN, PLAIN_INSTRUCTION, as_text(history), answer=node.text)
    system = instruction("listwise", "system", example="{}")
    yield call(JUDGE, system, persona, as_text(history), shown)


def costs(calls: Sequence[Call], answers_too: bool = False) -> dict[str, Cost]:
    """Count by row, through a prefix cache that also takes in answers where told so."""
    cache: set[int] = set()
    found: dict[str, list[Cost]] = {row: [] for row in ROWS}
    for row, prompt, answer in calls:
        tokens = _TOKEN.findall(prompt)
        blocks = list(chained(tokens))
        # Hashes chain, so the first one missing ends the prefix; the last token is always computed.
        hits = next((at for at, block in enumerate(blocks) if block not in cache), len(blocks))
        held = min(hits * BLOCK, (len(tokens) - 1) // BLOCK * BLOCK)
        found[row].append(Cost(1, len(tokens), len(tokens) - held))
        cache.update(chained(_TOKEN.findall(prompt + answer)) if answers_too else blocks)
    return {row: added(one_by_one) for row, one_by_one in found.items()}


def chained(tokens: Sequence[str]) -> Iterator[int]:
    before = 0
    for end in range(BLOCK, len(tokens) + 1, BLOCK):
        before = hash((before, *tokens[end - BLOCK : end]))
        yield before


def print_row(name: str, ours: Cost, other: Cost) -> None:
    cells = [f"{ours.calls:.2f} / {other.calls:.2f}"]
    cells += [f"{mine:,.0f} / {his:,.0f}" for mine, his in zip(ours[1:], other[1:], strict=True)]
    cells += [f"{mine / his:.2f}" for mine, his in zip(ours[1:], other[1:], strict=True)]
    print(f"| {name} | {' | '.join(cells)} |")


def compare(candidates: int, turns: int) -> None:
    trees, calls = asyncio.run(grow_recorded(candidates, turns))
    copied = [c for tree in trees for user in tree.user_messages() for c in theirs(tree, user)]
    pairs = sum(1 for tree in trees for _ in preference_pairs(tree))
    print(f"\nN = {candidates}: {len(trees)} trees of {turns} turns, {pairs} pairs; ours / theirs")
    print("| seat | calls per pair | prompt tokens | uncached | prompt ratio | uncached ratio |")
    print("|---|---|---|---|---|---|")
    ours, other = costs(calls), costs(copied)
    for row in ROWS:
        print_row(row, ours[row].per(pairs), other[row].per(pairs))
    mine, his = added(ours.values()), added(other.values())
    print_row("all", mine.per(pairs), his.per(pairs))
    print(f"uncached, ours / theirs: {mine.uncached / his.uncached:.3f} (aim: at most {AIM})")
    warm, warm_his = (added(costs(each, True).values()).uncached for each in (calls, copied))
    print(f"... with answers cached too: {warm / warm_his:.3f}")
    print(f"ours uncached / theirs without any cache: {mine.uncached / his.prompt:.3f}")


def main() -> None:
    for candidates in SIZES:
        compare(candidates, int(sys.argv[1]) if len(sys.argv) > 1 else TURNS)


if __name__ == "__main__":
    main()
