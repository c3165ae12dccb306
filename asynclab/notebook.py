"""Notebook: the same cells on the virtual clock, for tests and builds.

A learner's cells run on the kernel's own loop, in real time. With ``ASYNCLAB_CLOCK=virtual`` in
the environment they run on one virtual loop instead, which lives as long as the kernel: a task
made in one cell goes on in the next.
"""

from __future__ import annotations

import os
from collections.abc import Coroutine
from typing import Any

from .clock import VirtualLoop
from .runner import detached

__all__ = ["CellClock", "in_notebook", "use_clock_of_environment"]

VARIABLE = "ASYNCLAB_CLOCK"


class CellClock:
    """One virtual loop for all cells of a kernel; IPython calls it as its ``loop_runner``."""

    def __init__(self) -> None:
        self.loop = VirtualLoop()

    def __call__(self, cell: Coroutine[Any, Any, Any]) -> Any:
        """Run one cell to its end."""
        self.loop.extend()
        with detached():
            return self.loop.run_until_complete(cell)


def use_clock_of_environment() -> None:
    """Install a :class:`CellClock` if this is a notebook and the environment asks for one.

    Raises:
        ValueError: the variable holds something else than ``virtual`` or ``real``.
    """
    wanted = os.environ.get(VARIABLE, "real")
    if wanted not in ("real", "virtual"):
        raise ValueError(f'{VARIABLE}={wanted}: set it to "virtual" or "real"')
    shell = _shell()
    if wanted == "virtual" and shell is not None and not isinstance(shell.loop_runner, CellClock):
        shell.loop_runner = CellClock()
        # Cells without an await, too: asyncio.create_task() there must find this loop running.
        shell.should_run_async = lambda *_, **__: True


def in_notebook() -> bool:
    """Does this code run in an IPython kernel or shell?"""
    return _shell() is not None


def _shell() -> Any:
    try:
        from IPython import get_ipython  # noqa: PLC0415 - only where there is a notebook
    except ImportError:
        return None
    return get_ipython()
