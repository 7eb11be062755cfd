"""A Ray cluster of one's own: real nodes on this machine, each with processes of its own."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.agents.models.served import free_port

HOME = Path(__file__).parent.parent
NODE = {"num_cpus": 1, "object_store_memory": 100 * 2**20}
HEAD = {"include_dashboard": False, **NODE}
ALONE = {"RAY_AUTH_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0"}
"""What is set for a cluster that only this machine reaches."""


@contextmanager
def temporary_cluster() -> Iterator[Any]:
    """Run a cluster of one node of one core, to which a test may add others for its time."""
    # Its sockets lie there, whose paths may not be long.
    with tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder:
        settings = {**ALONE, "RAY_TMPDIR": folder, "PYTHONPATH": str(HOME)}
        with pytest.MonkeyPatch.context() as patch:
            for name, value in settings.items():
                patch.setenv(name, value)
            from ray.cluster_utils import Cluster

            cluster = Cluster(True, head_node_args={**HEAD, "ray_client_server_port": free_port()})
            try:
                yield cluster
            finally:
                cluster.shutdown()


def logs_of(cluster: Any) -> str:
    """Return all that a cluster has noted of what ran on it."""
    folder = Path(cluster.head_node.get_logs_dir_path())
    files = (path for path in folder.rglob("*") if path.is_file())
    return "\n".join(path.read_text(errors="replace") for path in files)
