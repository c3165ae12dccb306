"""Cluster: examinations on many machines, through Dask distributed.

Each worker process starts zygotes of its own, as a machine alone does; no code of a learner runs
in a worker. A worker that dies takes nothing along: the scheduler gives its work to another one.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import Any

__all__ = ["ClusterError", "dask_executor"]

CONNECT = 10.0  # seconds
RETRIES = 5  # of one submission whose worker died


class ClusterError(ConnectionError):
    """There is no cluster to grade on; the message says what to do."""


@contextmanager
def dask_executor(address: str) -> Iterator[Executor]:
    """An executor for the engine.

    Args:
        address: of the scheduler, as ``tcp://host:8786``.

    Raises:
        ClusterError: Dask is not installed, or no scheduler answers.
    """
    try:
        from distributed import Client  # noqa: PLC0415 - an extra
    except ImportError:
        raise ClusterError("--dask needs an extra: pip install 'asynclab[dask]'") from None
    try:
        client = Client(address, timeout=CONNECT)
    except OSError as error:
        raise ClusterError(f"no Dask scheduler answers at {address}: {error}") from None
    with client:
        yield _Submitting(client)


class _Submitting(Executor):
    """Speaks ``concurrent.futures`` to the engine and Dask to the cluster."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def submit(self, function: Any, /, *arguments: Any, **keywords: Any) -> Future:
        """Run the function on some worker."""
        remote = self._client.submit(function, *arguments, **keywords, pure=False, retries=RETRIES)
        local: Future = Future()
        local.set_running_or_notify_cancel()
        remote.add_done_callback(lambda done: _hand_over(done, local))
        return local


def _hand_over(remote: Any, local: Future) -> None:
    try:
        local.set_result(remote.result())
    except Exception as error:  # noqa: BLE001 - the engine raises it where it collects
        local.set_exception(error)
