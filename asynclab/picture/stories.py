"""The life of a task in one sentence, with the learner's line numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from asynclab.trace import IO_KINDS, PERMIT_KINDS, Blocked, Cancel, Span, TaskRecord, Trace, Wait

from .failures import Reception
from .words import count, listed, seconds, thing

__all__ = ["ending", "requests", "story"]

MOST_CLAUSES = 6


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
        if self.times == 1 or len(set(self.things)) > 1:
            return _placed(f"{self.verb} {seconds(self.seconds)}{what}", self.line)
        words = f"{self.verb} {self.times} times{what}, {seconds(self.seconds)} in all"
        return _placed(words, self.line)

    def _object(self) -> str:
        same = len(set(self.things)) == 1
        return self.things[0] if same else count(len(self.things), "answer")


def _placed(words: str, line: int) -> str:
    """The words with a line number: ``... (line 5)``, or within their last brackets."""
    if not line:
        return words
    return f"{words[:-1]}, line {line})" if words.endswith(")") else f"{words} (line {line})"


def _verb(wait: Wait | None) -> str:
    if wait is not None and wait.kind == "sleep":
        return "slept"
    return "queued" if wait is not None and wait.kind in PERMIT_KINDS else "waited"


def _clauses(trace: Trace, spans: list[Span], held: dict[float, str]) -> list[str]:
    """What the task did, in the order of its life; the same again at one place is one clause.

    Args:
        trace: the run.
        spans: the states of the task.
        held: when it held the loop, and the words for it.
    """
    least = 0.0 if trace.clock == "virtual" else 0.001
    said: dict[Any, _Clause | str] = {}
    for span in spans:
        if span.state == "running":
            said |= {t: words for t, words in held.items() if span.start <= t < span.end}
        elif span.end - span.start > least:
            key, clause = _clause(trace, span)
            clause = said.setdefault(key, clause)
            clause.seconds += span.end - span.start
            clause.times += 1
            clause.things.append("its turn" if span.state == "ready" else thing(span.wait, trace))
    words = [str(clause) for clause in said.values()]
    if len(words) > MOST_CLAUSES:
        words[MOST_CLAUSES - 1 :] = [f"waited in {len(words) - MOST_CLAUSES + 1} other places"]
    return words


def _clause(trace: Trace, span: Span) -> tuple[Any, _Clause]:
    """An empty clause for a wait, and what makes another wait the same."""
    wait = span.wait
    if span.state == "ready" or wait is None:
        return span.state, _Clause("waited", 0)
    what = "" if wait.kind in IO_KINDS else thing(wait, trace)
    return (wait.kind, wait.line.number, what), _Clause(_verb(wait), wait.line.number)


def _held(blocks: list[tuple[Blocked, list[float]]]) -> dict[float, str]:
    """When a task held the loop first, for each line of it, and the words for it."""
    at_line: dict[int, list[tuple[Blocked, list[float]]]] = {}
    for block, late in blocks:
        at_line.setdefault(block.line.number, []).append((block, late))
    return {
        found[0][0].start: f"held the loop {_blocking(line, found)}"
        for line, found in at_line.items()
    }


def _blocking(line: int, found: list[tuple[Blocked, list[float]]]) -> str:
    """``for 2.00 s (line 7; 3 tasks late by up to 1.90 s)``."""
    total = seconds(sum(block.end - block.start for block, _ in found))
    often = f"for {total}" if len(found) == 1 else f"{len(found)} times, {total} in all"
    late = max((len(late) for _, late in found), default=0)
    worst = max((t for _, late in found for t in late), default=0.0)
    harm = f"{count(late, 'task')} late by up to {seconds(worst)}" if late else ""
    where = "; ".join(filter(None, [f"line {line}" if line else "", harm]))
    return often + (f" ({where})" if where else "")


def ending(
    trace: Trace,
    task: TaskRecord,
    *,
    reception: Reception | None = None,
    caught: Iterable[str] = (),
) -> str:
    """How a task ended: ``raised ValueError: no such user at 0.50 s; main received it``.

    Args:
        trace: the run.
        task: one of its tasks.
        reception: what became of its exception.
        caught: labels of the tasks whose exceptions it received.
    """
    at = "" if task.ended is None else f" at {seconds(task.ended)}"
    if task.outcome == "finished":
        return f"finished{at}{_survived(task, caught)}"
    if task.outcome == "raised":
        how = f"raised {task.error.rstrip(': ')}{at}{_survived(task, caught)}"
        return how + _received(trace, task, reception)
    if task.outcome == "cancelled":
        return _cancelled(task, at)
    if task.outcome == "lost":
        return f"was lost{at}: nobody kept a reference to it, so it was thrown away unfinished"
    return _pending(trace, task)


def _pending(trace: Trace, task: TaskRecord) -> str:
    """Still waiting at the end, for what: main ended, or the run was stopped before that."""
    over = "when main ended: asyncio.run cancels it"
    if trace.main.outcome == "pending":
        over = "when the run was stopped"
    if not task.slices:
        return f"was still waiting for its first turn {over}"
    if len(task.waits) < len(task.slices):
        return f"was still waiting {over}"
    wait = task.waits[-1]
    what = "sleeping" if wait.kind == "sleep" else f"waiting for {thing(wait, trace)}"
    return f"was still {_placed(what, wait.line.number)} {over}"


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
    if _never_ran(task):
        return f"was cancelled {_asked(last)} before its first step: its body never ran"
    if task.ended is None or task.ended - last.time < 1e-3:
        return f"was cancelled {_asked(last)}"
    return f"ended cancelled{at}, asked {_asked(last)}"


def _never_ran(task: TaskRecord) -> bool:
    """Was it cancelled before its first step? That step only throws CancelledError into it."""
    by_others = any(c.took_effect and c.by != task.label for c in task.cancels)
    return task.outcome == "cancelled" and len(task.slices) < 2 and by_others


def _asked(cancel: Cancel) -> str:
    return f"at {seconds(cancel.time)} by {cancel.by}"


def requests(task: TaskRecord, caught: Iterable[str] = ()) -> list[Cancel]:
    """The requests to cancel a task that are part of its story.

    A TaskGroup cancels its own task to wake it up: there, the exception is the story.

    Args:
        task: the task.
        caught: labels of the tasks whose exceptions it received.
    """
    own = {f"TaskGroup, after {label} failed" for label in caught}
    return [cancel for cancel in task.cancels if cancel.by not in own]


def _survived(task: TaskRecord, caught: Iterable[str]) -> str:
    """The last request to cancel that did not end the task."""
    asked = [c for c in requests(task, caught) if c.took_effect]
    return f", after a request to cancel {_asked(asked[-1])}" if asked else ""


def story(
    trace: Trace,
    task: TaskRecord,
    spans: list[Span],
    ended: str,
    held: Iterable[tuple[Blocked, list[float]]] = (),
) -> str:
    """The life of a task in one sentence, with the learner's line numbers.

    Args:
        trace: the run.
        task: one of its tasks.
        spans: the states of the task.
        ended: its :func:`ending`.
        held: intervals in which it held the loop, each with the seconds that tasks were late.
    """
    if task.started is None or _never_ran(task):
        return f"{task.label}, created at {seconds(task.created)}, {ended}."
    lived = spans[:-1] if task.outcome == "pending" else spans  # the last wait is in the ending
    done = _clauses(trace, lived, _held(list(held)))
    return f"{task.label} {listed([f'started at {seconds(task.started)}', *done, ended])}."
