"""The words of a picture: how a time, a wait and a whole run are put."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from asynclab.trace import Trace, Wait

__all__ = [
    "OUTCOMES",
    "comparison",
    "count",
    "listed",
    "outcomes",
    "seconds",
    "summary",
    "thing",
]

OUTCOMES = {
    "finished": "finished",
    "raised": "raised",
    "cancelled": "cancelled",
    "pending": "still waiting at the end",
    "lost": "lost",
}


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


def listed(items: list[str]) -> str:
    """``a, b and c``."""
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
    if drawing["stopped"]:
        parts.append(f"stopped by {drawing['stopped']}")
    if drawing["never_awaited"]:
        parts.append(f"never awaited: {', '.join(drawing['never_awaited'])}")
    return "; ".join(parts) + "."


def comparison(drawings: list[dict[str, Any]]) -> str:
    """The headline over several runs: ``concurrent: 3.0x faster (0.10 s instead of 0.30 s)``.

    Empty for a single run, and unless every task of every run finished: a program that failed
    early is not a faster one. Nor is one that went over its limit: that is said instead.
    """
    if len(drawings) < 2 or not all(map(_succeeded, drawings)):
        return ""
    over = [d for d in drawings if d["limit"] and d["flight"] and d["flight"]["peak"] > d["limit"]]
    if over:
        words = [f"{d['title']}: {d['flight']['peak']} in flight" for d in over]
        return f"{listed(words)}, over the limit of {over[0]['limit']}"
    slow = max(drawings, key=lambda d: d["end"])
    fast = min(drawings, key=lambda d: d["end"])
    if fast["end"] <= 0:
        return ""
    ratio = slow["end"] / fast["end"]
    if ratio < 1.05:
        took = f"all {len(drawings)}" if len(drawings) > 2 else "both"
        return f"the same time: {took} take {seconds(fast['end'])}"
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
