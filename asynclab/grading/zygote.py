"""Zygote: a confined process that has everything loaded, and forks one child per submission.

The grader starts it with one end of a socket pair and then sends, for each submission, a stream
socket for the child. It answers when the child has ended. It holds no secret and no solution.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
import threading

from . import worker
from .ending import Ended
from .limits import MIB, Limits
from .sandbox import confine, confine_child

__all__ = ["serve"]

_KILL = b"kill"


def serve(control: socket.socket, tier: str, slot: int, limits: Limits) -> None:
    """Fork children until the grader closes its end.

    Args:
        control: a socket pair's end that keeps messages apart.
        tier: A or B.
        slot: which of the zygotes this is.
        limits: for each child.
    """
    worker.preload()
    confine(tier, slot)
    threading.stack_size(MIB)
    gc.collect()
    gc.freeze()  # a child that collects garbage would copy every page of ours
    control.send(b"ready")
    while True:
        message, handles, _, _ = socket.recv_fds(control, 64, 1)
        if not message:
            return
        if not handles:
            continue  # "kill", for a child that had just ended
        phases = int(message)
        with contextlib.closing(socket.socket(fileno=handles[0])) as connection:
            printed = os.memfd_create("printed")
            child = os.fork()
            if child == 0:
                _become_child(connection, printed, tier=tier, limits=limits, phases=phases)
        ended = _wait_for(child, control, printed)
        os.close(printed)
        control.send(json.dumps(ended).encode())


def _become_child(
    connection: socket.socket, printed: int, *, tier: str, limits: Limits, phases: int
) -> None:
    """Never returns."""
    code = 70
    try:
        os.setsid()
        mine = _keep_only(connection, printed)
        confine_child(tier, limits, phases)
        try:
            worker.work(mine)
            code = 0
        except Exception:  # noqa: BLE001 - whatever it is, the grader has to know
            worker.tell_fault(mine)
    finally:
        os._exit(code)


def _keep_only(connection: socket.socket, printed: int) -> socket.socket:
    """Close every file but the connection; printed text has a place that is bounded."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    mine = os.dup2(connection.fileno(), 3)
    connection.detach()
    os.closerange(4, os.sysconf("SC_OPEN_MAX"))
    how = {"encoding": "utf-8", "errors": "replace", "closefd": False}
    sys.stdin, sys.stdout, sys.stderr = open(0, **how), open(1, "w", **how), open(2, "w", **how)  # noqa: SIM115 - as long as it lives
    return socket.socket(fileno=mine)


def _wait_for(child: int, control: socket.socket, printed: int) -> Ended:
    """Wait for the child, and kill it when the grader says so or is gone."""
    handle = os.pidfd_open(child)
    try:
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        poll.register(control, select.POLLIN)
        while handle not in dict(poll.poll()):
            if control.recv(64) in (_KILL, b""):
                os.kill(child, signal.SIGKILL)
                poll.unregister(control)
    finally:
        os.close(handle)
    _, status, usage = os.wait4(child, 0)
    cpu = usage.ru_utime + usage.ru_stime
    return Ended(status, round(cpu, 6), usage.ru_maxrss // 1024, os.fstat(printed).st_size)


def main() -> None:
    """The program: ``python -m asynclab.grading.zygote HANDLE TIER SLOT LIMITS``."""
    handle, tier, slot, limits = sys.argv[1:]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the grader's to handle
    with socket.socket(fileno=int(handle)) as control:
        serve(control, tier, int(slot), Limits(**json.loads(limits)))


if __name__ == "__main__":
    main()
