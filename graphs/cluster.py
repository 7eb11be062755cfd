"""Workers on a Ray cluster: the runners of `processes`, on as many machines as it has.

Ray starts them, and starts them again elsewhere where one is lost; no more. Which tree is whose is
settled by the leases in the store, so what a lost one leaves behind the others take up.
"""

import importlib
import logging
import os
import re
import secrets
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console

from agents.models.settings import DEFAULT
from dialogues.errors import GroveError, UsageError
from dialogues.location import url_of
from dialogues.plain import plain
from dialogues.run import Run
from graphs.processes import STOPPING, Work
from graphs.runner import Runner, this_grove
from graphs.simulate import Simulate

LOCAL = "local"
_CLIENT = "ray://"
_OF_CLIENTS, _OF_ALL = "RayletDriver/ClusterInfo", "NodeInfoGcsService/GetClusterId"
_ADDRESSES = (
    "give local, or a running cluster's address: HOST:6379 or ray://HOST:10001; where it has a "
    "token, set RAY_AUTH_MODE=token"
)
# Machines may be lost often in a long run; what kills every process that takes it up, less often.
_RESTARTS = 100
_ANSWER_SECONDS, _START_SECONDS = 5.0, 120.0
_OBJECT_BYTES = 100 * 2**20
_MISSING = re.compile(r"(?:ModuleNotFound|Import|Attribute)Error: .+")


@contextmanager
def on_cluster(settings: Simulate, console: Console) -> Iterator[Work]:
    """Start the settings' workers on their cluster, and yield what lets them work.

    Raises:
        UsageError: Ray or the cluster is missing or full, or a worker cannot work; nothing is
            begun.
    """
    where = settings.cluster or LOCAL
    with ExitStack() as stack:
        with console.status(f"waiting for the workers (--cluster {where})"):
            ray = stack.enter_context(connected(where, settings.store, settings.workers))
            crew = Crew(ray, settings)
            stack.callback(crew.leave)
            crew.look(console)
        yield crew.work


@contextmanager
def connected(cluster: str, store: str, workers: int) -> Iterator[Any]:
    """Connect to a Ray cluster, or for `local` start one on this machine; yield the module `ray`.

    Within another `connected` its connection serves.

    Raises:
        UsageError: Ray is not installed, no cluster answers, or its machines cannot reach `store`.
    """
    if cluster != LOCAL and url_of(store).get_backend_name() == "sqlite":
        raise UsageError(
            f"--cluster {cluster}: an SQLite store is a file of this machine, and all machines "
            "need one; give --store postgresql+psycopg://USER@HOST/DATABASE"
        )
    try:
        ray: Any = importlib.import_module("ray")
    except ImportError as error:
        needed = "pip install -c constraints.txt -e '.[cluster]'"
        raise UsageError(f"--cluster needs Ray: {needed}") from error
    if ray.is_initialized():
        yield ray
        return
    terminated = signal.getsignal(signal.SIGTERM)
    try:
        _connect(ray, cluster, workers)
        # Ray puts one of its own in the place of ours.
        signal.signal(signal.SIGTERM, terminated)
        yield ray
    finally:
        ray.shutdown()


def _connect(ray: Any, cluster: str, workers: int) -> None:
    # What befalls workers is told on the terminal whatever one sets, though a run survives it.
    ray._private.worker._worker_logs_enabled = False
    # Or the cluster keeps the command line, in which the store's password may stand.
    ray._private.utils.get_entrypoint_name = lambda: "grove"
    logging.getLogger("ray").setLevel(logging.CRITICAL)
    quiet = {"log_to_driver": False, "logging_level": logging.CRITICAL}
    try:
        if cluster == LOCAL:
            _start(ray, workers, quiet)
        else:
            _refuse_silence(ray, cluster)
            ray.init(cluster, runtime_env={"working_dir": "."}, **quiet)
    except (OSError, ValueError) as error:
        raise UsageError(f"--cluster {cluster}: {error}; {_ADDRESSES}") from error
    except (RuntimeError, ray.exceptions.RayError) as error:
        raise UsageError(f"--cluster {cluster}: {error}") from error


def _start(ray: Any, workers: int, quiet: dict[str, Any]) -> None:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    # Or Ray leaves one in the home folder, by which it locks every cluster started later.
    os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex())
    ours = {"include_dashboard": False, "object_store_memory": _OBJECT_BYTES}
    ray.init(LOCAL, num_cpus=workers, **ours, **quiet)


def _refuse_silence(ray: Any, cluster: str) -> None:
    """Look whether anybody answers: Ray would try for two minutes, and not be interrupted."""
    import grpc

    as_ray_has_it = ray._private.services.canonicalize_bootstrap_address
    is_client = cluster.startswith(_CLIENT)
    place = cluster.removeprefix(_CLIENT) if is_client else as_ray_has_it(cluster)
    there = urlsplit(f"//{place}")
    socket.create_connection((there.hostname, there.port), _ANSWER_SECONDS).close()
    if os.environ.get("RAY_USE_TLS", "0") != "0":
        return
    with grpc.insecure_channel(place) as channel:
        try:
            grpc.channel_ready_future(channel).result(_ANSWER_SECONDS)
        except grpc.FutureTimeoutError:
            raise OSError("no Ray answers there") from None
        _refuse_other_door(channel, is_client)


