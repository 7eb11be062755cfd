"""The benchmark command: everybody meets the same users, who stay; one store, one result."""

from pathlib import Path

import pytest

from dialogues.node import ASSISTANT, JUDGE, USER
from dialogues.show import Show
from eval import columns
from eval.aloe import SCRIPTED_BASELINES
from tests.agents import troupe
from tests.eval.benching import (
    BINARY,
    CHEAP,
    EXACT,
    ONE,
    OTHER,
    PATH,
    SIX,
    UPSIDE_DOWN,
    Capture,
    bench,
    forest,
    rescore,
    result_in,
    settings,
    staged,
    written,
)
from tests.growing import command

PLAIN, BARE, IGNORES = "plain=scripted", "scripted", "scripted:ignores"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A benchmark of scripted agents, in which two assistants are one by two names; read only."""
    folder = tmp_path_factory.mktemp("played")
    flags = [word for each in (PLAIN, BARE, IGNORES) for word in ("--assistant", each)]
    assert bench(folder, *SIX, *flags, "--baseline", PLAIN) == 0
    return folder


def test_everybody_meets_the_same_users_as_long_as_they_say_the_same(played: Path) -> None:
    one, same, other = (forest(played, each, "scripted") for each in (PLAIN, BARE, IGNORES))
    assert len(one) == 6
    for trees in zip(one, same, other, strict=True):
        assert len({tree.persona.id for tree in trees}) == 1
        said = [[(user.text, user.seed) for user in tree.user_messages()] for tree in trees]
        assert [len(each) for each in said] == [3, 3, 3]
        assert said[0] == said[1]
        assert said[0][0] == said[2][0]
    texts = [
        [user.text for tree in trees for user in tree.user_messages()] for trees in (one, other)
    ]
    assert texts[0] != texts[1]


def test_seeds_follow_from_the_place_and_not_from_who_speaks_there(played: Path) -> None:
    first, *rest = (
        [
            {node.key: node.seed for node in tree if node.turn == 1}
            for tree in forest(played, each, BARE)
        ]
        for each in (PLAIN, BARE, IGNORES)
    )
    assert all(seeds == first for seeds in rest)


def test_who_says_the_same_gets_the_same_figures(played: Path) -> None:
    (table,) = result_in(played).tables
    one, same, other = table.rows
    assert same.model_copy(update={"assistant": one.assistant, "versus": None}) == one
    assert same.versus and (same.versus.mean.value, same.versus.ir.value) == (0, 0)
    assert other.mean != one.mean


def test_each_case_has_one_reply_a_turn_and_nothing_is_missing(played: Path) -> None:
    result = result_in(played)
    assert len(result.cases) == 18 and result.missing == []
    assert all([said.turn for said in case.replies] == [1, 2, 3] for case in result.cases)
    for case in result.cases:
        (tree,) = (t for t in forest(played, case.assistant, "scripted") if t.key == case.tree)
        assert (case.profile, case.personality) == (
            tree.persona.profile.id,
            tree.persona.personality.id,
        )


def test_whoever_needs_no_belief_gets_no_inducer(played: Path) -> None:
    seats = {node.seat for tree in forest(played, PLAIN, "scripted") for node in tree}
    assert seats == {USER, ASSISTANT, JUDGE}


def test_whom_a_benchmark_talks_with_is_of_the_evaluation_split(played: Path) -> None:
    assert {tree.persona.split for tree in forest(played, PLAIN, "scripted")} == {"eval"}


def test_cases_are_taken_profile_by_profile_as_the_paper_does(played: Path) -> None:
    profiles = [case.profile for case in result_in(played).cases[:6]]
    assert [profiles.count(each) for each in dict.fromkeys(profiles)] == [2, 2, 2]


def test_a_store_can_be_looked_at(played: Path, capsys: Capture) -> None:
    store, run = played / "a.db", f"aloe/scripted/{PLAIN}"
    tree = forest(played, PLAIN, "scripted")[0]
    assert command(Show, store, "--run", run) == 0
    assert command(Show, store, tree.key, "--run", run) == 0
    assert tree.user_messages()[0].text[:8] in capsys.readouterr().out


@pytest.mark.parametrize("user", ["scripted:uncooperative", f"{PATH}:Leaving"])
def test_no_user_ever_leaves(tmp_path: Path, user: str) -> None:
    bored = ("--assistant", "scripted:ignores", "--user", user, "--judge", EXACT)
    with staged() as heard:
        assert bench(tmp_path, "--cases", "6", "--turns", "7", "--swap", "0", *bored) == 0
    trees = forest(tmp_path, "scripted:ignores", user)
    assert [len(tree.user_messages()) for tree in trees] == [7] * 6
    assert {brief.may_leave for brief in heard if hasattr(brief, "may_leave")} <= {False}


def test_one_store_gives_one_result_and_no_call_is_made_again(tmp_path: Path) -> None:
    flags = (*SIX, *CHEAP, "--judge", EXACT, "--baseline", ONE)
    with staged() as heard:
        assert bench(tmp_path, *flags) == 0
    # Two assistants reply 18 times each, and every reply is judged for four people.
    assert len(heard) == 2 * 18 * (1 + 4)
    with staged() as heard:
        assert bench(tmp_path, *flags, out="again") == 0
        assert rescore(tmp_path, "--judge", EXACT, "--baseline", ONE, out="rescored") == 0
    assert heard == []
    assert written(tmp_path) == written(tmp_path, "again") == written(tmp_path, "rescored")


def test_two_stores_of_one_command_have_one_result(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        assert bench(tmp_path / name, *SIX, *CHEAP, "--judge", EXACT) == 0
    assert written(tmp_path / "a") == written(tmp_path / "b")


def test_users_and_judges_are_crossed(tmp_path: Path) -> None:
    users = ("--user", f"{troupe.PATH}:NumberUser", "--user", f"{PATH}:Leaving")
    judges = ("--judge", EXACT, "--judge", UPSIDE_DOWN)
    flags = ("--protocol", "grove", "--assistant", ONE, "--assistant", OTHER)
    assert bench(tmp_path, *SIX, *users, *judges, *flags) == 0
    result = result_in(tmp_path)
    crossed = [(user, judge) for user in users[1::2] for judge in (EXACT, UPSIDE_DOWN)]
    assert [(table.user, table.judge) for table in result.tables] == crossed
    for exact, turned in (result.tables[:2], result.tables[2:]):
        for row, other in zip(exact.rows, turned.rows, strict=True):
            assert row.mean.value and other.mean.value
            assert row.mean.value + other.mean.value == pytest.approx(6)
    _, header, rows = columns.transfer(result)
    assert header[1:] == [f"{user} / {judge}" for user, judge in crossed]
    assert [len(row) for row in rows] == [5, 5]
    assert "## Transfer" in (tmp_path / "out" / "result.md").read_text()


def test_a_judge_of_0_and_1_gets_a_table_of_its_own_in_hundredths(tmp_path: Path) -> None:
    flags = ("--assistant", ONE, "--user", CHEAP[1], "--judge", EXACT, "--judge", BINARY)
    assert bench(tmp_path, *SIX, *flags) == 0
    aloe, rlpa = result_in(tmp_path).tables
    assert (aloe.style, aloe.factor) == ("ALOE-style", 1)
    assert (rlpa.style, rlpa.factor) == ("RLPA-style", 100)
    mean = rlpa.rows[0].mean.value
    assert mean is not None and 0 < mean < 1
    assert columns.main(rlpa).rows[0][2].startswith(f"{100 * mean:.2f}")
    passed = [
        said.scores[EXACT] >= 4 for case in result_in(tmp_path).cases for said in case.replies
    ]
    assert mean == pytest.approx(sum(passed) / 18)


def test_baselines_are_those_a_scripted_assistant_can_play() -> None:
    given = settings("--baselines", "--assistant", "hinted=scripted").assistants
    assert given == [
        "hinted=scripted",
        *(f"{role}=scripted" for role in ("plain", *SCRIPTED_BASELINES)),
    ]
    named = settings(
        "--baselines", "--assistant", PLAIN, "--assistant", "oracle=scripted"
    ).assistants
    assert sorted(named) == sorted({*named}) and named[:2] == [PLAIN, "oracle=scripted"]


def test_baselines_of_a_model_are_asked_where_the_model_is() -> None:
    given = settings("--baselines", "--assistant", "openai:m@lab").assistants
    assert len(given) == 10 and all(each.endswith("openai:m@lab") for each in given)


def test_all_scripted_baselines_take_part(tmp_path: Path) -> None:
    first = ("--assistant", "hinted=scripted", "--baselines", "--baseline", "plain=scripted")
    assert bench(tmp_path, *SIX, *first, "--swap", "0") == 0
    (table,) = result_in(tmp_path).tables
    assert len(table.rows) == 6
    assert [row.versus is None for row in table.rows] == [False, True, *[False] * 4]
