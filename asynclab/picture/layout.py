"""Trace -> drawing: the one dict that every renderer draws, in Python and in JavaScript.

A drawing holds JSON types only. Times are seconds since the start of the run; a step is one turn
of one task on the loop; a task is named by its index in ``tasks``, and -1 means no task::

    {"title": "...", "clock": "virtual" or "real", "end": seconds, "steps": number,
     "limit": number or None, "summary": "one sentence",
     "flight": None or {"kind": "http" or "sleep", "peak": number, "points": [[t, number], ...]},
     "tasks": [
         {"label": "fetch(3)", "parent": index, "created": t, "created_step": step,
          "ended": t or None, "ended_step": step or None,
          "outcome": "finished", "raised", "cancelled", "pending" or "lost",
          "error": "ValueError: no such user", "received_by": index,
          "spans": [[state, start, end, first step, last step (exclusive), detail], ...],
          "cancels": [[t, by, took effect], ...],
          "ending": "raised ValueError: no such user at 0.50 s; main received it",
          "story": "one sentence, with the ending"}, ...],
     "blocked": [{"start": t, "end": t, "task": index, "by": label, "line": number,
                  "harm": [[index, seconds late], ...]}, ...],
     "never_awaited": ["fetch", ...], "stopped": "" or "Deadlock", "TimeLimit", ...}

Spans have no gaps, from ``created`` to ``ended``; their states are running, ready, sleep, io,
queued, awaiting and other; the detail says what a wait is for. ``points`` are the moments at
which the number in flight changed, and the number from then on. ``received_by`` is the task whose
wait ended because this one raised. ``cancels`` leaves out what TaskGroup does to wake its own task.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

from asynclab.trace import PERMIT_KINDS, Blocked, Span, TaskRecord, Trace

from .failures import Reception, receptions
from .stories import ending, requests, story
from .words import summary, thing

__all__ = ["drawing"]


def drawing(
    trace: Trace, *, title: str = "", limit: int | None = None, stopped: str = ""
) -> dict[str, Any]:
    """The drawing of one run.

    Args:
        trace: what the loop did.
        title: stands over the picture; empty takes the label of main.
        limit: the intended number in flight, drawn as a dashed line.
        stopped: what stopped the run before main ended.
    """
    spans = [trace.spans(task) for task in trace.tasks]
    received = receptions(trace)
    harm = [_harm(block, spans) for block in trace.blocked]
    data = {
        "title": title or (trace.main.label if trace.tasks else ""),
        "clock": trace.clock,
        "end": _round(trace.elapsed),
        "steps": trace.steps,
        "limit": limit,
        "flight": _flight(trace, limit),
        "tasks": [_task(trace, t, spans[t.id], received, harm) for t in trace.tasks],
        "blocked": [_blocked(b, h) for b, h in zip(trace.blocked, harm, strict=True)],
        "never_awaited": list(trace.never_awaited),
        "stopped": stopped,
    }
    return {**data, "summary": summary(data)}


def _round(t: float) -> float:
    return round(t, 6)


# -- tasks -----------------------------------------------------------------------------------


def _task(
    trace: Trace,
    task: TaskRecord,
    spans: list[Span],
    received: dict[int, Reception],
    harm: list[list[tuple[int, float]]],
) -> dict[str, Any]:
    reception = received.get(task.id)
    caught = [trace.tasks[i].label for i, r in received.items() if r.raised and r.by == task.id]
    held = [
        (block, [seconds for _, seconds in late])
        for block, late in zip(trace.blocked, harm, strict=True)
        if block.task == task.id
    ]
    end = ending(trace, task, reception=reception, caught=caught)
    return {
        "label": task.label,
        "parent": -1 if task.parent is None else task.parent,
        "created": _round(task.created),
        "created_step": task.created_step,
        "ended": None if task.ended is None else _round(task.ended),
        "ended_step": task.slices[-1].step + 1 if task.ended is not None and task.slices else None,
        "outcome": task.outcome,
        "error": task.error,
        "received_by": reception.by if reception and reception.raised else -1,
        "spans": [_span(trace, span) for span in spans],
        "cancels": [[_round(c.time), c.by, c.took_effect] for c in requests(task, caught)],
        "ending": end,
        "story": story(trace, task, spans, end, held),
    }


def _span(trace: Trace, span: Span) -> list[Any]:
    detail = "" if span.state in ("running", "ready") else thing(span.wait, trace)
    times = [_round(span.start), _round(span.end)]
    return [span.state, *times, span.first_step, span.last_step, detail]


# -- the loop --------------------------------------------------------------------------------


def _blocked(block: Blocked, harm: list[tuple[int, float]]) -> dict[str, Any]:
    return {
        "start": _round(block.start),
        "end": _round(block.end),
        "task": -1 if block.task is None else block.task,
        "by": block.by,
        "line": block.line.number,
        "harm": [[task, _round(late)] for task, late in harm],
    }


def _harm(block: Blocked, spans: list[list[Span]]) -> list[tuple[int, float]]:
    """The tasks that were ready to run during a blocked interval, and how long each was."""
    found = []
    for task, life in enumerate(spans):
        late = sum(_overlap(span, block) for span in _around(life, block) if span.state == "ready")
        if late > 1e-9:
            found.append((task, late))
    return found


def _around(life: list[Span], block: Blocked) -> Iterator[Span]:
    for span in life[max(0, bisect_right(life, block.start, key=lambda s: s.end) - 1) :]:
        if span.start >= block.end:
            return
        yield span


def _overlap(span: Span, block: Blocked) -> float:
    return max(0.0, min(span.end, block.end) - max(span.start, block.start))


def _flight(trace: Trace, limit: int | None) -> dict[str, Any] | None:
    """How many waits were open at once: HTTP, else timers where they stand for work.

    Timers are shown if a limit is given, if tasks queued for a permit, or if two ran at once
    (but not beside a blocked loop: there, a timer that is due looks like work that is done).
    """
    kind = trace.in_flight_kind
    points = trace.in_flight(kind)
    peak = max((n for _, n in points), default=0)
    queued = any(w.kind in PERMIT_KINDS for t in trace.tasks for w in t.waits)
    telling = limit is not None or queued or (peak > 1 and not trace.blocked)
    if not peak or (kind == "sleep" and not telling):
        return None
    return {"kind": kind, "peak": peak, "points": [[_round(t), n] for t, n in points]}
