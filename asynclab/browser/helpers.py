"""Helpers: jobs that a library hands to threads of its own run on the virtual clock instead."""

from __future__ import annotations

import asyncio
import contextvars
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

__all__ = ["install"]

_anybody = ThreadPoolExecutor(1000)  # starts no thread here; how many are busy, the limiter says


async def _in_worker_thread(
    _backend: object,
    job: Callable[..., Any],
    arguments: tuple[Any, ...],
    abandon_on_cancel: bool = False,  # noqa: ARG001 - anyio's signature; no thread is left behind
    limiter: Any = None,
) -> Any:
    """Stands in for anyio's way into a thread: at most as many jobs at once as it allows."""
    call = functools.partial(contextvars.copy_context().run, job, *arguments)
    async with limiter or _limiter():
        return await asyncio.get_running_loop().run_in_executor(_anybody, call)


def _limiter() -> Any:
    from anyio.to_thread import current_default_thread_limiter  # noqa: PLC0415 - loaded when used

    return current_default_thread_limiter()


def install() -> None:
    """Replace it for the whole session. Starlette runs plain ``def`` routes through it."""
    from anyio._backends._asyncio import AsyncIOBackend  # noqa: PLC0415 - loaded when used

    AsyncIOBackend.run_sync_in_worker_thread = classmethod(_in_worker_thread)
