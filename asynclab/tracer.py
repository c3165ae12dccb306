"""Tracer: records what an event loop does, without changing it.

It observes the scheduler, never the code. No coroutine is wrapped, no task class or task factory
is set; tasks keep their identity, name, context, cancellation count and traceback.

================== ============ ==========================================================
watched            where        tells
================== ============ ==========================================================
``Handle._run``    class        each callback that the loop runs: a task's steps, timers
``call_soon``      loop object  each wake-up: a task became ready, and who caused it
``create_task``    loop object  a task's birth; an eager task's first step
``cancel``         task object  each request to cancel, and who made it
================== ============ ==========================================================
"""

from __future__ import annotations

import asyncio
import contextvars
import sys
import types
import weakref
from asyncio import events, tasks
from collections.abc import Callable
from typing import Any, Self

from .clock import VirtualLoop, real_monotonic
from .trace import CLOSING, Blocked, Cancel, Line, Slice, TaskRecord, Trace, Wait
from .waits import describe, learner_line
from .watchdog import TimeUp

__all__ = ["Tracer"]

DETAIL_LIMIT = 2000  # tasks; beyond it only slices are recorded, so that big runs stay fast
SLOW = 0.05  # seconds: a step of the real clock that takes longer has blocked the loop
LABEL_WIDTH = 20
_EAGER = sys.version_info >= (3, 12)  # a task may start at its birth

_tracers: dict[asyncio.AbstractEventLoop, Tracer] = {}
_run_of_handle = events.Handle._run
_traced_by: contextvars.ContextVar[Tracer] = contextvars.ContextVar("asynclab_tracer")


def _run(handle: asyncio.Handle) -> None:
    """Stands in for ``Handle._run`` while any tracer is active."""
    tracer = _tracers.get(handle._loop)
    try:
        if tracer is None:
            _run_of_handle(handle)
        else:
            tracer._on_run(handle)
    finally:
        del handle  # see Tracer


class _Life:
    """What is known of one task while the run goes on.

    Every task that a big program makes has one, so it holds no more objects than it must.
    """

    __slots__ = (
        *("id", "tracer", "task", "name", "label", "parent", "created", "created_step"),
        *("created_at", "ready", "waker", "last", "waits", "cancels"),
        *("outcome", "error", "ended", "retrieved", "__weakref__"),
    )

    def __init__(self, tracer: Tracer, parent: _Life | None) -> None:
        self.id, self.tracer, self.parent = len(tracer.lives), tracer, parent
        self.name = self.label = ""
        self.created = self.last = tracer.now()  # last: when it last came to rest
        self.created_step = len(tracer.log)
        self.created_at = _NOWHERE
        self.ready: float | None = None  # since when it can run; None: it waits, or it runs
        self.waker = self.error = ""
        self.waits: list[Wait] | None = None
        self.cancels: list[Cancel] | None = None
        self.outcome, self.ended, self.retrieved = "pending", None, True

    def follow(self, task: asyncio.Task) -> None:
        """Know the task without keeping it alive."""
        self.task = weakref.ref(task, self._collected)
        task._asynclab_life = self
        # Bound to the task, as its own is: `call_later(1, task.cancel)` keeps the task alive.
        task.cancel = types.MethodType(_cancel, task)

    def take_name(self, task: asyncio.Task) -> None:
        """Known at the first step, not at birth: 3.11 names a task after it made it."""
        self.name = self.label = task.get_name()
        # 3.12.1 crashes in get_coro() of a task that ended in its eager start.
        if self.id < DETAIL_LIMIT and self.name.startswith("Task-") and not task.done():
            self.label = _call(task.get_coro()) or self.name

    def let_go(self, task: asyncio.Task) -> None:
        """Leave no mark on a task that lives on."""
        if getattr(task, "_asynclab_life", None) is self:
            del task._asynclab_life, task.cancel

    def _collected(self, _: object) -> None:
        if self.outcome == "pending" and self.tracer.active:
            self.outcome, self.ended = "lost", self.tracer.now()

    def end(self, task: asyncio.Task) -> None:
        """Take note of the outcome, and let the memory of the ended task be freed at once."""
        self.ended, self.name = self.last, task.get_name()
        task.cancel = self._cancel_ended
        if task.cancelled():
            self.outcome = "cancelled"
        elif task._exception is None:  # .exception() would mark it as retrieved
            self.outcome = "finished"
        else:
            self.outcome = "raised"
            self.error = _error_text(task._exception)

    def _cancel_ended(self, msg: object = None) -> bool:
        task = self.task()
        return task is not None and _cancel(task, msg)

    def cancel(self, by: str, accepted: bool) -> None:
        """Take note of a request to cancel."""
        self.cancels = [*(self.cancels or ()), Cancel(self.tracer.now(), by, accepted)]


