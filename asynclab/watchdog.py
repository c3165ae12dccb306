"""Watchdog: stops code that computes for ever, which no event loop can do for itself."""

from __future__ import annotations

import contextlib
import ctypes
import threading
from collections.abc import Iterator

__all__ = ["TimeUp", "time_limit"]

AGAIN = 0.5  # seconds between two attempts: the first may land in an `except:`


class TimeUp(KeyboardInterrupt):
    """Raised in the middle of the code that ran too long.

    A KeyboardInterrupt, because asyncio lets that one through: it ends the loop at once, instead
    of becoming the result of some task.
    """


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise :class:`TimeUp` in this thread if the block takes longer than ``seconds``, real time.

    Where there are no threads (Pyodide) there is no limit.
    """
    thread, over = threading.get_ident(), threading.Event()
    lock = threading.Lock()

    def watch() -> None:
        wait = seconds
        while not over.wait(wait):
            wait = AGAIN
            with lock:
                if not over.is_set():
                    _raise_in(thread, TimeUp)

    try:
        threading.Thread(target=watch, name="asynclab-watchdog", daemon=True).start()
    except RuntimeError:
        yield
        return
    try:
        yield
    finally:
        with lock:
            over.set()
            _raise_in(thread, None)  # take back one that has not arrived yet


def _raise_in(thread: int, exception: type[BaseException] | None) -> None:
    argument = None if exception is None else ctypes.py_object(exception)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), argument)
