"""Packing: every token once, seen by those below it only; nothing lost, nothing too long."""

from collections.abc import Sequence
from itertools import pairwise
from time import perf_counter

from hypothesis import given
from hypothesis import strategies as st

from training.packing import (
    ROOT,
    Pack,
    Segment,
    Segments,
    Target,
    lay_out,
    pack_tree,
    path_to,
    row_tokens,
)

Place = tuple[str, int]
"""A token: the message it is of, and its index there."""


@st.composite
def segment_trees(draw: st.DrawFn) -> dict[str, Segment]:
    """Draw messages in which no token occurs twice, each after the one it hangs on."""
    parents = [0, *(draw(st.integers(0, number)) for number in range(draw(st.integers(0, 11))))]
    segments = {}
    for number, parent in enumerate(parents):
        length = draw(st.integers(1, 5))
        segments[f"m{number + 1}"] = Segment(
            parent=f"m{parent}" if parent else ROOT,
            ids=tuple(range(number * 10, number * 10 + length)),
            scored=draw(st.integers(0, length)),
        )
    return segments


def targets_in(segments: Segments) -> st.SearchStrategy[list[Target]]:
    """Draw replies and pairs of replies, in any order."""
    key = st.sampled_from(sorted(segments))
    return st.lists(st.tuples(key) | st.tuples(key, key), max_size=8)


limits = st.none() | st.integers(0, 40)
cases = segment_trees().flatmap(
    lambda segments: st.tuples(st.just(segments), targets_in(segments), limits)
)
Case = tuple[dict[str, Segment], list[Target], int | None]


def ancestry(segments: Segments, key: str) -> list[str]:
    """Return a message with all before it, the last first."""
    return [] if key == ROOT else [key, *ancestry(segments, segments[key].parent)]


def needed(segments: Segments, targets: Sequence[Target]) -> set[str]:
    """Return the messages on the paths to replies."""
    return {each for target in targets for key in target for each in ancestry(segments, key)}


def tokens(segments: Segments, keys: set[str]) -> list[int]:
    """Return the tokens of messages, sorted."""
    return sorted(token for key in keys for token in segments[key].ids)


def own_path(segments: Segments, place: Place) -> list[int]:
    """Return the tokens from the first one to a token, itself included."""
    key, index = place
    above = [token for each in ancestry(segments, key)[:0:-1] for token in segments[each].ids]
    return [*above, *segments[key].ids[: index + 1]]


def seen_from(pack: Pack, query: int) -> list[int]:
    """Return the tokens that `ends` lets a place of a pack see."""
    return [pack.ids[at] for at in range(len(pack.ids)) if at <= query < pack.ends[at]]


@given(cases)
def test_every_needed_token_stands_once_in_a_pack_and_no_other_does(case: Case) -> None:
    segments, targets, limit = case
    for pack, here in pack_tree(segments, targets, limit).packs:
        assert sorted(pack.ids) == tokens(segments, needed(segments, here))
        assert len(pack.ids) == len(pack.positions) == len(pack.ends)


@given(cases)
def test_a_token_sees_its_own_path_and_itself_and_counts_its_position_on_it(case: Case) -> None:
    segments, targets, limit = case
    places = {
        token: (key, index)
        for key, segment in segments.items()
        for index, token in enumerate(segment.ids)
    }
    for pack, _ in pack_tree(segments, targets, limit).packs:
        for at, token in enumerate(pack.ids):
            path = own_path(segments, places[token])
            assert seen_from(pack, at) == path
            assert pack.positions[at] == len(path) - 1


@given(cases)
def test_spans_hold_just_the_scored_tokens_of_every_reply(case: Case) -> None:
    segments, targets, limit = case
    for pack, here in pack_tree(segments, targets, limit).packs:
        spans = {key: tuple(pack.ids[start:stop]) for key, (start, stop) in pack.spans.items()}
        assert spans == {
            key: segments[key].ids[segments[key].scored :]
            for key in needed(segments, here)
            if segments[key].scored < len(segments[key].ids)
        }


