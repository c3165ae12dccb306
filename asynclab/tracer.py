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
import functools
import sys
import types
import weakref
from asyncio import events, tasks
from collections.abc import Callable
from typing import Any, Self

from .clock import VirtualLoop, real_monotonic
from .trace import Blocked, Cancel, Line, Slice, TaskRecord, Trace, Wait
from .waits import describe, learner_line

__all__ = ["Tracer"]

DETAIL_LIMIT = 3000  # tasks; beyond it only slices are recorded, so that big runs stay fast
SLOW = 0.05  # seconds: a step of the real clock that takes longer has blocked the loop
LABEL_WIDTH = 20

_tracers: dict[asyncio.AbstractEventLoop, Tracer] = {}
_run_of_handle = events.Handle._run
_traced_by: contextvars.ContextVar[Tracer] = contextvars.ContextVar("asynclab_tracer")


def _run(handle: asyncio.Handle) -> None:
    """Stands in for ``Handle._run`` while any tracer is active."""
    tracer = _tracers.get(handle._loop)
    if tracer is None:
        _run_of_handle(handle)
    else:
        tracer._on_run(handle)


def _guarded(method: Callable) -> Callable:
    """An error of ours is written down; it never reaches the loop, which may be the kernel's."""

    @functools.wraps(method)
    def guarded(self: Tracer, *args: object) -> Any:
        try:
            return method(self, *args)
        except Exception as error:
            self.errors.append(f"{method.__name__}: {type(error).__name__}: {error}")
            return None

    return guarded


class _Life:
    """What is known of one task while the run goes on. Plain tuples: this is the hot path."""

    __slots__ = (
        *("id", "name", "label", "parent", "created", "created_step", "created_at"),
        *("ready", "waker", "slices", "waits", "cancels"),
        *("outcome", "error", "ended", "retrieved", "tracer", "task", "__weakref__"),
    )

    def __init__(self, number: int, tracer: Tracer, parent: _Life | None, created: float) -> None:
        self.id, self.tracer, self.parent = number, tracer, parent
        self.created, self.created_step = created, tracer.steps
        self.created_at = Line()
        self.name = self.label = self.waker = self.error = ""
        self.ready: float | None = None  # since when it can run; None: it waits, or it runs
        self.slices: list[tuple[float, float, float, int, str]] = []
        self.waits: list[Wait] = []
        self.cancels: list[tuple[float, str, bool]] = []
        self.outcome, self.ended, self.retrieved = "pending", None, True

    def follow(self, task: asyncio.Task) -> None:
        self.task = weakref.ref(task, self._collected)
        task._asynclab_life = self
        task.cancel = self._cancel

    def let_go(self, task: asyncio.Task) -> None:
        """Leave no mark on a task that lives on."""
        if getattr(task, "_asynclab_life", None) is self:
            del task._asynclab_life, task.cancel

    def _collected(self, _: object) -> None:
        if self.outcome == "pending" and self.tracer.active:
            self.outcome, self.ended = "lost", self.tracer.now()

    def _cancel(self, msg: object = None) -> bool:
        """Shadows ``task.cancel`` and calls the class's own, be it a subclass's."""
        task = self.task()
        by = self.tracer._canceller(sys._getframe(1))
        accepted = type(task).cancel(task) if msg is None else type(task).cancel(task, msg)
        self.cancels.append((self.tracer.now(), by, accepted))
        return accepted


