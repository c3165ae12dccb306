"""VirtualLoop: an event loop whose time jumps to the next timer when nothing can run.

It is a real ``asyncio.BaseEventLoop``: tasks, semaphores, timeouts and groups are asyncio's own;
only the waiting is skipped. It needs no selector, no socket and no thread, so it runs wherever
Python runs.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import math
import sys
import threading
import time
from asyncio import TimerHandle, tasks
from collections.abc import Callable
from concurrent.futures import Executor
from contextvars import Context
from heapq import heappop, heappush
from types import FrameType
from typing import Any

from .waits import describe, is_learner_file, learner_line
from .workers import PATIENCE, Workers, loop_of_thread, real_start

__all__ = [
    "CLEAN_UP",
    "BusyLoop",
    "ClockError",
    "Deadlock",
    "LoopBlocked",
    "RealIO",
    "TimeLimit",
    "VirtualLoop",
    "real_monotonic",
]

EPOCH = 1_700_000_000.0  # time.time() when a virtual clock stands at 0: the same in every run
CLEAN_UP = 2.0  # real seconds that the clean-up after a run may take
SLICE = 0.005  # real seconds between two looks at a thread that the loop's own thread waits for
DIGITS = 9  # times are rounded to the nanosecond, so that ten times 0.1 is 1.0


class ClockError(RuntimeError):
    """The virtual clock cannot go on with this program."""


class Deadlock(ClockError):
    """Every task waits and no timer is set: nothing can ever wake up."""


class BusyLoop(ClockError):
    """The loop turns and turns, and no time passes."""


class TimeLimit(ClockError):
    """The run took more real seconds than it was given."""


class LoopBlocked(TimeLimit):
    """That time was spent waiting in the loop's own thread, where nobody else can run."""


class RealIO(ClockError):
    """Real input or output was asked for; it takes real time."""


class _Task(asyncio.Task):
    """A task that hashes to its number, so that sets of tasks iterate in a repeatable order."""

    def __hash__(self) -> int:
        try:
            return self._number
        except AttributeError:
            loop = self.get_loop()
            loop._hashed_tasks += 1
            self._number = loop._hashed_tasks
            return self._number


class _Timer(TimerHandle):
    """A timer that tells nobody when it is cancelled: it is dropped when its turn comes."""

    __slots__ = ()
    cancel = asyncio.Handle.cancel


# Learners meet both in messages and reprs; there they are what they stand for.
for _ours, _theirs in ((_Task, asyncio.Task), (_Timer, TimerHandle)):
    _ours.__name__, _ours.__qualname__ = _theirs.__name__, _theirs.__qualname__
    _ours.__module__ = _theirs.__module__


