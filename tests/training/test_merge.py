"""Adapters merged into their model: it says what they said, is trained on, and forgets nobody."""

from pathlib import Path

import pytest
import torch
from peft import AutoPeftModelForCausalLM
from transformers import AutoModelForCausalLM, PreTrainedModel

from tests.growing import command
from tests.training.commands import SHORT, Capture, card, refusal, run
from training.merge import Merge

LORA = ("--use_peft", "true", "--lora_r", 4, "--learning_rate", "1e-2")


@pytest.fixture(scope="module")
def adapters(alike: Path, small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of adapters that a training left."""
    folder = tmp_path_factory.mktemp("lora") / "adapters"
    where = ("--trees", alike, "--model_name_or_path", small, "--output_dir", folder)
    assert run("sft", *where, *SHORT, *LORA) == 0
    return folder


def test_merged_adapters_say_what_they_said(adapters: Path, small: Path, tmp_path: Path) -> None:
    out = tmp_path / "merged"
    assert command(Merge, "--adapters", adapters, "--out", out) == 0

    def said(model: PreTrainedModel) -> torch.Tensor:
        with torch.no_grad():
            logits: torch.Tensor = model(input_ids=torch.tensor([[5, 6, 7, 8]])).logits
        return logits

    merged = said(AutoModelForCausalLM.from_pretrained(out))
    expected = said(AutoPeftModelForCausalLM.from_pretrained(adapters))
    torch.testing.assert_close(merged, expected, rtol=1e-4, atol=1e-5)
    assert not torch.allclose(merged, said(AutoModelForCausalLM.from_pretrained(small)), atol=1e-3)


def test_a_merged_model_is_trained_on_and_remembers_whom_it_was_trained_on(
    adapters: Path, alike: Path, tmp_path: Path, capsys: Capture
) -> None:
    merged, out = tmp_path / "merged", tmp_path / "dpo"
    where = ("--trees", alike, "--output_dir", out, *SHORT)
    line = refusal(capsys, "dpo", *where, "--model_name_or_path", adapters)
    assert f"python -m training.merge --adapters {adapters}" in line
    assert command(Merge, "--adapters", adapters, "--out", merged) == 0
    assert run("dpo", *where, "--model_name_or_path", merged) == 0
    assert card(out)["before"] == card(adapters)


def test_what_cannot_be_merged_is_refused(
    adapters: Path, small: Path, tmp_path: Path, capsys: Capture
) -> None:
    out = ("--out", tmp_path / "out")
    assert command(Merge, "--adapters", small, *out) == 2
    assert "holds no LoRA adapters" in capsys.readouterr().err
    assert command(Merge, "--adapters", adapters, "--out", small) == 2
    assert "is not empty" in capsys.readouterr().err
    homeless = tmp_path / "homeless"
    homeless.mkdir()
    for file in adapters.iterdir():
        text = file.read_bytes().replace(str(small).encode(), b"/nowhere/at/all")
        (homeless / file.name).write_bytes(text)
    assert command(Merge, "--adapters", homeless, *out) == 2
    assert "cannot load them" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
