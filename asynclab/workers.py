"""Workers: the threads that work for one virtual loop, kept in step with its clock.

A thread is *working* (it runs code), *asleep* (in ``time.sleep``, on the virtual clock) or idle.
The clock stands still while any thread works, and sleeping threads are woken one at a time. So
threads, too, take exact and repeatable times: only their sleeps cost anything.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.thread import _worker as _wait_for_jobs
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TextIO

from .nesting import detached

if TYPE_CHECKING:
    from .clock import VirtualLoop

__all__ = ["PATIENCE", "Workers", "loop_of_thread", "real_start"]

NO_THREADS = sys.platform == "emscripten"
PATIENCE = 0.5  # real seconds that a working thread may hold the clock before it moves on

_working_for = threading.local()
real_start = threading.Thread.start  # as it is before the clock replaces it


def loop_of_thread() -> VirtualLoop | None:
    """The open loop that the calling thread works for, if it is a worker."""
    loop = getattr(_working_for, "loop", None)
    if loop is None:
        loop = getattr(threading.current_thread(), "_asynclab_loop", None)
    return None if loop is None or loop.is_closed() else loop


@dataclass(slots=True)
class _Pool:
    """One executor. Invariant: ``running <= size``; jobs beyond that wait in ``queue``."""

    executor: Executor
    size: int
    running: int = 0
    queue: deque[Callable[[], None]] = field(default_factory=deque)


class Workers:
    """The threads of one loop. Its state changes on the loop's own thread only.

    Args:
        loop: the loop that the threads work for.
        size: number of threads in the default pool.
    """

    def __init__(self, loop: VirtualLoop, size: int) -> None:
        self.news = threading.Event()  # set whenever a thread posted something to the loop
        self._loop = loop
        self._size = size
        self._pools: dict[Executor | None, _Pool] = {}
        self._adopted: set[threading.Thread] = set()  # started by the program itself, or by anyio
        self._drowsy: deque[tuple[threading.Thread, float, threading.Event]] = deque()
        self._asleep: dict[threading.Thread, tuple[asyncio.TimerHandle, threading.Event]] = {}
        self.turns: deque[threading.Thread] = deque()  # slept enough, may go on
        self._drained: asyncio.Future | None = None
        self._submitting = False  # to an executor, which may start threads for it
        self._in_place = 0  # jobs whose result is there already, and not yet due

    # -- who works? ------------------------------------------------------------------------

    def working(self) -> bool:
        """Is some thread working, so that the clock must not move?"""
        if self._pools:
            asleep = sum(thread not in self._adopted for thread in self._asleep)
            if sum(pool.running for pool in self._pools.values()) > asleep + self._in_place:
                return True
        return bool(self._adopted) and any(map(self._works, tuple(self._adopted)))

    def start(self, thread: threading.Thread) -> None:
        """Start a thread. One of the program's own lives on the clock of the run, too."""
        if self._submitting:  # one of an executor: it works while it has a job of ours
            real_start(thread)
            return
        thread._asynclab_loop = self._loop
        if NO_THREADS:
            if thread._target is _wait_for_jobs:
                raise RuntimeError("can't start new thread")  # one run in place would never end
            self._without_threads(_Pool(Executor(), 1), thread.run, self._loop.create_future())
            return
        real_start(thread)
        self._adopted.add(thread)

    def _works(self, thread: threading.Thread) -> bool:
        if not thread.is_alive():
            self._adopted.discard(thread)
            return False
        idle = getattr(thread, "idle_workers", ())  # anyio's, which runs `def` routes
        return thread not in self._asleep and thread not in idle and not _is_idle(thread)

    def wait_for_news(self) -> bool:
        """Wait, in real time, for a thread to post something; False if none did for a while."""
        got = self.news.wait(PATIENCE)
        self.news.clear()
        return got

    def wake_next(self) -> None:
        """Let a thread that has slept enough go on: one at a time, so the order is repeatable."""
        _, woken = self._asleep.pop(self.turns.popleft())
        woken.set()

    def sleep(self, seconds: float) -> None:
        """``time.sleep`` in a worker thread: a timer of the loop wakes it. Called by the thread."""
        woken = threading.Event()
        self._drowsy.append((threading.current_thread(), seconds, woken))
        if self._post(self.note_sleepers):
            woken.wait()

    def note_sleepers(self) -> None:
        """Set a timer for each thread that has begun to sleep."""
        while self._drowsy:
            thread, seconds, woken = self._drowsy.popleft()
            timer = self._loop.call_later(seconds, self.turns.append, thread)
            self._asleep[thread] = timer, woken

    def wake_before(self, end: float) -> float | None:
        """Wake the thread that sleeps for the shortest time, though the loop cannot turn.

        Returns:
            The time at which it wakes, seconds; None if none does so before ``end``.
        """
        if self.turns:
            self.wake_next()
            return 0.0
        timer, thread = min(
            ((timer, thread) for thread, (timer, _) in self._asleep.items()),
            key=lambda pair: pair[0].when(),
            default=(None, None),
        )
        if timer is None or timer.when() > end:
            return None
        timer.cancel()
        self.turns.append(thread)
        self.wake_next()
        return timer.when()

    def _post(self, callback: Callable[..., None], *args: Any) -> bool:
        """Run the callback on the loop's thread; False if the loop is closed."""
        try:
            self._loop.call_soon_threadsafe(callback, *args)
        except RuntimeError:
            return False
        return True

    # -- jobs ------------------------------------------------------------------------------

    def submit(self, executor: Executor | None, job: Callable[[], Any]) -> asyncio.Future:
        """Run a job in an executor (None: the default pool) and return a future of its result."""
        pool = self._pools.get(executor) or self._open(executor)
        future = self._loop.create_future()

        def start() -> None:
            if future.cancelled():
                self._start_next(pool)
            else:
                self._start(pool, job, future)

        pool.queue.append(start)
        if pool.running < pool.size:
            self._start_next(pool)
        return future

    def _open(self, executor: Executor | None) -> _Pool:
        real = executor or ThreadPoolExecutor(self._size, "asynclab")
        pool = _Pool(real, getattr(real, "_max_workers", 1))
        self._pools[executor] = pool
        return pool

    def _start_next(self, pool: _Pool) -> None:
        if pool.queue:
            pool.queue.popleft()()

    def _start(self, pool: _Pool, job: Callable[[], Any], future: asyncio.Future) -> None:
        in_thread = isinstance(pool.executor, ThreadPoolExecutor)
        self._submitting = True
        try:
            running = pool.executor.submit(self._in_turn if in_thread else _call, job)
        except RuntimeError:
            if not NO_THREADS:
                raise
            self._without_threads(pool, job, future)
            return
        finally:
            self._submitting = False
        pool.running += 1
        running.add_done_callback(lambda done: self._post(self._finish, pool, done, future))

    def _in_turn(self, job: Callable[[], Any]) -> Any:
        _working_for.loop = self._loop
        self.sleep(0)
        try:
            return job()
        finally:
            _working_for.loop = None

    def _finish(self, pool: _Pool, done: Any, future: asyncio.Future) -> None:
        pool.running -= 1
        if done.cancelled():
            future.cancel()
        elif not future.cancelled():
            if (error := done.exception()) is not None:
                future.set_exception(error)
            else:
                future.set_result(done.result())
        self._start_next(pool)
        if self._drained is not None and not self._jobs() and not self._drained.done():
            self._drained.set_result(None)

    def _without_threads(self, pool: _Pool, job: Callable[[], Any], future: asyncio.Future) -> None:
        """No threads here (Pyodide): run the job now, deliver its result when it would be due."""
        loop, done = self._loop, Future()
        start, blocks = loop._now, len(loop.blocks)
        pool.running += 1
        self._in_place += 1
        _working_for.loop = loop
        try:
            with redirect_stdout(_Later(loop, sys.stdout)), detached():
                done.set_result(job())
        except BaseException as error:  # noqa: BLE001 - it is the outcome
            done.set_exception(error)
        finally:
            _working_for.loop = None
        end, loop._now = loop._now, start
        del loop.blocks[blocks:]
        loop.call_at(end, self._deliver, pool, done, future)

    def _deliver(self, pool: _Pool, done: Future, future: asyncio.Future) -> None:
        self._in_place -= 1
        self._finish(pool, done, future)

    # -- the end ---------------------------------------------------------------------------

    def _jobs(self) -> int:
        return sum(pool.running + len(pool.queue) for pool in self._pools.values())

    async def drain(self) -> None:
        """Wait until every job has ended, then let the default pool's threads go."""
        if self._jobs():
            self._drained = self._loop.create_future()
            await self._drained
        if (pool := self._pools.get(None)) is not None:
            pool.executor.shutdown(wait=False)

    def release(self) -> None:
        """Wake every sleeping thread: the clock that it sleeps on stops for ever."""
        for _, woken in self._asleep.values():
            woken.set()
        if (pool := self._pools.get(None)) is not None:
            pool.executor.shutdown(wait=False)


def _is_idle(thread: threading.Thread) -> bool:
    """Whether it belongs to an executor that the program has filled itself, and waits for a job."""
    frame = sys._current_frames().get(thread.ident)
    if frame is None or frame.f_code is not _wait_for_jobs.__code__:
        return False
    executor = frame.f_locals["executor_reference"]()
    return executor is None or executor._work_queue.empty()


def _call(job: Callable[[], Any]) -> Any:
    return job()


@dataclass(slots=True)
class _Later:
    """What a job prints, shown at the virtual time at which it prints it."""

    loop: VirtualLoop
    shown_by: TextIO

    def write(self, text: str) -> int:
        self.loop.call_at(self.loop._now, self.shown_by.write, text)
        return len(text)

    def flush(self) -> None:
        """It comes when its time comes."""