class VirtualLoop(asyncio.BaseEventLoop):
    """An event loop on a virtual clock, which starts at 0.0 seconds.

    Invariant: ``_now`` never goes back. It moves in ``_wait``, when nothing is ready, and in
    ``block`` and ``wait_for_thread``, when code on the loop's own thread waits. (Where there are
    no threads, ``Workers`` runs a job ahead of its time, and then puts the clock back.)

    Args:
        threads: size of the default thread pool, as ``asyncio.to_thread`` sees it.
        real_limit: real seconds that the loop may turn before it raises :class:`TimeLimit`.
        turn_limit: turns without time passing before it raises :class:`BusyLoop`.
    """

    def __init__(
        self, *, threads: int = 8, real_limit: float = 20.0, turn_limit: int = 50_000
    ) -> None:
        super().__init__()
        self._now = 0.0
        self._timer_count = 0
        self._named_tasks = 0
        self._hashed_tasks = 0
        self._turn = self._last_jump = 0  # turns so far; the turn in which time last moved
        self._turn_limit = turn_limit
        self._real_limit = real_limit
        self._real_end = real_monotonic() + real_limit
        self._workers = Workers(self, threads)
        self.blocks: list[tuple[float, float, str, int]] = []  # start, end, function, line

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._now

    def extend(self) -> None:
        """Grant the full real-time limit again, as each cell of a notebook gets it."""
        self._real_end = real_monotonic() + self._real_limit

    # -- tasks -----------------------------------------------------------------------------

    def create_task(self, coro: Any, **options: Any) -> asyncio.Task:
        """As asyncio does it, but with names that begin at ``Task-1`` for each loop."""
        self._named_tasks += 1
        options["name"] = options.get("name") or f"Task-{self._named_tasks}"
        if self._task_factory is not None:
            return super().create_task(coro, **options)
        self._check_closed()
        task = _Task(coro, loop=self, **options)
        hash(task)  # numbered now: asyncio would do it now or later, depending on its version
        if task._source_traceback:
            del task._source_traceback[-1]
        return task

    # -- timers ----------------------------------------------------------------------------

    def call_later(
        self, delay: float, callback: Callable, *args: Any, context: Context | None = None
    ) -> TimerHandle:
        """As asyncio does it."""
        if delay is None:
            raise TypeError("delay must not be None")
        return self.call_at(self._now + delay, callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable, *args: Any, context: Context | None = None
    ) -> TimerHandle:
        """As asyncio does it, but equal deadlines fire in the order in which they were set."""
        if self._closed:
            self._check_closed()
        if self._debug:
            self._check_thread()
            self._check_callback(callback, "call_at")
        timer = _Timer(round(when, DIGITS), callback, args, self, context)
        if timer._source_traceback:
            del timer._source_traceback[-1]
        self._timer_count += 1
        heappush(self._scheduled, (timer._when, self._timer_count, timer))
        return timer

    # -- turns -----------------------------------------------------------------------------

    def _run_once(self) -> None:
        """Turn until the loop is stopped: fire what is due, run what is ready, again.

        asyncio calls this for each turn; staying here saves it a call and a look at each.
        """
        ready, timers = self._ready, self._scheduled
        while True:
            self._turn += 1
            if not self._turn & 1023:
                self._check_limits()
            if not ready and not self._stopping:
                self._wait()
            while timers and timers[0][0] <= self._now:
                ready.append(heappop(timers)[2])
            for _ in range(len(ready)):
                handle = ready.popleft()
                if not handle._cancelled:
                    handle._run()
            handle = None  # as asyncio does: see Tracer
            if self._stopping:
                return

    def _wait(self) -> None:
        """Nothing is ready: let threads work, else jump to the next timer.

        Raises:
            Deadlock: there is no thread to wait for and no timer.
        """
        workers, timers = self._workers, self._scheduled
        while not self._ready:
            if workers.working():
                if workers.wait_for_news():
                    continue
                self._check_real_time()
            if workers.turns:
                workers.wake_next()
                continue
            while timers and timers[0][2]._cancelled:
                heappop(timers)
            if timers:
                self._now = max(self._now, timers[0][0])
                self._last_jump = self._turn
                return
            if not workers.working():
                raise Deadlock(self._explain_deadlock())

    def _check_limits(self) -> None:
        if self._turn - self._last_jump > self._turn_limit:
            self._last_jump = self._turn
            raise BusyLoop(
                f"the loop turned over {self._turn_limit:,} times at {self._now:g} s and no time "
                "passed: some task awaits in an endless loop and never waits for anything"
            )
        self._check_real_time()

    def _check_real_time(self) -> None:
        if real_monotonic() > self._real_end:
            self._real_end += CLEAN_UP
            raise TimeLimit(
                f"still running after {self._real_limit:g} real seconds, "
                f"at {self._now:g} s of the virtual clock"
            )

    def _explain_deadlock(self) -> str:
        waiting = sorted(tasks.all_tasks(self), key=hash)
        rows = [f"  {task.get_name()} waits for {_words(task)}" for task in waiting]
        return "\n".join(["nothing is scheduled, so these tasks would wait for ever:", *rows])

    # -- blocking calls and threads --------------------------------------------------------

    def block(self, seconds: float) -> None:
        """``time.sleep`` on the loop's own thread: the clock moves, and nobody else can run."""
        start, self._now = self._now, round(self._now + seconds, DIGITS)
        self._note_block(start, sys._getframe(1))

    def _note_block(self, start: float, frame: FrameType) -> None:
        """Since this time, code in this frame has kept the loop."""
        line = learner_line(frame)
        self.blocks.append((start, self._now, line.function, line.number))

    def wait_for_thread(self, wait: Callable[[float], bool], timeout: float | None) -> bool:
        """Code on the loop's own thread waits for another thread, and nobody else can run.

        It waits in slices: what waits in one piece could be interrupted by nobody.

        Args:
            wait: waits for so many real seconds; true if what it waits for has happened.
            timeout: seconds of the virtual clock.

        Raises:
            Deadlock: no thread is left for which it could wait.
        """
        start, end = self._now, math.inf if timeout is None else self._now + timeout
        patience = real_monotonic() + PATIENCE
        while not (done := wait(SLICE)):
            self._workers.note_sleepers()
            if self._workers.working() and real_monotonic() < patience:
                continue
            woken_at = self._workers.wake_before(end)
            if woken_at is not None:
                self._now = max(self._now, woken_at)
                patience = real_monotonic() + PATIENCE
            elif timeout is not None:
                self._now = max(self._now, round(end, DIGITS))
                break
            elif real_monotonic() > patience:
                raise Deadlock(self._explain_block())
        if self._now > start:
            self._note_block(start, sys._getframe(1))
        return done

    def _explain_block(self) -> str:
        line = learner_line(sys._getframe(1))
        return (
            f"line {line.number} of {line.function} blocks the loop until something happens that "
            "only this loop could do: await it instead"
        )

    def run_in_executor(
        self, executor: Executor | None, func: Callable, *args: Any
    ) -> asyncio.Future:
        """As asyncio does it; the clock stands still while a thread works."""
        self._check_closed()
        if executor is None:
            self._check_default_executor()
            executor = self._default_executor  # the learner's own, if set_default_executor was used
        return self._workers.submit(executor, functools.partial(func, *args))

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109 - asyncio's signature
        """Wait for all jobs, also for those that nobody awaits any more, as asyncio.run() does."""
        self._executor_shutdown_called = True
        await self._workers.drain()

    def close(self) -> None:
        """Close the loop and let go of every thread that sleeps on its clock."""
        self._workers.release()
        super().close()

    # -- what BaseEventLoop asks of a subclass ---------------------------------------------

    def _process_events(self, events: object) -> None:
        """There is no selector, hence there are no events."""

    def _write_to_self(self) -> None:
        self._workers.news.set()


