"""Capture: what a run prints, and what Python complains of while it runs.

Each run has its own, found through a context variable, so that runs in several threads, nested
runs and the rest of a notebook never mix.
"""

from __future__ import annotations

import contextlib
import contextvars
import logging
import sys
import threading
import warnings
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from typing import TextIO

__all__ = ["Outputs", "collect"]

PRINT_LIMIT = 200_000  # characters kept of one run


@dataclass(slots=True)
class Outputs:
    """What one run left behind besides its result.

    Args:
        echo: also show what is printed, at once, where it would have gone.
        outer: the run inside which this one takes place, if any; it is shown there.
    """

    echo: bool = True
    outer: Outputs | None = None
    never_awaited: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    _pieces: list[str] = field(default_factory=list)
    _length: int = 0

    @property
    def printed(self) -> str:
        """The text that was printed; the end of a very long one is left out, and it says so."""
        text = "".join(self._pieces)
        left_out = self._length - len(text)
        return f"{text}\n... and {left_out} more characters" if left_out else text

    def add(self, text: str) -> None:
        """Take note of printed text."""
        room = PRINT_LIMIT - self._length
        self._length += len(text)
        if room > 0:
            self._pieces.append(text[:room])


_current: contextvars.ContextVar[Outputs | None] = contextvars.ContextVar(
    "asynclab_outputs", default=None
)


@contextlib.contextmanager
def collect(*, echo: bool = True) -> Iterator[Outputs]:
    """Collect the outputs of the code in the block, and of all tasks that it starts.

    Args:
        echo: also show what is printed.
    """
    outputs = Outputs(echo, _current.get())
    token = _current.set(outputs)
    depth = sys.get_coroutine_origin_tracking_depth()
    sys.set_coroutine_origin_tracking_depth(max(1, depth))  # on which line was it called?
    try:
        with _stdout:
            yield outputs
    finally:
        sys.set_coroutine_origin_tracking_depth(depth)
        _current.reset(token)


class _Stdout:
    """Stands in for ``sys.stdout`` while any run is collecting, and hands on everything else."""

    def __init__(self) -> None:
        self._users = 0
        self._lock = threading.Lock()
        self._real: TextIO = sys.stdout

    def __enter__(self) -> None:
        with self._lock:
            self._users += 1
            if sys.stdout is not self:
                self._real, sys.stdout = sys.stdout, self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._users -= 1
            if not self._users and sys.stdout is self:
                sys.stdout = self._real

    def write(self, text: str) -> int:
        outputs = _current.get()
        while outputs is not None:
            outputs.add(text)
            if not outputs.echo:
                return len(text)
            outputs = outputs.outer
        return self._real.write(text)

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)


_stdout = _Stdout()


# Python reports a coroutine that nobody awaited by calling this function of `warnings`. Replaced
# once: within a run the report belongs to the run; elsewhere it is the warning that it always was.
def _on_unawaited(coro: Coroutine) -> None:
    outputs = _current.get()
    if outputs is None:
        text = f"coroutine '{coro.__qualname__}' was never awaited"
        warnings.warn(text, RuntimeWarning, stacklevel=2, source=coro)
    else:
        where = f", called on line {coro.cr_origin[0][1]}" if coro.cr_origin else ""
        outputs.never_awaited.append(f"{coro.__qualname__}(){where}")


warnings._warn_unawaited_coroutine = _on_unawaited


def _keep_complaint(record: logging.LogRecord) -> bool:
    """Keep for the run what asyncio could only log, such as an exception nobody retrieved."""
    outputs = _current.get()
    if outputs is None:
        return True
    text = record.getMessage().partition("\n")[0]
    if record.exc_info and (error := record.exc_info[1]) is not None:
        text = f"{text}: {type(error).__name__}: {error}"
    outputs.complaints.append(text)
    return False


logging.getLogger("asyncio").addFilter(_keep_complaint)
