"""Children: the processes in which submissions run, as the grader sees them."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from .ending import Ended
from .limits import Limits

__all__ = ["Children", "Forked", "Spawned", "children"]

PACKAGE_HOME = Path(__file__).resolve().parents[2]
START = 60.0  # seconds for a process to load everything
LAST = 1.0  # seconds in which a process that has said its last word has to end


class Children(Protocol):
    """Starts one process at a time, and tells how it ended."""

    tier: str

    def start(self, phases: int) -> socket.socket:
        """Start one; its end of the conversation is returned.

        Args:
            phases: how often the limit on processor time is granted.
        """

    def finish(self, *, kill: bool) -> Ended:
        """Wait for it to end, or end it."""

    def close(self) -> None:
        """No more are wanted."""


def children(tier: str, slot: int, limits: Limits) -> Children:
    """What this tier offers."""
    return Spawned(limits) if tier == "C" else Forked(tier, slot, limits)


def _environment() -> dict[str, str]:
    """No secret of the grader's, and nothing that changes how Python starts."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": str(PACKAGE_HOME),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LANG": "C.UTF-8",
        "MALLOC_ARENA_MAX": "1",  # or each thread reserves 64 MiB of address space
        "HOME": "/",
    }


class Forked:
    """Children of a zygote, in tiers A and B.

    Args:
        tier: A or B.
        slot: which of the zygotes this is.
        limits: for each child.
    """

    def __init__(self, tier: str, slot: int, limits: Limits) -> None:
        self.tier, self._slot, self._limits = tier, slot, limits
        self._start_zygote()

    def _start_zygote(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        arguments = [theirs.fileno(), self.tier, self._slot, json.dumps(asdict(self._limits))]
        with theirs:
            self._zygote = subprocess.Popen(
                [sys.executable, "-P", "-m", "asynclab.grading.zygote", *map(str, arguments)],
                env=_environment(),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._control.settimeout(START)
        if self._control.recv(64) != b"ready":
            raise RuntimeError("the zygote ended before it was ready; its message is above")

    def start(self, phases: int) -> socket.socket:
        """Start one; its end of the conversation is returned."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self._control, [str(phases).encode()], [theirs.fileno()])
            except OSError:  # somebody killed the zygote: there is another one
                self.close()
                self._start_zygote()
                socket.send_fds(self._control, [str(phases).encode()], [theirs.fileno()])
        return ours

    def finish(self, *, kill: bool) -> Ended:
        """Wait for it to end, or end it."""
        if not kill:
            self._control.settimeout(LAST)
            with contextlib.suppress(TimeoutError):
                return self._ended()
        self._control.send(b"kill")
        self._control.settimeout(START)
        return self._ended()

    def _ended(self) -> Ended:
        message = self._control.recv(4096)
        if not message:
            raise ChildProcessError("the zygote died")
        return Ended(*json.loads(message))

    def close(self) -> None:
        """End the zygote."""
        self._control.close()
        try:
            self._zygote.wait(LAST)
        except subprocess.TimeoutExpired:
            self._zygote.kill()
            self._zygote.wait()


class Spawned:
    """One fresh process for each submission, in tier C: on any system, with no sandbox.

    Args:
        limits: for each process.
    """

    tier = "C"

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    def start(self, phases: int) -> socket.socket:
        """Start one; its end of the conversation is returned."""
        self._printed = tempfile.TemporaryFile()  # noqa: SIM115 - closed in finish
        token = secrets.token_hex(16)
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.settimeout(START)
            port = str(server.getsockname()[1])
            limits = json.dumps(asdict(self._limits))
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "asynclab.grading.spawned", port, str(phases), limits],
                env=_environment() | {"ASYNCLAB_GRADING_TOKEN": token},
                stdin=subprocess.DEVNULL,
                stdout=self._printed,
                stderr=self._printed,
                **_group_of_its_own(),
            )
            return _connection(server, token)

    def finish(self, *, kill: bool) -> Ended:
        """Wait for it to end, or end it with everything that it started."""
        if not kill:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(LAST)
        _kill_tree(self._process)
        code = self._process.wait()
        with self._printed:
            printed = self._printed.seek(0, os.SEEK_END)
        status = -code if code < 0 else code << 8
        return Ended(status, 0.0, 0, printed)  # what it has used is not known

    def close(self) -> None:
        """Nothing is left to end."""


def _connection(server: socket.socket, token: str) -> socket.socket:
    """The connection of our process: another one does not know the token."""
    while True:
        connection, _ = server.accept()
        connection.settimeout(START)
        if connection.recv(len(token), socket.MSG_WAITALL) == token.encode():
            return connection
        connection.close()


def _group_of_its_own() -> dict[str, Any]:
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def _kill_tree(process: subprocess.Popen) -> None:
    if sys.platform == "win32":
        command = ["taskkill", "/F", "/T", "/PID", str(process.pid)]
        subprocess.run(command, capture_output=True, check=False)
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, 9)