def _words(task: asyncio.Task) -> str:
    wait = describe(task)
    what = f"{wait.kind} {wait.detail}".strip()
    where = f" in {wait.line.function}(), line {wait.line.number}" if wait.line.number else ""
    return what + where


def _refuse(name: str) -> Callable:
    def method(*_: object, **__: object) -> None:
        raise RealIO(
            f"{name}() is real input or output: it takes real time, so it cannot run on the "
            "virtual clock. Talk to the practice API in process with lab.api.client(), or run "
            'on the real clock: lab.run(main, clock="real").'
        )

    return method


for _name in (
    *("create_connection", "create_server", "create_datagram_endpoint"),
    *("create_unix_connection", "create_unix_server", "getaddrinfo", "getnameinfo"),
    *("add_reader", "add_writer", "sock_recv", "sock_recv_into", "sock_sendall"),
    *("sock_connect", "sock_accept", "connect_read_pipe", "connect_write_pipe"),
    *("subprocess_exec", "subprocess_shell", "add_signal_handler"),
):
    setattr(VirtualLoop, _name, _refuse(_name))


# -- the time module follows the clock, and so do threads ----------------------------------
# Replaced once, at import, and not for each run: `from time import sleep` in a learner's first
# cell must get the function that knows about clocks. Elsewhere they are what they always were.

real_monotonic = time.monotonic
_real_sleep = inspect.unwrap(time.sleep)  # Pyodide's lets others run; the one beneath blocks


def _virtual_loop() -> VirtualLoop | None:
    """The virtual loop that the calling thread works for, if any."""
    loop = asyncio._get_running_loop() or loop_of_thread()
    return loop if isinstance(loop, VirtualLoop) else None


@functools.wraps(time.sleep)
def _sleep(seconds: float) -> None:
    loop = _virtual_loop()
    if loop is None:
        return _real_sleep(seconds)
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    if loop._thread_id == threading.get_ident():
        return loop.block(seconds)
    return loop._workers.sleep(seconds)


def _following(real: Callable[[], float], base: float) -> Callable[[], float]:
    @functools.wraps(real)
    def now() -> float:
        loop = _virtual_loop()
        return real() if loop is None else base + loop._now

    return now


@functools.wraps(threading.Thread.start)
def _start(thread: threading.Thread) -> None:
    loop = _virtual_loop()
    if loop is None:
        real_start(thread)
    else:
        loop._workers.start(thread)


_WAITING = {"threading", "queue", "concurrent.futures._base", "concurrent.futures.thread"}
_real_wait, _real_join = threading.Condition.wait, threading.Thread.join


def _blocked_loop() -> VirtualLoop | None:
    """The virtual loop on whose own thread the learner's code is about to wait, if it is one."""
    loop = asyncio._get_running_loop()
    if not isinstance(loop, VirtualLoop):
        return None
    frame = sys._getframe(2)
    while frame is not None and frame.f_globals.get("__name__") in _WAITING:
        frame = frame.f_back
    return loop if frame is not None and is_learner_file(frame.f_code.co_filename) else None


@functools.wraps(_real_wait)
def _condition_wait(condition: threading.Condition, timeout: float | None = None) -> bool:
    loop = _blocked_loop()
    if loop is None:
        return _real_wait(condition, timeout)
    return loop.wait_for_thread(functools.partial(_real_wait, condition), timeout)


@functools.wraps(_real_join)
def _join(thread: threading.Thread, timeout: float | None = None) -> None:
    loop = _blocked_loop()
    if loop is None:
        _real_join(thread, timeout)
        return

    def wait(seconds: float) -> bool:
        _real_join(thread, seconds)
        return not thread.is_alive()

    loop.wait_for_thread(wait, timeout)


threading.Condition.wait = _condition_wait
threading.Thread.join = _join
threading.Thread.start = _start
time.sleep = _sleep
time.time = _following(time.time, EPOCH)
time.monotonic = _following(time.monotonic, 0.0)
time.perf_counter = _following(time.perf_counter, 0.0)
