"""Talking with the real command: in this process through a pipe, in another one in a terminal."""

import io
import os
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pexpect
import pytest

from dialogues.command import main
from dialogues.node import ASSISTANT, JUDGE, Node
from dialogues.store import open_store
from dialogues.tree import Tree
from graphs.chat import Chat, spread

ROOT = Path(__file__).parents[3]
TWO = ("--assistant", "hinted=scripted", "--assistant", "plain=scripted", "--judge", "scripted")
"""Flags of a conversation in which there is something to pick."""
FAILING = "tests.graphs.chatting.failing"


class Talked(NamedTuple):
    """What a conversation came to: what was printed, and how it ended."""

    out: str
    err: str
    status: int

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    def again(self) -> list[str]:
        """Return the flags it says to come back with."""
        return self.lines[-1].partition("graphs.chat ")[2].split()


class Talker:
    """Runs `graphs.chat` in this process, in a folder of its own, and types into a pipe."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: Any, folder: Path) -> None:
        self.monkeypatch, self.capsys, self.folder = monkeypatch, capsys, folder
        self.store = folder / "runs" / "chat.db"
        monkeypatch.chdir(folder)

    def __call__(self, typed: str, *flags: object) -> Talked:
        """Type lines, each given as one of `a | b | c`, and leave."""
        lines = "".join(f"{line.strip()}\n" for line in typed.split("|")) if typed else ""
        return self.raw(lines.encode(), *flags)

    def raw(self, data: bytes, *flags: object) -> Talked:
        stdin = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8")
        self.monkeypatch.setattr(sys, "stdin", stdin)
        self.capsys.readouterr()
        status = main(Chat, "graphs.chat", spread([str(flag) for flag in flags]))
        said = self.capsys.readouterr()
        return Talked(said.out, said.err, status)

    def tree(self, thread: str = "chat-1", store: Path | None = None) -> Tree:
        with open_store(store or self.store) as opened:
            (stored,) = opened.run(thread).planned_trees()
        return stored.tree


def texts(tree: Tree) -> list[str]:
    """Return what the user said on all branches."""
    return [node.text for node in tree.user_messages()]


def last_user(tree: Tree) -> Node:
    return tree.user_messages()[-1]


def replies_below(tree: Tree, user: Node) -> list[str]:
    return [node.text for node in tree.children(user.key, ASSISTANT)]


def picks(tree: Tree) -> list[Node]:
    """Return what a person picked, in order of place."""
    return [node for node in tree if node.seat == JUDGE and node.spec == "human"]


def terminal(folder: Path, *flags: str, columns: int = 80, **environment: str) -> Any:
    """Start the command in a terminal of its own; pexpect's spawn."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color"}
    env.pop("NO_COLOR", None)
    env |= {"PROMPT_TOOLKIT_NO_CPR": "1", **environment}
    argv = ["-m", "graphs.chat", *flags]
    return pexpect.spawn(
        sys.executable,
        argv,
        cwd=folder,
        env=env,
        dimensions=(40, columns),
        encoding="utf-8",
        timeout=15,
    )
