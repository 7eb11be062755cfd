"""What can be typed after a slash, and what is wrong with it; nothing of it ends a conversation."""

from pathlib import Path

import pytest

from tests.graphs.chatting.talking import TWO, Talker, last_user, picks, replies_below, texts


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/foo", "there is no command /foo; /help lists them"),
        ("/", "there is no command /; /help lists them"),
        ("/[bold]x", "there is no command /[bold]x; /help lists them"),
        ("/branch", "/branch takes the number of a turn, or the id of a message in /tree"),
        ("/branch 99", "there is no turn 99 here"),
        ("/branch ²", "²: no message has this id"),
        ("/branch zz", "zz: no message has this id"),
        ("/pick 1", "no message here has several replies; /retry asks for another"),
        ("/save", "/save takes the name of a file"),
        ("/save there.md", "there.md is there already; name another file"),
        ("/save .", ". is there already; name another file"),
        ("/save no/where.md", "no/where.md cannot be written"),
        ("/save " + "x" * 300, "File name too long"),
        ("/export", "/export takes a format and a file, such as preference mine.jsonl"),
        ("/export preference", "/export takes a format and a file"),
        ("/export foo x.jsonl", "--format foo: Input should be"),
        ("/export preference x.txt", "--out x.txt: name a file ending in .jsonl or .parquet"),
        ("/export preference x.jsonl --help", "/export takes a format and a file"),
        ("/export preference x.jsonl --foo", "unrecognized arguments"),
        ('/export preference "x', "No closing quotation"),
        ("/export preference x.jsonl", "gives no preference row"),
        ("/memory", "nothing is kept of you: that takes --remember NAME"),
        ("/forget", "nothing is kept of you: that takes --remember NAME"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(talk: Talker, typed: str, told: str) -> None:
    Path("there.md").write_text("old", encoding="utf-8")
    talked = talk(f"I keep bees. | {typed} | I swim.")
    assert (talked.status, talked.err) == (0, "")
    assert told in talked.lines[2]
    assert len(talked.lines) == 5
    assert texts(talk.tree()) == ["I keep bees.", "I swim."]
    assert Path("there.md").read_text("utf-8") == "old"


def test_before_anything_was_said_there_is_nothing_to_go_back_to(talk: Talker) -> None:
    talked = talk("/undo | /retry | /save x.md | /pick | /branch 1 | /tree")
    assert talked.lines[1:4] == ["nothing was said yet"] * 3
    assert talked.lines[5] == "there is no turn 1 here"
    assert not Path("x.md").exists()


def test_commands_may_be_cut_short(talk: Talker) -> None:
    talked = talk("/bel | /q | I am not sent")
    assert talked.lines[1] == "believed of the user: nothing yet"
    assert texts(talk.tree()) == []


def test_help_lists_every_command(talk: Talker) -> None:
    talked = talk("/help")
    asked = "help persona belief tree undo branch retry pick save export memory forget quit"
    assert [line.split()[0] for line in talked.lines[1:-1]] == [f"/{n}" for n in asked.split()]


def test_the_persona_and_the_tree_are_shown(talk: Talker) -> None:
    talked = talk("/persona | 1 | /tree", "--seat", "judge", "--persona", 2)
    persona = talk.tree().persona
    assert persona.profile.text.split(".")[0][:40] in talked.out
    assert talk.tree().key in talked.out


def test_undo_and_another_message_make_a_branch(talk: Talker) -> None:
    talk("I keep bees. | I swim. | /undo | I sing. | /undo | /undo | I paint.")
    tree = talk.tree()
    first, second = tree.children(tree.key, "user")
    assert (first.text, second.text) == ("I keep bees.", "I paint.")
    (reply,) = tree.candidates(first.key)
    assert [node.text for node in tree.children(reply.key, "user")] == ["I swim.", "I sing."]


def test_undo_right_after_coming_back(talk: Talker) -> None:
    talk("I keep bees. | I swim.")
    talk("/undo | I sing.", "--thread", "chat-1")
    tree = talk.tree()
    assert sorted(texts(tree)) == ["I keep bees.", "I sing.", "I swim."]
    assert len(tree.children(tree.key, "user")) == 1


def test_branch_goes_before_a_turn_or_after_a_message(talk: Talker) -> None:
    talk("I keep bees. | I swim. | /branch 1 | I paint.")
    tree = talk.tree()
    bees, paint = tree.children(tree.key, "user")
    (reply,) = tree.candidates(bees.key)
    swim = last_user(tree)
    talk(f"/branch {reply.key} | I sing. | /branch {swim.key[:8]} | I dance.", "--thread=chat-1")
    tree = talk.tree()
    said = [node.text for node in tree.children(reply.key, "user")]
    assert said == ["I swim.", "I sing.", "I dance."]
    assert paint.text == "I paint."


def test_retry_asks_for_another_reply_and_the_talk_goes_on_from_the_newest(talk: Talker) -> None:
    talk("I keep bees. | /retry | /retry | I swim.")
    tree = talk.tree()
    bees, swim = tree.user_messages()
    assert len(replies_below(tree, bees)) == 3
    assert swim.parent == tree.candidates(bees.key)[-1].key
    assert len(replies_below(tree, swim)) == 1


def test_a_pick_says_from_which_reply_the_talk_goes_on(talk: Talker) -> None:
    talked = talk("I keep bees. | /retry | /pick 1 | I swim. | /quit")
    tree = talk.tree()
    bees, swim = tree.user_messages()
    assert swim.parent == tree.candidates(bees.key)[0].key
    assert talked.out.count("you prefer 1") == 1
    talk("I sing.", "--thread", "chat-1")
    assert texts(talk.tree())[-1] == "I sing."


def test_several_retries_with_picks(talk: Talker) -> None:
    talked = talk(
        "I keep bees. | 1 | /retry | 3 | /retry | 5>1 | I swim. | 2 | /pick 1 | /quit", *TWO
    )
    tree = talk.tree()
    bees, swim = tree.user_messages()
    assert len(replies_below(tree, bees)) == 6
    assert len(replies_below(tree, swim)) == 2
    below = tree.children(bees.key, "judge")
    assert [len(node.verdict.of) for node in below if node.verdict and node.spec == "human"] == [
        2,
        4,
        6,
    ]
    assert [len(node.verdict.of) for node in below if node.verdict and node.spec != "human"] == [
        2,
        4,
        6,
    ]
    assert tree[swim.parent].key == picks(tree)[2].verdict.ranking[0][0]
    assert "scripted orders" in talked.out


def test_after_a_retry_another_branch_has_the_usual_candidates(talk: Talker) -> None:
    talk("1 | /retry | /branch 1 | 1", "--seat", "judge")
    tree = talk.tree()
    counts = [len(replies_below(tree, user)) for user in tree.children(tree.key, "user")]
    assert counts == [2, 2]


def test_a_judge_takes_a_pick_back(talk: Talker) -> None:
    talk("1 | /undo | 2 | 1", "--seat", "judge")
    tree = talk.tree()
    first = tree.children(tree.key, "user")[0]
    assert len([node for node in picks(tree) if node.parent == first.key]) == 2
    assert all(tree.continued(node.key) for node in tree.candidates(first.key))


@pytest.mark.parametrize("typed", ["9", "1>1", "0", "foo", "1>", "1" * 5000])
def test_what_is_no_pick_is_asked_again(talk: Talker, typed: str) -> None:
    talked = talk(f"I keep bees. | {typed} | 1", *TWO)
    assert talked.status == 0
    assert len(picks(talk.tree())) == 1


def test_what_was_said_can_be_saved_as_text(talk: Talker) -> None:
    talked = talk("I keep bees. | /save mine.md | /quit")
    assert talked.lines[-2] == "2 messages in mine.md"
    user, assistant = Path("mine.md").read_text("utf-8").strip().split("\n\n")
    assert user == "**user** I keep bees."
    assert assistant.startswith("**assistant** ")


def test_a_slip_in_a_pick_taken_back_is_no_message(talk: Talker) -> None:
    talked = talk("I keep bees. | 1 | /pick | 21 | /tree | 2", *TWO)
    assert talked.out.count("Enter alone leaves it as it is") == 2
    assert [node.verdict is not None for node in picks(talk.tree())] == [True, True]
    assert texts(talk.tree()) == ["I keep bees."]


def test_what_is_taken_back_is_told(talk: Talker) -> None:
    assert "turn 1 is taken back" in talk("I keep bees. | /undo | I swim.").out


def test_a_judge_has_something_to_compare(talk: Talker) -> None:
    talked = talk("", "--seat", "judge", "--assistant", "hinted=scripted")
    assert talked.status == 2
    assert "name another --assistant" in talked.err
    assert not talk.store.exists()
