"""Sight: what a check has seen of one case. Judgements read it, and nothing else.

It is made of plain data only, so that it can come from another process: what the learner's code
returned or raised, the trace of the run, and the service's own record of calls.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from asynclab.trace import CLOSING, TaskRecord, Trace, open_at_once

from .service import Call, Case

__all__ = ["Permits", "Sight"]


@dataclass(slots=True)
class Permits:
    """One semaphore: how many permits it was made with, and how many it held in the end."""

    made: int
    left: int


@dataclass(slots=True)
class Sight:
    """One case, played.

    Attributes:
        case: the workload.
        answers: what the service answers to each item.
        result: what the learner's function returned, as plain data.
        promises: coroutine, task or future, for each that stands in the result.
        error: "ValueError: ..." if it raised, else empty.
        error_line: the learner's line that raised, 0 if unknown.
        elapsed: seconds of the virtual clock.
        calls: the service's record.
        unknown: what the service was asked for and does not have.
        trace: what the event loop did.
        printed: what the code printed.
        complaints: what Python complained of.
        semaphores: those that were made, in order.
    """

    case: Case
    answers: dict[str, Any]
    result: Any
    promises: list[str]
    error: str
    error_line: int
    elapsed: float
    calls: list[Call]
    trace: Trace
    unknown: list[str] = field(default_factory=list)
    printed: str = ""
    complaints: list[str] = field(default_factory=list)
    semaphores: list[Permits] = field(default_factory=list)

    @property
    def error_type(self) -> str:
        """The name of the exception, or empty."""
        return self.error.partition(":")[0]

    @property
    def good_answers(self) -> list[Any]:
        """The answers to the items that succeed, in the order of the items."""
        return [self.answers[item] for item in self.case.good]

    def in_flight(self) -> list[tuple[float, int]]:
        """How many calls were open, as ``(time, count)`` whenever one began or ended."""
        return open_at_once((c.start, self.elapsed if c.end is None else c.end) for c in self.calls)

    @property
    def peak(self) -> int:
        """The largest number of calls that were open at once."""
        return max((count for _, count in self.in_flight()), default=0)

    @property
    def asked(self) -> list[str]:
        """The items in the order in which they were asked for."""
        return [call.item for call in self.calls]

    @property
    def open_calls(self) -> list[Call]:
        """Calls that were still open when the function returned."""
        return [call for call in self.calls if call.outcome == "open"]

    @property
    def failed_calls(self) -> list[Call]:
        """Calls that ended without an answer, in the order in which they began."""
        return [call for call in self.calls if call.outcome in ("failed", "cancelled")]

    @property
    def finish_order(self) -> list[str]:
        """The answered items in the order in which the answers came."""
        answered = [call for call in self.calls if call.outcome == "answered"]
        return [call.item for call in sorted(answered, key=lambda call: call.end)]

    def running_at_end(self) -> list[TaskRecord]:
        """Tasks that had not ended when the function returned.

        Some of them may have ended in the very turn in which the loop stopped: a task that was
        cancelled last, for example. Nobody has waited for them all the same. What the loop itself
        has started is not among them.
        """
        if not self.trace.tasks or not self.trace.main.slices:
            return []
        last = self.trace.main.slices[-1].step
        others = [task for task in self.trace.tasks[1:] if task.label != CLOSING]
        return [
            t for t in others if t.outcome == "pending" or (t.slices and t.slices[-1].step > last)
        ]
