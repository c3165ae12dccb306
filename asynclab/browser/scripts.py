"""Scripts: ``python -c ...`` in this very Python, as if it had one of its own.

It gets a fresh ``__main__`` and its own output, and ``asyncio.run`` takes a virtual loop.
"""

from __future__ import annotations

import asyncio
import functools
import gc
import inspect
import io
import subprocess
import sys
import traceback
from collections.abc import Coroutine, Sequence
from contextlib import redirect_stderr, redirect_stdout
from subprocess import PIPE, CompletedProcess
from typing import Any

from asynclab.clock import VirtualLoop
from asynclab.nesting import detached

from .elsewhere import NotInBrowser, what_is_missing

__all__ = ["install", "run_script"]


def run_script(
    command: Sequence[str], *, capture_output: bool = False, text: bool = False, **how: Any
) -> CompletedProcess:
    """Stands in for ``subprocess.run`` where that runs a script and collects its output.

    Args:
        command: ``[sys.executable, "-c", source]``.
        capture_output: must be true, or ``stdout=PIPE``.
        text: must be true.
        how: further options of ``subprocess.run``; only ``check`` has a meaning here.

    Raises:
        NotInBrowser: it is another command, or asks for something else.
        CalledProcessError: with ``check=True``, the script failed.
    """
    collects = capture_output or how.get("stdout") == PIPE
    if not text or not collects or [*command[:2]] != [sys.executable, "-c"] or len(command) != 3:
        raise NotInBrowser("a process of its own")
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), detached():
        code = _execute(command[2])
    done = CompletedProcess(command, code, out.getvalue(), err.getvalue())
    if how.get("check"):
        done.check_returncode()
    return done


def _execute(source: str) -> int:
    names = {"__name__": "__main__"}
    try:
        exec(compile(source, "<string>", "exec"), names)  # noqa: S102 - it is the learner's script
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException as error:
        if what_is_missing(error):
            raise
        error.__traceback__ = error.__traceback__.tb_next  # this function is no part of the script
        traceback.print_exception(error)
        return 1
    finally:
        names.clear()
        gc.collect()  # what nobody awaited or looked at is told when a program ends
    return 0


def install() -> None:
    """Replace ``subprocess.run``, and ``asyncio.run``, which then takes a virtual loop.

    Pyodide's own would run inside a running loop. That is an error elsewhere, and the first lesson
    is about it.
    """
    genuine = inspect.unwrap(asyncio.run)

    @functools.wraps(genuine)
    def run(
        main: Coroutine[Any, Any, Any], *, debug: bool | None = None, loop_factory: Any = None
    ) -> Any:
        return genuine(main, debug=debug, loop_factory=loop_factory or VirtualLoop)

    asyncio.run = asyncio.runners.run = run
    subprocess.run = run_script
