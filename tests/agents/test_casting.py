"""Casting: specs seat agents, and whatever is wrong with a spec is said in one line."""

import subprocess
import sys

import pytest

from agents.casting import PROMPTED, ROLES, SHORT_NAMES, cast, seat
from agents.models.settings import ModelSettings
from agents.models.stock import Models
from agents.scripted.assistant import ScriptedAssistant
from agents.seats import SEATS, UserBrief, Utterance
from dialogues.errors import UsageError
from dialogues.node import ASSISTANT, INDUCER, JUDGE, USER
from dialogues.persona import Persona
from tests.agents.troupe import PATH, NumberUser
from tests.growing import a_persona


def refusal(seat_name: str, spec: str) -> str:
    with pytest.raises(UsageError) as caught:
        seat(seat_name, spec)
    return str(caught.value)


@pytest.mark.parametrize("seat_name", [USER, INDUCER, ASSISTANT, JUDGE])
def test_an_unknown_agent_is_refused_with_the_known_ones(seat_name: str) -> None:
    told = refusal(seat_name, "skripted")
    assert f"--{seat_name} skripted" in told
    assert all(short in told for short in SHORT_NAMES[seat_name])


@pytest.mark.parametrize("seat_name", [USER, INDUCER, ASSISTANT, JUDGE])
def test_an_unknown_role_is_refused_with_the_known_ones(seat_name: str) -> None:
    told = refusal(seat_name, "nosuch=scripted")
    assert "'nosuch'" in told
    assert all(role in told for role in ROLES[seat_name])


BAD_PATHS = {
    "no_such_module:Agent": "no_such_module",
    f"{PATH}:NoSuchClass": "NoSuchClass",
    f"{PATH}:": "cannot import",
    ":NumberUser": "cannot import",
    f"{PATH}:NOT_A_CLASS": "is not a class",
    f"{PATH}:NumberAssistant": "async def speak(self, brief)",
    f"{PATH}:SpeaksAtOnce": "async def speak(self, brief)",
    f"{PATH}:NeedsArguments": "temperature",
    f"{PATH}:CannotBeMade": "no weights found",
    "agents.seats:User": "cannot make",
    "scripted:terse": "variants: fixed, uncooperative",
    "scripted:typo=0.2": "dislike, change",
    "scripted:typos=2": "typos",
    "scripted:fixed,typos=much": "typos",
    "a spec with spaces": "ROLE=",
    "": "ROLE=",
}


@pytest.mark.parametrize(("spec", "reason"), BAD_PATHS.items())
def test_a_class_that_cannot_take_the_seat_is_refused(spec: str, reason: str) -> None:
    told = refusal(USER, spec)
    assert reason in told
    assert spec in told


def test_a_refusal_is_one_line_even_if_the_agent_says_two() -> None:
    assert "\n" not in refusal(USER, f"{PATH}:CannotBeMade")


def test_no_assistant_at_all_is_refused() -> None:
    with pytest.raises(UsageError, match="--assistant SPEC"):
        cast("scripted", "scripted", [], ["scripted"])


def test_a_dotted_path_seats_that_class() -> None:
    seated = seat(USER, f"{PATH}:NumberUser")
    assert isinstance(seated.agent, NumberUser)
    assert seated.class_path == f"{PATH}:NumberUser"


def test_the_text_after_a_short_name_goes_to_the_constructor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(SHORT_NAMES[USER], "varied", f"{PATH}:TakesAVariant")
    seated = seat(USER, "varied:terse@http://localhost:8000/v1")
    assert seated.agent.variant == "terse"
    plain = seat(USER, "varied")
    assert plain.agent.variant == "none"


@pytest.mark.parametrize("seat_name", [INDUCER, JUDGE])
def test_an_agent_without_options_refuses_them(seat_name: str) -> None:
    assert "unknown agent 'scripted:terse'; known: scripted" in refusal(seat_name, "scripted:terse")


def test_the_options_of_the_scripted_user_are_given_after_the_colon() -> None:
    seated = seat(USER, "scripted:uncooperative,typos=0.2,drift=0@lab")
    options = seated.agent.options
    assert (options.variant, options.typos, options.drift) == ("uncooperative", 0.2, 0.0)
    assert seated.spec.name == "scripted:uncooperative,typos=0.2,drift=0"
    assert seat(USER, "scripted:typos=1").agent.options.typos == 1.0
    assert seat(USER, "scripted").agent.options.variant == ""


@pytest.mark.parametrize("variant", ["ignores", "interrogates"])
def test_an_assistant_takes_its_variant_beside_its_role(variant: str) -> None:
    seated = seat(ASSISTANT, f"hinted=scripted:{variant}")
    assert (seated.spec.role, seated.agent.variant) == ("hinted", variant)


SILENT = a_persona('She told him "no". Her sister says she is lazy.', "A resident of Bath.")


@pytest.mark.parametrize(
    ("spec", "personas", "told"),
    [
        ("scripted", [a_persona()], []),
        ("scripted", [], []),
        ("scripted", [a_persona(), SILENT, SILENT], ["facts", "profiles", "personalities"]),
        (f"{PATH}:RemarkingUser", [a_persona()], ["1 persona", "[red]"]),
        (f"{PATH}:NumberUser", [SILENT], []),
    ],
)
def test_an_agent_may_remark_on_the_personas(
    spec: str, personas: list[Persona], told: list[str]
) -> None:
    remarks = seat(USER, spec).remarks(personas)
    assert len(remarks) == len(told)
    assert all(part in remark for part, remark in zip(told, remarks, strict=True))


