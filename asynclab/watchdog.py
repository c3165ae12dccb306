"""Watchdog: stops code that computes for ever, which no event loop can do for itself."""

from __future__ import annotations

import contextlib
import ctypes
import sys
import threading
import types
from collections.abc import Iterator
from typing import Any

from .waits import is_learner_file

__all__ = ["TimeUp", "interrupt", "time_limit"]

AGAIN = 0.5  # seconds between two attempts


class TimeUp(KeyboardInterrupt):
    """Raised in the middle of the code that ran too long.

    A KeyboardInterrupt, because asyncio lets that one through: it ends the loop at once, instead
    of becoming the result of some task.
    """

    def __init__(self) -> None:
        super().__init__()
        _raise_in_handlers(sys._getframe(1))


@contextlib.contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Raise :class:`TimeUp` in this thread if the block takes longer than ``seconds``, real time.

    Without a number, and where there are no threads (Pyodide), there is no limit.
    """
    if seconds is None:
        yield
        return
    watched, over, lock = threading.get_ident(), threading.Event(), threading.Lock()
    struck = threading.Event()

    def watch() -> None:
        wait = seconds
        while not over.wait(wait):
            wait = AGAIN
            with lock:
                if not over.is_set():
                    struck.set()
                    interrupt(watched)

    watchdog = threading.Thread(target=watch, name="asynclab-watchdog", daemon=True)
    trace_function = sys.gettrace()
    try:
        with contextlib.suppress(RuntimeError):  # Pyodide
            watchdog.start()
        yield
    finally:
        while not over.is_set():
            try:
                with lock:
                    over.set()
            except TimeUp:  # it arrived in this very line
                pass
        if struck.is_set():
            _receive()
            sys.settrace(trace_function)


def interrupt(thread: int) -> None:
    """Raise :class:`TimeUp` in the thread with this identifier, as soon as it runs Python code."""
    argument = ctypes.py_object(TimeUp)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), argument)


def _receive() -> None:
    """Receive one that may be on its way.

    It could be taken back instead, but Python 3.11 would look out for it for ever: that makes it
    slow, and a debugger hangs.
    """
    with contextlib.suppress(TimeUp):
        interrupt(threading.get_ident())  # takes the place of the other
        while True:
            pass


def _raise_in_handlers(frame: types.FrameType | None) -> None:
    """Raise it again at the learner's next line, which is in an ``except:`` if there is one."""

    def again(_frame: types.FrameType, event: str, _arg: Any) -> Any:
        if event == "line":
            raise TimeUp
        return again

    while frame is not None:
        if is_learner_file(frame.f_code.co_filename):
            frame.f_trace = again
        frame = frame.f_back
    sys.settrace(lambda *_: None)
