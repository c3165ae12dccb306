"""Watchdog: stops code that computes for ever, which no event loop can do for itself."""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import signal
import sys
import threading
import time
import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .clock import real_monotonic
from .waits import is_learner_file
from .workers import real_start

__all__ = ["TimeUp", "computed", "interrupt", "time_limit"]

AGAIN = 0.5  # seconds between two attempts
WAKE = getattr(signal, "SIGURG", None)  # ignored by whoever did not ask for it; not on Windows


# Seconds of processor time that this thread has used; Pyodide has but one.
computed = getattr(time, "thread_time", time.process_time)


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
    watch = _Watch(threading.get_ident(), real_monotonic() + seconds)
    trace_function = sys.gettrace()
    try:
        _guard.begin(watch)
        with _wakeable(), _unheard():
            yield
    finally:
        while not watch.over:
            with contextlib.suppress(TimeUp):  # it arrived in this very line
                _guard.end(watch)
        if watch.struck:
            _receive()
            sys.settrace(trace_function)


@contextlib.contextmanager
def _unheard() -> Iterator[None]:
    """One that arrives in a ``__del__`` is lost there and comes again: nobody has to hear."""
    hook = sys.unraisablehook

    def hear(lost: Any) -> None:
        if not issubclass(lost.exc_type, TimeUp):
            hook(lost)

    sys.unraisablehook = hear
    try:
        yield
    finally:
        sys.unraisablehook = hook


@dataclass(eq=False, slots=True)
class _Watch:
    """A thread that is to be interrupted when it is due, and again until it is over."""

    thread: int
    due: float
    over: bool = False
    struck: bool = False


class _Guard:
    """The one thread that looks after all watches, however many begin and end in a second.

    It lives as long as it finds a watch when it wakes; the next one starts it again. ``_wakes`` is
    never later than the first watch is due. All fields are guarded by the lock: a bare one, since
    the interrupt can come in the middle of a lock that is written in Python, and leave it held.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._watches: set[_Watch] = set()
        self._thread: threading.Thread | None = None
        self._wakes = math.inf

    def begin(self, watch: _Watch) -> None:
        with self._lock:
            self._watches.add(watch)
            if self._thread is None:
                thread = threading.Thread(
                    target=self._look_after_them, name="asynclab-watchdog", daemon=True
                )
                with contextlib.suppress(RuntimeError):  # there are no more threads; Pyodide
                    real_start(thread)
                    self._thread = thread
            elif watch.due < self._wakes:
                self._changed.notify()

    def end(self, watch: _Watch) -> None:
        with self._lock:
            self._watches.discard(watch)
            watch.over = True

    def _look_after_them(self) -> None:
        with self._lock:
            while self._watches:
                now = real_monotonic()
                for watch in self._watches:
                    if watch.due <= now:
                        watch.due, watch.struck = now + AGAIN, True
                        interrupt(watch.thread)
                self._wakes = min(watch.due for watch in self._watches)
                self._changed.wait(self._wakes - now)
            self._thread = None


_guard = _Guard()
if hasattr(os, "register_at_fork"):
    # A child has no thread but the one that made it, and perhaps a lock that nobody lets go.
    os.register_at_fork(after_in_child=_guard.__init__)


def interrupt(thread: int) -> None:
    """Raise :class:`TimeUp` in the thread with this identifier, as soon as it runs Python code.

    The main thread may be waiting for a lock or a socket: within a time limit, it runs some.
    """
    argument = ctypes.py_object(TimeUp)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), argument)
    if WAKE is not None and thread == threading.main_thread().ident:
        signal.pthread_kill(thread, WAKE)


@contextlib.contextmanager
def _wakeable() -> Iterator[None]:
    """The main thread hears :func:`interrupt` even where it waits for a lock or a socket.

    A signal makes it run a line of Python, and there the exception arrives. Other threads of
    Python cannot be woken.
    """
    if WAKE is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.signal(WAKE, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(WAKE, handler or signal.SIG_DFL)


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
