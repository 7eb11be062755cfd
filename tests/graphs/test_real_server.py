"""Every seat on a real server with a real model, and on the same model in this process.

The model is tiny and made here, see tests/agents/models/lessons.py: what a user says it does is
noted by the inducer, those who were told the notes ask about it, and the judges like to be asked.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from dialogues.node import ASSISTANT, INDUCER, JUDGE, USER
from dialogues.pairs import preference_pairs
from dialogues.rendering import conversation
from dialogues.tree import Tree
from tests.agents.models.lessons import QUESTIONS, STATEMENTS, acts_in, noted
from tests.agents.models.served import served, skip_unless_served
from tests.agents.models.trained import trained_once
from tests.growing import digest_of, grow, trees_of

SYSTEM = "Be good company."
TREES, TURNS = 3, 3
NODES = 6
"""What a turn leaves: a message, a belief, two replies and two verdicts."""


class Server(NamedTuple):
    """A running server: the spec of its model, and what it logs."""

    spec: str
    log: Path


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("torch")
    return trained_once(tmp_path_factory)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    skip_unless_served()
    model, log = trained_once(tmp_path_factory), tmp_path_factory.mktemp("server") / "server.log"
    with served(model, log) as url:
        yield Server(f"openai:{model.name}@{url}", log)


@pytest.fixture(scope="module")
def grown(server: Server, tmp_path_factory: pytest.TempPathFactory) -> list[Tree]:
    """The trees of a run with the server's model in all seats, with a panel of judges."""
    store = tmp_path_factory.mktemp("grown") / "a.db"
    return trees_of(grow(store, *cast(server.spec), limit=TREES, turns=TURNS))


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Let torch compute alone: so small a model mostly waits for further threads."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def cast(spec: str, inducer: str = "infer") -> tuple[str, ...]:
    """Return the flags that put one model into all seats."""
    assistants = ("--assistant", f"hinted={spec}", "--assistant", f"plain={spec}")
    judges = ("--judge", f"listwise={spec}", "--judge", f"pointwise={spec}")
    others = ("--user", spec, "--inducer", f"{inducer}={spec}", "--system", SYSTEM)
    return (*others, *assistants, *judges)


def most(found: Iterable[bool]) -> bool:
    """Tell whether it is so nearly always: the model is trained anew on every machine."""
    all_found = list(found)
    return bool(all_found) and sum(all_found) >= 0.75 * len(all_found)


def is_complete(tree: Tree, turns: int) -> bool:
    return len(tree) == NODES * turns and not tree.failures()


def test_every_tree_is_complete(grown: list[Tree]) -> None:
    assert [is_complete(tree, TURNS) for tree in grown] == [True] * TREES


def test_all_was_answered_by_the_model_and_counted_by_the_server(grown: list[Tree]) -> None:
    for tree in grown:
        for node in tree:
            assert node.usage and node.usage.estimated == 0
            assert node.usage.calls >= (2 if node.seat == JUDGE else 1)
            assert min(node.usage.prompt_tokens, node.usage.completion_tokens) > 0


def test_a_plain_assistant_is_asked_the_tokens_that_exports_render(
    grown: list[Tree], model: Path
) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model)
    for tree in grown:
        for node in tree:
            if node.seat == ASSISTANT and node.role == "plain":
                asked = conversation(tree.history(node.parent), SYSTEM)
                text = tokenizer.apply_chat_template(
                    asked, add_generation_prompt=True, tokenize=False
                )
                assert node.usage and node.usage.prompt_tokens == len(tokenizer(text)["input_ids"])


def test_answers_have_the_form_asked_for(grown: list[Tree]) -> None:
    nodes = [node for tree in grown for node in tree if node.seat in (INDUCER, JUDGE)]
    assert most(node.usage is not None and not node.usage.faults for node in nodes)


def test_users_vary(grown: list[Tree]) -> None:
    said = [node.text for tree in grown for node in tree.user_messages()]
    assert len(set(said)) > len(said) / 2


def test_what_a_user_tells_reaches_the_inducer(grown: list[Tree]) -> None:
    assert most(
        noted(act) in belief.facts
        for tree in grown
        for message in tree.user_messages()
        for act in acts_in(message.text)
        if (belief := tree.belief(message.key))
    )


def test_what_the_inducer_notes_reaches_the_hinted_assistant_alone(grown: list[Tree]) -> None:
    replies = [node for tree in grown for node in tree if node.seat == ASSISTANT]
    banks = {"hinted": QUESTIONS, "plain": STATEMENTS}
    assert most(node.text in banks[node.role] for node in replies)


def test_replies_reach_the_judges_who_agree_in_both_orders(grown: list[Tree]) -> None:
    pairs = [pair for tree in grown for pair in preference_pairs(tree)]
    assert len(pairs) >= 0.75 * TREES * TURNS
    assert most(pair.chosen.role == "hinted" for pair in pairs)
    verdicts = [dict(tree.verdicts(m.key)) for tree in grown for m in tree.user_messages()]
    assert most(len({verdict.ranking for verdict in both.values()}) == 1 for both in verdicts)


def test_the_server_takes_a_schema_and_does_not_hold_to_it(
    grown: list[Tree], server: Server
) -> None:
    """So it is the prompts that bring the forms, and no request has to be sent again without."""
    log = server.log.read_text()
    assert "Ignoring unsupported fields in the request: {'response_format'}" in log
    assert 'POST /v1/chat/completions HTTP/1.1" 200' in log
    assert 'POST /v1/chat/completions HTTP/1.1" 4' not in log


def test_an_extracting_inducer_names_statements_of_the_persona(
    server: Server, tmp_path: Path
) -> None:
    store = grow(tmp_path / "a.db", *cast(server.spec, "extract"), limit=2, turns=2)
    trees = trees_of(store)
    assert [is_complete(tree, 2) for tree in trees] == [True] * 2
    # The model is taught to name them one by one, in their order.
    assert most(
        belief.facts == tuple(fact.text for fact in tree.persona.profile.facts[: message.turn])
        for tree in trees
        for message in tree.user_messages()
        if (belief := tree.belief(message.key))
    )


def test_a_server_asked_one_thing_at_a_time_answers_a_seed_the_same(
    server: Server, tmp_path: Path
) -> None:
    flags = (*cast(server.spec), "--concurrency", "1")
    stores = [grow(tmp_path / name, *flags, limit=1, turns=2) for name in ("a.db", "b.db")]
    assert digest_of(stores[0]) == digest_of(stores[1])


@pytest.mark.usefixtures("one_thread")
def test_the_same_model_in_this_process_fills_every_seat(model: Path, tmp_path: Path) -> None:
    spec = f"hf:{model}"
    stores = [grow(tmp_path / name, *cast(spec), limit=2, turns=2) for name in ("a.db", "b.db")]
    trees = trees_of(stores[0])
    assert [is_complete(tree, 2) for tree in trees] == [True] * 2
    said = [node for tree in trees for node in tree if node.seat in (USER, ASSISTANT)]
    replies = (*QUESTIONS, *STATEMENTS)
    # No prompt is part of an answer: each has hundreds of letters, and the template's marks.
    assert all(len(node.text) < 100 and "<|" not in node.text for node in said)
    assert most(node.text in replies or bool(acts_in(node.text)) for node in said)
    assert sum(len(list(preference_pairs(tree))) for tree in trees) > 0
    assert digest_of(stores[0]) == digest_of(stores[1])
