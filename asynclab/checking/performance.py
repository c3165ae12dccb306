"""Performance: the learner's function, played on one case. The only place that calls it.

Everything that comes out is plain data, because a grader plays the function in another process
and judges here. The clock is virtual and has limits, so nothing that is typed can hang a kernel.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import inspect
import sys
import time
from asyncio import locks, queues, runners, taskgroups, tasks, threads, timeouts
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from asynclab.runner import Run, run
from asynclab.trace import Trace
from asynclab.waits import raising_line
from asynclab.watchdog import TimeUp, computed

from .exercise import Exercise
from .plain import Copy, error_text
from .service import Call, Case, Service
from .sight import Permits, Sight

__all__ = ["expected_run", "perform", "run_program"]

REAL_LIMIT = 1.5  # seconds of computing that one case may take; a right answer takes some ms
PATIENCE = 3  # times the limit, for a machine that is busy with something else
MANY = 10**6  # permits; more are as good as no limit


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


@dataclass(slots=True)
class _Outcome:
    """How a play ended, as plain data.

    Whatever an exception or a result holds on to is let go of within the run: a coroutine that
    was never awaited is reported when it dies, and must not die in the middle of another check.
    """

    result: Any = None
    promises: list[str] = field(default_factory=list)
    error: str = ""
    error_line: int = 0


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
    before = computed()
    sight = _perform(exercise, function, case, service_class(deepcopy(case), seed), REAL_LIMIT)
    if sight.error_type in ("TimeLimit", "LoopBlocked") and computed() - before < REAL_LIMIT / 2:
        # Others had the machine. Whether an answer is right must not depend on them.
        patient = PATIENCE * REAL_LIMIT
        sight = _perform(exercise, function, case, service_class(deepcopy(case), seed), patient)
    return sight


def _perform(
    exercise: Exercise, function: Callable[..., Any], case: Case, service: Service, limit: float
) -> Sight:
    given = service.case  # a copy: the learner's code may change what it is given
    at_return: list[Call] = []

    async def main() -> _Outcome:
        try:
            if exercise.measure is not None:
                return _returned(await _value(function, given))
            return _returned(await exercise.play(_awaiting(function), given, service))
        except TimeUp:
            raise
        except BaseException as error:  # noqa: BLE001 - it is the outcome
            return _raised(error)
        finally:
            at_return.extend(service.settle())

    with _genuine_asyncio(), _semaphores_noted() as semaphores:
        played = _run(main, limit)
    sight = _sight(case, service, played, at_return or service.calls, semaphores)
    if any("clean-up after main did not end" in complaint for complaint in sight.complaints):
        del played, semaphores
        _bury()
    return sight


def _bury() -> None:
    """Let coroutines that refused to end die here and now, on a loop that runs.

    One that catches everything, even its own end, can only be left at an `await`. Where no loop
    runs there is none, and it would take the notebook with it, whenever it happens to be collected.
    """

    async def collect() -> None:
        gc.collect()

    hook, sys.unraisablehook = sys.unraisablehook, lambda _: None
    try:
        run(collect, echo=False, real_limit=REAL_LIMIT)
    finally:
        sys.unraisablehook = hook


def _returned(value: Any) -> _Outcome:
    copy = Copy(value)
    for promise in copy.promises:
        if inspect.iscoroutine(promise):
            promise.close()  # nobody will ever await it now, and that is told already
    return _Outcome(copy.value, list(map(_kind, copy.promises)))


def _raised(error: BaseException) -> _Outcome:
    return _Outcome(error=error_text(error), error_line=raising_line(error).number)


def _kind(promise: Any) -> str:
    if inspect.iscoroutine(promise):
        return "coroutine"
    return "task" if isinstance(promise, asyncio.Task) else "future"


def _run(main: Callable[[], Any], limit: float = REAL_LIMIT) -> Run:
    """Run it; code that raises KeyboardInterrupt must not stop the notebook's other cells."""
    try:
        return run(main, echo=False, real_limit=limit)
    except KeyboardInterrupt as error:
        return Run(error, 0.0, "", [], Trace("virtual"))


def _sight(
    case: Case,
    service: Service,
    played: Run,
    calls: list[Call],
    semaphores: list[tuple[asyncio.Semaphore, int]],
) -> Sight:
    outcome = _outcome(played)
    return Sight(
        case=case,
        answers=service.answers,
        result=outcome.result,
        promises=outcome.promises,
        error=outcome.error,
        error_line=outcome.error_line,
        elapsed=played.elapsed,
        calls=calls,
        trace=played.trace,
        unknown=service.unknown,
        printed=played.printed,
        complaints=played.warnings,
        semaphores=[Permits(made, _permits(vars(s).get("_value"))) for s, made in semaphores],
    )


def _outcome(played: Run) -> _Outcome:
    if played.exception is not None:  # the clock has stopped it
        return _raised(played.exception)
    if played.result.error:
        main = played.trace.main
        main.outcome, main.error = "raised", played.result.error
    return played.result


def run_program(program: Callable[..., Any], case: Case) -> Run:
    """Run the program of a prediction.

    Args:
        program: a coroutine function.
        case: has given its arguments.
    """

    async def main() -> Any:
        return await program(**deepcopy(case.given))

    return _run(main)


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
            raise NotAwaitable(f"its type is {type(given).__name__}")
        return await given

    return call


def expected_run(exercise: Exercise, case: Case, seed: str) -> Run | None:
    """A run of the expected shape, for the picture; None if the exercise draws none.

    Args:
        exercise: has the shape.
        case: the workload.
        seed: of the tokens that calls obtain.
    """
    if exercise.expected is None:
        return None
    service = Service(case, seed)

    async def main() -> None:
        await exercise.expected(case, service)

    return _run(main)


@contextlib.contextmanager
def _genuine_asyncio() -> Iterator[None]:
    """Whatever a notebook has put in the place of asyncio's functions, a check uses the real."""
    replaced = {k: getattr(*k, None) for k, v in _GENUINE.items() if getattr(*k, None) is not v}
    for (module, name), genuine in _GENUINE.items():
        setattr(module, name, genuine)
    try:
        yield
    finally:
        for (module, name), value in (_GENUINE | replaced).items():
            setattr(module, name, value)


@contextlib.contextmanager
def _semaphores_noted() -> Iterator[list[tuple[asyncio.Semaphore, int]]]:
    """Each semaphore that is made, with its permits: a trace tells who waited, and not for which.

    One for each call is the mistake that this is for, and permits that were given back twice.
    """
    noted: list[tuple[asyncio.Semaphore, int]] = []
    original = asyncio.Semaphore.__init__

    def note(self: asyncio.Semaphore, value: int = 1) -> None:
        original(self, value)
        noted.append((self, _permits(value)))

    asyncio.Semaphore.__init__ = note
    try:
        yield noted
    finally:
        asyncio.Semaphore.__init__ = original


def _permits(value: Any) -> int:
    """As a number that fits anywhere: ``Semaphore(2.5)`` and ``Semaphore(math.inf)`` do work."""
    try:
        return int(max(-MANY, min(value, MANY)))
    except (TypeError, ValueError):
        return 0
