"""Notebook: the same cells on the virtual clock, for tests and builds.

A learner's cells run on the kernel's own loop, in real time. With ``ASYNCLAB_CLOCK=virtual`` in
the environment they run on one virtual loop instead, which lives as long as the kernel: a task
made in one cell goes on in the next.

In both, Ctrl-C (the stop button) gets through to code that computes and never awaits.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import types
from collections.abc import Coroutine
from typing import Any

from .clock import ClockError, VirtualLoop
from .nesting import detached
from .waits import is_learner_file

__all__ = ["CellClock", "in_notebook", "shell", "use_clock_of_environment"]

VARIABLE = "ASYNCLAB_CLOCK"
ATTEMPTS = 3  # to end a cell that was stopped, and that may catch what is raised in it


class CellClock:
    """One virtual loop for all cells of a kernel; IPython calls it as its ``loop_runner``."""

    def __init__(self) -> None:
        self.loop = VirtualLoop()

    def __call__(self, cell: Coroutine[Any, Any, Any]) -> Any:
        """Run one cell to its end.

        What stops the loop is raised inside the cell, which shows it and ends.
        """
        self.loop.extend()
        with detached():
            task = self.loop.create_task(cell)
            for _ in range(ATTEMPTS):
                try:
                    return self.loop.run_until_complete(task)
                except (ClockError, KeyboardInterrupt) as error:
                    if not task.done():
                        _raise_where_it_waits(task, error)
            task._log_destroy_pending = False  # Ctrl-C hit the loop itself, which lost the cell
            return self.loop.run_until_complete(task)


def _raise_where_it_waits(task: asyncio.Task, error: BaseException) -> None:
    while isinstance(task._fut_waiter, asyncio.Task):
        task = task._fut_waiter
    waiter = task._fut_waiter
    if waiter is None or waiter.done() or isinstance(error, KeyboardInterrupt):
        task.cancel(str(error))  # and all that it waits for
        return
    waiter.set_exception(error)
    for child in getattr(waiter, "_children", ()):  # of a gather
        child.cancel()


def use_clock_of_environment() -> None:
    """Install a :class:`CellClock` if this is a notebook and the environment asks for one.

    Raises:
        ValueError: the variable holds something else than ``virtual`` or ``real``.
    """
    wanted = os.environ.get(VARIABLE, "real")
    if wanted not in ("real", "virtual"):
        raise ValueError(f'{VARIABLE}={wanted}: set it to "virtual" or "real"')
    cells = shell()
    if wanted == "virtual" and cells is not None and not isinstance(cells.loop_runner, CellClock):
        cells.loop_runner = CellClock()
        # Cells without an await, too: asyncio.create_task() there must find this loop running.
        cells.should_run_async = lambda *_, **__: True
    elif wanted == "real" and cells is not None:
        cells.events.register("pre_run_cell", _let_ctrl_c_through)


def _let_ctrl_c_through(_info: object) -> None:
    """Let Ctrl-C stop a cell that awaits, also if some task of it computes and never awaits.

    For such a cell ipykernel's own handler asks the loop to cancel it, which the loop can do in
    its next turn only.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    ask = signal.getsignal(signal.SIGINT)
    if ask is signal.default_int_handler or not callable(ask):
        return

    def on_ctrl_c(number: int, frame: types.FrameType | None) -> None:
        ask(number, frame)
        while frame is not None and not is_learner_file(frame.f_code.co_filename):
            frame = frame.f_back
        if frame is not None:
            raise asyncio.CancelledError("interrupted")

    signal.signal(signal.SIGINT, on_ctrl_c)


def in_notebook() -> bool:
    """Does this code run in an IPython kernel or shell?"""
    return shell() is not None


def shell() -> Any:
    """The IPython shell whose cells run here; None in a script."""
    try:
        from IPython import get_ipython  # noqa: PLC0415 - only where there is a notebook
    except ImportError:
        return None
    return get_ipython()
