"""Performance: the learner's function, played on one case. The only place that calls it.

Everything that comes out is plain data, because a grader plays the function in another process
and judges here. The clock is virtual and has limits, so nothing that is typed can hang a kernel.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import time
import traceback
from collections.abc import Callable, Iterator
from copy import copy
from typing import Any

from asynclab.runner import Run, run
from asynclab.waits import is_learner_file

from .exercise import Exercise
from .service import Call, Case, Service
from .sight import Sight

__all__ = ["REAL_LIMIT", "expected_run", "perform"]

REAL_LIMIT = 2.0  # seconds of computing that one case may take
DEPTH = 6  # levels of a result that are looked at
LENGTH = 2000  # items of a result, or characters of a text, that are looked at

# What a check relies on, as it was when this module was loaded.
_GENUINE = {
    (module, name): getattr(module, name)
    for module, names in (
        (asyncio, ("sleep", "gather", "create_task", "wait", "wait_for", "as_completed", "run")),
        (asyncio, ("Semaphore", "TaskGroup", "Queue", "Lock", "Event", "timeout", "to_thread")),
        (time, ("sleep", "monotonic", "perf_counter", "time")),
    )
    for name in names
}


def perform(exercise: Exercise, function: Callable[..., Any], case: Case, seed: str) -> Sight:
    """Play the function on a case.

    Args:
        exercise: says how it is called.
        function: the learner's.
        case: the workload.
        seed: of the tokens that real calls obtain.
    """
    service = Service(case, seed)
    at_return: list[Call] = []

    async def main() -> Any:
        try:
            return await exercise.play(function, case, service)
        finally:
            at_return.extend(map(copy, service.calls))

    with _genuine_asyncio(), _semaphores_counted() as semaphores:
        played = run(main, echo=False, real_limit=REAL_LIMIT)
    return _sight(case, service, played, at_return or service.calls, len(semaphores))


def expected_run(exercise: Exercise, case: Case, seed: str) -> Run | None:
    """A run of the expected shape, for the picture; None if the exercise draws none."""
    if exercise.expected is None:
        return None
    service = Service(case, seed)
    return run(lambda: exercise.expected(case, service), echo=False, real_limit=REAL_LIMIT)


def _sight(case: Case, service: Service, played: Run, calls: list[Call], semaphores: int) -> Sight:
    error = played.exception
    result = None if error is not None else played.result
    name = "coroutine" if _close_coroutines(result) else type(result).__name__
    return Sight(
        case=case,
        answers=service.answers,
        result=plain(result),
        result_type=name,
        error=_error(error),
        error_line=_line(error),
        elapsed=played.elapsed,
        calls=calls,
        trace=played.trace,
        printed=played.printed,
        complaints=played.warnings,
        semaphores=semaphores,
    )


def _close_coroutines(value: Any, depth: int = DEPTH) -> bool:
    """Are there coroutines in a result, which nobody will ever await now?"""
    if inspect.iscoroutine(value):
        value.close()
        return True
    if isinstance(value, dict):
        value = list(value.values())
    if not depth or not isinstance(value, (list, tuple, set)):
        return False
    return any([_close_coroutines(item, depth - 1) for item in list(value)[:LENGTH]])


def plain(value: Any, depth: int = DEPTH) -> Any:
    """A result as JSON types: tuples become lists, exceptions ``{"exception": ...}``."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value[:LENGTH] if isinstance(value, str) else value
    if isinstance(value, BaseException):
        return {"exception": type(value).__name__, "message": str(value)[:LENGTH]}
    if depth and isinstance(value, (list, tuple)):
        return [plain(item, depth - 1) for item in value[:LENGTH]]
    if depth and isinstance(value, (set, frozenset)):
        return sorted((plain(item, depth - 1) for item in list(value)[:LENGTH]), key=repr)
    if depth and isinstance(value, dict):
        pairs = list(value.items())[:LENGTH]
        return {str(key): plain(item, depth - 1) for key, item in pairs}
    return f"<{type(value).__name__}>"


def _error(error: BaseException | None) -> str:
    if error is None:
        return ""
    text = str(error)[:LENGTH]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _line(error: BaseException | None) -> int:
    """The innermost line of the learner's code in a traceback."""
    if error is None:
        return 0
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if is_learner_file(frame.filename)]
    return lines[-1] if lines else 0


@contextlib.contextmanager
def _genuine_asyncio() -> Iterator[None]:
    """Whatever a notebook has put in the place of asyncio's functions, a check uses the real."""
    replaced = {key: getattr(*key) for key in _GENUINE if getattr(*key) is not _GENUINE[key]}
    for (module, name), genuine in _GENUINE.items():
        setattr(module, name, genuine)
    try:
        yield
    finally:
        for (module, name), value in (_GENUINE | replaced).items():
            setattr(module, name, value)


@contextlib.contextmanager
def _semaphores_counted() -> Iterator[list[int]]:
    """How many semaphores are made: one for each call is the mistake that a trace cannot see."""
    made: list[int] = []
    original = asyncio.Semaphore.__init__

    def counted(self: asyncio.Semaphore, value: int = 1) -> None:
        made.append(value)
        original(self, value)

    asyncio.Semaphore.__init__ = counted
    try:
        yield made
    finally:
        asyncio.Semaphore.__init__ = original
