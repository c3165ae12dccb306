"""Ledger: the grader's own record of the calls that a submission makes.

The answers stay here. A call is written down when it is announced, it gets its answer when its
time is over and not before, and times never run backwards: whoever wants to look concurrent has
to ask concurrently, which is the exercise.
"""

from __future__ import annotations

import re
from asyncio import CancelledError
from typing import Any

from asynclab.checking import Case, Service, Sight
from asynclab.checking.judgements import CLOSE
from asynclab.checking.service import Call, Unreachable

from .evidence import Began, Cancelled, Forged, Message, Reply, Seen, Settled

__all__ = ["Ledger"]

_STOPPED = re.compile("BusyLoop|LoopBlocked|TimeLimit")  # for which there are no points


class Ledger:
    """The calls of one case.

    Args:
        case: the workload.
        seed: of the answers.
    """

    def __init__(self, case: Case, seed: str) -> None:
        self._service = Service(case, seed)
        self._case = case
        self._calls: list[Call] = []
        self._first: dict[str, int] = {}  # the number of the first call, by item
        self._settled: list[Call] | None = None
        self._now = 0.0

    def note(self, message: Message) -> dict[str, Any] | None:
        """Write down one message; what it asks for, if it asks.

        Raises:
            Forged: no run of any program could have sent this.
        """
        self._pass_time(message.time)
        match message:
            case Began():
                self._begin(message)
            case Reply():
                return self._reply(message)
            case Cancelled():
                self._open_call(message.call).outcome = "cancelled"
                self._calls[message.call].end = message.time
            case Settled():
                self._settled = [Call(c.item, c.start, c.end, c.outcome) for c in self._calls]
        return None

    def sight(self, seen: Seen) -> Sight:
        """What was said of the run, completed with what is known here.

        Raises:
            Forged: the two disagree.
        """
        if self._settled is None and not seen.error:
            raise Forged("a result before the function returned")
        last = max((call.end or call.start for call in self._settled or ()), default=0.0)
        if _STOPPED.match(seen.error):
            last = 0.0  # what refuses to end goes on after it
        if seen.elapsed < last - CLOSE or abs(seen.elapsed - seen.trace.elapsed) > CLOSE:
            raise Forged(f"{seen.elapsed} s of run, with a call that ended at {last} s")
        own = {name: getattr(seen, name) for name in type(seen).model_fields if name != "kind"}
        calls = self._calls if self._settled is None else self._settled
        return Sight(case=self._case, answers=self._service.answers, calls=calls, **own)

    def _pass_time(self, time: float) -> None:
        if time < self._now - CLOSE:
            raise Forged(f"a message of {time} s after one of {self._now} s")
        self._now = max(self._now, time)

    def _begin(self, message: Began) -> None:
        if message.call != len(self._calls) or message.item not in self._service.answers:
            raise Forged(f"call {message.call} of {message.item!r}")
        self._calls.append(Call(message.item, message.time))
        self._first.setdefault(message.item, message.call)

    def _reply(self, message: Reply) -> dict[str, Any]:
        call = self._open_call(message.call)
        if message.time < call.start + self._case.delay(call.item) - CLOSE:
            raise Forged(f"an answer to {call.item!r} before its time")
        is_first = self._first[call.item] == message.call
        call.end = message.time
        try:
            answer = self._service._reply(call, is_first=is_first)
        except Unreachable as error:
            call.outcome = "failed"
            return {"unreachable": str(error)}
        except CancelledError as error:
            call.outcome = "cancelled"
            return {"called_off": str(error)}
        call.outcome = "answered"
        return {"answer": answer}

    def _open_call(self, number: int) -> Call:
        if number >= len(self._calls) or self._calls[number].outcome != "open":
            raise Forged(f"the end of call {number}, which is not open")
        return self._calls[number]
