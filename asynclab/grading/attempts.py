"""Attempts: notices when code tries what the sandbox forbids.

The kernel forbids it whether it is noticed or not; this only makes the verdict say so.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .sandbox import readable

__all__ = ["NETWORK", "report_attempts"]

NETWORK = "make an internet socket"  # tier A has a network to make it in

_PROCESSES = {
    "os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn", "os.system",
    "os.startfile", "subprocess.Popen", "pty.spawn",
}  # fmt: skip
_CHANGES = {
    "os.chmod", "os.chown", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir",
    "os.symlink", "os.truncate", "os.utime", "shutil.rmtree", "shutil.move",
}  # fmt: skip
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND
_INTERNET = {socket.AF_INET, socket.AF_INET6}
_NEAR = {None, "", b"", "localhost", "::1"}
_READERS_OF_SOURCE = ("linecache.py", "tokenize.py", "traceback.py", "inspect.py")
FEW = 5  # attempts that are reported


def report_attempts(tell: Callable[[str], None]) -> None:
    """From now on, tell of the first few attempts of this process.

    Args:
        tell: takes one sentence.
    """
    roots = tuple(readable())
    told: list[str] = []

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if len(told) >= FEW or not (what := _forbidden(event, arguments, roots)):
            return
        if what not in told:
            told.append(what)
            tell(what)

    sys.addaudithook(watch)


def _forbidden(event: str, arguments: tuple[Any, ...], roots: tuple[str, ...]) -> str:
    if event == "open":
        return _opened(*arguments, roots)
    if event.startswith("socket."):
        return _networked(event, arguments)
    if event in _PROCESSES:
        return f"start a process ({event})"
    if event in _CHANGES:
        return f"change a file ({event} {arguments[0]!r})"
    if event in ("os.kill", "os.killpg") and arguments[0] != os.getpid():
        return f"send a signal to process {arguments[0]}"
    return ""


def _networked(event: str, arguments: tuple[Any, ...]) -> str:
    if event == "socket.connect" and _is_far(arguments[1]):
        return f"reach {arguments[1]!r} on the network"
    is_internet = event == "socket.__new__" and arguments[1] in _INTERNET
    return NETWORK if is_internet else ""


def _opened(path: Any, mode: Any, flags: Any, roots: tuple[str, ...]) -> str:
    if not isinstance(path, (str, bytes)):
        return ""
    where = os.path.normpath(os.path.join("/", os.fsdecode(path)))  # noqa: PTH118 - no look at the disk
    writes = any(letter in str(mode) for letter in "wax+") or bool((flags or 0) & _WRITING)
    if where.startswith(roots) and not (writes and not where.startswith("/dev/")):
        return ""
    if writes:
        return f"write the file {where}"
    if not Path(where).exists() or _reads_source(sys._getframe(3)):
        return ""
    return f"read the file {where}"


def _reads_source(frame: Any) -> bool:
    """Python itself looks up a line for a traceback."""
    for _ in range(4):
        if frame is None:
            return False
        if frame.f_code.co_filename.endswith(_READERS_OF_SOURCE):
            return True
        frame = frame.f_back
    return False


def _is_far(address: Any) -> bool:
    host = address[0] if isinstance(address, tuple) and address else address
    return host not in _NEAR and not str(host).startswith("127.")
