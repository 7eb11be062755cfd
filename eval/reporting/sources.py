"""Sources: the runs that a report is about, and what it calls them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from dialogues.errors import UsageError
from dialogues.run import Run
from dialogues.store import Store, open_store


class Source(NamedTuple):
    """A run with the name of its store, which says nothing of where that lies."""

    store: str
    run: Run

    @property
    def name(self) -> str:
        """What the report calls the run, such as `a.db/main`."""
        return f"{self.store}/{self.run.record.name}"

    @property
    def suite(self) -> str:
        """The suite of the benchmark it was played in; empty if it is none's."""
        return str(self.run.record.config.get("suite") or "")


@contextmanager
def opened(locations: Sequence[str], names: Sequence[str]) -> Iterator[list[Source]]:
    """Open stores and yield their runs, or those called `names`.

    Raises:
        UsageError: a store is missing, is named twice or holds no run, or a name is unknown.
    """
    with ExitStack() as stack:
        stores = [stack.enter_context(open_store(location)) for location in locations]
        labels = _labels(stores)
        found = [
            Source(label, run)
            for label, store in zip(labels, stores, strict=True)
            for run in _runs(store)
        ]
        known = list(dict.fromkeys(source.run.record.name for source in found))
        for name in names:
            if name not in known:
                raise UsageError(f"--run {name}: no such run; there are {', '.join(known)}")
        yield [source for source in found if not names or source.run.record.name in names]


def _runs(store: Store) -> list[Run]:
    runs = store.runs()
    if not runs:
        raise UsageError(
            f"{store.location} has no run yet; grow one with "
            f"python -m graphs.simulate --store {store.location}"
        )
    return runs


def _labels(stores: Sequence[Store]) -> list[str]:
    """Name stores by the last part of where they lie, numbered where that is the same."""
    seen: Counter[str] = Counter()
    places: set[str] = set()
    labels = []
    for store in stores:
        if (place := _place(store)) in places:
            raise UsageError(f"{store.location} is named twice; name each store once")
        places.add(place)
        name = Path(store.engine.url.database or store.location).name
        seen[name] += 1
        labels.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return labels


def _place(store: Store) -> str:
    url = store.engine.url
    if url.get_backend_name() == "sqlite":
        return str(Path(url.database or "").resolve())
    return url.render_as_string(hide_password=True)
