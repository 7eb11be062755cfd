"""What is wrong with a model is said in one line before anything is stored."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.agents.prompted.serving import CHEAP, MODEL, run, shape, statuses
from tests.graphs.stage import Capture, error_line
from tests.growing import simulate, trees_of
from tests.model_server import Answer, Call, ModelServer, play, problem

KEY = "sk-right-0123456789"
NOBODY = "http://127.0.0.1:1/v1"


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    """A server that wants a key and knows two models."""
    with ModelServer(key=KEY, models=["one", "two"]) as serving:
        yield serving


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "LAB_KEY"):
        monkeypatch.delenv(name, raising=False)


def refused(tmp_path: Path, capsys: Capture, *flags: str, **settings: Any) -> str:
    """Return the one line a run says that must leave no store; `settings` are the YAML's."""
    if settings:
        (tmp_path / "a.yaml").write_text(yaml.safe_dump(settings))
        flags = (*flags, "--config", str(tmp_path / "a.yaml"))
    store = tmp_path / "new" / "a.db"
    assert simulate(store, *shape(1, 1), *flags) == 2
    assert not store.parent.exists()
    return error_line(capsys)


def lab(server: ModelServer | str, **other: Any) -> dict[str, Any]:
    """Return the settings of an endpoint called `lab`."""
    url = server if isinstance(server, str) else server.url
    return {"lab": {"base_url": url, "api_key_env": "LAB_KEY", "retries": 0, **other}}


def test_no_key_for_openai_names_the_variable(tmp_path: Path, capsys: Capture) -> None:
    told = refused(tmp_path, capsys, "--judge", "openai:gpt-4o")
    assert "--judge openai:gpt-4o" in told and "OPENAI_API_KEY" in told


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_no_key_for_an_endpoint_names_its_variable(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, empty: str | None
) -> None:
    if empty is not None:
        monkeypatch.setenv("LAB_KEY", empty)
    told = refused(tmp_path, capsys, "--user", "openai:one@lab", endpoints=lab(NOBODY))
    assert "LAB_KEY" in told and "--user openai:one@lab" in told


