"""Replies made to please the scripted judge: none of them comes near an attentive one."""

from collections.abc import Callable
from functools import cache
from statistics import mean

import pytest

from benchmarks.gaming import ATTEMPTS, Spot, endless, mean_scores, spots
from tests.agents.scripted.replying import dialogues

PERSONAS, TURNS = 30, 6
TOO_GOOD, LEAD = 3.0, 1.0


@cache
def real_spots() -> list[Spot]:
    return spots(dialogues(PERSONAS, TURNS, "hinted=scripted", "plain=scripted"))


@pytest.mark.parametrize("make", ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_a_reply_made_to_please_scores_low(make: Callable[[Spot], str]) -> None:
    made = mean(mean_scores(real_spots(), make))
    assert made < TOO_GOOD
    assert made <= mean(mean_scores(real_spots(), lambda spot: spot.hinted)) - LEAD


def test_the_attempts_meet_dialogues_of_some_turns() -> None:
    assert len(real_spots()) == PERSONAS
    assert all(len(spot.history) == 2 * TURNS - 1 for spot in real_spots())
    assert all(len(endless(spot).split()) == 2000 for spot in real_spots())
