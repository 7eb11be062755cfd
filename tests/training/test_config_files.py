"""What is said in a config file, and what of all that is said is noted."""

from pathlib import Path

import pytest
from trl import DPOConfig, ModelConfig, SFTConfig

from tests.training.commands import (
    SHORT,
    Capture,
    card,
    refusal,
    run,
)
from training.arguments import TreeArguments, parsed
from training.job import settings_of

CONFIGS = sorted((Path(__file__).parents[2] / "training" / "configs").glob("*.yaml"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("beta: 0.1\nlerning_rate: 1\n", "lerning_rate"),
        ("learning_rate: fast\n", "learning_rate"),
        ("beta: [0.1\n", "config.yaml"),
        ("- beta\n", "config.yaml"),
        ("", "config.yaml"),
        ("beta: 0.1\nbeta\n", "config.yaml"),
    ],
    ids=["unknown", "no number", "broken", "a list", "empty", "half"],
)
def test_a_config_file_that_makes_no_sense_is_refused_in_one_line(
    alike: Path, small: Path, tmp_path: Path, capsys: Capture, text: str, said: str
) -> None:
    (config := tmp_path / "config.yaml").write_text(text)
    where = ("--trees", alike, "--model_name_or_path", small, "--output_dir", tmp_path / "out")
    assert said in refusal(capsys, "dpo", "--config", config, *where, *SHORT)


def test_a_config_file_that_is_not_there_is_refused(tmp_path: Path, capsys: Capture) -> None:
    assert "nowhere.yaml" in refusal(capsys, "dpo", "--config", tmp_path / "nowhere.yaml")


def test_flags_outdo_the_config_file(
    alike: Path, small: Path, tmp_path: Path, capsys: Capture
) -> None:
    (config := tmp_path / "config.yaml").write_text(f"beta: 0.3\nmax_steps: 1\ntrees: {alike}\n")
    where = ("--model_name_or_path", small, "--output_dir", tmp_path / "out", *SHORT)
    assert run("dpo", *where, "--config", config) == 0
    told = card(tmp_path / "out")["settings"]
    assert (told["beta"], told["max_steps"]) == (0.3, 2)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_config_that_comes_with_grove_is_understood(path: Path) -> None:
    kind = DPOConfig if path.stem.startswith("dpo") else SFTConfig
    flags = ["--config", str(path), "--trees", "trees.db"]
    trees, config, model = parsed((TreeArguments, kind, ModelConfig), "prog", flags)
    assert trees.trees == "trees.db"
    assert model.model_name_or_path and config.output_dir.startswith("models/")
    assert config.max_length is None and config.learning_rate > 0


def test_there_are_configs_for_both_commands() -> None:
    assert {path.stem[:3] for path in CONFIGS} == {"dpo", "sft"}


def test_the_card_tells_no_password_of_a_store() -> None:
    url = "postgresql+psycopg://me:hunter2@db/grove"
    flags = ["--trees", url, "--mix", url, "--output_dir", "out"]
    kinds = (TreeArguments, SFTConfig, ModelConfig)
    told = settings_of(*parsed(kinds, "python -m training.sft", flags, output_dir="out"))
    assert told["trees"] == told["mix"] == url.replace("hunter2", "***")