def _cancel(task: asyncio.Task, msg: object = None) -> bool:
    """Shadows ``task.cancel`` and calls the class's own, be it a subclass's."""
    life = getattr(task, "_asynclab_life", None)  # None: the trace has ended meanwhile
    by = life.tracer._canceller(sys._getframe(1)) if life is not None else ""
    accepted = type(task).cancel(task) if msg is None else type(task).cancel(task, msg)
    if life is not None:
        life.cancel(by, accepted)
    return accepted


class Tracer:
    """Records ``loop`` between ``with`` and the end of the block.

    An error of the tracer's own is written down in ``errors``; it never reaches the loop, which
    may be the kernel's.

    Args:
        loop: the loop to watch; it may be running already.
        whole: watch every task of the loop. False: only tasks that start in ``self.context``,
            and their descendants, as on the loop of a notebook's kernel.

    The traceback of a task's exception keeps all frames below it (from Python 3.12 on), so every
    frame from which a task may run drops its references to the task; asyncio's own do the same.
    Otherwise a failed task would live on, and its unseen exception be reported late.

    Invariants: ``log[n]`` is step n, as ``(task, ready, start, end, waker)``; ``running`` is the
    life of the task whose step runs now, else None.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, *, whole: bool = True) -> None:
        self.loop, self.whole = loop, whole
        self.virtual = isinstance(loop, VirtualLoop)
        # Asked for several times a step: not through the functions that follow the clock.
        standard = type(loop).time is asyncio.BaseEventLoop.time
        self.now = real_monotonic if standard else loop.time
        self.slow = 0.0 if self.virtual else SLOW
        self.lives: list[_Life] = []
        self.log: list[tuple[int, float, float, float, str]] = []
        self.blocked: list[Blocked] = []
        self.errors: list[str] = []
        self.active = False
        self.started_at = self.ended_at = 0.0
        self.running: _Life | None = None
        self._callback: asyncio.Handle | None = None  # the plain callback that runs now
        self._creator: asyncio.Task | None = None  # the task that creates another now
        self.context = contextvars.copy_context()
        self.context.run(_traced_by.set, self)

    def __enter__(self) -> Self:
        loop = self.loop
        if loop in _tracers:
            raise RuntimeError("this event loop is being traced already: end that trace first")
        self.started_at = self.now()
        self._shadowed = {name: loop.__dict__.get(name) for name in _WATCHED}
        self._call_soon, self._create_task = loop.call_soon, loop.create_task
        self._call_exception_handler = loop.call_exception_handler
        loop.call_soon, loop.create_task = self._on_call_soon, self._on_create_task
        loop.call_exception_handler = self._on_exception
        if not _tracers:
            events.Handle._run = _run
        _tracers[loop] = self
        self.active = True
        return self

    def __exit__(self, *_: object) -> None:
        self.active = False
        self.ended_at = self.now()
        del _tracers[self.loop]
        if not _tracers:
            events.Handle._run = _run_of_handle
        for name, value in self._shadowed.items():
            if value is None:
                delattr(self.loop, name)
            else:
                setattr(self.loop, name, value)
        for life in self.lives:
            if (task := life.task()) is not None:
                try:
                    self._look_back(life, task)
                except Exception as error:  # noqa: BLE001 - see the class
                    self._blunder(error)
                life.let_go(task)

    def _look_back(self, life: _Life, task: asyncio.Task) -> None:
        if life.label:
            life.name = task.get_name()
        else:
            life.take_name(task)
        if life.outcome == "raised":
            life.retrieved = not getattr(task, "_log_traceback", False)

    def _blunder(self, error: Exception) -> None:
        text = f"{type(error).__name__}: {error}"
        if text not in self.errors:
            self.errors.append(text)

    # -- births ----------------------------------------------------------------------------

    def _on_create_task(self, coro: Any, **options: Any) -> asyncio.Task:
        before = self.now()
        outer, self._creator = self._creator, tasks.current_task(self.loop)
        try:
            task = self._create_task(coro, **options)
        finally:
            self._creator = outer
        try:
            if getattr(task, "_source_traceback", None):
                del task._source_traceback[-1]
            if isinstance(task, asyncio.Task):
                self._born(task, before)
        except Exception as error:  # noqa: BLE001 - see the class
            self._blunder(error)
        try:
            return task
        finally:
            del task

    def _born(self, task: asyncio.Task, before: float) -> None:
        life = getattr(task, "_asynclab_life", None) or self._first_sight(task, None)
        if life is not None and (life.ready is None or (_EAGER and self._began(task))):
            life.take_name(task)
            self._end_step(life, task, before, before, "eager start")

    def _began(self, task: asyncio.Task) -> bool:
        """Did the eager start of the task end with ``sleep(0)``, so that it is ready again?"""
        if self.loop.get_task_factory() is None and sys.version_info < (3, 14):
            return False
        return getattr(task.get_coro(), "cr_suspended", False)

    def _first_sight(self, task: asyncio.Task, context: contextvars.Context | None) -> _Life | None:
        """A new life for a task not seen before; None if it is not ours."""
        creator = tasks.current_task(self.loop)
        if creator is task:  # in its eager start
            creator = self._creator
        parent = getattr(creator, "_asynclab_life", None)
        if not (self.whole or parent or (context or _NO_CONTEXT).get(_traced_by) is self):
            return None
        life = _Life(self, parent)
        life.follow(task)
        self.lives.append(life)
        if life.id < DETAIL_LIMIT:
            life.created_at = learner_line(sys._getframe(1))
        return life

    # -- wake-ups --------------------------------------------------------------------------

    def _on_call_soon(
        self, callback: Callable, *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.Handle:
        handle = self._call_soon(callback, *args, context=context)
        try:
            if handle._source_traceback:
                del handle._source_traceback[-1]
            task = _task_of(callback)
            if task is None:
                return handle
            life = getattr(task, "_asynclab_life", None)
            if life is None:
                life = self._first_sight(task, handle._context)
            if life is not None and life.ready is None:
                self._wake(life)
        except Exception as error:  # noqa: BLE001 - see the class
            self._blunder(error)
        return handle

    def _wake(self, life: _Life) -> None:
        running = self.running
        if running is not None:
            life.ready, life.waker = self.now(), running.label
        else:
            life.ready, life.waker = max(life.last, self._due()), self._actor()

    def _due(self) -> float:
        """Now; or, in a timer that comes late, the time for which it was set."""
        return getattr(self._callback, "_when", None) or self.now()

    def _actor(self) -> str:
        """Who acts now: the running task, or what the running callback stands for."""
        if self.running is not None:
            return self.running.label
        return "loop" if self._callback is None else _role(self._callback)

    def _canceller(self, frame: types.FrameType | None) -> str:
        """Who called ``task.cancel`` in this frame."""
        try:
            actor, call = self._actor(), _asyncio_call(frame)
            if self.running is None and call == "TaskGroup._abort":
                return actor  # which says it already
            return _CANCELLERS.get(call, "{actor}").format(actor=actor)
        except Exception as error:  # noqa: BLE001 - see the class
            self._blunder(error)
            return ""

    # -- steps -----------------------------------------------------------------------------

    def _on_run(self, handle: asyncio.Handle) -> None:
        life = task = None
        try:
            task = _task_of(handle._callback)
            if task is not None:
                life = getattr(task, "_asynclab_life", None)
                if life is None:
                    life = self._first_sight(task, handle._context)
                if life is not None and not life.label:
                    life.take_name(task)
                if life is not None and life.waits and handle._args:
                    # Woken by a future: with its result, or with its exception?
                    life.waits[-1].raised = _has_failed(handle._args[0])
        except Exception as error:  # noqa: BLE001 - see the class
            self._blunder(error)
        try:
            if life is None:
                self._run_callback(handle)
            else:
                self._run_step(life, task, handle)
        finally:
            del handle, task

    def _run_step(self, life: _Life, task: asyncio.Task, handle: asyncio.Handle) -> None:
        start, ready, waker = self.now(), life.ready, life.waker
        life.ready = None
        outer, self.running = self.running, life
        try:
            _run_of_handle(handle)
        finally:
            self.running = outer
            try:
                if self.active:  # False: the trace was ended in this very step
                    self._end_step(life, task, start if ready is None else ready, start, waker)
            except Exception as error:  # noqa: BLE001 - see the class
                self._blunder(error)
            del handle, task

    def _end_step(
        self, life: _Life, task: asyncio.Task, ready: float, start: float, waker: str
    ) -> None:
        end = life.last = self.now()
        self.log.append((life.id, ready, start, end, waker))
        if life.ready is not None:  # it woke itself, as sleep(0) does, but had to end first
            life.ready = end
        if end - start > self.slow:
            self._note_block(start, end, life.label, life.id)
        if task.done():
            life.end(task)
        elif len(self.lives) <= DETAIL_LIMIT:
            if life.waits is None:
                life.waits = []
            life.waits.append(self._wait(task))

    def _wait(self, task: asyncio.Task) -> Wait:
        """The wait as data. Numbers, not tasks: a reference of ours would keep a lost task."""
        try:
            waiting = describe(task)
            lives = [life for t in waiting.tasks if (life := getattr(t, "_asynclab_life", None))]
            return Wait(waiting.kind, waiting.detail, waiting.line, [life.id for life in lives])
        except Exception as error:  # noqa: BLE001 - see the class
            self._blunder(error)
            return Wait("future")  # one for each step, so that the others stay in their places

    def _run_callback(self, handle: asyncio.Handle) -> None:
        """A timer, a done-callback, I/O, or a step of a task that is not ours."""
        start, outer = self.now(), self._callback
        self._callback = handle
        try:
            _run_of_handle(handle)
        finally:
            self._callback = outer
            end = self.now()
            if self.whole and end - start > self.slow and self.active:
                try:
                    self._note_block(start, end, _role(handle), None)
                except Exception as error:  # noqa: BLE001 - see the class
                    self._blunder(error)

    def _note_block(self, start: float, end: float, by: str, task: int | None) -> None:
        line = _NOWHERE
        if self.virtual:
            inside = [block for block in self.loop.blocks if start <= block[0] < end]
            line = Line(*inside[0][2:]) if inside else line
        self.blocked.append(Blocked(start, end, by, task, line))

    def _on_exception(self, context: dict[str, Any]) -> None:
        life = getattr(context.get("task") or context.get("future"), "_asynclab_life", None)
        if life is not None and "never retrieved" in str(context.get("message")):
            life.retrieved = False
        self._call_exception_handler(context)

    # -- the record ------------------------------------------------------------------------

    def trace(self) -> Trace:
        """What was recorded, as plain data in seconds since the trace began."""
        zero = self.started_at
        slices = self._slices(zero)
        return Trace(
            clock="virtual" if self.virtual else "real",
            elapsed=_since(zero, self.ended_at),
            steps=len(self.log),
            tasks=[self._record(life, zero, slices[life.id]) for life in self.lives],
            blocked=[
                Blocked(_since(zero, b.start), _since(zero, b.end), b.by, b.task, b.line)
                for b in self.blocked
            ],
            detailed=self.detailed,
            tracer_errors=list(self.errors),
        )

    def _slices(self, zero: float) -> list[list[Slice]]:
        """The steps of each task."""
        slices: list[list[Slice]] = [[] for _ in self.lives]
        for step, (task, ready, start, end, waker) in enumerate(self.log):
            times = ready, start, end
            if zero:
                times = (_since(zero, time) for time in times)
            slices[task].append(Slice(*times, step, waker))
        return slices

    def _record(self, life: _Life, zero: float, slices: list[Slice]) -> TaskRecord:
        cancels = [Cancel(_since(zero, c.time), c.by, c.took_effect) for c in life.cancels or ()]
        return TaskRecord(
            id=life.id,
            name=life.name,
            label=life.label if life.name.startswith("Task-") else life.name,
            parent=life.parent.id if life.parent is not None else None,
            created=_since(zero, life.created),
            created_step=life.created_step,
            created_at=life.created_at,
            slices=slices,
            waits=[self._named(wait) for wait in life.waits or ()] if self.detailed else [],
            cancels=cancels,
            outcome=life.outcome,
            error=life.error,
            ended=None if life.ended is None else _since(zero, life.ended),
            retrieved=life.retrieved,
        )

    def _named(self, wait: Wait) -> Wait:
        """A task that was awaited before its first step has its label only now."""
        if wait.kind == "task" and wait.on:
            wait.detail = self.lives[wait.on[0]].label
        return wait

    @property
    def detailed(self) -> bool:
        """Are the waits of all tasks recorded, too?"""
        return len(self.lives) <= DETAIL_LIMIT


def _since(zero: float, time: float) -> float:
    return round(time - zero, 9)


_NOWHERE = Line()
_WATCHED = ("call_soon", "create_task", "call_exception_handler")
_NO_CONTEXT = contextvars.Context()

# callback of the loop -> what a learner may call it
_ROLES = {
    "_set_result_unless_cancelled": "timer",
    "Timeout._on_timeout": "timeout",
    "_release_waiter": "timeout",
    "_chain_future.<locals>._set_state": "thread",
    "Workers._finish": "thread",
    "_SelectorSocketTransport._read_ready": "I/O",
}
# function of asyncio that cancels others -> what a learner may call it
_CANCELLERS = {
    "wait_for": "timeout",  # 3.11; later versions cancel through the class Timeout
    "TaskGroup._abort": "TaskGroup in {actor}",
    "_GatheringFuture.cancel": "gather, cancelled by {actor}",
}


def _task_of(callback: object) -> asyncio.Task | None:
    """The task if the callback is one of its steps (and not, say, its ``cancel`` on a timer)."""
    task = getattr(callback, "__self__", None)
    if isinstance(task, asyncio.Task):
        # The C step has no __name__; the names are those of the Python task, and of a wake-up.
        name = getattr(callback, "__name__", "__step")
        if name in ("task_wakeup", "__step", "__wakeup"):
            return task
    return None


def _asyncio_call(frame: types.FrameType | None) -> str:
    """The name of asyncio's own function that runs in this frame, if it is one."""
    code = frame.f_code if frame is not None else None
    return code.co_qualname if code is not None and "asyncio" in code.co_filename else ""