def test_remarks_count_a_profile_once_however_many_personas_have_it() -> None:
    remarking = seat(USER, "scripted")
    assert remarking.remarks([SILENT] * 3) == remarking.remarks([SILENT])


def test_role_and_endpoint_are_kept_in_the_spec() -> None:
    seated = seat(ASSISTANT, "hinted=scripted@lab")
    assert (seated.spec.role, seated.spec.endpoint) == ("hinted", "lab")
    assert seated.spec.name == "hinted=scripted"
    assert isinstance(seated.agent, ScriptedAssistant)


def test_candidates_are_dealt_round_robin_over_the_assistants() -> None:
    specs = ["hinted=scripted", "plain=scripted", f"{PATH}:NumberAssistant"]
    seated = cast("scripted", "scripted", specs, ["scripted"])
    dealt = [seated.assistant(place).spec.name for place in range(7)]
    assert dealt == [*specs, *specs, specs[0]]


def test_each_seat_has_a_method_roles_and_a_scripted_agent() -> None:
    assert ROLES.keys() == SHORT_NAMES.keys() <= SEATS.keys()
    assert all("scripted" in short for short in SHORT_NAMES.values())


MODELS = Models(rehearsal=True)


@pytest.mark.parametrize("seat_name", [USER, INDUCER, ASSISTANT, JUDGE])
@pytest.mark.parametrize("kind", ["openai:m", "hf:folder/m"])
def test_a_model_takes_every_seat_with_the_prompt_of_the_seat(seat_name: str, kind: str) -> None:
    for role in ("", *ROLES[seat_name]):
        seated = seat(seat_name, f"{role}={kind}" if role else kind, MODELS)
        assert seated.class_path == PROMPTED[seat_name]
        assert (seated.spec.role, seated.limits_itself) == (role, True)


def test_roles_with_other_prompts_have_other_hashes() -> None:
    specs = [(INDUCER, "infer"), (INDUCER, "extract"), (JUDGE, "listwise"), (JUDGE, "pointwise")]
    seated = [seat(name, f"{role}=openai:m", MODELS) for name, role in specs]
    assert len({one.prompt_hash for one in seated}) == 4
    assert seat(JUDGE, "openai:m", MODELS).prompt_hash == seated[2].prompt_hash
    assert seat(INDUCER, "openai:m", MODELS).prompt_hash == seated[0].prompt_hash
    assert seat(JUDGE, "scripted").prompt_hash == ""


def test_an_unknown_agent_is_told_that_models_are_known() -> None:
    assert all(known in refusal(USER, "skripted") for known in ("openai:MODEL", "hf:FOLDER"))


def test_a_model_without_a_key_is_refused_with_the_flag(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    told = refusal(JUDGE, "pointwise=openai:gpt-4o")
    assert "--judge pointwise=openai:gpt-4o" in told and "OPENAI_API_KEY" in told


def test_judges_sit_in_the_order_they_are_named() -> None:
    seated = cast(
        "scripted", "scripted", ["scripted"], ["openai:b", "scripted", "openai:a"], MODELS
    )
    assert [one.spec.name for one in seated.judges] == ["openai:b", "scripted", "openai:a"]
    assert [one.seat for one in seated] == [USER, INDUCER, ASSISTANT, JUDGE, JUDGE, JUDGE]


def test_the_same_judge_twice_is_refused() -> None:
    for other in ("openai:a@there", "openai:a"):
        with pytest.raises(UsageError, match="named once"):
            cast("scripted", "scripted", ["scripted"], ["openai:a@here", other], MODELS)


def test_one_judge_in_two_roles_is_two_judges() -> None:
    specs = ["listwise=openai:a", "pointwise=openai:a"]
    assert len(cast("scripted", "scripted", ["scripted"], specs, MODELS).judges) == 2


class OnModels:
    """A user of one's own that takes the run's models."""

    def __init__(self, models: Models) -> None:
        self.models = models

    async def speak(self, brief: UserBrief) -> Utterance:
        return Utterance("Hi.")


class OnNoModels(OnModels):
    """A user of one's own that can do without."""

    def __init__(self, models: Models | None = None, name: str = "Ada") -> None:
        self.models, self.name = models, name


@pytest.mark.parametrize("kind", ["OnModels", "OnNoModels"])
def test_a_class_that_takes_models_is_given_those_of_the_run(kind: str) -> None:
    models = Models(ModelSettings(overflow="drop-oldest"))
    seated = seat(USER, f"tests.agents.test_casting:{kind}", models)
    assert seated.agent.models is models and seated.limits_itself


def test_a_class_that_takes_models_is_given_some_without_a_run() -> None:
    assert isinstance(seat(USER, "tests.agents.test_casting:OnModels").agent.models, Models)


def test_a_class_that_takes_none_keeps_no_limit_itself() -> None:
    seated = seat(USER, f"{PATH}:NumberUser", MODELS)
    assert isinstance(seated.agent, NumberUser) and not seated.limits_itself


@pytest.mark.parametrize("path", ["builtins:dict", "builtins:type"])
def test_a_class_whose_constructor_tells_nothing_is_refused_like_others(path: str) -> None:
    assert path in refusal(USER, path)


def test_importing_agents_loads_no_model_library() -> None:
    heavy = "{'langgraph', 'langchain_openai', 'torch', 'transformers'}"
    code = f"import agents, sys; print(sorted({heavy} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
