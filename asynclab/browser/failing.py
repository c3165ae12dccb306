"""Failing: after a cell that is meant to fail, the cells that wait behind it run all the same.

JupyterLab tells the kernel of such a cell, which has the tag ``raises-exception``, that nothing
else shall stop with it. JupyterLite's kernel drops whatever waits behind any cell that failed. So
the traceback is shown, and the kernel hears of no failure.
"""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["install"]


def install(shell: Any) -> None:
    """From now on, only a cell that should not have failed stops the others.

    Args:
        shell: the shell of JupyterLite's kernel; any other is left as it is.
    """
    tell_kernel = getattr(shell, "_showtraceback", None)
    if tell_kernel is None or not hasattr(shell, "kernel"):
        return

    def show(kind: type, error: BaseException, lines: list[str]) -> None:
        if _may_fail(shell.kernel):
            print("\n".join(lines), file=sys.stderr)
        else:
            tell_kernel(kind, error, lines)

    shell._showtraceback = show


def _may_fail(kernel: Any) -> bool:
    """Whether the request that the kernel works on lets others go on after a failure."""
    request = getattr(kernel, "_parent_header", None) or {}
    return request.get("content", {}).get("stop_on_error", True) is False