def _has_failed(future: object) -> bool:
    return getattr(future, "_exception", None) is not None


def _role(handle: asyncio.Handle) -> str:
    callback = handle._callback
    name = getattr(callback, "__qualname__", "")
    subject = handle._args[0] if handle._args else None
    life = getattr(subject, "_asynclab_life", None)
    if life is not None:
        if name.startswith("TaskGroup."):
            return f"TaskGroup, after {life.label} failed"
        return life.label
    if name in _ROLES:
        return _ROLES[name]
    return "timer" if isinstance(handle, asyncio.TimerHandle) else "loop"


def _call(coro: object) -> str:
    """The call that made a coroutine, as in ``fetch(3)``: its first plain argument tells most."""
    if type(coro).__name__ == "async_generator_athrow":
        return CLOSING
    function, frame = getattr(coro, "__name__", ""), getattr(coro, "cr_frame", None)
    if frame is None:
        return function
    given = frame.f_locals
    for parameter in frame.f_code.co_varnames[: frame.f_code.co_argcount]:
        value = given.get(parameter)
        if isinstance(value, (str, int, float)) and len(str(value)) <= LABEL_WIDTH:
            return f"{function}({value})"
    return function


def _error_text(error: BaseException) -> str:
    if isinstance(error, TimeUp):
        return "TimeLimit: stopped while it kept the loop"
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
