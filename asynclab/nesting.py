"""Nesting: one event loop runs inside another, in the same thread."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from asyncio import tasks
from collections.abc import Iterator

__all__ = ["detached"]


@contextlib.contextmanager
def detached() -> Iterator[None]:
    """Let another loop run in a thread whose own loop is running, and put that one back."""
    outer = asyncio._get_running_loop()
    if outer is None:
        yield
        return
    task = tasks.current_task(outer)
    hooks = sys.get_asyncgen_hooks()
    if task is not None:
        tasks._leave_task(outer, task)  # 3.14 and later know one current task for each thread
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(outer)
        sys.set_asyncgen_hooks(*hooks)
        if task is not None:
            tasks._enter_task(outer, task)
