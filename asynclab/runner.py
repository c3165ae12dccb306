"""Run: execute a coroutine on either clock, and keep all that there is to know about it."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import inspect
import sys
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from .capture import Outputs, collect
from .clock import CLEAN_UP, ClockError, LoopBlocked, TimeLimit, VirtualLoop
from .nesting import detached
from .trace import Line, Trace
from .tracer import Tracer
from .waits import raising_line
from .watchdog import TimeUp, computed, interrupt, time_limit

__all__ = ["Main", "Run", "run", "watch"]

PATIENCE = 2.0  # real seconds that a cancelled run in a thread is waited for
IDLE = 0.01  # of the time: who computes gets more, even on a busy machine; who waits, less
GRACE = 0.5  # real seconds: the loop itself stops a run, and tells more, where it can
_LOOP = ("asynclab.", "asyncio.base_events")  # modules that run main

Main = Coroutine[Any, Any, Any] | Callable[[], Coroutine[Any, Any, Any]]


@dataclass(eq=False, slots=True)
class Run:
    """One finished run of ``main``.

    Attributes:
        exception: what main raised, or the ``ClockError`` that stopped it; None if it returned.
        elapsed: seconds from main's first step to its end, on the clock of the run.
        printed: what was printed during the run.
        warnings: what Python complained of, one sentence each.
        trace: what the event loop did.
    """

    exception: BaseException | None
    elapsed: float
    printed: str
    warnings: list[str]
    trace: Trace
    _result: Any = None

    @property
    def result(self) -> Any:
        """What main returned. Raises the exception of a run that failed."""
        if self.exception is not None:
            raise self.exception
        return self._result

    def __repr__(self) -> str:
        count = len(self.trace.tasks)
        parts = [f"{self.elapsed:g} s on the {self.trace.clock} clock"]
        parts.append(f"{count} task" + "s" * (count != 1))
        if self.exception is not None:
            name, message = type(self.exception).__name__, str(self.exception)
            parts.append(f"raised {name}" + f": {message}" * bool(message))
        return "; ".join(["Run: " + ", ".join(parts), *self.warnings])


def run(
    main: Main,
    *,
    clock: str = "virtual",
    echo: bool = True,
    real_limit: float = 20.0,
    threads: int = 8,
) -> Run:
    """Run ``main`` to its end and record what the event loop did.

    It works in a script, in a notebook cell (where a loop runs already), inside another run and
    in any thread. An exception of main is kept in the answer, not raised; Ctrl-C is raised.

    Args:
        main: a coroutine, or a function without arguments that returns one.
        clock: ``virtual`` skips all waiting and counts it exactly; ``real`` waits, and may use
            sockets.
        echo: also show what main prints.
        real_limit: real seconds that a run on the virtual clock may take.
        threads: size of the default thread pool on the virtual clock.

    Raises:
        TypeError: main is neither a coroutine nor a function that returns one.
        ValueError: the clock is not one of the two.
    """
    if clock not in ("virtual", "real"):
        raise ValueError(f'clock={clock!r}: the clocks are "virtual" and "real"')
    coro = as_coroutine(main, "lab.run")
    if clock == "virtual" or sys.platform == "emscripten":  # a browser's sockets are in memory
        factory = functools.partial(VirtualLoop, real_limit=real_limit, threads=threads)
        with detached():
            return _run_on(factory, coro, echo, limit=real_limit + GRACE)
    if asyncio._get_running_loop() is None:
        return _run_on(None, coro, echo)
    with detached():
        return _in_thread(lambda tell: _run_on(None, coro, echo, tell=tell))


async def watch(main: Main) -> Run:
    """Run ``main`` on the loop that is running already, and record what that loop did for it.

    Only main and the tasks that descend from it are recorded.

    Args:
        main: a coroutine, or a function without arguments that returns one.

    Raises:
        TypeError: main is neither a coroutine nor a function that returns one.
        RuntimeError: this loop is being recorded already.
    """
    loop = asyncio.get_running_loop()
    with collect() as outputs, Tracer(loop, whole=False) as tracer:
        coro = as_coroutine(main, "lab.timeline")
        task = loop.create_task(coro, context=tracer.context)
        try:
            await asyncio.wait([task])
            _ = task.cancelled() or task.exception()  # seen: it is kept in the answer
        except BaseException:
            task.cancel()
            raise
    return _with_outputs(_finished(task, None, tracer), outputs)


def as_coroutine(main: Main, caller: str) -> Coroutine[Any, Any, Any]:
    """The coroutine that ``main`` is, or that it returns when it is called.

    Raises:
        TypeError: it is something else; the message says what, and what to pass.
    """
    given = main
    if callable(main) and not inspect.iscoroutine(main):
        main = main()
    if inspect.iscoroutine(main):
        return main
    name = getattr(given, "__name__", None)
    what = f"{name}() returned {_a(main)}" if name and main is not given else f"this is {_a(main)}"
    raise TypeError(
        f"{caller}() takes a coroutine, or a function that returns one; {what}. "
        "Is the function defined with 'async def'?"
    )


def _a(value: object) -> str:
    name = type(value).__name__
    return "None" if value is None else f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


# -- one run on a loop of its own ----------------------------------------------------------


def _run_on(
    factory: Callable[[], asyncio.AbstractEventLoop] | None,
    coro: Coroutine[Any, Any, Any],
    echo: bool,
    limit: float | None = None,
    tell: Callable[[asyncio.AbstractEventLoop, asyncio.Task], None] = lambda *_: None,
) -> Run:
    """asyncio.run(), observed. Not Runner.run(): that one swallows the first Ctrl-C."""
    clean_up = None if limit is None else CLEAN_UP
    with collect(echo=echo) as outputs:
        runner = asyncio.Runner(loop_factory=factory)
        loop = runner.get_loop()
        with Tracer(loop) as tracer:
            task = loop.create_task(coro)
            tell(loop, task)
            try:
                stopped = _drive(loop, task, limit)
            except KeyboardInterrupt:
                _close(runner, outputs, clean_up)
                raise
        answer = _finished(task, stopped, tracer)
        _close(runner, outputs, clean_up)
    return _with_outputs(answer, outputs)


def _drive(
    loop: asyncio.AbstractEventLoop, task: asyncio.Task, limit: float | None
) -> BaseException | None:
    """Run the loop until main ends; what it raised or what stopped it, else None."""
    before = computed()
    try:
        with time_limit(limit):
            loop.run_until_complete(task)
    except TimeUp as up:
        is_idle = computed() - before < limit * IDLE
        return _too_long(loop, raising_line(up), is_idle=is_idle)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - it is the outcome
        return _clock_error(error) or error
    return None


def _clock_error(error: BaseException) -> ClockError | None:
    """The clock's own message, where a library has wrapped it in a group of one."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error if isinstance(error, ClockError) else None


