"""Suites: whom they talk to, for how long, and what each looks at besides."""

from pathlib import Path

import pytest

from dialogues.errors import UsageError
from dialogues.pool import load_pool
from eval.playing import dialogues_of
from eval.suites import SUITES, UNSEEN, refuse_unfit
from eval.wishes import wishes_of
from tests.eval.benching import (
    CHEAP,
    EXACT,
    ONE,
    Capture,
    bench,
    forest,
    last_line,
    result_in,
    settings,
)

FLIP = ("hinted=scripted", "scripted:ignores")


@pytest.fixture(scope="module")
def flipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flipped")
    assistants = [word for name in FLIP for word in ("--assistant", name)]
    shape = ("--suite", "flip", "--cases", "10", "--turns", "8", "--swap", "0")
    assert bench(folder, *shape, *assistants, "--judge", "scripted") == 0
    return folder


def test_a_wish_flips_in_turn_6_in_every_dialogue(flipped: Path) -> None:
    for name in FLIP:
        for tree in forest(flipped, name, "scripted:flip", "flip"):
            wishes = [user.notes["agenda"]["wish"] for user in tree.user_messages()]
            assert wishes[0] == "" and "" not in wishes[1:]
            assert len({*wishes[1:5]}) == len({*wishes[5:]}) == 1 and wishes[4] != wishes[5]


def test_how_each_assistant_takes_the_flip_is_told(flipped: Path) -> None:
    listens, ignores = result_in(flipped).flips
    for found, name in ((listens, FLIP[0]), (ignores, FLIP[1])):
        assert (found.assistant, found.user, found.judge) == (name, "scripted:flip", "scripted")
        assert (found.turn, found.cases) == (6, 10)
        assert found.depth.value is not None
        shares = [each.kept_after for each in found.wishes]
        assert all(share is not None and 0 <= share <= 1 for share in shares)
    before = listens.kept_before.value, ignores.kept_before.value
    assert before[0] is not None and before[1] is not None and before[0] > before[1]
    assert "The wish flips in turn 6" in (flipped / "out" / "result.md").read_text()


def test_depth_is_read_from_the_table_of_all_cases(flipped: Path) -> None:
    result = result_in(flipped)
    for row, flip in zip(result.tables[0].rows, result.flips, strict=True):
        levels = [each.value or 0 for each in row.al]
        assert flip.depth.value == pytest.approx(sum(levels[1:5]) / 4 - levels[5], abs=1e-5)


def test_all_assistants_meet_the_same_wishes(flipped: Path) -> None:
    met = [
        [wishes_of(tree) for tree in forest(flipped, name, "scripted:flip", "flip")]
        for name in FLIP
    ]
    assert met[0] == met[1] and None not in met[0]


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--turns", "5"), "--turns 5: in --suite flip the wish flips in turn 6"),
        (("--user", "scripted"), "--user scripted: its wishes do not flip"),
        (("--user", "scripted:fixed"), "--user scripted:fixed: its wishes do not flip"),
        (("--user", "scripted:interviewer"), "its wishes do not flip"),
        (("--user", "scripted:flip", "--user", "scripted"), "--user scripted: its wishes"),
    ],
)
def test_a_flip_suite_without_a_flip_is_refused(
    tmp_path: Path, capsys: Capture, flags: tuple[str, ...], told: str
) -> None:
    shape = ("--suite", "flip", "--cases", "3", "--swap", "0", "--judge", EXACT)
    assert bench(tmp_path, *shape, "--assistant", "plain=scripted", *flags) == 2
    assert told in last_line(capsys.readouterr().err)
    assert not (tmp_path / "a.db").exists()


def test_models_have_no_gold_labels_of_a_flip() -> None:
    with pytest.raises(UsageError, match="openai:m@lab: its wishes do not flip"):
        refuse_unfit("flip", ["scripted:flip,typos=0", "openai:m@lab"], 6)
    refuse_unfit("flip", ["scripted:flip,typos=0", "some.module:User"], 6)
    refuse_unfit("aloe", ["openai:m@lab"], 2)


