"""What is kept of a person across conversations, and that it is gone when they say so."""

from pathlib import Path

import pytest

from dialogues.errors import GroveError
from dialogues.node import Belief
from graphs.chatting.memory import Memory
from tests.graphs.chatting.talking import Talker, replies_below, texts

BEES = "I keep bees in Bath."
ADA = ("--remember", "ada")


def files_with(folder: Path, text: str) -> list[str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if text.encode() in path.read_bytes()]


async def test_a_belief_is_kept_in_order_and_replaced(tmp_path: Path) -> None:
    memory, other = Memory(tmp_path, "ada"), Memory(tmp_path, "Zoë 漢\n")
    belief = Belief(facts=("b", "a", "b again"), traits=("dry", "a"))
    await memory.keep(belief)
    await other.keep(Belief(facts=("mine",)))
    assert memory.recall() == belief
    fewer = Belief(facts=("a", "new"), traits=())
    await memory.keep(fewer)
    assert memory.recall() == Memory(tmp_path, "ada").recall() == fewer
    await memory.keep(Belief())
    assert memory.recall() == Belief()
    assert other.recall() == Belief(facts=("mine",))


async def test_what_is_forgotten_is_not_on_the_disk_either(tmp_path: Path) -> None:
    memory, other = Memory(tmp_path, "ada"), Memory(tmp_path, "bob")
    await memory.keep(Belief(facts=("SECRET one", "SECRET two")))
    await memory.keep(Belief(facts=("SECRET two",)))
    await other.keep(Belief(facts=("kept",)))
    assert files_with(tmp_path, "SECRET")
    memory.forget()
    memory.forget()
    assert files_with(tmp_path, "SECRET") == []
    assert memory.recall() == Belief()
    assert other.recall() == Belief(facts=("kept",))


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(GroveError, match="name another folder with --memory"):
        Memory(tmp_path / "file", "ada")


def test_the_next_conversation_knows_what_was_learnt(talk: Talker) -> None:
    first = talk(f"{BEES} | /memory", *ADA)
    assert first.lines[2:4] == ["kept under the name ada", f"believed of the user: {BEES}"]
    assert first.again() == ["--thread", "chat-1", "--remember", "ada"]
    second = talk("/belief | Hello!", *ADA)
    assert second.lines[1] == f"believed of the user: {BEES}"
    tree = talk.tree("chat-2")
    assert any("bees" in reply for reply in replies_below(tree, tree.user_messages()[0]))
    assert talk("/belief", "--remember", "bob").lines[1] == "believed of the user: nothing yet"


def test_forget_deletes_it_and_no_more_is_kept(talk: Talker) -> None:
    talk(BEES, *ADA)
    talked = talk("/forget | /memory | I swim on Sundays.", *ADA)
    assert talked.lines[1].startswith("forgotten, and no more is kept")
    assert talked.again() == ["--thread", "chat-2"]
    assert files_with(Path("runs/memory"), "bees") == []
    assert files_with(Path("runs/memory"), "swim") == []
    assert texts(talk.tree()) == [BEES]


def test_a_memory_that_fails_in_between_does_not_end_the_talk(
    talk: Talker, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(self: Memory, belief: Belief) -> None:
        raise GroveError("the memory failed")

    monkeypatch.setattr(Memory, "keep", broken)
    talked = talk(f"{BEES} | I swim.", *ADA)
    assert talked.lines.count("the memory failed") == 2
    assert texts(talk.tree()) == [BEES, "I swim."]
