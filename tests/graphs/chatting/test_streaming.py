"""Replies of models stream in, and what is kept is exact."""

from tests.graphs.chatting.talking import Talker, replies_below, terminal, texts
from tests.model_server import Answer, Call, ModelServer, play

LONG = " ".join(f"word{number}" for number in range(120))


def spec(server: ModelServer, role: str = "plain") -> str:
    return f"{role}=openai:stub@{server.url}"


def test_a_streamed_reply_is_kept_whole_and_its_tokens_are_counted(talk: Talker) -> None:
    with ModelServer(lambda call: "Dear **bee** keeper,\n\nhello  there.") as server:
        talked = talk("I keep bees.", "--assistant", spec(server))
        (call,) = server.calls
    assert call.body["stream"] is True
    (reply,) = talk.tree().candidates(talk.tree().user_messages()[0].key)
    assert reply.text == "Dear **bee** keeper,\n\nhello  there."
    assert reply.usage and (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (3, 5)
    assert not reply.usage.estimated
    assert "plain=openai:stub: Dear **bee** keeper," in talked.out
    assert talked.again()[2:] == ["--assistant", spec(server)]


def test_reasoning_is_in_no_final_text(talk: Talker) -> None:
    with ModelServer(lambda call: "<think>She keeps <b>bees</b>.</think>Hello, Ada.") as server:
        talked = talk("I keep bees.", "--assistant", spec(server))
    (reply,) = talk.tree().candidates(talk.tree().user_messages()[0].key)
    assert (reply.text, reply.reasoning) == ("Hello, Ada.", "She keeps <b>bees</b>.")
    assert "think" not in talked.out


def test_a_stream_that_breaks_is_asked_again(talk: Talker) -> None:
    def answer(call: Call) -> str | Answer:
        return Answer(LONG, broken_after=3) if call.number < 1 else "Hello."

    with ModelServer(answer) as server:
        talked = talk("I keep bees.", "--assistant", spec(server))
        assert len(server.calls) == 2
    assert replies_below(talk.tree(), talk.tree().user_messages()[0]) == ["Hello."]
    assert "word0" not in talked.out


def test_a_stream_that_always_breaks_is_a_failure_to_retry(talk: Talker) -> None:
    broken = True

    def answer(call: Call) -> str | Answer:
        return Answer(LONG, broken_after=2) if broken else "Hello."

    with ModelServer(answer) as server:
        told = f"endpoints: {{lab: {{base_url: '{server.url}', retries: 0}}}}\n"
        (talk.folder / "lab.yaml").write_text(told, encoding="utf-8")
        flags = ("--config", "lab.yaml", "--assistant", "plain=openai:stub@lab")
        talked = talk("I keep bees.", *flags)
        broken = False
        talk("/retry | I swim.", "--thread", "chat-1", *flags)
    assert "assistant plain=openai:stub failed: " in talked.lines[1]
    tree = talk.tree()
    assert texts(tree) == ["I keep bees.", "I swim."]
    assert tree.failures() == []


def test_models_in_all_seats(talk: Talker) -> None:
    with ModelServer(play) as server:
        flags = [f"--{seat}={spec(server, role)}" for seat, role in SEATS]
        talked = talk("1 | 1", "--seat", "judge", f"--user=openai:stub@{server.url}", *flags)
    assert talked.status == 0
    assert "orders" in talked.out
    assert len(texts(talk.tree())) == 3


SEATS = (
    ("assistant", "hinted"),
    ("assistant", "plain"),
    ("inducer", "infer"),
    ("judge", "listwise"),
)


def test_a_server_that_is_not_there_is_told_before_anything_is_said(talk: Talker) -> None:
    talked = talk("hello", "--assistant", "plain=openai:stub@http://127.0.0.1:9/v1")
    assert talked.status in (1, 2)
    assert len(talked.err.splitlines()) == 1


def test_in_a_terminal_a_reply_is_seen_while_it_is_written(talk: Talker) -> None:
    with ModelServer(lambda call: f"<think>hidden</think>{LONG}") as server:
        shell = terminal(talk.folder, "--assistant", spec(server))
        shell.expect("you>")
        shell.send("I keep bees.\r")
        shell.expect("word5")
        early = len(server.calls)
        shell.expect("you>")
        shell.sendeof()
        shell.expect("kept; go on with")
        shell.wait()
    assert early == 1
    assert replies_below(talk.tree(), talk.tree().user_messages()[0]) == [LONG]
