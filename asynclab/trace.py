"""Trace: the plain record of what an event loop did during one run, and questions to it.

Everything is data: numbers, strings and lists that survive a JSON round trip. Times are
seconds since the start of the run. A *step* is one turn of one task on the loop; steps are
numbered from 0 in the order in which they ran, so they order what the clock cannot.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

__all__ = [
    "CLOSING",
    "IO_KINDS",
    "PERMIT_KINDS",
    "Blocked",
    "Cancel",
    "Line",
    "Slice",
    "Span",
    "TaskRecord",
    "Trace",
    "Wait",
    "open_at_once",
]

SCHEMA = 1

IO_KINDS = frozenset({"http", "socket", "thread"})
PERMIT_KINDS = frozenset({"semaphore", "lock"})
CLOSING = "aclose"  # label of the task in which the loop closes a generator that nobody exhausted
TASK_KINDS = frozenset({"task", "gather", "wait", "task group", "as_completed"})


@dataclass(slots=True)
class Line:
    """A place in the learner's code: function name and line number (0: unknown)."""

    function: str = ""
    number: int = 0


class Slice(NamedTuple):
    """One step of a task: it became ready, it ran from start to end without a break."""

    ready: float
    start: float
    end: float
    step: int
    waker: str = ""  # who made it ready: a task's name, "timer", "I/O", ...


@dataclass(slots=True)
class Wait:
    """What a task waited for between two of its slices.

    ``kind`` is one of: sleep, http, socket, thread, semaphore, lock, event, condition, barrier,
    queue get, queue put, queue join, task, gather, wait, as_completed, task group, yield, future.
    """

    kind: str
    detail: str = ""
    line: Line = field(default_factory=Line)
    on: list[int] = field(default_factory=list)  # ids of the tasks waited for
    raised: bool = False  # it ended with an exception, which the task received


@dataclass(slots=True)
class Cancel:
    """One call of ``task.cancel()``: when, by whom, and whether it was accepted."""

    time: float
    by: str
    took_effect: bool


@dataclass(slots=True)
class Blocked:
    """An interval in which one piece of code kept the loop, so that nobody else could run."""

    start: float
    end: float
    by: str
    task: int | None = None
    line: Line = field(default_factory=Line)


@dataclass(slots=True)
class Span:
    """A stretch of a task's life in one state, without gaps: what a picture draws."""

    state: str  # running ready sleep io queued awaiting other
    start: float
    end: float
    first_step: int
    last_step: int  # exclusive
    wait: Wait | None = None


@dataclass(slots=True)
class TaskRecord:
    """The life of one task.

    Invariant: ``waits[i]`` is what happened between ``slices[i]`` and ``slices[i + 1]``; a task
    that is suspended at the end of the run has one wait for each slice. In a trace that is not
    ``detailed`` there are no waits at all.
    """

    id: int
    name: str
    label: str  # the name if the learner chose one, else the call: ``fetch(3)``
    parent: int | None
    created: float
    created_step: int
    created_at: Line
    slices: list[Slice] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)
    cancels: list[Cancel] = field(default_factory=list)
    outcome: str = "pending"  # pending finished raised cancelled lost
    error: str = ""  # "ValueError: no such user"
    ended: float | None = None
    retrieved: bool = True  # False: it raised, and nobody looked at the exception

    @property
    def started(self) -> float | None:
        """When its first step ran, or None if it never ran."""
        return self.slices[0].start if self.slices else None

    def spans(self, elapsed: float, steps: int) -> Iterator[Span]:
        """The life of the task as states without gaps, up to ``elapsed`` if it did not end.

        Args:
            elapsed: end of the run, seconds.
            steps: number of steps in the run.
        """
        at, step, wait = self.created, self.created_step, None
        for i, turn in enumerate(self.slices):
            if i:
                wait = self.waits[i - 1] if i <= len(self.waits) else None
                yield Span(state_of(wait), at, turn.ready, step, turn.step, wait)
                at = turn.ready
            if turn.start > at or not i:
                yield Span("ready", at, turn.start, step, turn.step)
            yield Span("running", turn.start, turn.end, turn.step, turn.step + 1)
            at, step = turn.end, turn.step + 1
        if self.outcome in ("pending", "lost"):
            end = elapsed if self.ended is None else self.ended
            wait = self.waits[-1] if self.slices and len(self.waits) == len(self.slices) else None
            yield Span(state_of(wait) if self.slices else "ready", at, end, step, steps, wait)


