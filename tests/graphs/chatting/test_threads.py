"""Threads: leaving and coming back, and what cannot be."""

from pathlib import Path

import pytest

from dialogues.command import main
from dialogues.store import open_store
from graphs.chat import Chat
from graphs.chatting.threads import left_thread
from tests.graphs.chatting.talking import TWO, Talker, picks, texts
from tests.growing import grow


def test_a_thread_goes_on_with_the_agents_it_began_with(talk: Talker) -> None:
    talk("I keep bees. | 2", "--thread", "my talk", "--seed", 5, *TWO)
    talked = talk("I swim. | 1", "--thread", "my talk")
    tree = talk.tree("my talk")
    assert talked.lines[-1].endswith("--thread 'my talk'")
    assert texts(tree) == ["I keep bees.", "I swim."]
    assert len(picks(tree)) == 2
    assert tree.user_messages()[1].parent == picks(tree)[0].verdict.preferred[0]


def test_where_a_person_last_had_a_say_it_goes_on(talk: Talker) -> None:
    talk("I keep bees. | I swim. | I sing. | /branch 2 | I paint.")
    talk("I dance.", "--thread", "chat-1")
    tree = talk.tree()
    dance = next(node for node in tree.user_messages() if node.text == "I dance.")
    assert [node.text for node in tree.path(dance.key)][::2] == [
        "I keep bees.",
        "I paint.",
        "I dance.",
    ]


def test_an_over_dialogue_is_over_on_coming_back_unless_there_are_more_turns(talk: Talker) -> None:
    talk("1 | 1", "--seat", "judge", "--turns", 2)
    assert "the dialogue has all its turns" in talk("", "--thread", "chat-1").out
    assert "user 3: " in talk("", "--thread", "chat-1", "--turns", 3).out


@pytest.mark.parametrize(
    "flags",
    [("--seat", "judge"), ("--seed", 3), ("--inducer", "none"), ("--assistant", "plain=scripted")],
)
def test_other_settings_are_refused_by_name(talk: Talker, flags: tuple[object, ...]) -> None:
    talk("I keep bees.")
    talked = talk("hello", "--thread", "chat-1", *flags)
    assert talked.status == 2
    assert talked.err.startswith(f"error: {flags[0]}: chat-1 was begun with ")
    assert len(talked.err.splitlines()) == 1
    assert talk("x", "--thread", "chat-1", "--assistant", "hinted=scripted").status == 0


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--thread", ""), "--thread"),
        (("--persona", "99999"), "no such persona; give a number from 1 to "),
        (("--persona", "zz", "--seat", "judge"), "no such persona"),
        (("--persona", ""), "--persona"),
        (("--assistant", "foo"), "unknown agent 'foo'"),
        (("--assistant", "no.module:Class"), "cannot import"),
        (("--judge", "scripted", "--judge", "scripted"), "named once"),
        (("--seat", "bob"), "--seat bob"),
        (("--turns", "0"), "--turns 0"),
        (("--store", "."), "is a folder"),
        (("--memory", "file", "--remember", "x"), "name another folder with --memory"),
        (("--remember", ""), "--remember"),
        (("--remember", "x", "--seat", "judge"), "for --seat user"),
        (("--remember", "x", "--inducer", "none"), "--inducer is none"),
        (("--pool", "nowhere", "--persona", "1"), "nowhere"),
        (("--foo",), "--foo"),
    ],
)
def test_wrong_flags_are_one_line(talk: Talker, flags: tuple[str, ...], told: str) -> None:
    Path("file").write_text("", encoding="utf-8")
    talked = talk("hello", *flags)
    assert talked.status in (1, 2)
    assert told in talked.err
    assert len(talked.err.splitlines()) == 1
    assert talked.out == ""


def test_a_run_that_is_no_conversation_is_none(talk: Talker) -> None:
    store = grow(Path("a.db"), limit=1, turns=1)
    talked = talk("hello", "--store", store, "--thread", "main")
    assert talked.status == 2
    assert "--thread main is no conversation; enter its dialogues by --at" in talked.err


def test_a_persona_by_number_or_the_start_of_an_id(talk: Talker) -> None:
    talk("", "--persona", 3, "--thread", "a")
    persona = talk.tree("a").persona
    talk("", "--persona", persona.id[:9], "--thread", "b")
    assert talk.tree("b").persona == persona


def test_what_the_store_does_not_keep_is_said_on_leaving(talk: Talker) -> None:
    Path("mine.yaml").write_text("seat: judge\n", encoding="utf-8")
    flags = ["--store", "x.db", "--config", "mine.yaml"]
    talked = talk("", *flags, "--user", "scripted@http://me:secret@host/v1")
    assert talked.again() == [
        *("--thread", "chat-1", "--store", "x.db"),
        *("--user", "'scripted@http://***@host/v1'", "--config", "mine.yaml"),
    ]


def test_a_thread_of_this_name_is_found(talk: Talker) -> None:
    talk("hello")
    with open_store(talk.store) as store:
        assert left_thread(store, Chat(thread="chat-1"))
        assert left_thread(store, Chat(thread="chat-2")) is None


def test_help_is_for_newcomers(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(Chat, "graphs.chat", ["--help"])
    assert left.value.code == 0
    said = capsys.readouterr().out
    assert "Talk in the console as the user, judge the replies" in said
    assert "enter a dialogue of a store at a node" in said
