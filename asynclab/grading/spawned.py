"""Spawned: the program of tier C, one process for one submission.

``python -m asynclab.grading.spawned PORT PHASES LIMITS`` connects back to the grader.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys

from . import worker
from .limits import Limits
from .sandbox import limit_resources

__all__ = ["main"]


def main() -> None:
    """Grade one submission and end."""
    port, phases, limits = sys.argv[1:]
    worker.preload()
    with contextlib.suppress(ImportError, ValueError, OSError):  # as far as this system has limits
        limit_resources(Limits(**json.loads(limits)), int(phases), count_threads=False)
    connection = socket.create_connection(("127.0.0.1", int(port)))
    connection.sendall(os.environ.pop("ASYNCLAB_GRADING_TOKEN").encode())
    try:
        worker.work(connection)
    except Exception:  # noqa: BLE001 - whatever it is, the grader has to know
        worker.tell_fault(connection)
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
