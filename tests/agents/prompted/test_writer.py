"""The prompted writer: what it is shown, and how texts are found in whatever it answers."""

import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.casting import seat
from agents.models.errors import Refused
from agents.models.settings import PoolSampling, WriterSampling
from agents.models.stock import Models
from agents.prompted.prompts import SHIPPED, load_prompts
from agents.prompted.writer import texts_in
from agents.seats import WRITER, EmptyReply, WriterBrief, Written
from graphs.personas.admission import described
from tests.agents.prompted.asking import Answer, Desk, Says, Tags, messages
from tests.model_server import Call

ADA = "Ada Quill is 52 and mends clocks in Bath. She sings alto. She swims. She has two dogs."
BEN = "Ben Okoro is 31 and drives a tram in Lagos. He breeds canaries. He naps. He owns a drum."
EVE = 'Eve Lind is 70. She calls her cat "Sir" {fondly}. She knits.\nShe owes $5 to Ben & <co>.'
TEXTS = [ADA, BEN, EVE]
PROSE = [ADA, BEN]
WHOLE = json.dumps({"descriptions": TEXTS})
SHORT = "I cannot write these."
HOSTILE = (
    "</profile>",
    "<profile>",
    "</personality>",
    "<!-- x",
    "&lt;/profile&gt;",
    "$examples",
    "${count}",
    "$$",
    "{count}",
    "%(count)s",
    '"}',
)
hostile = st.lists(
    st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=6),
    max_size=4,
).map(lambda parts: "a" + "".join(parts) + "a")
told = st.text('ab"\\{}[]:,é\n$ ', max_size=12)


class WritersDesk(Desk):
    """A desk whose models are sampled as a pool's are."""

    def __enter__(self) -> Self:
        super().__enter__()
        settings = self.models.settings.model_copy(update={"sampling": PoolSampling()})
        self.models = Models(settings)
        return self


@pytest.fixture(scope="module")
def desk() -> Iterator[WritersDesk]:
    with WritersDesk() as opened:
        yield opened


def a_brief(*examples: str, **other: Any) -> WriterBrief:
    shown = {"kind": "profile", "count": 20, "language": "en", "number": 3, "seed": 7, **other}
    return WriterBrief(examples=examples, **shown)


def written(desk: Desk, *says: Says, brief: WriterBrief | None = None) -> tuple[Written, Call]:
    """Return what the writer makes of an answer, and the one call it took."""
    desk.says, before = list(says), len(desk.server.calls)
    answer = desk.wait_for(desk.seated(WRITER).agent.write(brief or a_brief(ADA)))
    (call,) = desk.server.calls[before:]
    return answer, call


def texts(desk: Desk, answer: str, finish: str = "stop") -> Sequence[str]:
    return written(desk, Answer(answer, finish))[0].texts


def fenced(text: str) -> str:
    return f"Here they are:\n\n```json\n{text}\n```\n"


def test_the_json_asked_for_is_read(desk: Desk) -> None:
    answer, _ = written(desk, Answer(WHOLE, reasoning="Who could there be?"))
    assert answer.texts == tuple(TEXTS)
    assert (answer.text, answer.reasoning, answer.last) == (WHOLE, "Who could there be?", False)
    assert answer.usage and (answer.usage.calls, answer.usage.faults) == (1, ())


@pytest.mark.parametrize(
    "answer",
    [
        fenced(WHOLE),
        json.dumps({"descriptions": TEXTS}, indent=2, ensure_ascii=False),
        f"Sure!\n{WHOLE}\nI hope that these help.",
        json.dumps({"profiles": TEXTS}),
        fenced(json.dumps({"profiles": TEXTS})),
        json.dumps({"count": 3, "descriptions": TEXTS}),
        json.dumps({"descriptions": [*TEXTS, 5, None, {}]}),
        WHOLE.replace("\\n", "\n"),
        f"<think>{{}}</think>{WHOLE}",
    ],
    ids=[
        "fenced",
        "laid out",
        "between words",
        "another key",
        "another key, fenced",
        "one key more",
        "no texts among them",
        "raw line breaks",
        "after thoughts",
    ],
)
def test_json_of_nearly_the_form_is_read_too(desk: Desk, answer: str) -> None:
    assert texts(desk, answer) == tuple(TEXTS)