def _too_long(loop: asyncio.AbstractEventLoop, line: Line, *, is_idle: bool) -> TimeLimit:
    if is_idle and line.number:
        return LoopBlocked(
            f"line {line.number} of {line.function} blocks the loop for ever, at {loop.time():g} s "
            "of the virtual clock: it waits without 'await'"
        )
    return TimeLimit(
        f"still computing after the real-time limit, at {loop.time():g} s of the virtual clock: "
        "some code runs in an endless loop and never awaits"
    )


def _close(runner: asyncio.Runner, outputs: Outputs, limit: float | None) -> None:
    """As asyncio.run() ends: cancel what is left, close async generators, wait for threads."""
    try:
        with time_limit(limit):
            runner.close()
    except ClockError as error:
        outputs.complaints.append(f"the clean-up after main did not end: {error}")
    except TimeUp:
        outputs.complaints.append("the clean-up after main did not end: it kept the loop")


def _finished(task: asyncio.Task, stopped: BaseException | None, tracer: Tracer) -> Run:
    exception, result = stopped, None
    if exception is None:
        if task.cancelled():
            exception = asyncio.CancelledError("main was cancelled")
        elif (exception := task.exception()) is None:
            result = task.result()
    if exception is not None:
        exception.__traceback__ = _from_main(exception.__traceback__)
    trace = tracer.trace()
    return Run(exception, trace.elapsed, "", [], trace, result)


def _from_main(frames: TracebackType | None) -> TracebackType | None:
    """A traceback without its first frames: the loop's, which say nothing about main."""
    while frames and frames.tb_frame.f_globals.get("__name__", "").startswith(_LOOP):
        frames = frames.tb_next
    return frames


def _with_outputs(answer: Run, outputs: Outputs) -> Run:
    answer.printed = outputs.printed
    answer.trace.never_awaited = list(outputs.never_awaited)
    answer.warnings = [
        *(f"coroutine was never awaited: {what}" for what in outputs.never_awaited),
        *outputs.complaints,
    ]
    return answer


# -- where a loop runs already -------------------------------------------------------------


def _in_thread(job: Callable[[Callable[..., None]], Run]) -> Run:
    """Run the job in a thread of its own; Ctrl-C here cancels its main task there."""
    outcome: dict[str, Any] = {}
    context = contextvars.copy_context()

    def tell(loop: asyncio.AbstractEventLoop, task: asyncio.Task) -> None:
        outcome["cancel"] = functools.partial(loop.call_soon_threadsafe, task.cancel)

    def work() -> None:
        try:
            outcome["run"] = context.run(job, tell)
        except BaseException as error:  # noqa: BLE001 - it is the outcome
            outcome["error"] = error

    thread = threading.Thread(target=work, name="asynclab-run", daemon=True)
    try:
        thread.start()
        while thread.is_alive():
            thread.join(0.2)  # with a limit: on Windows a join without one hears no Ctrl-C
    except KeyboardInterrupt:
        _stop(thread, outcome.get("cancel"))
        raise
    if "error" in outcome:
        raise outcome["error"]
    return outcome["run"]


def _stop(thread: threading.Thread, cancel: Callable[[], object] | None) -> None:
    """Cancel the run in this thread; interrupt it if it computes and does not hear."""
    if cancel is not None:
        with contextlib.suppress(RuntimeError):  # its loop is closed already
            cancel()
    thread.join(PATIENCE)
    if thread.is_alive():
        interrupt(thread.ident)
        thread.join(PATIENCE)