class Tracer:
    """Records ``loop`` between ``with`` and the end of the block.

    Args:
        loop: the loop to watch; it may be running already.
        whole: watch every task of the loop. False: only tasks that start in ``self.context``,
            and their descendants, as on the loop of a notebook's kernel.

    Invariant: ``self.running`` is the life of the task whose step runs now, else None.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, *, whole: bool = True) -> None:
        self.loop, self.whole = loop, whole
        self.virtual = isinstance(loop, VirtualLoop)
        # Asked for several times a step: not through the functions that follow the clock.
        standard = type(loop).time is asyncio.BaseEventLoop.time
        self.now = real_monotonic if standard else loop.time
        self.slow = 0.0 if self.virtual else SLOW
        self.lives: list[_Life] = []
        self.blocked: list[Blocked] = []
        self.errors: list[str] = []
        self.steps = 0
        self.active = False
        self.started_at = self.ended_at = 0.0
        self.running: _Life | None = None
        self._callback: asyncio.Handle | None = None  # the plain callback that runs now
        self.context = contextvars.copy_context()
        self.context.run(_traced_by.set, self)

    def __enter__(self) -> Self:
        if self.loop in _tracers:
            raise RuntimeError("this event loop is being traced already: end that trace first")
        loop = self.loop
        self.started_at = self.now()
        self._shadowed = {
            name: loop.__dict__.get(name)
            for name in ("call_soon", "create_task", "call_exception_handler")
        }
        self._call_soon, self._create_task = loop.call_soon, loop.create_task
        self._call_exception_handler = loop.call_exception_handler
        loop.call_soon, loop.create_task = self._on_call_soon, self._on_create_task
        loop.call_exception_handler = self._on_exception_handler
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
                self._look_back(life, task)

    def _look_back(self, life: _Life, task: asyncio.Task) -> None:
        life.name = task.get_name()
        if life.outcome == "raised":
            life.retrieved = not getattr(task, "_log_traceback", False)
        life.let_go(task)

    # -- births ----------------------------------------------------------------------------

    def _on_create_task(self, coro: Any, **options: Any) -> asyncio.Task:
        before = self.now()
        task = self._create_task(coro, **options)
        if getattr(task, "_source_traceback", None):
            del task._source_traceback[-1]
        self._born(task, coro, before)
        return task

    @_guarded
    def _born(self, task: asyncio.Task, coro: Any, before: float) -> None:
        if not isinstance(task, asyncio.Task):
            return
        life = self._life(task, None, coro)
        if life is not None and life.ready is None and not life.slices:  # eager: it has run
            self._end_slice(life, task, before, before, "eager start")

    def _life(
        self, task: asyncio.Task, context: contextvars.Context | None, coro: Any = None
    ) -> _Life | None:
        """The life of this task; a new one at its first sight; None if it is not ours."""
        life = getattr(task, "_asynclab_life", None)
        if life is None and (coro is not None or not task.done()):
            life = self._first_sight(task, context, coro)
        return life

    def _first_sight(
        self, task: asyncio.Task, context: contextvars.Context | None, coro: Any
    ) -> _Life | None:
        creator = tasks.current_task(self.loop)
        parent = getattr(creator, "_asynclab_life", None) if creator is not task else None
        if not (self.whole or parent or (context or _NO_CONTEXT).get(_traced_by) is self):
            return None
        life = _Life(len(self.lives), self, parent, self.now())
        life.follow(task)
        self.lives.append(life)
        life.name = life.label = task.get_name()
        if len(self.lives) <= DETAIL_LIMIT:
            # 3.12.1 crashes in get_coro() of a task that ended eagerly.
            coro = coro if coro is not None or task.done() else task.get_coro()
            life.label = _label(life.name, coro)
            life.created_at = learner_line(sys._getframe(1))
        return life

    # -- wake-ups --------------------------------------------------------------------------

    def _on_call_soon(
        self, callback: Callable, *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.Handle:
        handle = self._call_soon(callback, *args, context=context)
        if handle._source_traceback:
            del handle._source_traceback[-1]
        task = _task_of(callback)
        if task is not None:
            self._woken(task, handle)
        return handle

    @_guarded
    def _woken(self, task: asyncio.Task, handle: asyncio.Handle) -> None:
        life = self._life(task, handle._context)
        if life is not None and life.ready is None:
            since = life.slices[-1][2] if life.slices else life.created
            life.ready = max(since, self._due())
            life.waker = self._actor()

    def _due(self) -> float:
        """Now; or, in a timer that comes late, the time for which it was set."""
        return getattr(self._callback, "_when", None) or self.now()

    def _actor(self) -> str:
        """Who acts now: the running task, or what the running callback stands for."""
        if self.running is not None:
            return self.running.label
        return "loop" if self._callback is None else _role(self._callback)

    def _canceller(self, frame: types.FrameType) -> str:
        actor, caller = self._actor(), frame.f_code
        if "asyncio" in caller.co_filename and caller.co_qualname in _CANCELLERS:
            return _CANCELLERS[caller.co_qualname].format(actor=actor)
        return actor

    # -- steps -----------------------------------------------------------------------------

    def _on_run(self, handle: asyncio.Handle) -> None:
        task = _task_of(handle._callback)
        life = None if task is None else getattr(task, "_asynclab_life", None)
        if life is None and task is not None:
            life = self._known(task, handle)
        if life is None:
            self._run_callback(handle)
        else:
            self._run_step(life, task, handle)

    @_guarded
    def _known(self, task: asyncio.Task, handle: asyncio.Handle) -> _Life | None:
        return self._life(task, handle._context)

    def _run_step(self, life: _Life, task: asyncio.Task, handle: asyncio.Handle) -> None:
        start = self.now()
        ready, waker = (start, "") if life.ready is None else (life.ready, life.waker)
        life.ready = None
        self.running = life
        try:
            _run_of_handle(handle)
        finally:
            self.running = None
            self._end_slice(life, task, ready, start, waker)

    @_guarded
    def _end_slice(
        self, life: _Life, task: asyncio.Task, ready: float, start: float, waker: str
    ) -> None:
        if not self.active:  # the trace was ended in this very step
            return
        end = self.now()
        life.slices.append((ready, start, end, self.steps, waker))
        self.steps += 1
        if end - start > self.slow:
            self._note_block(start, end, life.label, life.id)
        if task.done():
            self._end_life(life, task, end)
        elif len(self.lives) <= DETAIL_LIMIT:
            life.waits.append(_wait(task))

    def _end_life(self, life: _Life, task: asyncio.Task, end: float) -> None:
        life.ended, life.name = end, task.get_name()
        life.outcome = "finished"
        if task.cancelled():
            life.outcome = "cancelled"
        elif (error := task._exception) is not None:  # .exception() would mark it as retrieved
            life.outcome, life.error = "raised", _error_text(error)

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
                self._note_block(start, end, _role(handle), None)

    @_guarded
    def _note_block(self, start: float, end: float, by: str, task: int | None) -> None:
        line = Line()
        if self.virtual:
            inside = [block for block in self.loop.blocks if start <= block[0] < end]
            line = Line(*inside[0][2:]) if inside else line
        self.blocked.append(Blocked(start, end, by, task, line))

    def _on_exception_handler(self, context: dict[str, Any]) -> None:
        life = getattr(context.get("task") or context.get("future"), "_asynclab_life", None)
        if life is not None and "never retrieved" in context.get("message", ""):
            life.retrieved = False
        self._call_exception_handler(context)

    # -- the record ------------------------------------------------------------------------

    def trace(self) -> Trace:
        """What was recorded, as plain data in seconds since the trace began."""
        zero = self.started_at
        return Trace(
            clock="virtual" if self.virtual else "real",
            elapsed=_round(self.ended_at - zero),
            steps=self.steps,
            tasks=[self._task_record(life, zero) for life in self.lives],
            blocked=[
                Blocked(_round(b.start - zero), _round(b.end - zero), b.by, b.task, b.line)
                for b in self.blocked
            ],
            detailed=len(self.lives) <= DETAIL_LIMIT,
            tracer_errors=list(self.errors),
        )

    def _task_record(self, life: _Life, zero: float) -> TaskRecord:
        return TaskRecord(
            id=life.id,
            name=life.name,
            label=life.label,
            parent=life.parent.id if life.parent is not None else None,
            created=_round(life.created - zero),
            created_step=life.created_step,
            created_at=life.created_at,
            slices=_slices(life.slices, zero),
            waits=life.waits if len(self.lives) <= DETAIL_LIMIT else [],
            cancels=[Cancel(_round(time - zero), by, took) for time, by, took in life.cancels],
            outcome=life.outcome,
            error=life.error,
            ended=None if life.ended is None else _round(life.ended - zero),
            retrieved=life.retrieved,
        )


_NO_CONTEXT = contextvars.Context()

# callback of the loop -> what a learner may call it
_ROLES = {
    "_set_result_unless_cancelled": "timer",
    "Timeout._on_timeout": "timeout",
    "_release_waiter": "timeout",
    "_chain_future.<locals>._set_state": "thread",
    "_SelectorSocketTransport._read_ready": "I/O",
}
# function of asyncio that cancels others -> what a learner may call it
_CANCELLERS = {
    "wait_for": "timeout",  # 3.11; later versions cancel through the class Timeout
    "TaskGroup.__aexit__": "TaskGroup in {actor}",
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


def _wait(task: asyncio.Task) -> Wait:
    """The wait as data. Numbers, not tasks: a reference of ours would keep a lost task alive."""
    waiting = describe(task)
    lives = [life for t in waiting.tasks if (life := getattr(t, "_asynclab_life", None))]
    detail = lives[0].label if waiting.kind == "task" and lives else waiting.detail
    return Wait(waiting.kind, detail, waiting.line, [life.id for life in lives])


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


def _label(name: str, coro: object) -> str:
    """What a lane is called: the name that was chosen, else the call, as in ``fetch(3)``."""
    if not name.startswith("Task-"):
        return name
    function = getattr(coro, "__name__", name)
    frame = getattr(coro, "cr_frame", None)
    if frame is None:
        return function
    code = frame.f_code
    given = frame.f_locals
    for parameter in code.co_varnames[: code.co_argcount]:
        value = given.get(parameter)
        if isinstance(value, (str, int, float)) and len(str(value)) <= LABEL_WIDTH:
            return f"{function}({value})"
    return function


def _error_text(error: BaseException) -> str:
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _slices(raw: list[tuple[float, float, float, int, str]], zero: float) -> list[Slice]:
    if zero == 0.0:  # the virtual clock: exact already
        return list(map(Slice._make, raw))
    return [
        Slice(_round(ready - zero), _round(start - zero), _round(end - zero), step, waker)
        for ready, start, end, step, waker in raw
    ]


def _round(seconds: float) -> float:
    return round(seconds, 9)
