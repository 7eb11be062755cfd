"""A connection to a Ray cluster: one that runs, or one of this machine that ends with us.

Ray keeps trying, silently and for minutes, where no cluster is or it is the wrong door; so we look
first.
"""

import importlib
import logging
import os
import secrets
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from dialogues.errors import UsageError
from dialogues.location import url_of

LOCAL = "local"
ANSWER_SECONDS = 5.0
"""For who is asked to answer at once."""

_CLIENT = "ray://"
_OF_CLIENTS, _OF_ALL = "RayletDriver/ClusterInfo", "NodeInfoGcsService/GetClusterId"
_ADDRESSES = (
    "give local, or a running cluster's address: HOST:6379 or ray://HOST:10001; where it has a "
    "token, set RAY_AUTH_MODE=token"
)
_OBJECT_BYTES = 100 * 2**20


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
    socket.create_connection((there.hostname, there.port), ANSWER_SECONDS).close()
    if os.environ.get("RAY_USE_TLS", "0") != "0":
        return
    with grpc.insecure_channel(place) as channel:
        try:
            grpc.channel_ready_future(channel).result(ANSWER_SECONDS)
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
        channel.unary_unary(f"/ray.rpc.{method}")(b"", timeout=ANSWER_SECONDS)
    except grpc.RpcError as error:
        return error.code()
    return grpc.StatusCode.OK
