"""Evidence: what a sandbox may say, message by message. Anything else is tampering.

The messages are flat and typed; their length and number are bounded by the channel. A sandbox
proves nothing by saying it: the calls, their times and their answers are in the grader's own
ledger, and what is said here has to agree with it.
"""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Annotated, Literal, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, create_model

from asynclab.checking import Sight
from asynclab.trace import Trace

__all__ = [
    "Again",
    "Attempted",
    "Began",
    "Cancelled",
    "Evidence",
    "Fault",
    "Forged",
    "Judged",
    "Message",
    "Playing",
    "Ran",
    "Read",
    "Ready",
    "Reply",
    "Seen",
    "Settled",
    "parse",
]

_OF_THE_GRADER = {"case", "answers", "calls"}  # of a Sight; the grader has its own

Short = Annotated[str, Field(max_length=4000)]
Time = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
Number = Annotated[int, Field(ge=0, le=10**6)]


class Forged(ValueError):
    """The evidence breaks its schema or contradicts the grader's ledger."""


class Message(BaseModel):
    """One line."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class Read(Message):
    """The notebook has been read, nothing of it has run; a problem means that nothing can."""

    kind: Literal["read"] = "read"
    problem: Short = ""
    answered: list[Short] = []
    tampered: list[Short] = []
    notes: list[Short] = []
    elsewhere: list[Short] = []


class Playing(Message):
    """The answer to this exercise runs from now on."""

    kind: Literal["playing"] = "playing"
    exercise: Short


class Attempted(Message):
    """The code tried what the sandbox forbids."""

    kind: Literal["attempted"] = "attempted"
    what: Short


class Ran(Message):
    """All cells have run; from now on the grader asks."""

    kind: Literal["ran"] = "ran"
    notes: list[Short] = []


class Ready(Message):
    """This exercise can be played.

    Attributes:
        every_line: the distractor is in the arrangement. It only names a reason: nothing to gain.
    """

    kind: Literal["ready"] = "ready"
    every_line: bool = False


class Judged(Message):
    """This exercise cannot be played, and why: never a pass."""

    kind: Literal["judged"] = "judged"
    state: Literal["not_attempted", "wrong", "error"]
    note: Short = ""
    diagnosis: Annotated[dict[Short, Short], Field(max_length=4)] = {}


class Began(Message):
    """A call of the service has begun."""

    kind: Literal["began"] = "began"
    call: Number
    item: Short
    time: Time


class Reply(Message):
    """The time of a call is over: what does it give? The only message that has an answer.

    Attributes:
        number: stands in the answer, too, which may come when nobody waits for it any more.
    """

    kind: Literal["reply"] = "reply"
    call: Number
    time: Time
    number: Number = 0


class Cancelled(Message):
    """A call was cancelled before its time was over."""

    kind: Literal["cancelled"] = "cancelled"
    call: Number
    time: Time


class Again(Message):
    """Others had the machine: the workload is played once more, from its begin."""

    kind: Literal["again"] = "again"


class Settled(Message):
    """The learner's function has returned or raised."""

    kind: Literal["settled"] = "settled"
    time: Time


class Fault(Message):
    """The grader's own code failed in the sandbox."""

    kind: Literal["fault"] = "fault"
    what: Short


_hints = get_type_hints(Sight)
_own = {f.name: (_hints[f.name], ...) for f in fields(Sight) if f.name not in _OF_THE_GRADER}

Seen = create_model("Seen", __base__=Message, kind=(Literal["seen"], "seen"), **_own)
Seen.__doc__ = "One case, played: a Sight without what the grader knows itself."

Evidence = Annotated[
    Read | Playing | Attempted | Ran | Ready | Judged | Again | Began | Reply | Cancelled
    | Settled | Fault | Seen,
    Field(discriminator="kind"),
]  # fmt: skip
_adapter = TypeAdapter(Evidence)


def parse(line: bytes) -> Message:
    """The message of one line.

    Raises:
        Forged: it is none; the text says where it breaks the schema.
    """
    try:
        message = _adapter.validate_json(line)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise Forged(f"{'.'.join(map(str, first['loc']))}: {first['msg']}"[:300]) from None
    except (ValueError, RecursionError) as error:
        raise Forged(f"{type(error).__name__}: {error}"[:300]) from None
    if isinstance(message, Seen):
        _check_trace(message.trace)
    return message


def _check_trace(trace: Trace) -> None:
    """A trace that can be read and drawn: ids in order, references and times in range."""
    count = len(trace.tasks)
    times = [trace.elapsed]
    for number, task in enumerate(trace.tasks):
        if task.id != number or (task.parent is not None and not 0 <= task.parent < count):
            raise Forged(f"trace: task {number} has id {task.id} and parent {task.parent}")
        if any(not 0 <= other < count for wait in task.waits for other in wait.on):
            raise Forged(f"trace: task {number} waits for a task that is not there")
        times += [task.created, task.ended or 0.0]
        times += [time for turn in task.slices for time in (turn.ready, turn.start, turn.end)]
        times += [cancel.time for cancel in task.cancels]
    times += [time for block in trace.blocked for time in (block.start, block.end)]
    if not all(math.isfinite(time) and 0 <= time <= 1e9 for time in times):
        raise Forged("trace: a time is negative or not finite")
