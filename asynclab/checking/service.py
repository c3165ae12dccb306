"""Service: the slow thing that an exercise talks to. It keeps its own record of what was asked.

A check must not trust what a learner's code says of itself. So every answer carries a token that
only a real call can obtain, and the service notes when each call began and how it ended.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

__all__ = ["Call", "Case", "Service", "Unreachable"]


class Unreachable(Exception):
    """What a failing call raises."""


@dataclass(frozen=True, slots=True)
class Case:
    """One workload, as plain data: drawn from a seed, so that nothing can be written down.

    Attributes:
        title: what is special about it, as the learner reads it.
        items: what the service can be asked for.
        delays: seconds that each item takes.
        failing: items whose call raises :class:`Unreachable` when their time is over.
        given: further arguments of the learner's function.
    """

    title: str
    items: list[str]
    delays: list[float]
    failing: list[str] = field(default_factory=list)
    given: dict[str, Any] = field(default_factory=dict)

    @property
    def slowest(self) -> float:
        """The longest delay, in seconds."""
        return max(self.delays, default=0.0)

    @property
    def total(self) -> float:
        """The sum of all delays, in seconds."""
        return round(sum(self.delays), 9)

    @property
    def good(self) -> list[str]:
        """The items whose calls succeed, in order."""
        return [item for item in self.items if item not in self.failing]


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
        self.calls: list[Call] = []
        self.answers = {item: f"{item} #{random.randrange(10**6):06}" for item in case.items}
        self._delays = dict(zip(case.items, case.delays, strict=True))
        self._failing = set(case.failing)

    async def ask(self, item: str) -> str:
        """The answer to an item, after the time that it takes.

        Raises:
            Unreachable: this item fails.
            KeyError: there is no such item.
        """
        if item not in self._delays:
            raise KeyError(f"the service knows nothing of {item!r}")
        loop = asyncio.get_running_loop()
        call = Call(item, loop.time())
        self.calls.append(call)
        try:
            await asyncio.sleep(self._delays[item])
            if item in self._failing:
                call.outcome = "failed"
                raise Unreachable(f"{item} does not answer")
            call.outcome = "answered"
            return self.answers[item]
        except asyncio.CancelledError:
            call.outcome = "cancelled"
            raise
        finally:
            call.end = loop.time()

    def client(self) -> httpx.AsyncClient:
        """The same service over HTTP: item ``/users/1`` is a path, its answer is JSON."""

        async def respond(request: httpx.Request) -> httpx.Response:
            path = request.url.raw_path.decode()
            if path not in self._delays:
                return httpx.Response(404, json={"error": f"there is no {path}"})
            try:
                return httpx.Response(200, json=await self.ask(path))
            except Unreachable as error:
                return httpx.Response(503, json={"error": str(error)})

        return httpx.AsyncClient(
            transport=httpx.MockTransport(respond), base_url="http://api.test", trust_env=False
        )