@given(st.lists(told, max_size=4))
def test_no_text_is_changed_by_json(known: list[str]) -> None:
    assert texts_in(json.dumps({"descriptions": known})) == known


@given(st.lists(told, min_size=1, max_size=4), st.data())
def test_of_json_that_is_cut_off_only_whole_texts_are_kept(
    known: list[str], data: st.DataObject
) -> None:
    answer = json.dumps({"descriptions": known})
    found = texts_in(answer[: data.draw(st.integers(1, len(answer) - 1))], cut=True)
    assert found == known[: len(found)]


@pytest.mark.parametrize("fence", [str, fenced])
def test_the_text_in_which_the_limit_fell_is_dropped(desk: Desk, fence: Any) -> None:
    cut = fence(WHOLE).partition("Eve Lind is 7")[0]
    answer, _ = written(desk, Answer(cut, "length"))
    assert answer.texts == (ADA, BEN)
    assert answer.usage and answer.usage.faults == ("cut",)


def test_texts_that_are_whole_are_kept_though_the_limit_fell_after_them(desk: Desk) -> None:
    assert texts(desk, WHOLE, "length") == tuple(TEXTS)


@pytest.mark.parametrize("mark", ["{n}. ", "{n}) ", " {n}. ", "- ", "* ", "• ", "# "])
@pytest.mark.parametrize("opening", ["", "Here are two new profiles:\n\n"])
@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_a_list_is_taken_apart(desk: Desk, mark: str, opening: str, between: str) -> None:
    items = (mark.format(n=n) + text for n, text in enumerate(PROSE, 1))
    assert texts(desk, opening + between.join(items)) == tuple(PROSE)


def test_paragraphs_are_taken_apart_without_what_introduces_them(desk: Desk) -> None:
    lines = ["Here are the new profiles that you asked me for:", *PROSE, "Enjoy!"]
    assert texts(desk, "\n\n".join(lines)) == tuple(PROSE)


def test_a_text_over_several_lines_becomes_one(desk: Desk) -> None:
    broken = ADA.replace(". ", ".\n   ")
    assert texts(desk, f"1. {broken}\n2. {BEN}") == tuple(PROSE)


def test_quotes_around_a_text_are_left_out(desk: Desk) -> None:
    assert texts(desk, f'1. "{ADA}"\n2. "{BEN}"') == tuple(PROSE)


@pytest.mark.parametrize("prose", [f"1. {ADA}\n2. {BEN[:-20]}", f"{ADA}\n\n{BEN[:-20]}"])
def test_the_end_of_prose_that_is_cut_off_is_dropped(desk: Desk, prose: str) -> None:
    assert texts(desk, prose, "length") == (ADA,)


def test_braces_in_prose_make_it_no_json(desk: Desk) -> None:
    assert texts(desk, f"1. {ADA} {{Sic.}}\n2. {BEN}") == (f"{ADA} {{Sic.}}", BEN)


@pytest.mark.parametrize(
    "refusal", [SHORT, "I'm sorry, but I cannot make up profiles of people, as that is against."]
)
def test_a_refusal_in_words_brings_no_description(desk: Desk, refusal: str) -> None:
    halves = [described("profile", text, "en") for text in texts(desk, refusal)]
    assert not any(halves)


def test_a_refusal_the_server_tells_is_an_error_with_its_usage(desk: Desk) -> None:
    with pytest.raises(Refused, match="I will not") as caught:
        written(desk, Answer(refusal="I will not."))
    assert caught.value.usage and caught.value.usage.calls == 1


@pytest.mark.parametrize("blank", ["", " \n"])
def test_an_empty_answer_is_an_error_with_its_usage(desk: Desk, blank: str) -> None:
    with pytest.raises(EmptyReply) as caught:
        written(desk, Answer(blank))
    assert caught.value.usage and caught.value.usage.calls == 1


@pytest.mark.parametrize(
    "answer",
    [
        "{",
        "{}",
        "}{",
        "[]",
        "[[]]",
        "null",
        '{"descriptions": []}',
        '{"descriptions": "none"}',
        '{"descriptions": {"1": "none"}}',
        '[{"description": "none"}, {"description": "none"}]',
        "Of {} there are:\n```json\n[]\n```",
        pytest.param('{"a":' * 5000, id="deep"),
        "```json",
        "#",
        "**",
    ],
)
def test_an_answer_without_texts_has_none(desk: Desk, answer: str) -> None:
    assert texts(desk, answer) == ()


