"""Service: the slow thing that an exercise talks to. It keeps its own record of what was asked.

A check must not trust what a learner's code says of itself. So every answer carries a token that
only a real call can obtain, and the service notes when each call began and how it ended.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop, CancelledError, get_running_loop
from asyncio.tasks import sleep  # its home: nobody replaces it there
from collections.abc import Awaitable, Callable, Iterable
from copy import copy
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

__all__ = ["Call", "Case", "OtherLoop", "Service", "Unreachable", "called"]


class Unreachable(Exception):
    """What a failing call raises."""


class OtherLoop(RuntimeError):
    """The service was asked on an event loop that a learner's thread has made."""


@dataclass(frozen=True, slots=True)
class Case:
    """One workload, as plain data: drawn from a seed, so that nothing can be written down.

    Attributes:
        title: what is special about it, as the learner reads it.
        items: what the service can be asked for.
        delays: seconds that each item takes.
        failing: items whose calls raise :class:`Unreachable` when their time is over.
        flaky: items whose first call does so, and no later one.
        called_off: items whose calls end with ``CancelledError``: somebody else gave them up.
        needs: items that can only be asked for when another one has been answered, by item.
        answers: answers that matter; the others are drawn for every check.
        given: further arguments of the learner's function.
    """

    title: str
    items: list[str]
    delays: list[float]
    failing: list[str] = field(default_factory=list)
    flaky: list[str] = field(default_factory=list)
    called_off: list[str] = field(default_factory=list)
    needs: dict[str, str] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)

    def delay(self, item: str) -> float:
        """Seconds that this item takes."""
        return self.delays[self.items.index(item)]

    def earliest_end(self, item: str) -> float:
        """When its answer can be there at the earliest, in seconds."""
        before = self.earliest_end(self.needs[item]) if item in self.needs else 0.0
        return round(before + self.delay(item), 9)

    def slowest_of(self, items: Iterable[str]) -> float:
        """When all of these can have been answered at the earliest, in seconds."""
        return max(map(self.earliest_end, items), default=0.0)

    @property
    def slowest(self) -> float:
        """The time of the slowest item, or of the slowest chain of them, in seconds."""
        return self.slowest_of(self.items)

    @property
    def lost(self) -> list[str]:
        """The items to which there is no answer however often they are asked, in order."""
        return [item for item in self.items if item in {*self.failing, *self.called_off}]

    @property
    def good(self) -> list[str]:
        """The items whose first calls succeed, in order."""
        return [item for item in self.items if item not in {*self.lost, *self.flaky}]


@dataclass(slots=True)
class Call:
    """One call: its times in seconds, and ``open``, ``answered``, ``failed`` or ``cancelled``."""

    item: str
    start: float
    end: float | None = None
    outcome: str = "open"


class Service:
    """Answers the items of a case, each after its delay.

    Args:
        case: what it can be asked for.
        seed: of the tokens; another one for every check.
    """

    def __init__(self, case: Case, seed: str) -> None:
        random = Random(f"{seed} {case.title}")
        self.case = case
        self.calls: list[Call] = []
        self.unknown: list[str] = []
        tokens = {item: f"{item} #{random.randrange(10**6):06}" for item in case.items}
        self.answers: dict[str, Any] = tokens | case.answers
        self._loop: AbstractEventLoop | None = None

    async def ask(self, item: str) -> Any:
        """The answer to an item, after the time that it takes.

        Raises:
            Unreachable: this item fails.
            KeyError: there is no such item.
            OtherLoop: this is not the loop on which it was asked first.
        """
        if not isinstance(item, str) or item not in self.answers:
            is_named = isinstance(item, (str, int))
            self.unknown.append(str(item) if is_named else f"a {type(item).__name__}")
            what = repr(item) if is_named else self.unknown[-1]
            raise KeyError(f"the service knows nothing of {what}")
        loop = get_running_loop()
        self._loop = self._loop or loop
        if loop is not self._loop:
            raise OtherLoop("the service was asked on a second event loop, in another thread")
        is_first = all(call.item != item for call in self.calls)
        call = Call(item, loop.time())
        self.calls.append(call)
        self._began(call)
        try:
            await sleep(self.case.delay(item))
            answer = self._reply(call, is_first=is_first)
        except Unreachable:
            call.outcome = "failed"
            raise
        except CancelledError:
            call.outcome = "cancelled"
            raise
        else:
            call.outcome = "answered"
            return answer
        finally:
            call.end = loop.time()
            self._ended(call)

    def settle(self) -> list[Call]:
        """The calls as they stand now, when the learner's function has returned."""
        return [copy(call) for call in self.calls]

    def client(self) -> httpx.AsyncClient:
        """The same service over HTTP: item ``/users/1`` is a path, its answer is JSON."""

        async def respond(request: httpx.Request) -> httpx.Response:
            path = request.url.raw_path.decode()
            if path not in self.answers:
                self.unknown.append(path)
                return httpx.Response(404, json={"error": f"there is no {path}"})
            try:
                return httpx.Response(200, json=await self.ask(path))
            except Unreachable as error:
                return httpx.Response(503, json={"error": str(error)})

        return httpx.AsyncClient(
            transport=httpx.MockTransport(respond), base_url="http://api.test", trust_env=False
        )

    # What a service in another process does in its own way.

    def _began(self, call: Call) -> None:
        """A call has begun."""

    def _reply(self, call: Call, *, is_first: bool) -> Any:
        """What the call gives when its time is over."""
        item = call.item
        if item in self.case.failing or (is_first and item in self.case.flaky):
            raise Unreachable(f"{item} does not answer")
        if item in self.case.called_off:
            raise CancelledError(f"{item} was called off")
        return self.answers[item]

    def _ended(self, call: Call) -> None:
        """A call has ended, however."""


def called(name: str, ask: Callable[[str], Awaitable[Any]]) -> Callable[[str], Awaitable[Any]]:
    """``ask`` by the name that it has in a contract, and so in pictures and messages.

    Args:
        name: as the learner knows it.
        ask: a coroutine function of one item.
    """

    async def call(item: str) -> Any:
        return await ask(item)

    call.__name__ = call.__qualname__ = name
    return call
