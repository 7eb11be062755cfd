"""Choosing among the dialogues that a store holds, which are scored again as they are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from dialogues.errors import UsageError
from dialogues.location import shown
from dialogues.run import Run
from dialogues.spec import Spec
from dialogues.store import Store, open_store
from eval.aloe import Aloe
from eval.playing import Played, dialogues_of
from eval.protocol import played_under

_PLAYED_WITH = {"turns", "seed", "system", "per_profile", "inducer", "sampling"}
_PEOPLE = {"pool", "profiles", "personalities"}
_JUDGES_OWN = ("sampling", "judge")


def stored(settings: Aloe) -> list[Played]:
    """Return those dialogues of the store to rescore that the settings choose.

    Raises:
        UsageError: there is no such store, it has no such dialogues, or they were played otherwise
            than the settings say or than one another.
    """
    with _opened(str(settings.rescore)) as store:
        return [one for one, _ in chosen_of(settings, store.runs())]


def chosen_of(settings: Aloe, runs: Iterable[Run]) -> list[tuple[Played, Run]]:
    """Return those dialogues of the runs that the settings choose.

    Raises:
        UsageError: as `stored` does.
    """
    held = {
        (config["user"], assistant): run
        for run in runs
        for config in [run.record.config]
        if config.get("suite") == settings.suite
        for assistant in config["assistant"]
    }
    if not held:
        raise UsageError(
            f"--rescore {shown(str(settings.rescore))}: no dialogues of --suite {settings.suite} "
            "there; play them with --store"
        )
    chosen = [(one, held[one.user, one.assistant]) for one in _chosen(settings, held)]
    _refuse_unlike(settings, [run for _, run in chosen])
    for one, run in chosen:
        _refuse_other_settings(settings, one, run.record.config)
    return chosen


def _opened(location: str) -> Store:
    try:
        return open_store(location)
    except UsageError as error:
        # Trees of `graphs.simulate` are no dialogues of a benchmark.
        told = str(error).replace(
            "grow one with python -m graphs.simulate", "play a benchmark with"
        )
        raise UsageError(f"--rescore: {told}") from error


def _chosen(settings: Aloe, held: Mapping[tuple[str, str], Run]) -> list[Played]:
    """Return the dialogues of the users and assistants that are named, or else of all."""
    named = settings.model_fields_set & {"assistant", "baselines"}
    users = _picked("user", settings.user, [user for user, _ in held])
    assistants = _picked(
        "assistant", settings.assistants if named else [], [each for _, each in held]
    )
    chosen = [
        Played(user, name, held[user, name].record.name, asked)
        for user in users
        for name, asked in assistants.items()
        if (user, name) in held
    ]
    if not chosen:
        raise UsageError(f"--user {', '.join(users)}: talked with none of {', '.join(assistants)}")
    return chosen


def _picked(flag: str, asked: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    """Return the names that are asked for, or else all, each with its spec."""
    found = {Spec.parse(text).name: text for text in asked} or dict(zip(known, known, strict=True))
    for name, text in found.items():
        if name not in known:
            there = ", ".join(dict.fromkeys(known))
            raise UsageError(f"--{flag} {text}: no dialogues of it are stored; known: {there}")
    return found


def _refuse_unlike(settings: Aloe, runs: Sequence[Run]) -> None:
    """Make sure that all assistants met the same people in the same way.

    Raises:
        UsageError: they did not.
    """
    first, *others = runs
    met = _trees(settings, first)
    for run in others:
        for name, value in _told_once(first).items():
            if value != (here := _told_once(run)[name]):
                raise UsageError(
                    f"{run.record.name} was played with {name} {here}, and {first.record.name} "
                    f"with {value}; choose with --assistant and --user"
                )
        if (here := _trees(settings, run)) != met:
            few = min(len(here), len(met))
            mend = f"take --cases {few}" if here[:few] == met[:few] else "choose with --assistant"
            raise UsageError(
                f"{run.record.name} has other cases than {first.record.name} ({len(here)} and "
                f"{len(met)}); {mend}, or play both with the same --cases"
            )


def _told_once(run: Run) -> dict[str, Any]:
    config = run.record.config
    return {**{name: config[name] for name in ("turns", "seed")}, "protocol": played_under(config)}


def _trees(settings: Aloe, run: Run) -> list[str]:
    keys = [each.key for each in run.summaries()]
    if settings.limit and len(keys) < settings.limit:
        raise UsageError(
            f"--cases {settings.limit}: {run.record.name} has {len(keys)}; give --cases "
            f"{len(keys)}, or play more with --store"
        )
    return keys[: settings.limit]


def _refuse_other_settings(settings: Aloe, one: Played, config: Mapping[str, Any]) -> None:
    """Make sure that what is given of how dialogues are played is how they were played.

    Raises:
        UsageError: it is not; the message names the flag.
    """
    given = settings.model_dump(exclude_unset=True, include=_PLAYED_WITH | _PEOPLE)
    if not given:
        return
    dialogues = dialogues_of(settings, one.user, one.asked)
    asked = dialogues.shaping(dialogues.load_pool())
    for path in _paths(given):
        at = ("pool",) if path[0] in _PEOPLE else path
        if path[:2] != _JUDGES_OWN and _at(asked, at) != _at(config, at):
            flag = ".".join(path).replace("_", "-")
            raise UsageError(
                f"--{flag}: the dialogues of {one.run} were played with another "
                f"({_at(config, at)!r}), and --rescore plays none; leave it out"
            )


def _paths(values: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from ((name, *rest) for rest in _paths(value))
        else:
            yield (name,)


def _at(values: Any, path: Sequence[str]) -> Any:
    for name in path:
        values = values[name]
    return values
