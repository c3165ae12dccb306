"""Where an exception went: to the task whose wait it ended, or into a list of results."""

from __future__ import annotations

from dataclasses import dataclass

from asynclab.trace import Cancel, TaskRecord, Trace, Wait

__all__ = ["Reception", "receptions"]

RAISING_KINDS = frozenset({"task", "gather", "task group", "as_completed"})
KEEPING_KINDS = frozenset({"gather", "wait"})


@dataclass(frozen=True, slots=True)
class Reception:
    """Who got the exception of a task, and whether it was raised there or kept as a result."""

    by: int
    kind: str  # kind of the wait
    raised: bool


def receptions(trace: Trace) -> dict[int, Reception]:
    """For each task that raised while another one waited for it: what became of the exception."""
    found: dict[int, Reception] = {}
    for waiter in trace.tasks:
        for i, wait in enumerate(waiter.waits):
            if i + 1 < len(waiter.slices) and wait.kind in RAISING_KINDS | KEEPING_KINDS:
                for task, raised in _raisers(trace, wait, waiter, i):
                    found.setdefault(task.id, Reception(waiter.id, wait.kind, raised))
        for cancel in waiter.cancels:  # a group interrupts its body, and keeps the exception
            for task in _group_failures(trace, waiter, cancel):
                found.setdefault(task.id, Reception(waiter.id, "task group", raised=True))
    return found


def _group_failures(trace: Trace, waiter: TaskRecord, cancel: Cancel) -> list[TaskRecord]:
    return [
        task
        for task in trace.children(waiter)
        if task.outcome == "raised" and cancel.by == f"TaskGroup, after {task.label} failed"
    ]


def _raisers(trace: Trace, wait: Wait, waiter: TaskRecord, i: int) -> list[tuple[TaskRecord, bool]]:
    """Tasks that raised during a wait. The first of them ended the wait, or all were kept."""
    before, after = waiter.slices[i], waiter.slices[i + 1]
    waited_for = (trace.tasks[j] for j in wait.on)
    ended = [t for t in waited_for if t.slices and before.step < _last(t) < after.step]
    raised = sorted((t for t in ended if t.outcome == "raised"), key=_last)
    if not raised:
        return []
    first = raised[0]
    if wait.kind == "gather":  # with return_exceptions=True it ends like any other
        return [(first, True)] if wait.raised else [(task, False) for task in raised]
    if wait.kind == "task group":  # it keeps them all, in one ExceptionGroup
        return [(task, True) for task in raised]
    at_once = after.ready - (first.ended or 0.0) < 1e-3 or _last(first) == max(map(_last, ended))
    if wait.kind in RAISING_KINDS and at_once:
        return [(first, True)]
    return [(task, False) for task in raised] if wait.kind in KEEPING_KINDS else []


def _last(task: TaskRecord) -> int:
    return task.slices[-1].step
