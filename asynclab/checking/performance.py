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
from asyncio import locks, queues, runners, taskgroups, tasks, threads, timeouts
from collections.abc import Callable, Iterator
from copy import deepcopy
from types import ModuleType
from typing import Any

from asynclab.runner import Run, run
from asynclab.trace import Trace
from asynclab.waits import is_learner_file

from .exercise import Exercise
from .plain import Copy, error_text
from .service import Call, Case, Service
from .sight import Sight

__all__ = ["expected_run", "perform", "show"]

REAL_LIMIT = 2.0  # seconds of computing that one case may take


def _genuine(home: ModuleType, *names: str) -> dict[tuple[ModuleType, str], Any]:
    """What asyncio offers under these names, from the modules in which it keeps them."""
    return {(asyncio, name): getattr(home, name) for name in names}


# What a check relies on, and what a notebook may have replaced long before it.
_GENUINE = {
    **_genuine(tasks, "sleep", "gather", "create_task", "wait", "wait_for", "as_completed"),
    **_genuine(locks, "Semaphore", "BoundedSemaphore", "Lock", "Event", "Condition"),
    **_genuine(queues, "Queue"),
    **_genuine(taskgroups, "TaskGroup"),
    **_genuine(timeouts, "timeout"),
    **_genuine(threads, "to_thread"),
    **_genuine(runners, "run"),
    **{(time, name): getattr(time, name) for name in ("sleep", "monotonic", "perf_counter")},
}


class NotAwaitable(TypeError):
    """What the call of the learner's function gives cannot be awaited."""


def perform(
    exercise: Exercise,
    function: Callable[..., Any],
    case: Case,
    seed: str,
    *,
    service_class: Callable[[Case, str], Service] = Service,
) -> Sight:
    """Play the function on a case.

    Args:
        exercise: says how it is called.
        function: the learner's.
        case: the workload.
        seed: of the tokens that real calls obtain.
        service_class: makes the service; a grader's keeps its record in another process.
    """
    given = deepcopy(case)  # the learner's code may change what it is given
    service = service_class(given, seed)
    at_return: list[Call] = []

    async def main() -> Copy:
        try:
            if exercise.measure is not None:
                return Copy(await _value(function, given))
            return Copy(await exercise.play(_awaiting(function), given, service))
        finally:
            at_return.extend(service.settle())

    with _genuine_asyncio(), _semaphores_counted() as semaphores:
        played = _run(main)
    return _sight(case, service, played, at_return or service.calls, len(semaphores))


def _run(main: Callable[[], Any]) -> Run:
    """Run it; code that raises KeyboardInterrupt must not stop the notebook's other cells."""
    try:
        return run(main, echo=False, real_limit=REAL_LIMIT)
    except KeyboardInterrupt as error:
        return Run(error, 0.0, "", [], Trace("virtual"))


def show(program: Callable[..., Any], case: Case) -> Run:
    """Run the program of a prediction on a case."""
    return _run(lambda: program(**deepcopy(case.given)))


async def _value(function: Callable[..., Any], case: Case) -> Any:
    """A prediction. It is an ordinary function, but nobody minds an ``async def``."""
    value = function(*case.given.values())
    return await value if inspect.isawaitable(value) else value


def _awaiting(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, awaited: how it is defined does not matter, if what it gives can be awaited."""
    if inspect.iscoroutinefunction(function):
        return function

    async def call(*arguments: Any) -> Any:
        try:
            given = function(*arguments)
        except Exception as error:
            raise NotAwaitable(f"it raised {error_text(error)}") from error
        if not inspect.isawaitable(given):
            raise NotAwaitable(f"it gave a {type(given).__name__}")
        return await given

    return call


def expected_run(exercise: Exercise, case: Case, seed: str) -> Run | None:
    """A run of the expected shape, for the picture; None if the exercise draws none."""
    if exercise.expected is None:
        return None
    service = Service(case, seed)
    return _run(lambda: exercise.expected(case, service))


def _sight(case: Case, service: Service, played: Run, calls: list[Call], semaphores: int) -> Sight:
    error = played.exception
    result = None if error is not None else played.result
    return Sight(
        case=case,
        answers=service.answers,
        result=result and result.value,
        promises=_kinds(result),
        error=error_text(error),
        error_line=_line(error),
        elapsed=played.elapsed,
        calls=calls,
        trace=played.trace,
        printed=played.printed,
        complaints=played.warnings,
        semaphores=semaphores,
    )


def _kinds(result: Copy | None) -> list[str]:
    """Which promises a result holds. Nobody will ever await its coroutines now."""
    promises = [] if result is None else result.promises
    for promise in promises:
        if inspect.iscoroutine(promise):
            promise.close()
    return [_kind(promise) for promise in promises]


def _kind(promise: Any) -> str:
    if inspect.iscoroutine(promise):
        return "coroutine"
    return "task" if isinstance(promise, asyncio.Task) else "future"


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