def test_a_wrong_key_names_server_and_variable_and_not_the_key(
    tmp_path: Path, capsys: Capture, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_KEY", "sk-wrong-0123456789")
    told = refused(tmp_path, capsys, "--user", "openai:one@lab", endpoints=lab(server))
    assert server.url in told and "LAB_KEY" in told and "0123456789" not in told


def test_a_wrong_key_beside_a_right_one_for_the_same_server_is_found_too(
    tmp_path: Path, capsys: Capture, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_KEY", KEY)
    monkeypatch.setenv("OTHER_KEY", "sk-wrong-0123456789")
    endpoints = lab(server) | {"other": lab(server, api_key_env="OTHER_KEY")["lab"]}
    flags = ("--user", "openai:one@lab", "--judge", "openai:two@other")
    assert "OTHER_KEY" in refused(tmp_path, capsys, *flags, endpoints=endpoints)


@pytest.mark.parametrize("key", ["sk-…", "sk-1\n2", "ключ"])
def test_a_key_no_request_can_carry_is_refused(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("LAB_KEY", key)
    with ModelServer() as server:
        told = refused(tmp_path, capsys, "--judge", "openai:one@lab", endpoints=lab(server))
    assert "LAB_KEY" in told and key not in told


def test_a_server_nobody_runs_is_named(tmp_path: Path, capsys: Capture) -> None:
    told = refused(tmp_path, capsys, "--judge", f"openai:one@{NOBODY}")
    assert NOBODY in told and "openai:one" in told


def test_a_password_in_a_url_is_not_shown_with_it(tmp_path: Path, capsys: Capture) -> None:
    endpoints = {"lab": {"base_url": "http://me:hunter2@127.0.0.1:1/v1", "retries": 0}}
    told = refused(tmp_path, capsys, "--judge", "openai:one@lab", endpoints=endpoints)
    assert "127.0.0.1:1/v1" in told and "hunter2" not in told


@pytest.mark.parametrize("listing", [True, False], ids=["listed", "no list"])
def test_an_unknown_model_is_named_before_a_store_is_made(
    tmp_path: Path, capsys: Capture, listing: bool
) -> None:
    with ModelServer(models=["one"], listing=listing) as server:
        told = refused(tmp_path, capsys, "--judge", f"openai:nosuch@{server.url}")
    assert "openai:nosuch" in told and "no such model" in told


def test_a_model_that_answers_without_being_listed_is_taken(tmp_path: Path) -> None:
    with ModelServer() as server:
        server.models[:] = ["another"]
        assert run(tmp_path / "a.db", server, *CHEAP, *shape(1, 1)) == 0


def test_a_server_that_lists_nothing_is_taken(tmp_path: Path) -> None:
    with ModelServer(listing=False) as server:
        assert run(tmp_path / "a.db", server, *CHEAP, *shape(1, 1)) == 0
    assert len(trees_of(tmp_path / "a.db")) == 1


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_key_refused_in_mid_run_stops_it_with_1_and_the_same_command_goes_on(
    tmp_path: Path, capfd: Capture, workers: str
) -> None:
    def refusing_later(call: Call) -> str | Answer:
        return problem(403, "No access.") if call.number > 4 else play(call)

    store, flags = tmp_path / "a.db", (*CHEAP, *shape(4, 3), "--workers", workers)
    with ModelServer(refusing_later) as server:
        assert run(store, server, *flags, "--concurrency", "2") == 1
    *_, last = [line for line in capfd.readouterr().err.splitlines() if line.strip()]
    assert last.startswith("error: ") and "the same command goes on" in last
    assert "the key may not do this" in last or workers == "2"
    assert any(statuses(store))
    with ModelServer() as server:
        assert run(store, server, *flags) == 0


def test_an_unknown_endpoint_is_refused_with_the_known_ones(
    tmp_path: Path, capsys: Capture
) -> None:
    told = refused(tmp_path, capsys, "--judge", "openai:one@nosuch", endpoints=lab(NOBODY))
    assert "--judge openai:one@nosuch" in told and "'nosuch'" in told and "known: lab" in told


@pytest.mark.parametrize("spec", ["openai:", "openai", "pointwise=openai:", "openai:@lab", "hf:"])
def test_a_model_without_a_name_is_refused_with_an_example(
    tmp_path: Path, capsys: Capture, spec: str
) -> None:
    told = refused(tmp_path, capsys, "--judge", spec)
    assert f"--judge {spec}" in told and ":MODEL" in told


@pytest.mark.parametrize(
    ("judges", "named"),
    [
        (["scripted", "scripted"], "scripted"),
        (["openai:one@a", "openai:one@b"], "openai:one"),
        (["scripted", "openai:one", "openai:one"], "openai:one"),
    ],
)
def test_the_same_judge_twice_is_refused_by_its_name(
    tmp_path: Path, capsys: Capture, judges: list[str], named: str
) -> None:
    flags = [word for judge in judges for word in ("--judge", judge)]
    assert f"--judge {named}: each judge" in refused(tmp_path, capsys, *flags)


def test_a_panel_of_rankings_cannot_be_combined_by_the_mean_of_scores(
    tmp_path: Path, capsys: Capture
) -> None:
    with ModelServer() as server:
        url = server.url
        flags = ("--judge", f"listwise=openai:a@{url}", "--judge", f"listwise=openai:b@{url}")
        assert "mean" in refused(tmp_path, capsys, *flags, "--panel", "mean")


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--panel", "median"), "--panel median"),
        (("--overflow", "shrug"), "--overflow shrug"),
        (("--budget-tokens", "0"), "--budget-tokens 0"),
        (("--budget-tokens", "-5"), "--budget-tokens -5"),
        (("--budget-cost", "0"), "--budget-cost 0"),
        (("--budget-cost", "much"), "--budget-cost much"),
        (("--user", "hinted=openai:one"), "unknown role 'hinted'"),
        (("--judge", "infer=openai:one"), "listwise, pointwise"),
    ],
)
def test_wrong_flags_are_named(
    tmp_path: Path, capsys: Capture, flags: tuple[str, ...], told: str
) -> None:
    assert told in refused(tmp_path, capsys, *flags)


BAD_YAML: dict[str, tuple[dict[str, Any], str]] = {
    "no URL": ({"endpoints": {"lab": {"api_key_env": "X"}}}, "base_url"),
    "a misspelt key": (
        {"endpoints": {"lab": {"base_ulr": NOBODY}}},
        "a.yaml: endpoints.lab: unknown key 'base_ulr'; did you mean base_url (URL up to and with "
        "/v1)? known: base_url, api_key_env, timeout, retries, concurrency",
    ),
    "a key of nobody's": ({"endpoints": lab(NOBODY, xyz=3)}, "unknown key 'xyz'; known: base_url"),
    "negative retries": ({"endpoints": lab(NOBODY, retries=-1)}, "retries"),
    "no time at all": ({"endpoints": lab(NOBODY, timeout=0)}, "timeout"),
    "an unknown seat": (
        {"sampling": {"critic": {"temperature": 1}}},
        "sampling: unknown key 'critic'; known: user, inducer, assistant, judge",
    ),
    "a temperature below 0": (
        {"sampling": {"judge": {"temperature": -1}}},
        "a.yaml: sampling.judge.temperature: ",
    ),
    "no tokens": ({"sampling": {"judge": {"max_tokens": 0}}}, "max_tokens"),
    "a list of endpoints": ({"endpoints": [NOBODY]}, "endpoints"),
}


@pytest.mark.parametrize(("settings", "told"), BAD_YAML.values(), ids=BAD_YAML.keys())
def test_a_bad_configuration_is_named_by_its_key(
    tmp_path: Path, capsys: Capture, settings: dict[str, Any], told: str
) -> None:
    assert told in refused(tmp_path, capsys, **settings)


def test_a_key_written_into_the_configuration_is_refused_and_not_shown(
    tmp_path: Path, capsys: Capture
) -> None:
    told = refused(tmp_path, capsys, endpoints={"lab": {"base_url": NOBODY, "api_key": KEY}})
    assert "did you mean api_key_env (environment variable that holds the key)?" in told
    assert "api_key" in told and KEY not in told
    assert KEY not in refused(tmp_path, capsys, endpoints=[{"base_url": NOBODY, "api_key": KEY}])


def test_a_wrong_value_is_named_where_it_was_written(tmp_path: Path, capsys: Capture) -> None:
    assert "a.yaml: candidates -3: " in refused(tmp_path, capsys, candidates=-3)
    told = refused(tmp_path, capsys, "--candidates", "-4", candidates=-3)
    assert told.startswith("error: --candidates -4: ")
    flag = "--sampling.user.temperature"
    told = refused(tmp_path, capsys, flag, "-1", sampling={"user": {"top_p": 1}})
    assert told.startswith(f"error: {flag}: ")


def test_a_setting_of_one_value_leaves_the_seats_other_values_as_they_are(tmp_path: Path) -> None:
    sampling = {"sampling": {"judge": {"temperature": 0.3}}}
    with ModelServer() as server:
        assert run(tmp_path / "a.db", server, "--judge", MODEL, *shape(1, 1), **sampling) == 0
        body = server.calls[0].body
    assert (body["temperature"], body["max_tokens"]) == (0.3, 600)
