"""A benchmark whose dialogues are played on a real Ray cluster."""

from pathlib import Path
from typing import Any

import pytest

from eval.aloe import Aloe
from tests.eval.benching import CHEAP, EXACT, ONE
from tests.growing import command, digest_of

RUN = f"aloe/{CHEAP[1]}/{ONE}"
SMALL = (*CHEAP[:4], "--judge", EXACT, "--cases", "2", "--turns", "2", "--swap", "0")


@pytest.mark.cluster
def test_dialogues_played_on_a_cluster_are_the_same(
    cluster: Any, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    on_cluster = ("--store", database, "--out", "there", "--cluster", cluster.address)
    assert command(Aloe, *SMALL, *on_cluster) == 0
    assert command(Aloe, *SMALL, "--store", "a.db", "--out", "here") == 0
    assert digest_of(database, RUN) == digest_of("a.db", RUN)
    tables = (Path(place, "result.csv").read_text() for place in ("there", "here"))
    assert len(set(tables)) == 1


def test_what_is_only_scored_needs_no_cluster(capsys: pytest.CaptureFixture[str]) -> None:
    assert command(Aloe, "--rescore", "a.db", "--out", "out", "--cluster", "local") == 2
    assert "--rescore plays none; leave it out" in " ".join(capsys.readouterr().err.split())