@dataclass(slots=True)
class Trace:
    """What the loop did from the first step of ``main`` to its last.

    ``tasks[i].id == i``: tasks stand in the order in which they were created, ``tasks[0]`` is main.
    """

    clock: str  # virtual or real
    elapsed: float = 0.0
    steps: int = 0
    tasks: list[TaskRecord] = field(default_factory=list)
    blocked: list[Blocked] = field(default_factory=list)
    never_awaited: list[str] = field(default_factory=list)
    detailed: bool = True  # False: too many tasks, slices only
    tracer_errors: list[str] = field(default_factory=list)

    # -- single tasks ----------------------------------------------------------------------

    def task(self, which: int | str) -> TaskRecord:
        """The task with this id, name or label.

        Raises:
            KeyError: no task, or more than one, is called so.
        """
        if isinstance(which, int):
            return self.tasks[which]
        found = [t for t in self.tasks if which in (t.name, t.label)]
        if len(found) != 1:
            known = ", ".join(dict.fromkeys(t.label for t in self.tasks))
            raise KeyError(f"{len(found)} tasks are called {which!r}; there are: {known}")
        return found[0]

    @property
    def main(self) -> TaskRecord:
        """The task that ran ``main``."""
        return self.tasks[0]

    def children(self, of: TaskRecord) -> list[TaskRecord]:
        """The tasks that this task created."""
        return [t for t in self.tasks if t.parent == of.id]

    # -- outcomes --------------------------------------------------------------------------

    def _with(self, outcome: str) -> list[TaskRecord]:
        return [t for t in self.tasks if t.outcome == outcome]

    @property
    def raised(self) -> list[TaskRecord]:
        """Tasks that ended with an exception."""
        return self._with("raised")

    @property
    def cancelled(self) -> list[TaskRecord]:
        """Tasks that ended cancelled."""
        return self._with("cancelled")

    @property
    def leaked(self) -> list[TaskRecord]:
        """Tasks that were still pending when main ended."""
        return self._with("pending")

    @property
    def lost(self) -> list[TaskRecord]:
        """Tasks that were garbage-collected while pending: nobody kept a reference."""
        return self._with("lost")

    # -- order and time --------------------------------------------------------------------

    @property
    def started_order(self) -> list[str]:
        """Labels of the tasks in the order of their first steps."""
        ran = [t for t in self.tasks if t.slices]
        return [t.label for t in sorted(ran, key=lambda t: t.slices[0].step)]

    @property
    def finished_order(self) -> list[str]:
        """Labels of the tasks in the order in which they ended."""
        ended = [t for t in self.tasks if t.ended is not None]
        return [t.label for t in sorted(ended, key=lambda t: (t.ended, _last_step(t)))]

    @property
    def blocked_time(self) -> float:
        """Seconds in which the loop was blocked."""
        return round(sum(b.end - b.start for b in self.blocked), 9)

    def overlap(self, a: int | str, b: int | str) -> float:
        """Seconds in which both tasks were under way: started and not yet ended."""
        first, second = self._life(a), self._life(b)
        return max(0.0, round(min(first[1], second[1]) - max(first[0], second[0]), 9))

    def _life(self, which: int | str) -> tuple[float, float]:
        task = self.task(which)
        if task.started is None:
            return 0.0, 0.0
        return task.started, self.elapsed if task.ended is None else task.ended

    # -- in flight -------------------------------------------------------------------------

    def spans(self, task: TaskRecord) -> list[Span]:
        """The task's life as states without gaps."""
        return list(task.spans(self.elapsed, self.steps))

    def in_flight(self, kind: str | None = None) -> list[tuple[float, int]]:
        """How many waits of this kind were open at once, as ``(time, count)`` at each change.

        Args:
            kind: a kind of :class:`Wait`; None takes ``http`` if there was any, else ``sleep``.
        """
        kind = kind or self.in_flight_kind
        spans = (span for task in self.tasks for span in self.spans(task) if span.wait is not None)
        points = open_at_once((s.start, s.end) for s in spans if s.wait.kind == kind)
        return [now for before, now in pairwise([(0.0, 0), *points]) if now[1] != before[1]]

    def peak(self, kind: str | None = None) -> int:
        """The largest number of waits of this kind that were open at once."""
        return max((count for _, count in self.in_flight(kind)), default=0)

    @property
    def in_flight_kind(self) -> str:
        """``http`` if any task waited for HTTP, else ``sleep``."""
        has_http = any(w.kind == "http" for t in self.tasks for w in t.waits)
        return "http" if has_http else "sleep"

    # -- plain data ------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """The trace as JSON types, with its schema number."""
        return {"schema": SCHEMA, **asdict(self)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Trace:
        """The trace that :meth:`to_dict` wrote.

        Raises:
            ValueError: the data has another schema number.
        """
        if data.get("schema") != SCHEMA:
            found = data.get("schema")
            raise ValueError(f"trace schema {found!r} is not {SCHEMA}: record the run again")
        rest = {k: v for k, v in data.items() if k not in ("schema", "tasks", "blocked")}
        return cls(
            **rest,
            tasks=[_task_from(t) for t in data["tasks"]],
            blocked=[Blocked(**{**b, "line": Line(**b["line"])}) for b in data["blocked"]],
        )


def open_at_once(intervals: Iterable[tuple[float, float]]) -> list[tuple[float, int]]:
    """How many of the intervals are open, as ``(time, count)`` at each time that is an end of one.

    Args:
        intervals: start and end of each, seconds; one that takes no time counts for nothing.
    """
    changes: Counter[float] = Counter()
    for start, end in intervals:
        if end > start:
            changes[start] += 1
            changes[end] -= 1
    times = sorted(changes)
    return list(zip(times, accumulate(changes[time] for time in times), strict=True))


def state_of(wait: Wait | None) -> str:
    """The state that a picture shows for a wait."""
    if wait is None:
        return "other"
    if wait.kind in IO_KINDS:
        return "io"
    if wait.kind in PERMIT_KINDS:
        return "queued"
    if wait.kind in TASK_KINDS:
        return "awaiting"
    return {"sleep": "sleep", "yield": "ready"}.get(wait.kind, "other")


def _last_step(task: TaskRecord) -> int:
    return task.slices[-1].step if task.slices else -1


def _waits(rows: Iterable[dict[str, Any]]) -> list[Wait]:
    return [Wait(**{**row, "line": Line(**row["line"])}) for row in rows]


def _task_from(data: dict[str, Any]) -> TaskRecord:
    return TaskRecord(
        **{
            **data,
            "created_at": Line(**data["created_at"]),
            "slices": [Slice(*s) for s in data["slices"]],
            "waits": _waits(data["waits"]),
            "cancels": [Cancel(**c) for c in data["cancels"]],
        }
    )