def _refuse_other_door(channel: Any, is_client: bool) -> None:
    """Look which of a cluster's ports it is, and whether it opens: Ray would try for half a minute.

    Raises:
        OSError: it is the other port, or takes nobody without a token.
    """
    from grpc import StatusCode

    code = _answer(channel, _OF_CLIENTS)
    if is_client and code is StatusCode.UNIMPLEMENTED:
        raise OSError("that port takes no ray:// address, it is the cluster's own")
    if not is_client:
        if code is not StatusCode.UNIMPLEMENTED:
            raise OSError("that port takes only ray:// addresses, it is for clients")
        code = _answer(channel, _OF_ALL)
    if code is StatusCode.UNAUTHENTICATED and os.environ.get("RAY_AUTH_MODE") != "token":
        raise OSError("that cluster has a token")


def _answer(channel: Any, method: str) -> Any:
    """Return the status with which a method of Ray's answers to a request without content."""
    import grpc

    try:
        channel.unary_unary(f"/ray.rpc.{method}")(b"", timeout=_ANSWER_SECONDS)
    except grpc.RpcError as error:
        return error.code()
    return grpc.StatusCode.OK


class Crew:
    """The workers of a run on the cluster this process is connected to."""

    def __init__(self, ray: Any, settings: Simulate) -> None:
        """Start them, each on a core of its own; those for which there is none come later."""
        self._ray = ray
        kind = ray.remote(num_cpus=1, max_restarts=_RESTARTS, max_task_retries=-1)(Runner)
        spread = kind.options(scheduling_strategy="SPREAD")
        self._runners = [spread.remote() for _ in range(settings.workers)]
        # A server named by a variable here would be another one where that is not set.
        endpoints = {DEFAULT: settings.models.endpoint(""), **settings.endpoints}
        self._told = (settings.model_copy(update={"endpoints": endpoints}), this_grove())

    def look(self, console: Console) -> None:
        """Wait until the workers are there and have looked whether they can work.

        Raises:
            UsageError: one cannot, or there is room for none.
        """
        looks = [runner.look.remote(*self._told) for runner in self._runners]
        cores = int(self._ray.cluster_resources().get("CPU", 0))
        awaited = max(1, min(cores, len(looks)))
        there, _ = self._ray.wait(looks, num_returns=awaited, timeout=_START_SECONDS)
        for look in there:
            if failure := self._failure(look):
                raise UsageError(str(failure))
        told = f"{len(there)} of {len(looks)} workers have begun, each takes a core"
        if not there:
            raise UsageError(
                f"{told}: after {_START_SECONDS:.0f} s the cluster has {cores}, and none is free; "
                "free some, or let more machines join it (ray start --address …)"
            )
        if len(there) < len(looks):
            told += "; the others begin when the cluster has one for them"
            console.print(told, soft_wrap=True)

    def work(self, run: Run, limit: int, console: Console) -> None:
        """Let the workers work; see `Work`.

        Raises:
            GroveError: a worker failed, and trees are left to grow.
        """
        going = [runner.work.remote(*self._told, limit) for runner in self._runners]
        try:
            failures = self._first_end(going, console)
            self._drain(going)
        except KeyboardInterrupt:
            console.print(STOPPING)
            try:
                self._drain(going)
            except KeyboardInterrupt:
                self._drop(going)
            raise
        far = run.progress(limit)
        if failures and far.finished < far.trees:
            raise failures[-1]

    def leave(self) -> None:
        """End the workers' processes."""
        for runner in self._runners:
            self._ray.kill(runner)

    def _first_end(self, going: list[Any], console: Console) -> list[GroveError]:
        """Wait until one has ended well, for then there is no more to do, or all have failed."""
        failures: list[GroveError] = []
        while going:
            (ended, *_), going = self._ray.wait(going)
            failure = self._failure(ended)
            if failure is None:
                break
            failures.append(failure)
            console.print(plain(f"a worker failed: {failure}", "yellow"))
        return failures

    def _drain(self, going: list[Any]) -> None:
        """Let the workers end in their own time; who does not hear it has nothing in flight."""
        told = [runner.drain.remote() for runner in self._runners]
        heard, _ = self._ray.wait(told, num_returns=len(told), timeout=_ANSWER_SECONDS)
        ending = [work for word, work in zip(told, going, strict=True) if word in heard]
        if ending:
            self._ray.wait(ending, num_returns=len(ending))

    def _drop(self, going: list[Any]) -> None:
        """Let the workers drop the calls in flight and free their trees."""
        for work in going:
            self._ray.cancel(work)
        self._ray.wait(going, num_returns=len(going), timeout=_ANSWER_SECONDS)

    def _failure(self, ended: Any) -> GroveError | None:
        errors = self._ray.exceptions
        try:
            self._ray.get(ended)
        except errors.RayTaskError as error:
            cause = error.cause
            if isinstance(cause, GroveError):
                return cause
            return GroveError(f"{type(cause).__name__}: {cause}")
        except errors.RayError as error:
            # Of all the traces it comes with, this line says what is missing there.
            if missing := _MISSING.findall(str(error)):
                mend = "install the same Grove and packages on every machine"
                return GroveError(f"{missing[-1]}; {mend}")
            first = str(error).partition("\n")[0]
            return GroveError(f"{first}; the same command goes on from where it stopped")
        return None
