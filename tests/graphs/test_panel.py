"""A panel: several judges, whose verdicts make one, by the majority or by the mean."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from dialogues.choice import verdict_chooser
from dialogues.export import Export
from dialogues.node import JUDGE
from dialogues.pairs import preference_pairs
from dialogues.show import Show
from dialogues.store import open_store
from tests.agents.prompted.asking import Tags
from tests.agents.prompted.serving import run, shape, spending, statuses
from tests.graphs.stage import Capture
from tests.growing import command, simulate, trees_of
from tests.model_server import Answer, Call, ModelServer, problem

MODELS = ("a", "b", "c")
LISTWISE = [word for model in MODELS for word in ("--judge", f"openai:{model}")]
POINTWISE = [word for model in MODELS for word in ("--judge", f"pointwise=openai:{model}")]
ASSISTANTS = ("--assistant", "hinted=scripted", "--assistant", "plain=scripted:ignores")


def longest(call: Call, sign: int = 1) -> str:
    """Rank the longer reply first, or last."""
    shown = [(name[-1], text) for name, text in Tags(call.last).inside if name[:5] == "reply"]
    ranking = [
        label for label, text in sorted(shown, key=lambda one: (-sign * len(one[1]), one[1]))
    ]
    return json.dumps({"reason": "By length.", "ranking": ranking})


def by_length(call: Call) -> str:
    """Judge by length: `a` and `b` like long replies, `c` likes short ones very much."""
    if call.schema_name == "Ranking":
        return longest(call, -1 if call.body["model"] == "c" else 1)
    length = len(dict(Tags(call.last).inside)["reply"])
    liked = min(5, 1 + length // 30)
    points = {"a": liked, "b": min(5, liked + 1), "c": 1 if length > 60 else 5}[call.body["model"]]
    return json.dumps({"reason": "x", "style": points, "content": points, "engagement": points})


def grown(folder: Path, *flags: str, answer: Callable[[Call], str | Answer] = by_length) -> Path:
    with ModelServer(answer, models=MODELS) as server:
        assert run(folder / "a.db", server, *ASSISTANTS, *flags, *shape(3, 2)) in (0, 1)
    return folder / "a.db"


@pytest.fixture(scope="module")
def majority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return grown(tmp_path_factory.mktemp("majority"), *LISTWISE)


@pytest.fixture(scope="module")
def mean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return grown(tmp_path_factory.mktemp("mean"), *POINTWISE, "--panel", "mean")


@pytest.fixture(params=["majority", "mean"])
def panel(request: pytest.FixtureRequest) -> tuple[Path, str]:
    return request.getfixturevalue(request.param), request.param


def test_every_judge_leaves_its_own_verdict(panel: tuple[Path, str]) -> None:
    for tree in trees_of(panel[0]):
        for user in tree.user_messages():
            judged = tree.children(user.key, JUDGE)
            assert [node.place for node in judged] == [0, 1, 2]
            assert [node.spec[-1] for node in judged] == list(MODELS)
            assert len({node.seed for node in judged}) == 3


def test_the_run_remembers_how_its_verdicts_are_combined(panel: tuple[Path, str]) -> None:
    with open_store(panel[0]) as store:
        assert store.run().record.judge == panel[1]


def test_the_pairs_counted_are_those_of_the_combined_verdict(panel: tuple[Path, str]) -> None:
    choose = verdict_chooser(panel[1])
    pairs = sum(len(list(preference_pairs(tree, choose))) for tree in trees_of(panel[0]))
    with open_store(panel[0]) as store:
        assert store.run().progress().pairs == pairs > 0


def test_the_majority_outvotes_the_third_judge(majority: Path) -> None:
    for tree in trees_of(majority):
        for pair in preference_pairs(tree, verdict_chooser("majority")):
            assert len(pair.chosen.text) >= len(pair.rejected.text)
            assert (pair.margin, pair.verdict.confidence) == (1 / 3, 2 / 3)


def test_the_mean_is_of_all_judges_points(mean: Path) -> None:
    for tree in trees_of(mean):
        for user in tree.user_messages():
            verdict = verdict_chooser("mean")(tree, user.key)
            assert verdict
            for key, points in verdict.scores.items():
                given = [one.scores[key]["style"] for _, one in tree.verdicts(user.key)]
                assert points["style"] == pytest.approx(sum(given) / 3)


def exported(store: Path, folder: Path, *flags: str) -> list[dict[str, object]]:
    out = folder / "pairs.jsonl"
    assert command(Export, store, "--format", "preference", "--out", out, *flags) == 0
    return [json.loads(line) for line in out.read_text().splitlines()]


def test_exports_follow_the_combined_verdict_by_default(
    panel: tuple[Path, str], tmp_path: Path
) -> None:
    store, name = panel
    rows = exported(store, tmp_path)
    assert rows == exported(store, tmp_path, "--verdict", name)
    pairs = [
        (pair.chosen.key, pair.rejected.key)
        for tree in trees_of(store)
        for pair in preference_pairs(tree, verdict_chooser(name))
    ]
    assert [(row["chosen_id"], row["rejected_id"]) for row in rows] == pairs


def test_exports_may_follow_one_judge(majority: Path, tmp_path: Path) -> None:
    ours = exported(majority, tmp_path)
    theirs = exported(majority, tmp_path, "--verdict", "openai:c")
    assert {row["chosen_id"] for row in theirs} == {row["rejected_id"] for row in ours}


def shown(store: Path, capsys: Capture, *flags: str) -> str:
    key = trees_of(store)[0].key
    capsys.readouterr()
    assert command(Show, store, key, *flags) == 0
    return capsys.readouterr().out


def test_show_marks_the_preferred_replies_of_the_combined_verdict(
    majority: Path, capsys: Capture
) -> None:
    assert shown(majority, capsys) == shown(majority, capsys, "--verdict", "majority")
    assert shown(majority, capsys) != shown(majority, capsys, "--verdict", "openai:c")


def test_show_takes_the_mean_by_name_too(mean: Path, capsys: Capture) -> None:
    assert shown(mean, capsys) == shown(mean, capsys, "--verdict", "mean")


def test_the_best_branch_follows_the_panel_and_not_its_first_judge(tmp_path: Path) -> None:
    with ModelServer(by_length, models=MODELS) as server:
        judges = ["--judge", "openai:c", *LISTWISE[:4]]
        flags = (*ASSISTANTS, *judges, *shape(3, 3), "--expand", "best")
        assert run(tmp_path / "a.db", server, *flags) == 0
    for tree in trees_of(tmp_path / "a.db"):
        for user in tree.user_messages()[:-1]:
            verdict = verdict_chooser("majority")(tree, user.key)
            (best,) = [reply for reply in tree.candidates(user.key) if tree.continued(reply.key)]
            assert verdict and best.key in verdict.ranking[0]


def test_a_panel_without_one_of_its_members_judges_nothing(tmp_path: Path) -> None:
    def without_c(call: Call) -> str | Answer:
        return problem(400, "No.") if call.body["model"] == "c" else by_length(call)

    store = grown(tmp_path, *LISTWISE, answer=without_c)
    assert statuses(store) == ["failed"] * 3
    for tree in trees_of(store):
        assert [node.spec for node in tree.failures()] == ["openai:c"]
        assert len(tree.user_messages()) == 1


def test_where_a_member_failed_there_is_no_verdict_of_the_panel_and_no_pair(
    tmp_path: Path,
) -> None:

    def mute(call: Call) -> str:
        return "no JSON" if call.body["model"] == "a" else longest(call)

    store = grown(tmp_path, *LISTWISE, answer=mute)
    with open_store(store) as opened:
        assert opened.run().progress().pairs == 0


def test_scripted_judges_and_models_may_sit_together(tmp_path: Path) -> None:
    store = grown(tmp_path, "--judge", "scripted", "--judge", "openai:a")
    assert statuses(store) == ["done"] * 3
    assert (JUDGE, "openai:a") in spending(store)


def test_a_single_judge_needs_no_panel(tmp_path: Path) -> None:
    assert simulate(tmp_path / "a.db", *shape(1, 1), "--panel", "mean") == 0
    with open_store(tmp_path / "a.db") as store:
        assert store.run().record.judge == "scripted"