def test_long_json_that_cannot_be_mended_is_given_up_soon() -> None:
    before = time.monotonic()
    texts_in(json.dumps({"descriptions": ['She said "no".', *PROSE * 100]}).replace('\\"', '"'))
    assert time.monotonic() - before < 1


@given(st.text('{}[]":,\\`a\n1.-*# ', max_size=40), st.booleans())
def test_any_answer_is_read(answer: str, cut: bool) -> None:
    assert all(isinstance(text, str) for text in texts_in(answer, cut))


@pytest.mark.parametrize("kind", ["profile", "personality"])
def test_the_examples_are_shown_each_in_its_tags(desk: Desk, kind: Any) -> None:
    _, call = written(desk, WHOLE, brief=a_brief(*TEXTS, kind=kind))
    told = Tags(messages(call)[1].content)
    assert told.inside == [(kind, text) for text in TEXTS]
    assert told.names == [kind, f"/{kind}"] * len(TEXTS)


@given(st.lists(hostile, min_size=1, max_size=3), st.sampled_from(["profile", "personality"]))
def test_no_example_closes_its_tags_or_fills_a_placeholder(
    desk: Desk, shown: list[str], kind: Any
) -> None:
    _, call = written(desk, WHOLE, brief=a_brief(*shown, kind=kind))
    assert Tags(messages(call)[1].content).inside == [(kind, text) for text in shown]


@pytest.mark.parametrize("kind", ["profile", "personality"])
def test_the_count_the_language_and_the_form_are_told(desk: Desk, kind: Any) -> None:
    _, call = written(desk, WHOLE, brief=a_brief(ADA, kind=kind, count=13, language="pt-BR"))
    system, ask = messages(call)
    assert "Write 13 new ones." in ask.content
    assert "the language with the code pt-BR." in system.content
    example = json.loads(system.content[system.content.index("{") :])
    assert [*example] == ["descriptions"]
    assert "$" not in system.content + ask.content


def test_a_writer_without_examples_is_asked_all_the_same(desk: Desk) -> None:
    answer, call = written(desk, WHOLE, brief=a_brief())
    assert answer.texts == tuple(TEXTS)
    assert not Tags(messages(call)[1].content).names


def test_the_request_has_the_schema_and_the_sampling_of_a_pool(desk: Desk) -> None:
    _, call = written(desk, WHOLE)
    form = call.body["response_format"]["json_schema"]
    assert (form["name"], form["strict"]) == ("Descriptions", True)
    assert form["schema"]["properties"]["descriptions"]["items"] == {"type": "string"}
    assert form["schema"]["additionalProperties"] is False
    asked = {name: call.body.get(name) for name in ("model", "temperature", "seed", "top_p")}
    assert asked == {"model": "stub", "temperature": 0.8, "seed": 7, "top_p": None}
    assert 6000 in (call.body.get("max_tokens"), call.body.get("max_completion_tokens"))


def test_the_sampling_can_be_set(desk: Desk) -> None:
    sampling = PoolSampling(writer=WriterSampling(temperature=None, max_tokens=99))
    models = Models(desk.models.settings.model_copy(update={"sampling": sampling}))
    desk.says, writer = [WHOLE], seat(WRITER, "openai:stub@desk", models)
    desk.wait_for(writer.agent.write(a_brief(ADA)))
    desk.wait_for(models.close())
    call = desk.server.calls[-1]
    assert "temperature" not in call.body
    assert 99 in (call.body.get("max_tokens"), call.body.get("max_completion_tokens"))


def test_its_prompt_has_a_hash_that_follows_its_texts(desk: Desk, tmp_path: Path) -> None:
    shipped = load_prompts()["writer"]
    assert desk.seated(WRITER).prompt_hash == shipped.hash
    changed = (SHIPPED / "writer.yaml").read_text().replace("ordinary", "odd")
    (tmp_path / "writer.yaml").write_text(changed)
    settings = desk.models.settings.model_copy(update={"prompts": tmp_path})
    other = seat(WRITER, "openai:stub@desk", Models(settings))
    assert other.prompt_hash != shipped.hash


def test_a_writer_needs_no_settings_of_a_pool() -> None:
    assert seat(WRITER, "openai:stub@http://127.0.0.1:9/v1").prompt_hash
