"""Reading labels, and judging them blind."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogues import Message
from dialogues.errors import UsageError
from eval.labels import Labelled, read_labels, read_picks, write_blinded

RECORD: dict[str, Any] = {
    "profile": "Mia is 40 and keeps bees.",
    "personality": "They are terse.",
    "history": [{"role": "user", "content": "bees are out"}],
    "replies": ["early this year?", "How lovely!"],
    "preferred": 0,
    "kind": "style",
    "by": "construction",
}
UNKNOWN_ROLE = [{"role": "bee", "content": "bzz"}]
ENDS_WITH_REPLY = [*RECORD["history"], {"role": "assistant", "content": "oh"}]
SYSTEM = [{"role": "system", "content": "be brief"}, *RECORD["history"]]


def label(**changes: Any) -> Labelled:
    return Labelled.model_validate({**RECORD, **changes})


def written(folder: Path, *records: Any) -> Path:
    """Write records, or texts as they are, one per line."""
    path = folder / "labels.jsonl"
    lines = [each if isinstance(each, str) else json.dumps(each) for each in records]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def error_of(path: Path) -> str:
    with pytest.raises(UsageError) as raised:
        read_labels(path)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_a_line_is_read_as_it_stands(tmp_path: Path) -> None:
    tie = {**RECORD, "profile": "Bo is 8.", "preferred": None}
    first, second = read_labels(written(tmp_path, RECORD, "", tie))
    assert first.history == (Message("user", "bees are out"),)
    assert (first.replies, first.preferred) == (("early this year?", "How lovely!"), 0)
    assert second.preferred is None


def test_the_persona_is_made_of_the_two_texts() -> None:
    persona = label().persona
    assert persona.profile.text == RECORD["profile"]
    assert persona.personality.text == RECORD["personality"]


@pytest.mark.parametrize("key", ["profile", "personality"])
def test_the_id_hangs_on_every_text(key: str) -> None:
    ids = {
        label().id,
        label(**{key: "Other words."}).id,
        label(replies=["early this year?", "no"]).id,
        label(replies=RECORD["replies"][::-1]).id,
        label(history=[*ENDS_WITH_REPLY, *RECORD["history"]]).id,
    }
    assert len(ids) == 5


def test_the_id_does_not_hang_on_the_label() -> None:
    assert label().id == label(preferred=None, kind="other", by="Ada").id


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"prefered": 0}, ('unknown key "prefered"', "known: profile")),
        ({"history": UNKNOWN_ROLE}, ("history.0.role", '"user" or "assistant"')),
        ({"history": SYSTEM}, ("the role system", '"user" or "assistant"')),
        ({"history": ENDS_WITH_REPLY}, ("does not end with the user's message", "give a list")),
        ({"history": []}, ("does not end with the user's message",)),
        ({"history": [{"role": "user", "content": ""}]}, ("a message is empty",)),
        ({"replies": ["one"]}, ("replies", "give a list of two different texts")),
        ({"replies": ["one", "two", "three"]}, ("replies", "two different texts")),
        ({"replies": ["one", "one"]}, ("the two are the same",)),
        ({"replies": ["one", ""]}, ("replies.1", "two different texts")),
        ({"preferred": 2}, ("preferred", "give 0, 1, or null for a tie")),
        ({"preferred": True}, ("preferred", "give 0, 1, or null for a tie")),
        ({"preferred": "0"}, ("preferred", "give 0, 1, or null for a tie")),
        ({"profile": " ... "}, ("profile: the text has no words",)),
        ({"kind": "two words"}, ("kind: 'two words' is not one word; give one word",)),
        ({"kind": ""}, ("kind: '' is not one word",)),
        ({"by": ""}, ("by", "name whom or what")),
    ],
)
def test_a_malformed_line_is_named_with_its_mend(
    tmp_path: Path, changes: dict[str, Any], named: tuple[str, ...]
) -> None:
    good = {**RECORD, "profile": "Bo is 8."}
    path = written(tmp_path, good, {**RECORD, **changes})
    message = error_of(path)
    assert message.startswith(f"{path}:2: ")
    assert all(part in message for part in named)


def test_a_missing_label_is_no_tie(tmp_path: Path) -> None:
    record = {key: value for key, value in RECORD.items() if key != "preferred"}
    assert "preferred: Field required; give 0, 1" in error_of(written(tmp_path, record))


@pytest.mark.parametrize("text", ["{", "not JSON", '"\\ud800"'])
def test_what_is_not_json_is_named(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, RECORD, text)
    assert error_of(path).startswith(f"{path}:2: not JSON (")


def test_what_is_no_object_is_named(tmp_path: Path) -> None:
    assert "1: not an object; write one with the keys profile" in error_of(written(tmp_path, [1]))


def test_the_same_pair_twice_is_refused_whatever_its_label(tmp_path: Path) -> None:
    path = written(tmp_path, RECORD, {**RECORD, "preferred": 1})
    assert error_of(path) == f"{path}:2: the pair of {path}:1 again; delete one of the two"


@pytest.mark.parametrize("text", ["", "\n \n"])
def test_an_empty_file_is_refused(tmp_path: Path, text: str) -> None:
    assert "is empty: give a file" in error_of(written(tmp_path, text))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert "cannot read" in error_of(tmp_path / "none.jsonl")


LABELS = [label(profile=f"Mia is {age}.", preferred=age % 2) for age in range(30)]


def form(folder: Path, seed: int = 0, labels: list[Labelled] = LABELS) -> list[dict[str, Any]]:
    (folder / "form.jsonl").unlink(missing_ok=True)
    write_blinded(labels, folder / "form.jsonl", seed)
    return lines_of(folder / "form.jsonl")


def test_the_form_shows_the_texts_and_not_the_label(tmp_path: Path) -> None:
    for line, each in zip(form(tmp_path), LABELS, strict=True):
        assert line["item"] == each.id
        assert (line["profile"], line["personality"]) == (each.profile, each.personality)
        assert line["history"] == RECORD["history"]
        assert [line["first"], line["second"]] == [each.replies[place] for place in line["shown"]]
        assert not line.keys() & {"preferred", "kind"}
        assert (line["by"], line["pick"]) == ("", "")


def test_the_order_is_drawn_by_seed_and_pair(tmp_path: Path) -> None:
    orders = {seed: [tuple(line["shown"]) for line in form(tmp_path, seed)] for seed in range(9)}
    assert orders[0] == [tuple(line["shown"]) for line in form(tmp_path, 0)]
    assert len({tuple(order) for order in orders.values()}) == 9
    first = [order == (0, 1) for each in orders.values() for order in each]
    assert 0.4 < sum(first) / len(first) < 0.6
    (alone,) = form(tmp_path, 0, LABELS[7:8])
    assert tuple(alone["shown"]) == orders[0][7]


def test_the_order_does_not_hang_on_the_label(tmp_path: Path) -> None:
    other = [each.model_copy(update={"preferred": None, "by": "Ada"}) for each in LABELS]
    assert form(tmp_path) == form(tmp_path, labels=other)


@given(
    seed=st.integers(0, 99),
    wanted=st.lists(st.sampled_from([0, 1, None, "left out"]), min_size=1, max_size=5),
    backwards=st.booleans(),
)
def test_what_a_person_meant_comes_back(
    tmp_path_factory: pytest.TempPathFactory, seed: int, wanted: list[Any], backwards: bool
) -> None:
    folder = tmp_path_factory.mktemp("form")
    labels = LABELS[: len(wanted)]
    lines = [*form(folder, seed, labels), judged(labels[0].id)]
    for line, each, want in zip(lines, labels, wanted, strict=False):
        words = {line["first"]: "first", line["second"]: "second"}
        line["pick"] = "tie" if want is None else ""
        if want in (0, 1):
            line["pick"] = words[each.replies[want]]
        line["by"] = "Ada"
    picks = read_picks(written(folder, *(lines[::-1] if backwards else lines)), labels)
    meant = {each.id: want for each, want in zip(labels, wanted, strict=True) if want != "left out"}
    assert list(picks.get("Ada", {}).items()) == list(meant.items())


def judged(item: str, **changes: Any) -> dict[str, Any]:
    return {"item": item, "by": "Bo", "pick": "first", "shown": [0, 1], **changes}


def test_people_are_told_apart_and_their_order_of_showing_is_undone(tmp_path: Path) -> None:
    one, two = LABELS[0].id, LABELS[1].id
    path = written(
        tmp_path,
        judged(two, pick="tie"),
        judged(one, shown=[1, 0], by="Ada "),
        judged(one, pick="second", shown=[0, 1]),
        judged(two, pick="second", shown=[1, 0], by="Ada"),
    )
    picks = read_picks(path, LABELS)
    assert picks == {"Bo": {one: 1, two: None}, "Ada": {one: 1, two: 0}}
    assert list(picks["Bo"]) == [one, two]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"item": "0"}, ("no labelled pair has the id '0'", "give the labels")),
        ({"pick": "third"}, ("pick", '"first", "second" or "tie"')),
        ({"shown": [0, 0]}, ("one reply is shown twice", "[0, 1] or [1, 0]")),
        ({"shown": [0, True]}, ("shown.1", "[0, 1] or [1, 0]")),
        ({"by": " "}, ("a pick without a name",)),
        ({"vote": 1}, ('unknown key "vote"', "known: item")),
        ({"by": "Bo"}, ("'Bo' has judged", "keep one pick")),
    ],
)
def test_a_malformed_pick_is_named_with_its_mend(
    tmp_path: Path, changes: dict[str, Any], named: tuple[str, ...]
) -> None:
    item = LABELS[0].id
    path = written(tmp_path, judged(item), {**judged(item, by="Ada"), **changes})
    with pytest.raises(UsageError) as raised:
        read_picks(path, LABELS)
    assert str(raised.value).startswith(f"{path}:2: ")
    assert all(part in str(raised.value) for part in named)


def test_a_form_nobody_filled_in_holds_no_pick(tmp_path: Path) -> None:
    write_blinded(LABELS, tmp_path / "form.jsonl", 0)
    with pytest.raises(UsageError, match="holds no pick: write"):
        read_picks(tmp_path / "form.jsonl", LABELS)


def test_a_form_is_a_jsonl_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.jsonl"):
        write_blinded(LABELS, tmp_path / "form.txt", 0)