def test_it_is_said_that_no_wish_has_flipped(tmp_path: Path) -> None:
    flags = ("--suite", "flip", "--cases", "3", "--turns", "6", "--swap", "0", "--judge", EXACT)
    assert bench(tmp_path, *flags, *CHEAP) == 0
    assert result_in(tmp_path).flips == []
    assert "no wish has flipped" in (tmp_path / "out" / "result.md").read_text()


def test_a_long_dialogue_is_scored_to_its_end(tmp_path: Path) -> None:
    flags = ("--suite", "long", "--cases", "4", "--turns", "12", "--swap", "0", "--judge", EXACT)
    assert bench(tmp_path, *flags, *CHEAP) == 0
    result = result_in(tmp_path)
    assert (result.turns, result.perfect) == (12, pytest.approx(1 / 11, abs=1e-6))
    assert [len(row.al) for row in result.tables[0].rows] == [12, 12]
    assert all(each.value for row in result.tables[0].rows for each in row.al)


def test_people_of_other_schemes_are_those_of_the_unseen_pool(tmp_path: Path) -> None:
    flags = ("--suite", "unseen", "--cases", "10", "--turns", "3", "--judge", EXACT)
    assert bench(tmp_path, *flags, *CHEAP) == 0
    known = {profile.id for profile in load_pool(UNSEEN).profiles}
    trees = forest(tmp_path, ONE, suite="unseen")
    assert len(trees) == 10
    assert {tree.persona.profile.id for tree in trees} <= known
    assert {tree.persona.split for tree in trees} == {"unseen"}


def test_suites_share_a_store_and_not_their_dialogues(tmp_path: Path) -> None:
    for suite in ("aloe", "unseen"):
        flags = ("--suite", suite, "--cases", "3", "--turns", "2", "--judge", EXACT, "--swap", "0")
        assert bench(tmp_path, *flags, *CHEAP, out=suite) == 0
    people = [
        {case.profile for case in result_in(tmp_path, out).cases} for out in ("aloe", "unseen")
    ]
    assert people[0].isdisjoint(people[1])
    assert all(name.startswith("unseen/") for name in result_in(tmp_path, "unseen").digests)


@pytest.mark.parametrize(
    ("suite", "turns", "user"),
    [("aloe", 10, "scripted"), ("flip", 10, "scripted:flip"), ("long", 70, "scripted"),
     ("unseen", 10, "scripted")],
)  # fmt: skip
def test_a_suite_sets_turns_and_user(suite: str, turns: int, user: str) -> None:
    found = SUITES[suite]
    assert (found.turns, found.user, found.flips) == (turns, user, 6 * (suite == "flip"))
    assert dialogues_of(settings("--suite", suite), user, "plain=scripted").turns == turns


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("protocol", ["aloe", "grove"])
def test_every_suite_has_a_hundred_cases_of_twenty_and_five(suite: str, protocol: str) -> None:
    given = settings("--suite", suite, "--protocol", protocol)
    planned = dialogues_of(given, "scripted", "plain=scripted")
    cases = [persona for persona, _ in planned.cases(planned.load_pool())]
    assert len({persona.id for persona in cases}) == len(cases) == 100
    assert len({persona.profile.id for persona in cases}) == 20
    assert len({persona.personality.id for persona in cases}) == 5


def test_an_own_pool_is_taken_in_place_of_the_suites(tmp_path: Path) -> None:
    (tmp_path / "profiles.jsonl").write_text('"He keeps bees."\n"She sails."')
    (tmp_path / "personalities.jsonl").write_text('"They are shy."\n"They are loud."')
    files = ("--profiles", tmp_path / "profiles.jsonl")
    files += ("--personalities", tmp_path / "personalities.jsonl")
    flags = ("--cases", "4", "--turns", "2", "--judge", EXACT)
    assert bench(tmp_path, *flags, *CHEAP, *files) == 0
    said = {tree.persona.profile.text for tree in forest(tmp_path, ONE)}
    assert said == {"He keeps bees.", "She sails."}
