"""Folders that hold no model, or one whose template does not take every prompt."""

import asyncio
import shutil
from pathlib import Path

import pytest

from agents.models.model import Answer
from agents.models.stock import Models
from agents.seats import AgentError
from dialogues.errors import UsageError
from tests.agents.models.asking import HELLO
from tests.agents.models.test_local import COLD, opened
from tests.agents.models.tiny import CHATML, make_tiny


async def one_line(folder: Path | str) -> str:
    with pytest.raises(UsageError) as caught:
        await Models().open(f"hf:{folder}").ask(HELLO, 1)
    assert "\n" not in str(caught.value)
    assert str(folder) in str(caught.value)
    return str(caught.value)


async def test_a_missing_folder_is_told_in_one_line(tmp_path: Path) -> None:
    assert "no model could be loaded" in await one_line(tmp_path / "nothing-here")


async def test_an_empty_folder_is_told_in_one_line(tmp_path: Path) -> None:
    assert "no model could be loaded" in await one_line(tmp_path)


async def test_a_model_without_a_chat_template_is_told_in_one_line(tmp_path: Path) -> None:
    assert "has no chat template" in await one_line(make_tiny(tmp_path, template=None))


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
async def test_a_damaged_file_is_told_in_one_line(name: str, tiny: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny, folder)
    (folder / name).write_bytes(b"{" + (folder / name).read_bytes()[:40])
    await one_line(folder)


async def test_a_missing_file_is_told_in_one_line(tiny: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny, folder)
    (folder / "model.safetensors").unlink()
    await one_line(folder)


async def test_everyone_who_asked_a_missing_model_is_told(tmp_path: Path) -> None:
    model = Models().open(f"hf:{tmp_path / 'nothing'}")
    asked = [model.ask(HELLO, seed) for seed in range(3)]
    errors = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(error) for error in errors] == [UsageError] * 3


NO_SYSTEM = (
    "{% if messages[0]['role'] == 'system' %}"
    "{{ raise_exception('System role not supported') }}{% endif %}" + CHATML
)


async def test_a_prompt_the_template_refuses_fails_alone(tmp_path: Path) -> None:
    model = opened(make_tiny(tmp_path, template=NO_SYSTEM), COLD)
    good, bad = await asyncio.gather(
        model.ask(HELLO[1:], 1), model.ask(HELLO, 1), return_exceptions=True
    )
    assert isinstance(bad, Exception)
    assert isinstance(good, Answer)


async def test_a_prompt_the_template_refuses_is_an_agents_failure(tmp_path: Path) -> None:
    model = opened(make_tiny(tmp_path, template=NO_SYSTEM), COLD)
    with pytest.raises(AgentError, match="System role not supported"):
        await model.ask(HELLO, 1)
