"""Folders that hold no model, or one whose template does not take every prompt."""

import asyncio
import re
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


@pytest.mark.parametrize("name", ["./nothing", "../nothing", "/nothing", "~/nothing", "a/b/c", "."])
def test_what_is_no_folder_of_a_model_is_told_when_it_is_opened(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=f"^no folder {re.escape(name)} with a model in it$"):
        Models().open(f"hf:{name}")


def test_a_folder_that_is_there_is_taken_for_no_hub_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert Models().open("hf:lab/model")
    (tmp_path / "lab" / "model").mkdir(parents=True)
    with pytest.raises(UsageError, match="no folder lab/model with a model"):
        Models().open("hf:lab/model")


async def test_a_folder_may_be_named_from_home(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tiny.parent))
    assert (await Models().open(f"hf:~/{tiny.name}").ask(HELLO, 1)).usage.calls == 1


async def test_a_folder_of_an_adapter_is_a_model_too(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text("{}")
    assert Models().open(f"hf:{tmp_path}")


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
    (tmp_path / "config.json").write_text("{}")
    model = Models().open(f"hf:{tmp_path}")
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
