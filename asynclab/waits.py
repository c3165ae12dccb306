"""What is a suspended task waiting for, and on which line of the learner's code?

The answer is read off the task's suspended frames, outermost first: the learner's own frames
give the line, the first library call below them explains the wait ("http GET /weather", not the
inner sleep of the server that answers it).
"""

from __future__ import annotations

import asyncio
import functools
import gc
import os
import traceback
import types
from asyncio import tasks
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .trace import Line

__all__ = ["Waiting", "describe", "is_learner_file", "learner_line", "raising_line"]

MAX_FRAMES = 200  # a task suspended deeper than this is a recursion gone wrong

_STDLIB = str(Path(os.__file__).parent) + os.sep
_PACKAGE = str(Path(__file__).parent.absolute()) + os.sep

_Locals = dict[str, object]
_Suspended = types.CoroutineType | types.GeneratorType | types.AsyncGeneratorType


@dataclass(slots=True)
class Waiting:
    """A wait whose tasks are still live objects; the tracer turns it into a ``Wait``."""

    kind: str
    detail: str = ""
    line: Line = field(default_factory=Line)
    tasks: list[asyncio.Task] = field(default_factory=list)


@functools.cache
def is_learner_file(filename: str) -> bool:
    """Is this a file, or a cell, that the learner wrote?"""
    library = filename.startswith((_STDLIB, _PACKAGE, "<frozen"))
    return not library and "site-packages" not in filename


def learner_line(frame: types.FrameType | None) -> Line:
    """The innermost line of the learner's code on a running stack."""
    while frame is not None and not is_learner_file(frame.f_code.co_filename):
        frame = frame.f_back
    return Line() if frame is None else Line(frame.f_code.co_name, frame.f_lineno)


def raising_line(error: BaseException) -> Line:
    """The innermost line of the learner's code in a traceback.

    An exception that a function has caught and meets again names that function twice: the line
    that counts is the one that let it out, which comes first.
    """
    lines: dict[types.FrameType, Line] = {}
    for frame, number in traceback.walk_tb(error.__traceback__):
        if is_learner_file(frame.f_code.co_filename):
            lines.setdefault(frame, Line(frame.f_code.co_name, number))
    return [Line(), *lines.values()][-1]


def describe(task: asyncio.Task) -> Waiting:
    """What the suspended ``task`` waits for.

    A wait that no library call explains is named by the future that the task awaits.
    """
    frame, waiting = None, None
    for part in _suspended(task.get_coro()):
        code = _code(part)
        if is_learner_file(code.co_filename):
            frame = _frame(part)
        elif (library_call := _LIBRARY.get(code.co_qualname)) is not None:
            package, kind, read = library_call
            if package in code.co_filename:
                detail, on = read(_frame(part).f_locals) if read else ("", [])
                waiting = Waiting(kind, detail, tasks=on)
                break
    waiting = waiting or _by_future(task)
    if frame is not None:
        waiting.line = Line(frame.f_code.co_name, frame.f_lineno)
    return waiting


# -- the chain of suspended frames ---------------------------------------------------------


def _suspended(coro: object) -> Iterator[_Suspended]:
    """The coroutines, generators and async generators that await each other, outermost first."""
    for _ in range(MAX_FRAMES):
        if isinstance(coro, types.CoroutineType):
            following = coro.cr_await
        elif isinstance(coro, types.GeneratorType):
            following = coro.gi_yieldfrom
        elif isinstance(coro, types.AsyncGeneratorType):
            following = coro.ag_await
        else:
            coro = _inside(coro)
            if coro is None:
                return
            continue
        if _frame(coro) is None:
            return
        yield coro
        coro = following


def _inside(wrapper: object) -> _Suspended | None:
    """What ``anext()`` and ``__await__`` objects wrap: nothing but the collector can see it."""
    if wrapper is None or isinstance(wrapper, asyncio.Future):
        return None
    referents = gc.get_referents(wrapper)
    return next((item for item in referents if isinstance(item, _Suspended)), None)


def _code(part: _Suspended) -> types.CodeType:
    if isinstance(part, types.CoroutineType):
        return part.cr_code
    return part.gi_code if isinstance(part, types.GeneratorType) else part.ag_code


def _frame(part: _Suspended) -> types.FrameType | None:
    if isinstance(part, types.CoroutineType):
        return part.cr_frame
    return part.gi_frame if isinstance(part, types.GeneratorType) else part.ag_frame


# -- library calls that explain a wait -----------------------------------------------------


def _only_tasks(futures: Iterable[object]) -> list[asyncio.Task]:
    return [future for future in futures if isinstance(future, asyncio.Task)]


def _sleep(variables: _Locals) -> tuple[str, list[asyncio.Task]]:
    return f"{variables['delay']:g} s", []


def _function(variables: _Locals) -> tuple[str, list[asyncio.Task]]:
    return getattr(variables["func"], "__name__", ""), []


def _wait(variables: _Locals) -> tuple[str, list[asyncio.Task]]:
    return str(variables["return_when"]), _only_tasks(variables["fs"])


def _task_group(variables: _Locals) -> tuple[str, list[asyncio.Task]]:
    return "", _only_tasks(variables["self"]._tasks)


def _request(variables: _Locals) -> tuple[str, list[asyncio.Task]]:
    request = variables["request"]
    return f"{request.method} {request.url.raw_path.decode()}", []


_Reader = Callable[[_Locals], tuple[str, list[asyncio.Task]]]
# qualified name -> (part of its file's path, kind of wait, what its local variables tell)
_LIBRARY: dict[str, tuple[str, str, _Reader | None]] = {
    "sleep": ("asyncio", "sleep", _sleep),
    "to_thread": ("asyncio", "thread", _function),
    "run_sync": ("anyio", "thread", _function),
    "AsyncClient.send": ("httpx", "http", _request),
    "StreamReader._wait_for_data": ("asyncio", "socket", None),
    "Semaphore.acquire": ("asyncio", "semaphore", None),
    "Lock.acquire": ("asyncio", "lock", None),
    "Event.wait": ("asyncio", "event", None),
    "Condition.wait": ("asyncio", "condition", None),
    "Barrier.wait": ("asyncio", "barrier", None),
    "Queue.get": ("asyncio", "queue get", None),
    "Queue.put": ("asyncio", "queue put", None),
    "Queue.join": ("asyncio", "queue join", None),
    "TaskGroup.__aexit__": ("asyncio", "task group", _task_group),
    "_wait": ("asyncio", "wait", _wait),
    "_AsCompletedIterator._wait_for_one": ("asyncio", "as_completed", None),
    "as_completed.<locals>._wait_for_one": ("asyncio", "as_completed", None),
}


def _by_future(task: asyncio.Task) -> Waiting:
    future = getattr(task, "_fut_waiter", None)
    if future is None:
        return Waiting("yield")
    if isinstance(future, asyncio.Task):
        return Waiting("task", future.get_name(), tasks=[future])
    if isinstance(future, tasks._GatheringFuture):
        children = _only_tasks(future._children)
        return Waiting("gather", f"of {len(future._children)}", tasks=children)
    return Waiting("future")
