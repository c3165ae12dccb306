"""The words of a picture: how a time is written, and one sentence for a task and for a run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from asynclab.trace import IO_KINDS, PERMIT_KINDS, Blocked, Cancel, Span, TaskRecord, Trace, Wait

from .failures import Reception

__all__ = ["comparison", "count", "ending", "outcomes", "seconds", "story", "summary", "thing"]

OUTCOMES = {
    "finished": "finished",
    "raised": "raised",
    "cancelled": "cancelled",
    "pending": "still waiting at the end",
    "lost": "lost",
}
MOST_CLAUSES = 6


# -- small words -----------------------------------------------------------------------------


def seconds(t: float) -> str:
    """A time in words: ``0 s``, ``50 ms``, ``0.30 s``, ``12.5 s``.

    A time that is exact to the millisecond, as on the virtual clock, is written exactly;
    a measured one is rounded to two decimals.
    """
    if t < 5e-7:
        return "0 s"
    if t < 0.0995:
        return f"{t * 1000:.{3 if _is_whole(t * 10_000) else 2}g} ms"
    if _is_whole(t * 1000):
        text = f"{t:.3f}".rstrip("0")
        least = 2 if t < 10 else 1
        return text + "0" * (least - len(text.partition(".")[2])) + " s"
    return f"{t:.{2 if t < 10 else 1}f} s"


def _is_whole(x: float) -> bool:
    return abs(x - round(x)) < 1e-6 * max(1.0, x)


def count(n: int, noun: str) -> str:
    """``1 task``, ``3 tasks``."""
    return f"{n} {noun}" + ("" if n == 1 else "s")


def _listed(items: list[str]) -> str:
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1]


# -- a run -----------------------------------------------------------------------------------


def outcomes(found: Iterable[str]) -> list[tuple[str, int]]:
    """How often each outcome occurs, as ``(outcome, count)``, in the order of interest."""
    found = list(found)
    return [(o, found.count(o)) for o in OUTCOMES if o in found]


def summary(drawing: dict[str, Any]) -> str:
    """One sentence about a whole run: tasks, time, outcomes, in flight, blocked, never awaited.

    Args:
        drawing: a drawing; its ``summary`` is not read.
    """
    tasks = drawing["tasks"]
    ended = outcomes(t["outcome"] for t in tasks)
    each = ", ".join(f"{n} {OUTCOMES[o]}" for o, n in ended)
    if len(ended) == 1:
        each = ("all " if len(tasks) > 1 else "") + OUTCOMES[ended[0][0]]
    parts = [f"{count(len(tasks), 'task')} in {seconds(drawing['end'])}: {each}"]
    if drawing["flight"]:
        limit = f" (limit {drawing['limit']})" if drawing["limit"] else ""
        parts.append(f"at most {drawing['flight']['peak']} in flight{limit}")
    if drawing["blocked"]:
        held = sum(b["end"] - b["start"] for b in drawing["blocked"])
        parts.append(f"loop blocked for {seconds(held)}")
    if drawing["never_awaited"]:
        parts.append(f"never awaited: {', '.join(drawing['never_awaited'])}")
    return "; ".join(parts) + "."


def comparison(drawings: list[dict[str, Any]]) -> str:
    """The headline over several runs: ``concurrent: 3.0x faster (0.10 s instead of 0.30 s)``.

    Empty for a single run, and unless every task of every run finished: a program that failed
    early is not a faster one.
    """
    if len(drawings) < 2 or not all(map(_succeeded, drawings)):
        return ""
    slow = max(drawings, key=lambda d: d["end"])
    fast = min(drawings, key=lambda d: d["end"])
    if fast["end"] <= 0:
        return ""
    ratio = slow["end"] / fast["end"]
    if ratio < 1.05:
        took = f"all {len(drawings)}" if len(drawings) > 2 else "both"
        return f"no difference: {took} take {seconds(fast['end'])}"
    than = f" than {slow['title']}" if len(drawings) > 2 else ""
    times = f"{seconds(fast['end'])} instead of {seconds(slow['end'])}"
    return f"{fast['title']}: {ratio:.{1 if ratio < 20 else 0}f}x faster{than} ({times})"


def _succeeded(drawing: dict[str, Any]) -> bool:
    return not drawing["never_awaited"] and all(
        t["outcome"] == "finished" for t in drawing["tasks"]
    )


# -- a wait ----------------------------------------------------------------------------------

_THINGS = {
    "http": "an HTTP answer",
    "as_completed": "the next task to end",
    "task": "a task",
    "sleep": "a timer",
    "socket": "the network",
    "thread": "a thread",
    "semaphore": "a permit",
    "lock": "a lock",
    "event": "an event",
    "condition": "a condition",
    "barrier": "a barrier",
    "queue get": "an item from a queue",
    "queue put": "room in a queue",
    "queue join": "a queue to be worked off",
    "yield": "its next turn",
    "future": "a result",
}
_HOW = {"gather": "gather", "wait": "asyncio.wait", "task group": "TaskGroup"}


def thing(wait: Wait | None, trace: Trace) -> str:
    """What a wait is for, in a few words: ``GET /users/3``, ``a permit``, ``3 tasks (gather)``."""
    if wait is None:
        return "something"
    if wait.kind == "http" and wait.detail:
        return wait.detail
    if wait.kind == "thread" and wait.detail:
        return f"{wait.detail} in a thread"
    if wait.kind == "task" and len(wait.on) == 1:
        return trace.tasks[wait.on[0]].label
    if wait.kind in _HOW:
        return f"{count(len(wait.on), 'task') if wait.on else 'tasks'} ({_HOW[wait.kind]})"
    return _THINGS.get(wait.kind, "a result")


# -- a task ----------------------------------------------------------------------------------


@dataclass(slots=True)
class _Clause:
    """What a task did again and again at one place: ``slept 4 times, 1.00 s in all (line 5)``."""

    verb: str
    line: int
    things: list[str] = field(default_factory=list)
    seconds: float = 0.0
    times: int = 0

    def __str__(self) -> str:
        what = f" for {self._object()}" if self.verb != "slept" else ""
        where = f" (line {self.line})" if self.line else ""
        if where and self.times == 1 and what.endswith(")") and " (" in what:
            what, where = what[:-1], f", line {self.line})"
        if self.times == 1:
            return f"{self.verb} {seconds(self.seconds)}{what}{where}"
        return f"{self.verb} {self.times} times{what}, {seconds(self.seconds)} in all{where}"

    def _object(self) -> str:
        different = list(dict.fromkeys(self.things))
        return different[0] if len(different) == 1 else count(len(different), "answer")


def _verb(wait: Wait | None) -> str:
    if wait is not None and wait.kind == "sleep":
        return "slept"
    return "queued" if wait is not None and wait.kind in PERMIT_KINDS else "waited"


def _clauses(trace: Trace, spans: list[Span], held: list[tuple[Blocked, int, float]]) -> list[str]:
    """What the task did, in the order of its life; the same again at one place is one clause."""
    least = 0.0 if trace.clock == "virtual" else 0.001
    found: dict[Any, _Clause | str] = {}
    for block, late, worst in held:
        found["held", block.start] = _held(block, late, worst)
    said: dict[Any, _Clause | str] = {}
    for span in spans:
        if span.state == "running":
            for key in [k for k in found if span.start <= k[1] < span.end]:
                said[key] = found.pop(key)
        elif span.end - span.start > least:
            ready = span.state == "ready"
            line = 0 if ready or span.wait is None else span.wait.line.number
            kind = "" if span.wait is None else span.wait.kind
            what = "its turn" if ready else thing(span.wait, trace)
            key = (kind, line) if kind in IO_KINDS else (kind, line, what)
            clause = said.setdefault(key, _Clause("waited" if ready else _verb(span.wait), line))
            clause.seconds += span.end - span.start
            clause.times += 1
            clause.things.append(what)
    words = [str(clause) for clause in said.values()] + [str(rest) for rest in found.values()]
    if len(words) > MOST_CLAUSES:
        words[MOST_CLAUSES - 1 :] = [f"waited in {len(words) - MOST_CLAUSES + 1} other places"]
    return words


def _held(block: Blocked, late: int, worst: float) -> str:
    line = f"line {block.line.number}" if block.line.number else ""
    harm = f"{count(late, 'task')} late by up to {seconds(worst)}" if late else ""
    where = "; ".join(filter(None, [line, harm]))
    where = f" ({where})" if where else ""
    return f"held the loop for {seconds(block.end - block.start)}{where}"


def _asked(cancel: Cancel) -> str:
    return f"at {seconds(cancel.time)} by {cancel.by}"


def ending(trace: Trace, task: TaskRecord, reception: Reception | None = None) -> str:
    """How a task ended: ``raised ValueError: no such user at 0.50 s; main received it``.

    Args:
        trace: the run.
        task: one of its tasks.
        reception: what became of its exception.
    """
    at = "" if task.ended is None else f" at {seconds(task.ended)}"
    if task.outcome == "finished":
        return f"finished{at}"
    if task.outcome == "raised":
        return f"raised {task.error.rstrip(': ')}{at}{_received(trace, task, reception)}"
    if task.outcome == "cancelled":
        return _cancelled(task, at)
    if task.outcome == "lost":
        return f"was lost{at}: nobody kept a reference to it, so it was thrown away unfinished"
    return "was still waiting when main ended: asyncio.run cancels it"


def _received(trace: Trace, task: TaskRecord, reception: Reception | None) -> str:
    if reception is not None:
        waiter = trace.tasks[reception.by].label
        if reception.raised:
            return f"; {waiter} received it"
        return f"; gather kept it as a result for {waiter}" if reception.kind == "gather" else ""
    if task.id == 0:
        return ""
    return "; nobody was waiting for it then" if task.retrieved else "; nobody looked at it"


def _cancelled(task: TaskRecord, at: str) -> str:
    accepted = [c for c in task.cancels if c.took_effect]
    if not accepted:
        return f"ended cancelled{at}"
    last = accepted[-1]
    if len(task.slices) < 2:
        return f"was cancelled {_asked(last)}, before its first step: its body never ran"
    if task.ended is None or task.ended - last.time < 1e-3:
        return f"was cancelled {_asked(last)}"
    return f"was asked to cancel {_asked(last)} and ended cancelled{at}"


def _survived(task: TaskRecord, caught: list[str]) -> list[str]:
    """Cancel requests that did not end the task.

    A TaskGroup cancels its own task to wake it up: there, the exception is the story.
    """
    if task.outcome == "cancelled":
        return []
    own = {f"TaskGroup, after {label} failed" for label in caught}
    asked = [c for c in task.cancels if c.took_effect and c.by not in own]
    return [f"was asked to cancel {_asked(c)}" for c in asked]


def story(
    trace: Trace,
    task: TaskRecord,
    spans: list[Span],
    ended: str,
    *,
    caught: Iterable[str] = (),
    held: Iterable[tuple[Blocked, int, float]] = (),
) -> str:
    """The life of a task in one sentence, with the learner's line numbers.

    Args:
        trace: the run.
        task: one of its tasks.
        spans: the states of the task.
        ended: its :func:`ending`.
        caught: labels of the tasks whose exceptions it received.
        held: intervals in which it kept the loop: the interval, how many tasks were late
            because of it, and by how many seconds at most.
    """
    begin = "never started" if task.started is None else f"started at {seconds(task.started)}"
    done = _clauses(trace, spans, list(held)) if task.slices else []
    parts = [begin, *done, *_survived(task, list(caught)), ended]
    return f"{task.label} {_listed(parts)}."