@given(cases)
def test_targets_keep_their_order_and_none_is_lost_or_doubled(case: Case) -> None:
    segments, targets, limit = case
    packed = pack_tree(segments, targets, limit)
    too_long = [
        target
        for target in targets
        if limit is not None and len(tokens(segments, needed(segments, [target]))) > limit
    ]
    assert packed.too_long == too_long
    held = [target for _, here in packed.packs for target in here]
    assert held == [target for target in targets if target not in too_long]
    assert all(here for _, here in packed.packs)


@given(cases)
def test_a_pack_is_within_the_limit_and_closed_only_when_the_next_target_would_pass_it(
    case: Case,
) -> None:
    segments, targets, limit = case
    packs = pack_tree(segments, targets, limit).packs
    if limit is None:
        assert len(packs) <= 1
        return
    assert all(len(pack.ids) <= limit for pack, _ in packs)
    for (_, here), (_, after) in pairwise(packs):
        assert len(tokens(segments, needed(segments, [*here, after[0]]))) > limit


@given(segment_trees(), limits)
def test_a_further_pack_repeats_ancestors_only(
    segments: dict[str, Segment], limit: int | None
) -> None:
    targets = [(key,) for key in sorted(segments, key=lambda key: ancestry(segments, key)[::-1])]
    known: set[str] = set()
    for _, here in pack_tree(segments, targets, limit).packs:
        keys = needed(segments, here)
        above = {each for (key,) in here for each in ancestry(segments, key)[1:]}
        assert keys & known <= above
        known |= keys


@given(cases)
def test_rows_take_a_whole_path_for_each_reply(case: Case) -> None:
    segments, targets, _ = case
    rows = [tokens(segments, set(ancestry(segments, key))) for each in targets for key in each]
    assert row_tokens(segments, targets) == sum(map(len, rows))


@given(cases)
def test_siblings_stand_in_the_order_in_which_they_are_needed(case: Case) -> None:
    segments, targets, _ = case
    for pack, here in pack_tree(segments, targets).packs:
        asked = dict.fromkeys(key for target in here for key in target)
        first = [key for reply in asked for key in path_to(segments, reply)]
        order = {key: at for at, key in reversed([*enumerate(first)])}
        begins = {key: pack.ids.index(segments[key].ids[0]) for key in order}
        for one in order:
            for other in order:
                if segments[one].parent == segments[other].parent and order[one] < order[other]:
                    assert begins[one] < begins[other]


def test_nothing_to_learn_makes_no_pack() -> None:
    assert pack_tree({}, []).packs == []
    assert pack_tree({"m1": Segment(ROOT, (1,), 0)}, [("m1",)], 0).too_long == [("m1",)]


def test_a_dialogue_of_thousands_of_messages_is_packed_in_no_time() -> None:
    depth = 3000
    segments = {f"m{at}": Segment(f"m{at - 1}" if at else ROOT, (at, at), 1) for at in range(depth)}
    segments["twin"] = Segment(f"m{depth - 2}", (7,), 0)
    began = perf_counter()
    targets = [(f"m{depth - 1}", "twin"), ("m1",)]
    ((pack, here),) = pack_tree(segments, targets, 2 * depth + 1).packs
    assert perf_counter() - began < 5
    assert here == targets
    assert pack.ids[-1] == 7 and pack.positions[-1] == 2 * depth - 2
    assert pack.ends[-3:] == [2 * depth, 2 * depth, 2 * depth + 1]


def test_messages_without_tokens_of_their_own_do_no_harm() -> None:
    segments = {
        "a": Segment(ROOT, (1, 2), 2),
        "b": Segment("a", (), 0),
        "c": Segment("b", (3,), 0),
    }
    pack = lay_out(segments, ["a", "b", "c"])
    assert (pack.ids, pack.positions, pack.ends) == ([1, 2, 3], [0, 1, 2], [3, 3, 3])
    assert pack.spans == {"c": (2, 3)}
