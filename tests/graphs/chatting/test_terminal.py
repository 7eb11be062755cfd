"""The console in a real terminal."""

import re
from typing import Any

import pexpect

from dialogues.store import open_store
from tests.graphs.chatting.talking import TWO, Talker, picks, terminal, texts

CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[=>]|\x1b\][^\x07]*\x07")


COLOUR = re.compile(r"\x1b\[(?:[0-9]+;)*3[0-9](?:;[0-9]+)*m")


def say(shell: Any, typed: str) -> None:
    """Say something and wait for the reply, and to be asked again."""
    shell.send(f"{typed}\r")
    for shown in ("believed of you", "╰", "you>"):
        shell.expect(shown)


def left(shell: Any) -> str:
    """Leave by Ctrl-D, and return all that was printed since."""
    shell.sendeof()
    shell.expect(pexpect.EOF)
    shell.wait()
    assert shell.exitstatus == 0
    return str(shell.before)


def test_lines_history_and_keys(talk: Talker) -> None:
    shell = terminal(talk.folder)
    shell.expect("you>")
    say(shell, "I keep bees.\x1b\rThey sting.")
    shell.send("never sent\x03")
    say(shell, "I swim.")
    shell.send("\x03")
    shell.expect("Ctrl-D leaves")
    shell.expect("you>")
    say(shell, "\x1b[A\x7f at sea.")
    shell.send("/pers\t\r")
    shell.expect("Speaks for themselves")
    shell.expect("you>")
    coloured = COLOUR.search(shell.before)
    assert "kept; go on with python -m graphs.chat --thread chat-1" in left(shell)
    assert coloured
    assert texts(talk.tree()) == ["I keep bees.\nThey sting.", "I swim.", "I swim at sea."]


def test_on_coming_back_80_columns_are_enough_and_need_no_colour(talk: Talker) -> None:
    talk("I keep bees in Bath. | 1", *TWO)
    shell = terminal(talk.folder, "--thread", "chat-1", NO_COLOR="1")
    shell.expect("you>")
    shell.send("\x1b[A\r")  # the history begins with what was said before
    shell.expect("best>")
    seen = shell.before
    shell.send("1\r")
    shell.expect("as you do")
    shell.expect("you>")
    shell.send("/tree\r")
    shell.expect("went on from here")
    seen += shell.before
    shell.expect("you>")
    seen += left(shell)
    assert "╭" in seen
    assert not COLOUR.search(seen)
    lines = [CONTROL.sub("", line).rstrip("\r") for line in seen.split("\n")]
    assert max(len(line.split("\r")[-1]) for line in lines) <= 80
    assert len(picks(talk.tree())) == 2
    assert texts(talk.tree()) == ["I keep bees in Bath."] * 2


def test_killed_in_the_middle_nothing_that_was_said_is_lost(talk: Talker) -> None:
    shell = terminal(talk.folder, "--assistant", "tests.graphs.chatting.failing:Sleeping")
    shell.expect("you>")
    shell.send("I keep bees.\r")
    shell.expect("\n")
    saved = talk.folder / "asked"
    for _ in range(200):
        if saved.exists():
            break
        shell.expect([pexpect.TIMEOUT], timeout=0.05)
    assert saved.exists()
    shell.kill(9)
    shell.wait()
    assert texts(talk.tree()) == ["I keep bees."]
    talked = talk("I swim.", "--thread", "chat-1")
    assert texts(talk.tree()) == ["I keep bees.", "I swim."]
    assert talked.out.count("awake") == 2


def test_a_line_typed_before_the_prompt_is_there_is_sent(talk: Talker) -> None:
    shell = terminal(talk.folder)
    shell.send("I keep bees.\n")
    for shown in ("believed of you", "╰", "you>"):
        shell.expect(shown)
    left(shell)
    assert texts(talk.tree()) == ["I keep bees."]


def counted(talk: Talker) -> int:
    """Return how many nodes the store tells of without reading them."""
    with open_store(talk.store) as store:
        return store.run("chat-1").progress().nodes


def test_two_at_once_in_one_thread_lose_nothing(talk: Talker) -> None:
    talk("I keep bees.")
    shell = terminal(talk.folder, "--thread", "chat-1")
    shell.expect("you>")
    talk("I sing.", "--thread", "chat-1")
    before = counted(talk)
    say(shell, "I swim.")
    assert counted(talk) > before
    left(shell)
    tree = talk.tree()
    assert sorted(texts(tree)) == ["I keep bees.", "I sing.", "I swim."]
    swim, sing = tree.user_messages()[1:]
    assert swim.parent == sing.parent
