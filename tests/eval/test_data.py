"""What comes with the evaluation: people of unseen schemas and labelled pairs of replies."""

from collections import Counter, defaultdict

import pytest

from agents.scripted.facts import sayable_facts
from agents.scripted.temperament import temperament_of
from dialogues import Personality, Pool, Profile, load_pool
from eval.labels import SHIPPED, Labelled, read_labels

KINDS = {
    *("content", "contradicts", "style", "length", "private"),
    *("forgets", "recites", "injection", "flattery", "tie"),
}


@pytest.fixture(scope="module")
def unseen() -> Pool:
    return load_pool(SHIPPED.parent / "unseen")


@pytest.fixture(scope="module")
def labels() -> list[Labelled]:
    return read_labels(SHIPPED)


def decided(labels: list[Labelled]) -> list[tuple[Labelled, str, str]]:
    """The pairs that are no tie, each with the preferred reply and the other one."""
    return [
        (each, each.replies[each.preferred], each.replies[1 - each.preferred])
        for each in labels
        if each.preferred is not None
    ]


def test_a_hundred_unseen_personas_come_of_twenty_and_five(unseen: Pool) -> None:
    personas = unseen.personas(5)
    assert (len(unseen.profiles), len(unseen.personalities)) == (20, 5)
    assert len({persona.id for persona in personas}) == len(personas) == 100
    assert {half.split for half in (*unseen.profiles, *unseen.personalities)} == {"unseen"}


def test_nobody_unseen_is_in_the_shipped_pool(unseen: Pool) -> None:
    shipped = load_pool()
    seen = {half.id for half in (*shipped.profiles, *shipped.personalities)}
    assert seen.isdisjoint(half.id for half in (*unseen.profiles, *unseen.personalities))


def test_unseen_people_can_be_played_by_the_scripted_user(unseen: Pool) -> None:
    for profile in unseen.profiles:
        assert 7 <= len(profile.facts) <= 9, profile.text
        assert len(sayable_facts(profile)) >= 6, profile.text
    for personality in unseen.personalities:
        assert len(temperament_of(personality)) >= 2, personality.text


def test_no_two_unseen_people_share_a_name_or_a_temperament(unseen: Pool) -> None:
    names = {profile.text.split()[0] for profile in unseen.profiles}
    temperaments = {temperament_of(personality) for personality in unseen.personalities}
    assert (len(names), len(temperaments)) == (20, 5)


def test_there_are_enough_labels_of_every_kind(labels: list[Labelled]) -> None:
    kinds = Counter(each.kind for each in labels)
    assert len(labels) >= 130
    assert kinds.keys() == KINDS
    assert min(kinds.values()) >= 8
    assert {each.by for each in labels} == {"construction"}


def test_the_readme_counts_the_pairs_of_each_kind(labels: list[Labelled]) -> None:
    readme = (SHIPPED.parent / "README.md").read_text(encoding="utf-8")
    for kind, count in Counter(each.kind for each in labels).items():
        assert f"| `{kind}` | {count} |" in readme


def test_a_tie_is_a_tie_and_nothing_else_is(labels: list[Labelled]) -> None:
    assert all((each.preferred is None) == (each.kind == "tie") for each in labels)


def test_the_labelled_people_are_shipped_ones_of_one_split(labels: list[Labelled]) -> None:
    pool = load_pool()
    halves: dict[str, Profile | Personality] = {
        half.text: half for half in (*pool.profiles, *pool.personalities)
    }
    for each in labels:
        split = halves[each.profile].split
        assert halves[each.personality].split == split
        assert split in ("train", "eval")
    assert len({each.persona.id for each in labels}) >= 35


def test_histories_are_of_one_to_seven_messages_that_take_turns(labels: list[Labelled]) -> None:
    lengths = {len(each.history) for each in labels}
    assert lengths == {1, 3, 5, 7}
    for each in labels:
        roles = [message.role for message in each.history]
        assert roles == [("user", "assistant")[place % 2] for place in range(len(roles))]


def test_no_reply_is_there_twice(labels: list[Labelled]) -> None:
    replies = Counter(reply for each in labels for reply in each.replies)
    assert [reply for reply, count in replies.items() if count > 1] == []


def test_the_place_of_a_reply_does_not_decide(labels: list[Labelled]) -> None:
    places = [each.preferred for each, _, _ in decided(labels)]
    assert 0.45 <= sum(place == 0 for place in places) / len(places) <= 0.55


def test_the_length_of_a_reply_does_not_decide_in_any_kind(labels: list[Labelled]) -> None:
    longer = defaultdict(list)
    for each, preferred, other in decided(labels):
        longer[each.kind].append(len(preferred) > len(other))
        longer["all"].append(len(preferred) > len(other))
    for kind, wins in longer.items():
        assert 0.4 <= sum(wins) / len(wins) <= 0.6, kind


def test_length_and_place_together_do_not_decide_either(labels: list[Labelled]) -> None:
    longer_first = [
        (each.preferred == 0) == (len(preferred) > len(other))
        for each, preferred, other in decided(labels)
    ]
    assert 0.45 <= sum(longer_first) / len(longer_first) <= 0.55
