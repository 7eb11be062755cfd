"""Belief probes: precision, recall and F1 by hand, and of assistants that know little or all."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from agents.casting import Seated
from agents.seats import AssistantBrief, Induction
from dialogues import Belief, Persona, Tree
from dialogues.node import ASSISTANT, INDUCER
from dialogues.spec import Spec
from eval.probe import PROBE, probe, probe_of
from eval.result import Probe, Result
from graphs.filling import Filler
from tests.eval.benching import CHEAP, EXACT, ONE, SIX, bench, forest, rescore, result_in
from tests.growing import a_failure, a_node, a_persona, a_turn

CLOCKS, GREYHOUNDS, RIVER, ALTO = (
    "mends clocks in Bath", "two greyhounds above her shop", "swims in the river every Sunday",
    "sings alto in the abbey choir",
)  # fmt: skip
DIGITS = str.maketrans("0123456789", "abcdefghij")


def revealed(persona: Persona, *told: str) -> list[str]:
    """Return the ids of the facts that these words are of."""
    found = [fact.id for fact in persona.profile.facts if any(each in fact.text for each in told)]
    assert len(found) == len(told)
    return found


def tree_of(
    belief: Belief | None, *told: str, person: Persona | None = None, gold: bool = True
) -> Tree:
    """Return a dialogue of one turn in which facts were told, and the belief probed after it."""
    persona = person or a_persona()
    user, reply = a_turn(Tree(persona).key, "I see.")
    notes = {"reveals": revealed(persona, *told)} if gold else {}
    nodes = [user.model_copy(update={"notes": notes}), reply]
    nodes.append(a_node(user.key, INDUCER, belief=Belief(facts=("She keeps bees.",))))
    if belief is not None:
        nodes.append(a_node(user.key, INDUCER, place=1, notes=PROBE, belief=belief))
    return Tree(persona, 0, nodes)


def probed(*trees: Tree) -> Probe | None:
    return probe_of(trees, "a", "u")


def figures(found: Probe | None) -> Sequence[float | None]:
    assert found is not None
    return (found.precision, found.recall, found.f1)


def test_precision_recall_and_f1_are_those_worked_out_by_hand() -> None:
    belief = Belief(facts=("She mends clocks in Bath.", "She sings alto.", "She has a boat."))
    found = probed(tree_of(belief, CLOCKS, GREYHOUNDS, RIVER))
    # True of her are two of the three, told or not; of what was told, one of three is held.
    assert figures(found) == pytest.approx((2 / 3, 1 / 3, 4 / 9), abs=1e-6)
    assert found and (found.assistant, found.user, found.cases) == ("a", "u", 1)


def test_dialogues_are_counted_together() -> None:
    good = tree_of(Belief(facts=("She swims in the river on Sundays.",)), RIVER)
    silent = tree_of(Belief(), CLOCKS, ALTO)
    found = probed(good, silent)
    assert figures(found) == pytest.approx((1, 1 / 3, 0.5), abs=1e-6)
    assert found and found.cases == 2


def test_who_believes_nothing_has_no_precision_and_holds_nothing() -> None:
    assert figures(probed(tree_of(Belief(), CLOCKS))) == (None, 0, None)


def test_where_nothing_was_revealed_there_is_nothing_to_hold() -> None:
    assert figures(probed(tree_of(Belief(facts=("She has a boat.",))))) == (0, None, None)


def test_who_holds_only_what_is_wrong_has_no_f1() -> None:
    assert figures(probed(tree_of(Belief(facts=("She has a boat.",)), CLOCKS))) == (0, 0, None)


def test_two_statements_of_one_fact_hold_it_once() -> None:
    belief = Belief(facts=("She mends clocks in Bath.", "In Bath, she mends clocks."))
    assert figures(probed(tree_of(belief, CLOCKS, RIVER))) == pytest.approx(
        (1, 0.5, 2 / 3), abs=1e-6
    )


def test_nobody_asked_or_nobody_who_tells_is_no_row() -> None:
    assert probed() is None
    assert probed(tree_of(None, CLOCKS)) is None
    assert probed(tree_of(Belief(facts=("She sings alto.",)), gold=False)) is None


def test_a_probe_that_failed_is_not_counted() -> None:
    tree = tree_of(None, CLOCKS)
    last = tree.user_messages()[-1]
    tree.add(a_node(last.key, INDUCER, place=1, notes=PROBE, failure=a_failure()))
    assert probed(tree) is None


class Believing:
    """Believes nothing, and keeps what it was told."""

    def __init__(self) -> None:
        self.briefs: list[AssistantBrief] = []

    async def believe(self, brief: AssistantBrief) -> Induction:
        self.briefs.append(brief)
        return Induction(belief=Belief())


@pytest.mark.parametrize("role", ["", "plain", "hinted", "oracle", "amnesic", "induce"])
async def test_a_probed_assistant_is_told_what_its_role_is_told(role: str) -> None:
    tree, agent = tree_of(None, CLOCKS), Believing()
    (user,) = tree.user_messages()
    filler = Filler(tree, 0)
    await probe(filler, Seated(ASSISTANT, Spec(role, "test"), agent), "Be kind.")
    await probe(filler, Seated(ASSISTANT, Spec(role, "test"), agent), "Be kind.")
    (brief,) = agent.briefs
    assert (brief.role, brief.turn, brief.system) == (role, 1, "Be kind.")
    assert brief.persona == (tree.persona if role == "oracle" else None)
    assert brief.hint == (tree.belief(user.key) if role == "hinted" else None)
    assert brief.history == tree.history(user.key)


def test_an_age_is_held_by_who_says_it_whatever_the_name() -> None:
    person = a_persona("Hilda Painemal is 71. She keeps bees.")
    assert figures(probed(tree_of(Belief(facts=("I am 71.",)), "71", person=person))) == (1, 1, 1)
    named = Belief(facts=("Hilda Painemal sails.",))
    assert figures(probed(tree_of(named, "71", person=person))) == (0, 0, None)


def test_who_tells_the_dialogue_again_states_all_of_it() -> None:
    chat = "What a day. She mends clocks in Bath. How nice! Do you like it?\nOh yes."
    found = probed(tree_of(Belief(facts=(chat,)), CLOCKS, RIVER))
    assert figures(found) == pytest.approx((1 / 5, 1 / 2, 2 / 7), abs=1e-6)


def test_a_list_of_words_holds_no_more_than_three_facts() -> None:
    person = a_persona("She mends clocks. She sings alto. She swims. She sails. She paints.")
    words = Belief(facts=("clocks alto swims sails paints",))
    told = ("clocks", "alto", "swims", "sails", "paints")
    assert figures(probed(tree_of(words, *told, person=person))) == (1, 3 / 5, 0.75)


def test_a_page_holds_nothing() -> None:
    page = " ".join(f"{word}{at}" for at, word in enumerate(["clocks", "bath", "other"] * 9))
    said = Belief(facts=(f"mends clocks in bath alto choir {page.translate(DIGITS)}",))
    assert figures(probed(tree_of(said, CLOCKS, ALTO))) == (0, 0, None)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """A benchmark with probes of one who is told what was said, one who is not, one who knows."""
    folder = tmp_path_factory.mktemp("probed")
    names = ("hinted=scripted", "plain=scripted", "oracle=scripted")
    assistants = [word for name in names for word in ("--assistant", name)]
    shape = ("--cases", "6", "--turns", "5", "--swap", "0", "--judge", EXACT)
    assert bench(folder, *shape, *assistants, "--probe") == 0
    return folder, result_in(folder)


def test_who_knows_all_holds_all_and_who_knows_nothing_nothing(asked: tuple[Path, Result]) -> None:
    hinted, plain, oracle = asked[1].probes
    assert figures(oracle) == (1, 1, 1)
    assert figures(plain) == (None, 0, None)
    assert all(figure and 0.95 < figure <= 1 for figure in figures(hinted))
    assert [each.cases for each in (hinted, plain, oracle)] == [6, 6, 6]


def test_each_dialogue_is_probed_once_below_its_last_message(asked: tuple[Path, Result]) -> None:
    folder, result = asked
    before = result.digests
    assert rescore(folder, "--judge", EXACT, "--swap", "0", "--probe") == 0
    assert result_in(folder, "again").digests == before
    for name in ("hinted=scripted", "plain=scripted", "oracle=scripted"):
        for tree in forest(folder, name, "scripted"):
            last = tree.user_messages()[-1]
            probes = [node for node in tree if node.notes == PROBE]
            assert [(node.parent, node.place, node.turn) for node in probes] == [(last.key, 1, 5)]
            replies = [node for node in tree if node.seat == ASSISTANT]
            assert len(replies) == 5


def test_an_assistant_that_cannot_say_what_it_holds_is_left_alone(tmp_path: Path) -> None:
    assert bench(tmp_path, *SIX, *CHEAP, "--judge", EXACT, "--probe") == 0
    assert result_in(tmp_path).probes == []
    assert not [node for tree in forest(tmp_path, ONE) for node in tree if node.seat == INDUCER]
